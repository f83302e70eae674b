// SPDX-License-Identifier: AGPL-3.0-or-later

/// The name of a record, the same on every replica: the first 16 bytes of the hash that protocol.md gives
/// for the op that created it. Ordered as its bytes are (`memcmp`).
public struct RecordID: Hashable, Comparable, Sendable {
  public static let byteCount = 16

  /// Bytes 0 to 7 and 8 to 15, each big-endian, so that comparing integers compares bytes.
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Nil unless there are exactly 16 bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    var halves: (UInt64, UInt64) = (0, 0)
    for place in 0..<8 {
      halves.0 = halves.0 << 8 | UInt64(bytes[place])
      halves.1 = halves.1 << 8 | UInt64(bytes[place + 8])
    }
    self.init(high: halves.0, low: halves.1)
  }

  public var bytes: [UInt8] {
    (0..<Self.byteCount).map { place in
      let half = place < 8 ? high : low
      return UInt8(truncatingIfNeeded: half >> UInt64(56 - 8 * (place % 8)))
    }
  }

  public static func < (one: RecordID, other: RecordID) -> Bool {
    one.high == other.high ? one.low < other.low : one.high < other.high
  }
}
