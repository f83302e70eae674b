// SPDX-License-Identifier: AGPL-3.0-or-later

extension CBOR {
  /// The tree as JSON, for people and for `dump`: byte strings as "0x" and hexadecimal digits, integers
  /// exact, the keys of maps as texts. A text that begins with "0x" or "'" gets a "'" in front, so nothing
  /// is ambiguous.
  /// - Parameter indent: spaces a level; nil for one line.
  public func json(indent: Int? = nil) -> String {
    var writer = JSONWriter(indent: indent)
    writer.item(self, level: 0)
    return writer.text
  }
}

private struct JSONWriter {
  let indent: Int?
  var text = ""

  mutating func item(_ item: CBOR, level: Int) {
    switch item {
    case .uint(let number): text += String(number)
    case .nint(let number): text += "-" + String(UInt128(number) + 1)
    case .bytes(let bytes): text += "\"0x" + Hex.encode(bytes) + "\""
    case .text(let string): quote(Self.needsMark(string) ? "'" + string : string)
    case .bool(let bool): text += bool ? "true" : "false"
    case .null: text += "null"
    case .array(let items): list("[", "]", items, level) { $0.item($1, level: level + 1) }
    case .map(let pairs): list("{", "}", pairs, level) { $0.pair($1, level: level + 1) }
    }
  }

  private mutating func pair(_ pair: CBOR.Pair, level: Int) {
    text += "\"\(pair.key)\":" + (indent == nil ? "" : " ")
    item(pair.value, level: level)
  }

  private mutating func list<Item>(
    _ open: String, _ close: String, _ items: [Item], _ level: Int, _ write: (inout Self, Item) -> Void
  ) {
    text += open
    for place in items.indices {
      if place > 0 { text += "," }
      newLine(level + 1)
      write(&self, items[place])
    }
    if !items.isEmpty { newLine(level) }
    text += close
  }

  private mutating func newLine(_ level: Int) {
    guard let indent else { return }
    text += "\n" + String(repeating: " ", count: indent * level)
  }

  private static func needsMark(_ string: String) -> Bool {
    string.utf8.starts(with: "0x".utf8) || string.utf8.first == 0x27
  }

  /// Control characters are escaped, those of the terminal and of text direction too.
  private mutating func quote(_ string: String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      default:
        if Self.isControl(scalar) { escape(scalar) } else { text.unicodeScalars.append(scalar) }
      }
    }
    text += "\""
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }

  private mutating func escape(_ scalar: Unicode.Scalar) {
    for unit in String(scalar).utf16 {
      let hex = String(unit, radix: 16)
      text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
    }
  }
}
