// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Exchange
import Kinds
import SyncEngine

/// Values of fields as people read them, not yet made safe for a terminal.
enum FieldText {
  /// The name of a cell as people type it: `title:fr`, `over:2026-12-05`, `qty`, `#77` for an unknown field.
  static func name(_ cell: CellReading) -> String { name(cell.key, cell.field) }

  static func name(_ cell: CellKey, _ field: Field?) -> String {
    let name = field?.name ?? "#\(cell.field)"
    guard let key = cell.key, field?.shape != .set else { return name }
    if field?.shape == .answers, let key = AnswerKey(value: key) { return "\(name) \(AnswerWords.key(key))" }
    if field?.shape == .localized, key == .text(LanguageTag.undetermined) { return name }
    return "\(name):\(Field.text(key))"
  }

  /// A value for reading; `desk` looks up what references mean.
  static func text(_ value: Value, _ field: Field?, _ desk: Desk) throws -> String {
    if value == .null { return "(nothing)" }
    switch field?.shape {
    case .date: if let day = try? CivilDate(value: value) { return DayText.day(day) }
    case .overrides: if let override = try? Override(value: value) { return overrideText(override, desk) }
    case .rule: if case .text(let text) = value, let rule = try? Repeat(short: text) { return rule.words }
    case .choice where field?.name == "urgency": if case .text(let text) = value { return urgency(text) }
    default: break
    }
    if let when = try? When(value: value) { return whenText(when, desk) }
    if let position = CRDT.Position(value) { return "in \(try desk.reference(position.list))" }
    if let answer = Answer(value: value) { return AnswerWords.text(answer) }
    if case .reference(let id) = value { return try desk.reference(id) }
    return Field.text(value)
  }

  private static func whenText(_ when: When, _ desk: Desk) -> String {
    DayText.when(when, reader: desk.zone) + (when.source.map { " (\($0))" } ?? "")
  }

  static func overrideText(_ override: Override, _ desk: Desk) -> String {
    switch override {
    case .cancelled: "called off"
    case .changed: "changed"
    case .moved(let when): "moved to \(DayText.extent(when.extent, reader: desk.zone))"
    }
  }

  /// A set's member stands in its key, and any other cell's text in its value.
  static func text(_ cell: CellReading, _ desk: Desk) throws -> String {
    if cell.field?.shape == .set, case .text(let member) = cell.key.key { return member }
    return try text(cell.value, cell.field, desk)
  }

  static func urgency(_ word: String) -> String {
    switch word {
    case "1-2d": "within 1–2 days"
    case "3-5d": "within 3–5 days"
    case "week": "within a week"
    default: word
    }
  }
}
