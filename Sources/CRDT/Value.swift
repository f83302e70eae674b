// SPDX-License-Identifier: AGPL-3.0-or-later

/// What a cell can hold. There are no floats: replicas must agree to the bit.
///
/// Two texts are equal only if their UTF-8 bytes are, unlike Swift's `String`, which calls a precomposed and
/// a decomposed letter equal: replicas compare and hash bytes.
public enum Value: Sendable {
  /// Written, it means "unset"; read, that nobody set it.
  case null
  case bool(Bool)
  case int(Int64)
  case text(String)
  case bytes([UInt8])
  case reference(RecordID)
  /// A typed group that is written and read whole: its tag says which type. Tag 0 is reserved on the wire
  /// for references.
  case tuple(UInt64, [Value])
}

extension Value: Hashable {
  public static func == (one: Value, other: Value) -> Bool {
    switch (one, other) {
    case (.null, .null): true
    case (.bool(let one), .bool(let other)): one == other
    case (.int(let one), .int(let other)): one == other
    case (.text(let one), .text(let other)): sameBytes(one, other)
    case (.bytes(let one), .bytes(let other)): one == other
    case (.reference(let one), .reference(let other)): one == other
    case (.tuple(let tag, let one), .tuple(let otherTag, let other)): tag == otherTag && one == other
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(rank)
    switch self {
    case .null: break
    case .bool(let bool): hasher.combine(bool)
    case .int(let int): hasher.combine(int)
    case .text(let text):
      hasher.combine(text.utf8.count)
      for byte in text.utf8 { hasher.combine(byte) }
    case .bytes(let bytes): hasher.combine(bytes)
    case .reference(let record): hasher.combine(record)
    case .tuple(let tag, let values):
      hasher.combine(tag)
      hasher.combine(values)
    }
  }

  /// The place of the type in the order of values; also what keeps `bool(true)` and `int(1)` apart in a hash.
  fileprivate var rank: UInt8 {
    switch self {
    case .null: 0
    case .bool: 1
    case .int: 2
    case .text: 3
    case .bytes: 4
    case .reference: 5
    case .tuple: 6
    }
  }
}

/// A total order, the same on every replica: by type (in the order of the cases), then false before true,
/// numbers by size, texts and bytes by their bytes (a prefix first), groups by tag and then member by member.
extension Value: Comparable {
  public static func < (one: Value, other: Value) -> Bool {
    switch (one, other) {
    case (.bool(let one), .bool(let other)): !one && other
    case (.int(let one), .int(let other)): one < other
    case (.text(let one), .text(let other)): precedes(one.utf8.span, other.utf8.span)
    case (.bytes(let one), .bytes(let other)): one.lexicographicallyPrecedes(other)
    case (.reference(let one), .reference(let other)): one < other
    case (.tuple(let tag, let one), .tuple(let otherTag, let other)):
      tag == otherTag ? one.lexicographicallyPrecedes(other) : tag < otherTag
    default: one.rank < other.rank
    }
  }
}

private func sameBytes(_ one: String, _ other: String) -> Bool {
  let one = one.utf8.span
  let other = other.utf8.span
  return one.count == other.count && firstDifference(one, other) == one.count
}

private func precedes(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
  let place = firstDifference(one, other)
  if place == one.count { return place < other.count }
  return place < other.count && one[place] < other[place]
}

/// The first place where two spans differ, or the length of the shorter.
private func firstDifference(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Int {
  let end = min(one.count, other.count)
  var place = 0
  while place < end, one[place] == other[place] { place += 1 }
  return place
}
