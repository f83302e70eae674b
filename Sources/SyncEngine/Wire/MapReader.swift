// SPDX-License-Identifier: AGPL-3.0-or-later

/// Goes through a map whose known keys stand in a closed range and keeps the unknown ones.
///
/// For structures that are read seldom; header and content bodies have readers of their own.
struct MapReader {
  /// Where the map starts.
  let start: Int
  private var left: Int
  private var last: UInt64?
  private let known: ClosedRange<UInt64>
  private let depth: Int
  private(set) var unknown: [UnknownKey] = []

  /// - Parameter depth: the number of arrays and maps that the map itself stands in.
  init(_ reader: inout CBORReader, known: ClosedRange<UInt64>, inside depth: Int) throws(DecodingError) {
    start = reader.offset
    left = try reader.readMapHeader()
    self.known = known
    self.depth = depth
  }

  /// The next known key, whose value the caller takes; nil at the end.
  mutating func next(_ reader: inout CBORReader) throws(DecodingError) -> UInt64? {
    while left > 0 {
      left -= 1
      let key = try reader.readKey(after: last)
      last = key
      if known.contains(key) { return key }
      unknown.append(try reader.readUnknown(key, inside: depth + 1))
    }
    return nil
  }
}
