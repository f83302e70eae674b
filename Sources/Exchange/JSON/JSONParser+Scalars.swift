// SPDX-License-Identifier: AGPL-3.0-or-later

extension JSONParser {
  mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    let isNegative = skip("-")
    let digitsStart = position
    let count = passDigits()
    guard count == 1 || count > 1 && bytes[digitsStart] != UInt8(ascii: "0") else { throw error(.badNumber) }
    var isInteger = true
    if skip(".") {
      isInteger = false
      guard passDigits() > 0 else { throw error(.badNumber) }
    }
    if skip("e") || skip("E") {
      isInteger = false
      if !skip("+") { _ = skip("-") }
      guard passDigits() > 0 else { throw error(.badNumber) }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let number = Int64(text), !(isNegative && number == 0) { return .int(number) }
    return .decimal(JSONDecimal(checked: text))
  }

  private mutating func passDigits() -> Int {
    let start = position
    while let byte = peek, (0x30...0x39).contains(byte) { position += 1 }
    return position - start
  }

  mutating func string() throws(JSONError) -> String {
    position += 1
    var text = ""
    var start = position
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        text += try plain(from: start)
        position += 1
        return text
      case UInt8(ascii: "\\"):
        text += try plain(from: start)
        text.unicodeScalars.append(try escape())
        start = position
      case 0..<0x20: throw error(.bareControlCharacter)
      default: position += 1
      }
    }
    throw error(.endsEarly)
  }

  private func plain(from start: Int) throws(JSONError) -> String {
    guard let text = String(validating: bytes[start..<position], as: UTF8.self) else {
      throw error(.notUTF8, at: start + validPrefix(start..<position))
    }
    return text
  }

  private func validPrefix(_ range: Range<Int>) -> Int {
    var parser = UTF8.ForwardParser()
    var rest = bytes[range].makeIterator()
    var length = 0
    while case .valid(let scalar) = parser.parseScalar(from: &rest) { length += scalar.count }
    return length
  }

  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    let start = position
    position += 1
    guard let code = peek else { throw error(.endsEarly) }
    position += 1
    switch code {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(code)
    case UInt8(ascii: "b"): return "\u{08}"
    case UInt8(ascii: "f"): return "\u{0C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape(from: start)
    default: throw error(.badEscape, at: start)
    }
  }

  private mutating func unicodeEscape(from start: Int) throws(JSONError) -> Unicode.Scalar {
    let first = try hexUnit(start)
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, skip("\\"), skip("u") else { throw error(.badEscape, at: start) }
    let second = try hexUnit(start)
    guard (0xDC00...0xDFFF).contains(second) else { throw error(.badEscape, at: start) }
    let high = UInt32(first - 0xD800) << 10
    return Unicode.Scalar(0x10000 + high + UInt32(second - 0xDC00))!
  }

  private mutating func hexUnit(_ start: Int) throws(JSONError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = peek else { throw error(.endsEarly) }
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw error(.badEscape, at: start)
      }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }
}
