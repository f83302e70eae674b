// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Exchange
import Kinds
import SyncEngine

/// What a flag or a line of an edited text says about one field.
enum FieldChange: Equatable {
  case set(name: String, key: String? = nil, text: String)
  /// With no key, all cells of the field.
  case unset(name: String, key: String? = nil)

  var name: String {
    switch self {
    case .set(let name, _, _), .unset(let name, _): name
    }
  }

  /// `field=text`, `field:key=text`; a field's name holds neither `:` nor `=`.
  static func parse(set pair: String) throws -> FieldChange {
    guard let equals = pair.firstIndex(of: "=") else {
      throw Failure(.usage, "\(pair) is no field=value. To take a value away: --unset \(pair)")
    }
    let (name, key) = split(pair[..<equals])
    let text = String(pair[pair.index(after: equals)...])
    return text.isEmpty ? .unset(name: name, key: key) : .set(name: name, key: key, text: text)
  }

  static func parse(unset name: String) -> FieldChange {
    let (name, key) = split(name[...])
    return .unset(name: name, key: key)
  }

  static func split(_ text: Substring) -> (name: String, key: String?) {
    guard let colon = text.firstIndex(of: ":") else { return (String(text), nil) }
    return (String(text[..<colon]), String(text[text.index(after: colon)...]))
  }

  /// One set for each text given.
  static func all(_ name: String, _ texts: [String]) -> [FieldChange] { texts.map { .set(name: name, text: $0) } }

  /// Sets for those options that were given; an empty one takes the value away.
  static func given(_ options: (String, String?)...) -> [FieldChange] {
    options.compactMap { name, text in
      text.map { $0.isEmpty ? .unset(name: name) : .set(name: name, text: $0) }
    }
  }
}

extension FieldChange {
  /// The same about the field's own name, where people gave another that a spreadsheet's column may have too:
  /// `état` for `state`, `note` for `body`. An own name goes first, and an alias must mean one field.
  func named(for kind: Kind) -> FieldChange {
    if kind.field(named: name) != nil || (kind == .event && EventTime.names.contains(name)) { return self }
    let wanted = SearchText.folded(name)
    let meant = kind.fields.filter { field in
      field.isTyped && (field.aliases + (FieldAliases.common[field.name] ?? [])).contains { SearchText.folded($0) == wanted }
    }
    guard meant.count == 1 else { return self }
    switch self {
    case .set(_, let key, let text): return .set(name: meant[0].name, key: key, text: text)
    case .unset(_, let key): return .unset(name: meant[0].name, key: key)
    }
  }
}

/// What a record is called stands in lists and on sheets: it stays short enough for them.
enum Titles {
  static let limit = ImportCSV.titleLimit

  static func check(_ title: String) throws {
    let count = title.unicodeScalars.count
    guard count > limit else { return }
    throw Failure(.unreadable, "A title has at most \(limit) characters, and this one has \(count). Put the rest into --body. Nothing was changed.")
  }
}

/// Writes changes of fields into an editor.
struct FieldWriter {
  let desk: Desk
  let kind: Kind
  /// Given to moments that name none.
  var zone: String?
  /// Of texts that name none; nil: the one that the reader sees, else undetermined.
  var language: String?

  /// - Parameter record: nil for one in the making.
  func apply(
    _ changes: [FieldChange], to handle: RecordEditor.Handle, of record: Record?, in editor: inout RecordEditor
  ) throws {
    let isTimed = kind == .event
    let changes = changes.map { $0.named(for: kind) }
    for change in changes where !(isTimed && EventTime.names.contains(change.name)) {
      try apply(change, to: handle, of: record, in: &editor)
    }
    editor.noteBases(handle, of: record, in: desk.replica)
    guard isTimed, let when = try EventTime(desk: desk, zone: zone).settle(changes, record) else { return }
    editor.set(handle, CellKey(field: Kind.event.field(named: "when")!.number), to: when.value)
  }

  private func apply(
    _ change: FieldChange, to handle: RecordEditor.Handle, of record: Record?, in editor: inout RecordEditor
  ) throws {
    let field = kind.field(named: change.name)
    if let field, field.shape == .prose { return try write(change, field, handle, record, &editor) }
    let input = self.input(for: field, record)
    switch change {
    case .set(let name, let key, let text):
      if field?.number == Field.title.number { try Titles.check(text) }
      try editor.set(handle, name, key: key, of: kind, to: text, input)
    case .unset(let name, let key):
      if key == nil, let field, field.shape == .localized, language != nil || hasOneText(field, record) {
        return editor.unset(handle, try input.cell(of: field))
      }
      try editor.unset(handle, name, key: key, of: kind, in: record, input)
    }
  }

  /// Makes the whole of a text that several people write another one.
  private func write(
    _ change: FieldChange, _ field: Field, _ handle: RecordEditor.Handle, _ record: Record?,
    _ editor: inout RecordEditor
  ) throws {
    let name = CellKey(field: field.number)
    let before = try record.map { try desk.replica.prose(name, of: $0).text } ?? ""
    switch change {
    case .set(_, nil, let text): editor.write(handle, name, from: before, to: text)
    case .unset(_, nil): editor.write(handle, name, from: before, to: "")
    case .set(_, let key?, _), .unset(_, let key?):
      throw Failure(.unreadable, "\(field.name) is one text: \(field.name):\(key) is none of it.")
    }
  }

  private func hasOneText(_ field: Field, _ record: Record?) -> Bool { record?.cells(of: field.number).count == 1 }

  private func input(for field: Field?, _ record: Record?) -> FieldInput {
    guard let field else { return desk.input(zone: zone, language: language) }
    if case .reference(let numbers) = field.shape {
      return desk.input(zone: zone, kinds: numbers.compactMap(Kind.numbered))
    }
    let shown = field.shape == .localized ? record?.localized(field.name, preferring: desk.languages)?.language : nil
    return desk.input(zone: zone, language: language ?? shown)
  }
}
