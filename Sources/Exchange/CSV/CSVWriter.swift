// SPDX-License-Identifier: AGPL-3.0-or-later

/// Writes rows as RFC 4180 asks, UTF-8.
///
/// A field that holds any of the delimiters in use is quoted, so that whoever guesses the delimiter can't
/// guess wrong. Content is never changed unless `guardsFormulas` asks for it.
public struct CSVWriter: Sendable {
  public enum LineEnd: String, Sendable {
    case lf = "\n"
    case crlf = "\r\n"
  }

  public let delimiter: CSVDelimiter
  public let lineEnd: LineEnd
  /// Puts an apostrophe before cells that a spreadsheet would take for a formula: those that begin with
  /// `=`, `+`, `-`, `@`, a tab or a carriage return. Such a file doesn't read back as it was.
  public let guardsFormulas: Bool
  public private(set) var text: String

  /// `byteOrderMark` helps spreadsheets see that the file is UTF-8.
  public init(
    delimiter: CSVDelimiter = .comma, lineEnd: LineEnd = .crlf, guardsFormulas: Bool = false,
    byteOrderMark: Bool = false
  ) {
    self.delimiter = delimiter
    self.lineEnd = lineEnd
    self.guardsFormulas = guardsFormulas
    text = byteOrderMark ? "\u{FEFF}" : ""
  }

  public mutating func row(_ fields: [String]) {
    let cells = fields.map { quoted(guarded($0)) }
    let line = cells == [""] ? "\"\"" : cells.joined(separator: String(delimiter.character))
    text += line + lineEnd.rawValue
  }

  private func guarded(_ field: String) -> String {
    guard guardsFormulas, let first = field.unicodeScalars.first else { return field }
    return "=+-@\t\r".unicodeScalars.contains(first) ? "'" + field : field
  }

  private func quoted(_ field: String) -> String {
    guard let first = field.utf8.first, let last = field.utf8.last else { return field }
    let isPlain =
      first != 0x20 && last != 0x20 && !field.hasPrefix("sep=") && field.unicodeScalars.first != "\u{FEFF}"
      && !field.utf8.contains { byte in
        byte == ASCII.quote || ASCII.isLineEnd(byte) || CSVDelimiter(rawValue: byte) != nil
      }
    guard !isPlain else { return field }
    var doubled = String.UnicodeScalarView()
    for scalar in field.unicodeScalars {
      doubled.append(scalar)
      if scalar == "\"" { doubled.append(scalar) }
    }
    return "\"\(String(doubled))\""
  }
}
