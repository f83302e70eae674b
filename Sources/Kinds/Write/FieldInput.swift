// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import NormalForms
import SyncEngine

/// Turns what people type into values.
public struct FieldInput {
  /// The day and the time of day by the clock of whoever types, for `thu 19:00` and `+3d`.
  public var today: CivilDate
  public var now: CivilTime
  /// Given to moments that name none; nil leaves them floating.
  public var zone: String?
  /// The language of texts that name none.
  public var language: String
  /// The record that a short name means, and its kind.
  public var resolve: (String) throws -> (id: RecordID, kind: Value)?

  public init(
    today: CivilDate, now: CivilTime = .midnight, zone: String? = nil,
    language: String = LanguageTag.undetermined,
    resolve: @escaping (String) throws -> (id: RecordID, kind: Value)? = { _ in nil }
  ) {
    self.today = today
    self.now = now
    self.zone = zone
    self.language = LanguageTag.canonical(language) ?? LanguageTag.undetermined
    self.resolve = resolve
  }

  /// The longest text of one value, in bytes of UTF-8: a value's limit less its own head.
  public static let textLimit = Limits.value - 16

  /// A key and the value to write there, for `field` or `field:key` set to `text`.
  ///
  /// A field that is a set takes one member; `unset` its members and translations by `cell(of:key:)`.
  public func edit(_ field: Field, key: String? = nil, text: String) throws -> (cell: CellKey, value: Value) {
    guard field.isTyped else { throw error(field, text, .noSuchField(kind: "", known: [])) }
    guard !text.isEmpty else { throw error(field, text, .empty) }
    guard text.utf8.count <= Self.textLimit else { throw error(field, text, .tooLong(limit: Self.textLimit)) }
    if field.shape == .set {
      guard key == nil else { throw error(field, text, .takesNoKey) }
      return (try cell(of: field, key: text), .bool(true))
    }
    return (try cell(of: field, key: key), try value(field, text))
  }

  /// The cell that `field` or `field:key` names.
  public func cell(of field: Field, key: String? = nil) throws -> CellKey {
    switch field.shape {
    case .localized:
      guard let tag = key.map(LanguageTag.canonical) ?? language else {
        throw error(field, key ?? "", .notALanguage)
      }
      return CellKey(field: field.number, key: .text(tag))
    case .set:
      guard let key, !key.isEmpty else { throw error(field, "", .empty) }
      return CellKey(field: field.number, key: .text(NormalForm.composed(key)))
    case .overrides:
      guard let key, let day = try? self.day(field, key) else { throw error(field, key ?? "", .needsADay) }
      return CellKey(field: field.number, key: day.value)
    default:
      guard key == nil else { throw error(field, key ?? "", .takesNoKey) }
      return CellKey(field: field.number)
    }
  }

  /// A time with its rule, from `--when` and `--repeat`; `source` keeps the words that somebody wrote.
  public func when(
    _ text: String, repeat rule: String? = nil, source: String? = nil, field: Field? = nil
  ) throws -> When {
    let field = field ?? Kind.event.field(named: "when")!
    let time = try timed(field, text) { () throws(TimeError) in
      let time = try DateInput.parse(text, today: today, now: now, zone: zone)
      // A zone that this computer doesn't know is most often a mistyped one.
      if case .moment(_, let zone?, _) = time.extent, !ZoneRules.isKnown(zone) { throw .notAZoneName(zone) }
      return time
    }
    guard let rule, !rule.isEmpty else { return time.written(source) }
    return try timed(field, rule) { () throws(TimeError) in
      try time.repeating(try Repeat(rule)).written(source)
    }
  }

  private func value(_ field: Field, _ text: String) throws -> Value {
    switch field.shape {
    case .text, .localized, .set: return .text(text)
    case .int(let range):
      guard let number = DecimalNumber(text), number.scale == 0, range.contains(number.mantissa) else {
        throw error(field, text, .notAnInteger(range))
      }
      return .int(number.mantissa)
    case .bool:
      guard let bool = Self.booleans[SearchText.folded(text)] else { throw error(field, text, .notABool) }
      return .bool(bool)
    case .date: return try day(field, text).value
    case .when: return try when(text, field: field).value
    case .rule: return .text(try timed(field, text) { () throws(TimeError) in try Repeat(text) }.short)
    case .quantity: return Quantity(text).value
    case .reference(let kinds): return try reference(field, text, kinds)
    case .choice(let words):
      let wanted = SearchText.folded(text)
      guard let word = words.first(where: { SearchText.folded($0) == wanted }) else {
        throw error(field, text, .notOneOf(words))
      }
      return .text(word)
    case .link:
      guard Self.isLink(text) else { throw error(field, text, .notALink) }
      return .text(text)
    case .overrides: return try override(field, text).value
    case .position, .answers, .bases, .prose: throw error(field, text, .noSuchField(kind: "", known: []))
    }
  }

  private func day(_ field: Field, _ text: String) throws -> CivilDate {
    let time = try timed(field, text) { () throws(TimeError) in
      try DateInput.parse(text, today: today, now: now)
    }
    guard case .days(let first, let last) = time.extent, first == last else {
      throw error(field, text, .notADay)
    }
    return first
  }

  private func override(_ field: Field, _ text: String) throws -> Override {
    switch SearchText.folded(text) {
    case "cancelled": return .cancelled
    case "changed": return .changed
    default: return .moved(try when(text, field: field))
    }
  }

  private func reference(_ field: Field, _ text: String, _ kinds: [UInt64]) throws -> Value {
    guard let found = try resolve(text) else { throw error(field, text, .noSuchRecord) }
    let known = kinds.compactMap(Kind.numbered)
    guard known.isEmpty || known.contains(where: { $0.value == found.kind }) else {
      throw error(field, text, .wrongKind(known.map(\.name)))
    }
    return .reference(found.id)
  }

  /// With a host, and nothing in it that could end it early or hide what it is.
  static func isLink(_ text: String) -> Bool {
    let lower = text.lowercased()
    guard let scheme = ["https://", "http://"].first(where: lower.hasPrefix) else { return false }
    let rest = text.dropFirst(scheme.count)
    guard let first = rest.unicodeScalars.first, first.properties.isAlphabetic || first.value < 0x80 else {
      return false
    }
    guard !"/?#.".unicodeScalars.contains(first) else { return false }
    return rest.unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator: false
      default: !"<>\"".unicodeScalars.contains(scalar)
      }
    }
  }

  private static let booleans: [String: Bool] = {
    let yes = "yes y true 1 oui o vrai si s نعم"
    let no = "no n false 0 non faux لا"
    var words: [String: Bool] = [:]
    for word in yes.split(separator: " ") { words[SearchText.folded(String(word))] = true }
    for word in no.split(separator: " ") { words[SearchText.folded(String(word))] = false }
    return words
  }()

  private func error(_ field: Field, _ text: String, _ reason: FieldError.Reason) -> FieldError {
    FieldError(field: field.name, text: text, reason: reason)
  }

  private func timed<T>(_ field: Field, _ text: String, _ body: () throws(TimeError) -> T) throws -> T {
    do { return try body() } catch { throw self.error(field, text, .time(error)) }
  }
}
