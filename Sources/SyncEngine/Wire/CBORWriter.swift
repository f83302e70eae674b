// SPDX-License-Identifier: AGPL-3.0-or-later

/// Writes the CBOR of protocol.md section 2, item by item.
///
/// The caller answers for counts and for the order of map keys: `MapWriter` sees to the latter.
public struct CBORWriter: Sendable {
  public private(set) var bytes: [UInt8] = []

  public init(reserving capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  public mutating func uint(_ number: UInt64) { head(.uint, number) }

  public mutating func int(_ number: Int64) {
    if number >= 0 { head(.uint, UInt64(number)) } else { head(.nint, UInt64(bitPattern: ~number)) }
  }

  /// −1 − `number`.
  public mutating func nint(_ number: UInt64) { head(.nint, number) }

  public mutating func bytes(_ string: [UInt8]) {
    head(.bytes, UInt64(string.count))
    bytes.append(contentsOf: string)
  }

  public mutating func bytes(_ string: ArraySlice<UInt8>) {
    head(.bytes, UInt64(string.count))
    bytes.append(contentsOf: string)
  }

  public mutating func id(_ id: ID16) {
    bytes.append(0x50)
    id.append(to: &bytes)
  }

  public mutating func id(_ id: ID32) {
    bytes.append(0x58)
    bytes.append(0x20)
    id.append(to: &bytes)
  }

  /// Eight bytes, as a byte string.
  public mutating func bytes8(_ number: UInt64) {
    bytes.append(0x48)
    appendBigEndian(number, to: &bytes)
  }

  public mutating func text(_ text: String) {
    let text = text.utf8
    head(.text, UInt64(text.count))
    bytes.append(contentsOf: text)
  }

  public mutating func array(count: Int) { head(.array, UInt64(count)) }

  public mutating func map(count: Int) { head(.map, UInt64(count)) }

  public mutating func bool(_ bool: Bool) { bytes.append(bool ? 0xf5 : 0xf4) }

  public mutating func null() { bytes.append(0xf6) }

  /// An item that is encoded already.
  public mutating func raw(_ item: [UInt8]) { bytes.append(contentsOf: item) }

  private mutating func head(_ type: CBORType, _ number: UInt64) {
    let major = type.rawValue << 5
    if number < 24 {
      bytes.append(major | UInt8(number))
    } else if number <= 0xff {
      bytes.append(major | 24)
      bytes.append(UInt8(number))
    } else if number <= 0xffff {
      bytes.append(major | 25)
      bytes.append(UInt8(number >> 8))
      bytes.append(UInt8(number & 0xff))
    } else if number <= 0xffff_ffff {
      bytes.append(major | 26)
      appendBigEndian(UInt32(number), to: &bytes)
    } else {
      bytes.append(major | 27)
      appendBigEndian(number, to: &bytes)
    }
  }
}

/// The major types of RFC 8949 that are in use here.
enum CBORType: UInt8 {
  case uint, nint, bytes, text, array, map, tag, simple
}
