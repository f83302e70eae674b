// SPDX-License-Identifier: AGPL-3.0-or-later

/// Reads the few fixed structures that this room owns (card, key file) in the subset of protocol.md,
/// section 2, and skips what it doesn't know. Everything else that is CBOR lives in the engine.
struct StrictCBOR {
  private let bytes: [UInt8]
  private var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// A map's number of entries.
  mutating func map() throws(CryptoError) -> UInt64 { try head(major: 5) }

  /// An array's number of elements.
  mutating func array() throws(CryptoError) -> UInt64 { try head(major: 4) }

  /// An unsigned integer.
  mutating func uint() throws(CryptoError) -> UInt64 { try head(major: 0) }

  /// A byte string; of exactly `size` bytes if given.
  mutating func byteString(size: Int? = nil) throws(CryptoError) -> [UInt8] {
    let length = try head(major: 2)
    if let size, length != UInt64(size) { throw .notCanonical }
    return Array(try take(length))
  }

  /// The entry of a map with this key, whose value is a byte string of this size.
  mutating func entry(_ key: UInt64, size: Int) throws(CryptoError) -> [UInt8] {
    guard try uint() == key else { throw .notCanonical }
    return try byteString(size: size)
  }

  /// Steps over one item of the subset, whatever it is, and returns its bytes.
  @discardableResult
  mutating func skip(depth: Int = 16) throws(CryptoError) -> ArraySlice<UInt8> {
    let start = at
    let (major, value) = try head()
    switch major {
    case 0, 1: break
    case 2: _ = try take(value)
    case 3:
      guard String(validating: try take(value), as: UTF8.self) != nil else { throw .notCanonical }
    case 4: for _ in 0..<(try checked(value, depth)) { try skip(depth: depth - 1) }
    case 5: try skipMap(try checked(value, depth), depth: depth)
    case 7: guard (20...22).contains(value) else { throw .notCanonical }
    default: throw .notCanonical
    }
    return bytes[start..<at]
  }

  /// Throws if bytes are left.
  func end() throws(CryptoError) {
    guard at == bytes.count else { throw .notCanonical }
  }

  private mutating func skipMap(_ count: UInt64, depth: Int) throws(CryptoError) {
    var last: UInt64?
    for _ in 0..<count {
      let key = try uint()
      if let last, key <= last { throw .notCanonical }
      last = key
      try skip(depth: depth - 1)
    }
  }

  /// A count of elements that the bytes left can hold, at a depth that is allowed.
  private func checked(_ count: UInt64, _ depth: Int) throws(CryptoError) -> UInt64 {
    guard depth > 0, count <= UInt64(bytes.count - at) else { throw .notCanonical }
    return count
  }

  private mutating func head(major wanted: UInt8) throws(CryptoError) -> UInt64 {
    let (major, value) = try head()
    guard major == wanted else { throw .notCanonical }
    return value
  }

  private mutating func head() throws(CryptoError) -> (major: UInt8, value: UInt64) {
    guard let first = try take(1).first else { throw .notCanonical }
    let low = first & 0x1f
    if low < 24 { return (first >> 5, UInt64(low)) }
    guard low < 28, first >> 5 != 7 else { throw .notCanonical }
    let size = 1 << Int(low - 24)
    let value = try take(UInt64(size)).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let least: UInt64 = size == 1 ? 24 : 1 << UInt64(size * 4)
    guard value >= least else { throw .notCanonical }
    return (first >> 5, value)
  }

  private mutating func take(_ count: UInt64) throws(CryptoError) -> ArraySlice<UInt8> {
    guard count <= UInt64(bytes.count - at) else { throw .notCanonical }
    defer { at += Int(count) }
    return bytes[at..<at + Int(count)]
  }

  /// The head of an item in its shortest form.
  static func head(_ major: UInt8, _ value: UInt64) -> [UInt8] {
    let top = major << 5
    if value < 24 { return [top | UInt8(value)] }
    let size = value <= 0xff ? 0 : value <= 0xffff ? 1 : value <= 0xffff_ffff ? 2 : 3
    let width = 1 << size
    return [top | UInt8(24 + size)]
      + (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (width - 1 - $0))) }
  }

  /// A byte string.
  static func byteString(_ bytes: [UInt8]) -> [UInt8] { head(2, UInt64(bytes.count)) + bytes }
}
