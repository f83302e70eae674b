// SPDX-License-Identifier: AGPL-3.0-or-later

/// A map's pair whose key this version doesn't know, kept as it came.
public struct UnknownKey: Hashable, Sendable {
  public let key: UInt64
  /// The value's canonical encoding.
  public let raw: [UInt8]

  public init(key: UInt64, raw: [UInt8]) {
    self.key = key
    self.raw = raw
  }
}

/// Writes a map of known and unknown keys in ascending order.
///
/// The known keys are given in ascending order; the unknown ones find their places between them.
struct MapWriter {
  private var rest: ArraySlice<UnknownKey>

  init(_ writer: inout CBORWriter, known: Int, unknown: [UnknownKey]) {
    writer.map(count: known + unknown.count)
    rest = unknown[...]
  }

  /// The key of the value that is written next.
  mutating func key(_ key: UInt64, _ writer: inout CBORWriter) {
    if !rest.isEmpty { flush(below: key, &writer) }
    writer.uint(key)
  }

  /// To be called after the last value.
  mutating func finish(_ writer: inout CBORWriter) {
    if !rest.isEmpty { flush(below: nil, &writer) }
  }

  private mutating func flush(below bound: UInt64?, _ writer: inout CBORWriter) {
    while let pair = rest.first, bound.map({ pair.key < $0 }) ?? true {
      writer.uint(pair.key)
      writer.raw(pair.raw)
      rest.removeFirst()
    }
    precondition(bound == nil || rest.first?.key != bound, "an unknown key is not a known one")
  }
}

extension CBORReader {
  /// Takes the value of a key that isn't known.
  mutating func readUnknown(_ key: UInt64, inside depth: Int) throws(DecodingError) -> UnknownKey {
    UnknownKey(key: key, raw: try skip(inside: depth))
  }
}
