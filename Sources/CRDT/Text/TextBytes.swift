// SPDX-License-Identifier: AGPL-3.0-or-later

/// Writes numbers in groups of seven bits, the lowest first (LEB128), and scalars in UTF-8.
struct TextByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func number(_ value: UInt64) {
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func scalar(_ scalar: Unicode.Scalar) {
    if scalar.isASCII { return bytes.append(UInt8(scalar.value)) }
    bytes += UTF8.encode(scalar)!
  }
}

/// Takes numbers and scalars off the front, each in its shortest form only.
struct TextByteReader {
  private let bytes: [UInt8]
  private(set) var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var rest: Int { bytes.count - place }

  var damaged: TextError { .damaged(at: place) }

  mutating func byte() throws(TextError) -> UInt8 {
    guard place < bytes.count else { throw damaged }
    place += 1
    return bytes[place - 1]
  }

  /// A number up to `limit`, itself included.
  mutating func number(upTo limit: UInt64 = .max) throws(TextError) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try byte()
      let part = UInt64(byte & 0x7F)
      guard shift < 63 || (shift == 63 && part <= 1) else { throw damaged }
      result |= part << shift
      guard byte & 0x80 == 0 else {
        shift += 7
        continue
      }
      guard byte > 0 || shift == 0, result <= limit else { throw damaged }
      return result
    }
  }

  /// A number of things that follow, each of at least one byte.
  mutating func count() throws(TextError) -> Int {
    Int(try number(upTo: UInt64(rest)))
  }

  mutating func dot() throws(TextError) -> Dot {
    let log = try number(upTo: UInt64(Dot.logLimit) - 1)
    let seq = try number(upTo: Dot.seqLimit - 1)
    guard seq > 0 else { throw damaged }
    return Dot(log: UInt32(log), seq: seq)
  }

  mutating func scalar() throws(TextError) -> Unicode.Scalar {
    let lead = try byte()
    if lead < 0x80 { return Unicode.Scalar(lead) }
    let more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1
    var value = UInt32(lead) & (0x3F >> UInt32(more))
    for _ in 0..<more {
      let byte = try byte()
      guard byte & 0xC0 == 0x80 else { throw damaged }
      value = value << 6 | UInt32(byte & 0x3F)
    }
    let lowest: [UInt32] = [0, 0x80, 0x800, 0x10000]
    guard lead >= 0xC2, lead < 0xF5, value >= lowest[more], let scalar = Unicode.Scalar(value) else {
      throw damaged
    }
    return scalar
  }
}
