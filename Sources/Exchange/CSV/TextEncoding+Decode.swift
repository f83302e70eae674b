// SPDX-License-Identifier: AGPL-3.0-or-later

extension DecodedText {
  /// Decodes as told or, by default, as the byte order mark and the bytes themselves suggest.
  init(_ input: [UInt8], as told: TextEncoding? = nil) {
    switch told ?? Self.guess(input) {
    case .utf8, .utf8WithMark: self = Self.utf8(input)
    case .utf16LittleEndian: self = Self.utf16(input, .utf16LittleEndian)
    case .utf16BigEndian: self = Self.utf16(input, .utf16BigEndian)
    case .windows1252: self = Self.table(input, .windows1252, CodePage.windows1252)
    case .windows1256: self = Self.table(input, .windows1256, CodePage.windows1256)
    case .latin1: self = Self.table(input, .latin1, CodePage.latin1)
    }
  }

  private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private static func guess(_ input: [UInt8]) -> TextEncoding {
    if input.starts(with: mark) { return .utf8WithMark }
    if input.starts(with: [0xFF, 0xFE]) { return .utf16LittleEndian }
    if input.starts(with: [0xFE, 0xFF]) { return .utf16BigEndian }
    if String(validating: input, as: UTF8.self) != nil || isMostlyUTF8(input) { return .utf8 }
    return input.contains(where: CodePage.isUnassignedIn1252) ? .latin1 : .windows1252
  }

  /// Multi-byte sequences hardly ever come about by chance: a file with more of them than faults is
  /// damaged UTF-8, not another encoding.
  private static func isMostlyUTF8(_ input: [UInt8]) -> Bool {
    let decoded = transcode(input, from: UTF8.self, as: .utf8)
    let starts = decoded.bytes.count { $0 >= 0xC0 }
    return starts - decoded.damage.count > decoded.damage.count
  }

  private static func utf8(_ input: [UInt8]) -> DecodedText {
    let marked = input.starts(with: mark)
    let encoding: TextEncoding = marked ? .utf8WithMark : .utf8
    let body = marked ? Array(input.dropFirst(mark.count)) : input
    if String(validating: body, as: UTF8.self) != nil {
      return DecodedText(bytes: body, encoding: encoding)
    }
    return transcode(body, from: UTF8.self, as: encoding)
  }

  private static func utf16(_ input: [UInt8], _ encoding: TextEncoding) -> DecodedText {
    let high = encoding == .utf16BigEndian ? 0 : 1
    let units = stride(from: 0, to: input.count - 1, by: 2).map { at in
      UInt16(input[at + high]) << 8 | UInt16(input[at + 1 - high])
    }
    let isMarked = units.first == 0xFEFF
    var text = transcode(units.dropFirst(isMarked ? 1 : 0), from: UTF16.self, as: encoding)
    if !input.count.isMultiple(of: 2) { text.appendDamage() }
    return text
  }

  private static func transcode<Source: Unicode.Encoding>(
    _ units: some Sequence<Source.CodeUnit>, from source: Source.Type, as encoding: TextEncoding
  ) -> DecodedText {
    var text = DecodedText(bytes: [], encoding: encoding)
    var rest = units.makeIterator()
    var parser = Source.ForwardParser()
    while true {
      switch parser.parseScalar(from: &rest) {
      case .valid(let scalar): text.bytes.append(contentsOf: UTF8.encode(Source.decode(scalar))!)
      case .error: text.appendDamage()
      case .emptyInput: return text
      }
    }
  }

  private static func table(
    _ input: [UInt8], _ encoding: TextEncoding, _ upperHalf: [Unicode.Scalar]
  ) -> DecodedText {
    var text = DecodedText(bytes: [], encoding: encoding)
    text.bytes.reserveCapacity(input.count + input.count / 8)
    for byte in input {
      if byte < 0x80 {
        text.bytes.append(byte)
      } else {
        text.bytes.append(contentsOf: UTF8.encode(upperHalf[Int(byte) - 0x80])!)
      }
    }
    return text
  }

  private mutating func appendDamage() {
    damage.append(bytes.count)
    bytes.append(contentsOf: [0xEF, 0xBF, 0xBD])
  }
}
