// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Kinds
import SyncEngine

/// A record as text for an editor, a field a line, and what the person changed in it.
///
///     title:fr: Riz
///     tags: cantine
///     body:
///       Longer texts stand
///       indented below.
///
/// Lines that begin with `#` are passed over. What isn't changed isn't written.
struct TextEdit {
  private let record: Record
  private let desk: Desk
  private let kind: Kind

  init(_ record: Record, _ desk: Desk) throws {
    guard let kind = record.kind else { throw Failure(.newerVersion, "A newer mujawara made this record. Update this one to edit it.") }
    self.record = record
    self.desk = desk
    self.kind = kind
  }

  /// One line: a field, its key, and what it says.
  struct Line: Hashable {
    var name: String
    var key: String?
    var text: String

    var label: String { key.map { "\(name):\($0)" } ?? name }
  }

  // MARK: Asking

  /// Lets the person edit until it can be read or they give up; nil if nothing was changed.
  func ask(checking check: ([FieldChange]) throws -> Void) throws -> [FieldChange]? {
    guard desk.context.prompt.canAsk else {
      throw Failure(.usage, "Say what to change: --title, --set field=value, --unset field, --privacy. Only at a terminal is the editor opened.")
    }
    var text = try document()
    while true {
      text = try Editor(replicaFolder: desk.context.folder).edit(text, name: "\(kind.name).txt")
      do {
        let changes = try difference(from: lines(), to: Self.parse(text))
        try check(changes)
        return changes.isEmpty ? nil : changes
      } catch {
        guard let failure = Failure.failure(for: error) else { throw error }
        desk.output.print(desk.output.user(failure.sentence))
        guard try desk.context.prompt.confirms("Edit again?", standard: true, flag: "--set") else {
          throw Failure(.usage, "Nothing was changed.")
        }
      }
    }
  }

  // MARK: Writing

  func document() throws -> String {
    let known = try lines()
    let others = kind.fields.filter { $0.isTyped && !Self.hidden.contains($0.name) }.map(\.name)
      .filter { name in !known.contains { $0.name == name } }
    let title = SafeText.line(desk.title(record))
    var text = "# \(SafeText.line(record.kindName)) \(try desk.short(record.id)) \(title)\n# A field a line. An empty one is taken away; longer texts stand indented below.\n"
    if !record.contested.isEmpty { text += "# Several answers stand for some fields; choose with: mujawara resolve\n" }
    text += "# More fields: \(others.joined(separator: ", "))\n"
    return text + known.map(Self.written).joined()
  }

  private static func written(_ line: Line) -> String {
    let parts = line.text.split(separator: "\n", omittingEmptySubsequences: false)
    if parts.count == 1, !line.text.hasPrefix(" ") { return "\(line.label): \(line.text)\n" }
    return "\(line.label):\n" + parts.map { "  \($0)\n" }.joined()
  }

  /// What the program writes itself.
  private static let hidden: Set<String> = ["source", "external_id", "owner", "lang"]

  /// What the record says, as the program reads it back.
  func lines() throws -> [Line] {
    var lines: [Line] = []
    for cell in record.cells where cell.value != .null {
      guard let field = cell.field, field.isTyped, !Self.hidden.contains(field.name) else { continue }
      lines += try self.lines(cell, field)
    }
    return lines
  }

  private func lines(_ cell: CellReading, _ field: Field) throws -> [Line] {
    switch field.shape {
    case .set:
      guard cell.value == .bool(true), case .text(let member) = cell.key.key else { return [] }
      return [Line(name: field.name, text: member)]
    case .localized:
      guard case .text(let tag) = cell.key.key, case .text(let text) = cell.value else { return [] }
      return [Line(name: field.name, key: tag == LanguageTag.undetermined ? nil : tag, text: SafeText.block(text))]
    case .when:
      guard let when = try? When(value: cell.value) else { return [] }
      return [Line(name: "when", text: when.edtf)] + (when.rule.map { [Line(name: "repeat", text: $0.words)] } ?? [])
    case .overrides:
      guard let key = cell.key.key, let override = try? Override(value: cell.value) else { return [] }
      return [Line(name: field.name, key: Field.text(key), text: Self.text(override))]
    case .reference:
      guard case .reference(let id) = cell.value else { return [] }
      return [Line(name: field.name, text: try desk.short(id))]
    default: return [Line(name: field.name, text: SafeText.block(field.text(cell.value)))]
    }
  }

  private static func text(_ override: Override) -> String {
    switch override {
    case .cancelled: "cancelled"
    case .changed: "changed"
    case .moved(let when): when.edtf
    }
  }

  // MARK: Reading

  /// An empty line between indented ones is part of the text, wherever an editor cut its indent off.
  static func parse(_ text: String) throws -> [Line] {
    var read: [(line: Line, block: [Substring])] = []
    var blanks = 0
    for part in text.split(separator: "\n", omittingEmptySubsequences: false) where !part.hasPrefix("#") {
      if part.isEmpty {
        blanks += 1
      } else if part.hasPrefix("  ") || part.hasPrefix("\t") {
        guard !read.isEmpty else { throw Failure(.usage, "The first line is indented, and belongs to no field.") }
        read[read.count - 1].block += Array(repeating: "", count: blanks) + [part.dropFirst(part.hasPrefix("\t") ? 1 : 2)]
        blanks = 0
      } else if !part.allSatisfy(\.isWhitespace) {
        read.append((try line(part), []))
        blanks = 0
      }
    }
    return read.map { line, block in
      var line = line
      line.text = ((line.text.isEmpty ? [] : [line.text]) + block.map(String.init)).joined(separator: "\n")
      return line
    }
  }

  /// `field: text` or `field:key: text`; a key has no space in it.
  private static func line(_ text: Substring) throws -> Line {
    let end = text.indices.first { text[$0] == ":" && (text.index(after: $0) == text.endIndex || text[text.index(after: $0)].isWhitespace) }
    guard let end else { throw Failure(.usage, "“\(text)” is no line of the form  field: value. Texts of several lines are indented.") }
    let (name, key) = FieldChange.split(text[..<end])
    let rest = text[text.index(after: end)...].drop { $0 == " " }
    return Line(name: name, key: key, text: String(rest))
  }

  /// What was changed. A field that is gone, or left empty, is taken away.
  func difference(from old: [Line], to new: [Line]) throws -> [FieldChange] {
    let (old, new) = (old.filter { !$0.text.isEmpty }, new.filter { !$0.text.isEmpty })
    var changes: [FieldChange] = []
    for line in old where !new.contains(line) {
      let isSet = kind.field(named: line.name)?.shape == .set
      if isSet { changes.append(.unset(name: line.name, key: line.text)) }
      if !isSet, !new.contains(where: { $0.label == line.label }) { changes.append(.unset(name: line.name, key: key(line))) }
    }
    for line in new where !old.contains(line) {
      changes.append(.set(name: line.name, key: key(line), text: line.text))
    }
    return changes
  }

  /// A text without a language is of undetermined language here, not of the reader's.
  private func key(_ line: Line) -> String? {
    line.key ?? (kind.field(named: line.name)?.shape == .localized ? LanguageTag.undetermined : nil)
  }
}
