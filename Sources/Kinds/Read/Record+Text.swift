// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// A text in one of the languages that there are.
public struct LocalizedText: Hashable, Sendable {
  public let text: String
  /// A BCP 47 tag; `und` where nobody said.
  public let language: String
  /// Whether it is in none of the languages that were asked for, and the reader should be told which it is
  /// in.
  public let isFallback: Bool

  public init(text: String, language: String, isFallback: Bool) {
    self.text = text
    self.language = language
    self.isFallback = isFallback
  }
}

extension Record {
  /// The text of a localized field in the best language there is: one that was asked for, else the one that
  /// the record was written in, else the first by tag. A text of undetermined language is no fallback.
  public func localized(_ name: String, preferring languages: [String] = []) -> LocalizedText? {
    guard let field = field(name), field.shape == .localized else { return nil }
    var texts: [String: String] = [:]
    for cell in cells(of: field.number) {
      if case .text(let tag) = cell.key.key, case .text(let text) = cell.value { texts[tag] = text }
    }
    let tags = texts.keys.sorted()
    if let tag = LanguageTag.best(of: tags, preferring: languages), let text = texts[tag] {
      return LocalizedText(text: text, language: tag, isFallback: false)
    }
    let first =
      [text("lang"), LanguageTag.undetermined].compactMap(\.self).first { texts[$0] != nil } ?? tags.first
    guard let first, let text = texts[first] else { return nil }
    let isFallback = !languages.isEmpty && first != LanguageTag.undetermined
    return LocalizedText(text: text, language: first, isFallback: isFallback)
  }

  /// What to call the record: its title, or a profile's name. Nil if it has none.
  public func title(preferring languages: [String] = []) -> LocalizedText? {
    if kind == .place || kind == .device {
      return text("name").map {
        LocalizedText(text: $0, language: LanguageTag.undetermined, isFallback: false)
      }
    }
    return localized("title", preferring: languages)
  }
}

extension Field {
  /// A value of the field as text that the program reads back; values of another shape as well as can be.
  public func text(_ value: Value) -> String { Field.text(value) }

  public static func text(_ value: Value) -> String {
    if let when = try? When(value: value) {
      return when.edtf + (when.rule.map { " (\($0.words))" } ?? "")
    }
    if let quantity = Quantity(value: value) { return quantity.text }
    if let number = DecimalNumber(value: value) { return number.text }
    switch value {
    case .null: return ""
    case .bool(let bool): return bool ? "yes" : "no"
    case .int(let int): return String(int)
    case .text(let text): return text
    case .bytes(let bytes): return "0x" + Hex.encode(bytes)
    case .reference(let record): return String(ShortID.text(record).prefix(8))
    case .tuple(let tag, let members): return "\(tag)(" + members.map(text).joined(separator: ", ") + ")"
    }
  }
}
