// SPDX-License-Identifier: AGPL-3.0-or-later

/// Whose run of insertions: three bytes that one writer keeps for a session and no other is likely to have.
public struct RunTag: Hashable, Comparable, Sendable {
  public static let byteCount = 3

  /// The three bytes, big-endian.
  private let rawValue: UInt32

  public init(_ first: UInt8, _ second: UInt8, _ third: UInt8) {
    rawValue = UInt32(first) << 16 | UInt32(second) << 8 | UInt32(third)
  }

  /// Nil unless there are exactly three bytes.
  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    rawValue = bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }

  public var bytes: [UInt8] {
    [16, 8, 0].map { UInt8(truncatingIfNeeded: rawValue >> $0) }
  }

  public static func < (one: RunTag, other: RunTag) -> Bool { one.rawValue < other.rawValue }
}

/// A place in an ordered list, as bytes that sort by `memcmp`: a run-tagged fractional key.
///
/// ```
/// key       = component{1,}
/// component = int ‖ digit{0,} ‖ 0x00 ‖ 3-byte tag ‖ counter
/// digit     = 1 to 255, the last not 1
/// ```
///
/// `int` and `counter` are integers that sort by their bytes (`OrderedInteger`). An int with its digits is a
/// fraction; the same fraction can be chosen by two writers at once, so the tag comes next and keeps their
/// runs apart; the counter numbers the items of a run. A key that begins with another stands right after it:
/// inside a run, a further component makes room between two counters.
public struct OrderKey: Hashable, Comparable, Sendable {
  /// No key is longer. Where one would be, neighbours get new ones (`ListOrder.place`).
  public static let byteLimit = 1024

  public let bytes: [UInt8]

  /// Nil unless the bytes are a key in its one canonical form, no longer than `byteLimit`.
  public init?(bytes: some Collection<UInt8>) {
    let bytes = [UInt8](bytes)
    guard bytes.count <= Self.byteLimit, OrderComponent.parse(bytes) != nil else { return nil }
    self.bytes = bytes
  }

  /// Nil if it would be too long.
  init?(_ components: [OrderComponent]) {
    var bytes: [UInt8] = []
    for component in components { component.append(to: &bytes) }
    guard bytes.count <= Self.byteLimit else { return nil }
    self.bytes = bytes
  }

  var components: [OrderComponent] {
    guard let components = OrderComponent.parse(bytes) else {
      preconditionFailure("an order key is checked when it is made")
    }
    return components
  }

  /// The bytes made once more from what was read of them.
  package var encodedAgain: [UInt8] {
    var bytes: [UInt8] = []
    for component in components { component.append(to: &bytes) }
    return bytes
  }

  public static func < (one: OrderKey, other: OrderKey) -> Bool {
    one.bytes.lexicographicallyPrecedes(other.bytes)
  }
}
