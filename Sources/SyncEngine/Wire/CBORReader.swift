// SPDX-License-Identifier: AGPL-3.0-or-later

/// Takes CBOR items off the front of bytes and refuses whatever is not of the subset and the one form of
/// protocol.md section 2. It never reads past the end, and believes no count that the bytes left can't hold.
public struct CBORReader: Sendable {
  /// Arrays and maps inside each other, at most.
  public static let maxDepth = 16

  public let bytes: [UInt8]
  /// Where the next item starts.
  public private(set) var offset: Int
  private let end: Int

  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    offset = 0
    end = bytes.count
  }

  public var isAtEnd: Bool { offset == end }

  /// Refuses bytes after the last item.
  public func finish() throws(DecodingError) {
    guard offset == end else { throw .leftover(at: offset) }
  }

  public mutating func readUInt() throws(DecodingError) -> UInt64 {
    try number(of: .uint, "an unsigned integer")
  }

  /// An unsigned integer up to `most`.
  public mutating func readUInt(upTo most: UInt64, _ what: String) throws(DecodingError) -> UInt64 {
    let start = offset
    let number = try readUInt()
    guard number <= most else { throw .limit(at: start, what) }
    return number
  }

  /// The n of a negative integer −1 − n.
  public mutating func readNInt() throws(DecodingError) -> UInt64 {
    try number(of: .nint, "a negative integer")
  }

  /// An integer within 64 bits, signed.
  public mutating func readInt() throws(DecodingError) -> Int64 {
    let start = offset
    let (type, number) = try head()
    guard type == .uint || type == .nint else { throw .unexpected(at: start, expected: "an integer") }
    guard number <= UInt64(Int64.max) else { throw .limit(at: start, "integers have 64 bits, signed") }
    return type == .uint ? Int64(number) : ~Int64(number)
  }

  public mutating func readBool() throws(DecodingError) -> Bool {
    switch peek {
    case 0xf4, 0xf5:
      offset += 1
      return bytes[offset - 1] == 0xf5
    default: throw mismatch("false or true")
    }
  }

  /// Takes a null off the front if one is there.
  public mutating func readNullIfPresent() -> Bool {
    guard peek == 0xf6 else { return false }
    offset += 1
    return true
  }

  public mutating func readNull() throws(DecodingError) {
    guard readNullIfPresent() else { throw mismatch("null") }
  }

  public mutating func readBytes() throws(DecodingError) -> [UInt8] {
    let range = try string(of: .bytes, "a byte string")
    return Array(bytes[range])
  }

  /// A byte string of exactly `count` bytes.
  public mutating func readBytes(count: Int) throws(DecodingError) -> [UInt8] {
    Array(bytes[try fixed(count)])
  }

  public mutating func readID16() throws(DecodingError) -> ID16 {
    ID16(bytes, at: try fixed(ID16.byteCount).lowerBound)
  }

  public mutating func readID32() throws(DecodingError) -> ID32 {
    ID32(bytes, at: try fixed(ID32.byteCount).lowerBound)
  }

  /// A byte string of eight bytes, as a big-endian integer.
  public mutating func readBytes8() throws(DecodingError) -> UInt64 {
    readBigEndian(bytes, at: try fixed(8).lowerBound)
  }

  public mutating func readText() throws(DecodingError) -> String {
    let start = offset
    let range = try string(of: .text, "a text")
    guard let text = String(validating: bytes[range], as: UTF8.self) else { throw .notText(at: start) }
    return text
  }

  /// The number of elements that follow, each of at least one byte that is there.
  public mutating func readArrayHeader() throws(DecodingError) -> Int {
    let start = offset
    let count = try number(of: .array, "an array")
    guard count <= UInt64(end - offset) else { throw .truncated(at: start) }
    return Int(count)
  }

  /// An array of exactly `count` elements.
  public mutating func readArrayHeader(count: Int, _ what: String) throws(DecodingError) {
    let start = offset
    guard try readArrayHeader() == count else { throw .unexpected(at: start, expected: what) }
  }

  /// The number of pairs that follow, each of at least two bytes that are there.
  public mutating func readMapHeader() throws(DecodingError) -> Int {
    let start = offset
    let count = try number(of: .map, "a map")
    guard count <= UInt64(end - offset) / 2 else { throw .truncated(at: start) }
    return Int(count)
  }

  /// The next key of a map, which must be above the one before.
  public mutating func readKey(after previous: UInt64?) throws(DecodingError) -> UInt64 {
    let start = offset
    let key = try number(of: .uint, "an unsigned integer as key")
    if let previous, key <= previous { throw .notCanonical(at: start) }
    return key
  }

  /// What the next item is, without taking it; nil at the end or before what is not in the subset.
  public var next: Kind? {
    guard let byte = peek else { return nil }
    switch byte {
    case 0xf4, 0xf5: return .bool
    case 0xf6: return .null
    default: return Kind(rawValue: byte >> 5)
    }
  }

  /// The types of item in the subset.
  public enum Kind: UInt8, Sendable {
    case uint, nint, bytes, text, array, map
    case bool = 0x80
    case null = 0x81
  }

  /// What to throw where the next item is none of those that belong here.
  public func mismatch(_ expected: String) -> DecodingError {
    guard let byte = peek else { return .truncated(at: offset) }
    let isForeign = byte >= 0xc0 && !(0xf4...0xf6).contains(byte) || byte & 31 > 27 && byte < 0xe0
    return isForeign ? .unsupported(at: offset) : .unexpected(at: offset, expected: expected)
  }

  /// Takes one item of any type and gives its bytes, all checked.
  /// - Parameter depth: the number of arrays and maps that the item stands in.
  public mutating func skip(inside depth: Int = 0) throws(DecodingError) -> [UInt8] {
    let start = offset
    try pass(inside: depth)
    return Array(bytes[start..<offset])
  }

  /// The bytes from an earlier offset up to the next item.
  public func bytes(since start: Int) -> ArraySlice<UInt8> { bytes[start..<offset] }

  /// Goes over one item of any type, all checked.
  public mutating func pass(inside depth: Int = 0) throws(DecodingError) {
    let start = offset
    switch next {
    case .uint, .nint: _ = try head()
    case .bytes: _ = try string(of: .bytes, "a byte string")
    case .text: _ = try readText()
    case .bool, .null: offset += 1
    case .array:
      let count = try readArrayHeader()
      guard depth < Self.maxDepth else { throw .tooDeep(at: start) }
      for _ in 0..<count { try pass(inside: depth + 1) }
    case .map:
      let count = try readMapHeader()
      guard depth < Self.maxDepth else { throw .tooDeep(at: start) }
      var key: UInt64?
      for _ in 0..<count {
        key = try readKey(after: key)
        try pass(inside: depth + 1)
      }
    case nil: throw mismatch("an item")
    }
  }
}

extension CBORReader {
  private var peek: UInt8? { offset < end ? bytes[offset] : nil }

  private mutating func number(
    of type: CBORType, _ expected: String
  ) throws(DecodingError) -> UInt64 {
    guard let byte = peek, byte >> 5 == type.rawValue else { throw mismatch(expected) }
    return try head().number
  }

  private mutating func fixed(_ count: Int) throws(DecodingError) -> Range<Int> {
    let start = offset
    let range = try string(of: .bytes, "a byte string")
    guard range.count == count else { throw .unexpected(at: start, expected: "\(count) bytes") }
    return range
  }

  private mutating func string(
    of type: CBORType, _ expected: String
  ) throws(DecodingError) -> Range<Int> {
    let start = offset
    let count = try number(of: type, expected)
    guard count <= UInt64(end - offset) else { throw .truncated(at: start) }
    let first = offset
    offset += Int(count)
    return first..<offset
  }

  /// The type of the next item and the number in its head, in shortest form.
  private mutating func head() throws(DecodingError) -> (type: CBORType, number: UInt64) {
    let start = offset
    guard let byte = peek, let type = CBORType(rawValue: byte >> 5) else { throw .truncated(at: start) }
    let short = byte & 31
    offset += 1
    if short < 24 { return (type, UInt64(short)) }
    guard short < 28, type != .tag, type != .simple else { throw .unsupported(at: start) }
    let width = 1 << Int(short - 24)
    guard width <= end - offset else { throw .truncated(at: start) }
    var number: UInt64 = 0
    for _ in 0..<width {
      number = number << 8 | UInt64(bytes[offset])
      offset += 1
    }
    let least: UInt64 = width == 1 ? 24 : 1 << UInt64(4 * width)
    guard number >= least else { throw .notCanonical(at: start) }
    return (type, number)
  }
}
