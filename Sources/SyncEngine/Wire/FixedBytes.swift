// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

/// 16 bytes kept inline, ordered as their bytes are (`memcmp`).
public struct ID16: Hashable, Comparable, Sendable {
  public static let byteCount = 16
  public static let zero = ID16(high: 0, low: 0)

  /// Bytes 0 to 7 and 8 to 15, each big-endian.
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Nil unless there are exactly 16 bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.init(bytes, at: 0)
  }

  /// Nil unless there are 32 hexadecimal digits.
  public init?(hex: some StringProtocol) {
    guard let bytes = Hex.decode(hex) else { return nil }
    self.init(bytes)
  }

  /// The 16 bytes from `start`, which must be there.
  init(_ bytes: [UInt8], at start: Int) {
    high = readBigEndian(bytes, at: start)
    low = readBigEndian(bytes, at: start + 8)
  }

  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.byteCount)
    append(to: &bytes)
    return bytes
  }

  public var hex: String { Hex.encode(bytes) }

  public static func < (one: ID16, other: ID16) -> Bool {
    one.high == other.high ? one.low < other.low : one.high < other.high
  }

  func append(to bytes: inout [UInt8]) {
    appendBigEndian(high, to: &bytes)
    appendBigEndian(low, to: &bytes)
  }
}

/// 32 bytes kept inline, ordered as their bytes are (`memcmp`).
public struct ID32: Hashable, Comparable, Sendable {
  public static let byteCount = 32
  public static let zero = ID32(high: .zero, low: .zero)

  /// Bytes 0 to 15 and 16 to 31.
  public let high: ID16
  public let low: ID16

  public init(high: ID16, low: ID16) {
    self.high = high
    self.low = low
  }

  /// Nil unless there are exactly 32 bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.init(bytes, at: 0)
  }

  /// Nil unless there are 64 hexadecimal digits.
  public init?(hex: some StringProtocol) {
    guard let bytes = Hex.decode(hex) else { return nil }
    self.init(bytes)
  }

  /// The 32 bytes from `start`, which must be there.
  init(_ bytes: [UInt8], at start: Int) {
    high = ID16(bytes, at: start)
    low = ID16(bytes, at: start + 16)
  }

  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.byteCount)
    append(to: &bytes)
    return bytes
  }

  public var hex: String { Hex.encode(bytes) }

  public static func < (one: ID32, other: ID32) -> Bool {
    one.high == other.high ? one.low < other.low : one.high < other.high
  }

  func append(to bytes: inout [UInt8]) {
    high.append(to: &bytes)
    low.append(to: &bytes)
  }
}

public typealias SpaceID = ID16
public typealias PlaceID = ID16
public typealias DeviceID = ID16
public typealias LogID = ID16
public typealias InviteID = ID16
public typealias ChangeID = ID32
public typealias NetworkID = ID32
public typealias EpochID = ID32
public typealias PublicKey = ID32

extension ID16: CustomStringConvertible { public var description: String { hex } }
extension ID32: CustomStringConvertible { public var description: String { hex } }

extension RecordID {
  /// The record that is the profile of this place or device.
  public init(_ id: ID16) {
    self.init(high: id.high, low: id.low)
  }
}

extension ID16 {
  public init(_ record: RecordID) {
    self.init(high: record.high, low: record.low)
  }
}

/// Hexadecimal text, written in lower case and read in either.
public enum Hex {
  public static func encode(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.underestimatedCount)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Nil unless the text is pairs of hexadecimal digits.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    let text = Array(text.utf8)
    guard text.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2)
    for place in stride(from: 0, to: text.count, by: 2) {
      guard let high = digit(text[place]), let low = digit(text[place + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static let digits = Array("0123456789abcdef".utf8)

  private static func digit(_ character: UInt8) -> UInt8? {
    switch character {
    case 0x30...0x39: character - 0x30
    case 0x41...0x46: character - 0x37
    case 0x61...0x66: character - 0x57
    default: nil
    }
  }
}

/// The eight bytes from `start`, which must be there, as an unsigned integer.
func readBigEndian(_ bytes: [UInt8], at start: Int) -> UInt64 {
  var number: UInt64 = 0
  for place in start..<start + 8 { number = number << 8 | UInt64(bytes[place]) }
  return number
}

func appendBigEndian(_ number: UInt64, to bytes: inout [UInt8]) {
  for shift in stride(from: 56, through: 0, by: -8) {
    bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
  }
}

func appendBigEndian(_ number: UInt32, to bytes: inout [UInt8]) {
  for shift in stride(from: 24, through: 0, by: -8) {
    bytes.append(UInt8(truncatingIfNeeded: number >> UInt32(shift)))
  }
}
