// SPDX-License-Identifier: AGPL-3.0-or-later

/// A tree of the items that protocol.md section 2 allows: for data that this version doesn't know, and for
/// showing bytes to people. What is known is read and written without it.
///
/// Two trees are equal if their encodings are: unlike `String`s, texts are compared by their bytes.
public indirect enum CBOR: Sendable {
  case uint(UInt64)
  /// −1 − n.
  case nint(UInt64)
  case bytes([UInt8])
  case text(String)
  case array([CBOR])
  /// Strictly ascending by key.
  case map([Pair])
  case bool(Bool)
  case null

  public struct Pair: Hashable, Sendable {
    public let key: UInt64
    public let value: CBOR

    public init(_ key: UInt64, _ value: CBOR) {
      self.key = key
      self.value = value
    }
  }

  /// Reads exactly one item.
  public init(decoding bytes: [UInt8]) throws(DecodingError) {
    var reader = CBORReader(bytes)
    self = try reader.readAny()
    try reader.finish()
  }

  public func encoded() -> [UInt8] {
    var writer = CBORWriter()
    writer.any(self)
    return writer.bytes
  }

  /// 0 for a scalar; for an array or a map one more than its deepest element.
  public var depth: Int {
    switch self {
    case .array(let items): 1 + (items.map(\.depth).max() ?? 0)
    case .map(let pairs): 1 + (pairs.map(\.value.depth).max() ?? 0)
    default: 0
    }
  }
}

extension CBOR: Hashable {
  public static func == (one: CBOR, other: CBOR) -> Bool { one.encoded() == other.encoded() }
  public func hash(into hasher: inout Hasher) { hasher.combine(encoded()) }
}

extension CBORReader {
  /// Takes one item of any type.
  /// - Parameter depth: the number of arrays and maps that the item stands in.
  public mutating func readAny(inside depth: Int = 0) throws(DecodingError) -> CBOR {
    let start = offset
    switch next {
    case .uint: return .uint(try readUInt())
    case .nint: return .nint(try readNInt())
    case .bytes: return .bytes(try readBytes())
    case .text: return .text(try readText())
    case .bool: return .bool(try readBool())
    case .null:
      try readNull()
      return .null
    case .array:
      let count = try readArrayHeader()
      guard depth < Self.maxDepth else { throw .tooDeep(at: start) }
      var items: [CBOR] = []
      for _ in 0..<count { items.append(try readAny(inside: depth + 1)) }
      return .array(items)
    case .map:
      let count = try readMapHeader()
      guard depth < Self.maxDepth else { throw .tooDeep(at: start) }
      var pairs: [CBOR.Pair] = []
      for _ in 0..<count {
        let key = try readKey(after: pairs.last?.key)
        pairs.append(CBOR.Pair(key, try readAny(inside: depth + 1)))
      }
      return .map(pairs)
    case nil: throw mismatch("an item")
    }
  }
}

extension CBORWriter {
  /// The keys of maps must ascend.
  public mutating func any(_ item: CBOR) {
    switch item {
    case .uint(let number): uint(number)
    case .nint(let number): nint(number)
    case .bytes(let string): bytes(string)
    case .text(let string): text(string)
    case .bool(let value): bool(value)
    case .null: null()
    case .array(let items):
      array(count: items.count)
      for item in items { any(item) }
    case .map(let pairs):
      map(count: pairs.count)
      var previous: UInt64?
      for pair in pairs {
        precondition(previous.map { $0 < pair.key } ?? true, "the keys of a map ascend")
        previous = pair.key
        uint(pair.key)
        any(pair.value)
      }
    }
  }
}
