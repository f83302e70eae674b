// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Exchange
import Kinds
import SyncEngine

struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why", abstract: "Why a field says what it says: every answer, who had seen which, and the rule that chose.",
    discussion: """
      mujawara why b4nz place
      mujawara why b4nz title fr          one language; without it all of them
      mujawara why b4nz alive             why it is there, or isn't
      """)

  @Argument(help: "Its short id or title; a deleted one by its id.")
  var record: String

  @Argument(help: "The field, as show names it.")
  var field: String

  @Argument(help: "A language, a tag, a day: where the field has several cells.")
  var key: String?

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let desk = try Desk(global)
    let found = try desk.find(record, isGoneToo: true)
    let cells = try CellNames(found, desk).cells(field, key)
    let page = try WhyPage(desk)
    for cell in cells {
      guard let explanation = try Explanation(of: cell, in: found, desk.replica) else { continue }
      try desk.context.isJSON ? page.emit(explanation) : page.say(explanation)
    }
  }
}

/// The cells of a record as people name them.
struct CellNames {
  private let record: Record
  private let desk: Desk

  init(_ record: Record, _ desk: Desk) {
    self.record = record
    self.desk = desk
  }

  /// Those that somebody has written, of one key or of all. Exit 64 for a field that there isn't, 4 for a cell that
  /// nobody has written.
  func cells(_ field: String, _ key: String?) throws -> [CellKey] {
    let parts = field.split(separator: ":", maxSplits: 1).map(String.init)
    let (name, key) = parts.count == 2 && key == nil ? (parts[0], parts[1]) : (field, key)
    let number = try number(name)
    let written = (record.system(by: desk.replica.history) + record.cells).map(\.key).filter { $0.field == number }
    let found = key.map { key in written.filter { $0.key.map { matches($0, key) } ?? false } } ?? written
    guard found.isEmpty else { return found }
    throw Failure(.notFound, "Nobody has written \(key.map { "\(name):\($0)" } ?? name) of this record. What it says:  mujawara show \(try desk.short(record.id))")
  }

  private func number(_ name: String) throws -> UInt64 {
    if name == "kind" { return SystemField.kind }
    if let field = record.field(name) { return field.number }
    if name.first == "#", let number = UInt64(name.dropFirst()) { return number }
    let known = (record.kind?.fields ?? []).map(\.name)
    throw Failure(.usage, "A \(record.kindName) has no field \(name)\(known.isEmpty ? "" : ": \(known.joined(separator: ", "))").")
  }

  private func matches(_ key: Value, _ text: String) -> Bool {
    let said = Field.text(key)
    return said == text || SearchText.folded(said) == SearchText.folded(text)
  }
}

/// One cell, explained so that a person can check it.
struct WhyPage {
  private static let earlierShown = 20

  private let desk: Desk
  private let words: AuthorWords
  private var output: Output { desk.output }

  init(_ desk: Desk) throws {
    self.desk = desk
    words = try AuthorWords(desk)
  }

  func say(_ why: Explanation) throws {
    let record = why.record
    let name = why.cell.key.field == SystemField.kind ? "kind" : FieldText.name(why.cell)
    output.print("\(SafeText.line(record.kindName)) \(output.styled(try desk.short(record.id), .cyan))  \(output.user(desk.title(record))), \(output.user(name)): \(output.styled(try now(why), .bold))")
    output.print("  \(RuleWords.sentence(why))")
    let standing = why.writes.filter { $0.stands || isAddition($0) }
    for write in standing { try say(write, of: why) }
    let earlier = why.writes.filter { !$0.stands && !isAddition($0) }
    if !earlier.isEmpty { output.print("  Before that:") }
    for write in earlier.prefix(Self.earlierShown) { try say(write, of: why) }
    if earlier.count > Self.earlierShown {
      desk.hint("mujawara show \(try desk.short(record.id)) --history (\(earlier.count - Self.earlierShown) earlier ones)")
    }
  }

  private func now(_ why: Explanation) throws -> String {
    if why.cell.key.field == SystemField.alive { return why.record.isVisible ? "there" : "not there" }
    if why.cell.key.field == SystemField.kind { return SafeText.line(why.record.kindName) }
    if let sum = why.cell.sum { return String(sum) }
    if why.cell.field?.shape == .set { return why.cell.value == .bool(true) ? "in" : "not in" }
    return try text(why.cell.value, why.cell)
  }

  private func text(_ value: Value, _ cell: CellReading) throws -> String {
    if let position = Position(value) { return "in \(output.user(try desk.reference(position.list)))" }
    return output.user(try FieldText.text(value, cell.field, desk))
  }

  private func isAddition(_ write: Explanation.Write) -> Bool {
    if case .add = write.edit { true } else { false }
  }

  private func say(_ write: Explanation.Write, of why: Explanation) throws {
    let author = try desk.replica.authorship(of: write.op.dot)
    let mark = write.isRead ? "→" : " "
    output.print("  \(mark) \(try edit(write.edit, why))      \(words.text(author))  change \(author.change.hex.prefix(10)), stamp \(author.stamp)")
    if let replacement = write.replacedBy {
      output.print("      replaced by \(try name(replacement)), whose author had seen it")
    } else if !write.unseen.isEmpty {
      output.print("      unseen by, and without having seen: \(try write.unseen.map(name).joined(separator: ", "))")
    }
  }

  private func edit(_ edit: Edit, _ why: Explanation) throws -> String {
    switch edit {
    case .add(let delta): return delta < 0 ? "\(delta)" : "+\(delta)"
    case .text(let edits): return TextWords.summary(of: edits)
    case .set(let value):
      if why.cell.key.field == SystemField.alive { return value == .bool(true) ? "there" : "deleted" }
      if why.cell.field?.shape == .set { return value == .bool(true) ? "in" : "not in" }
      return try text(value, why.cell)
    }
  }

  private func name(_ op: OpID) throws -> String { String(try desk.replica.authorship(of: op.dot).change.hex.prefix(10)) }

  func emit(_ why: Explanation) throws {
    desk.context.emit(
      "why/1",
      [JSONMember("record", .string(ID16(why.record.id).hex))] + FieldJSON.members(why.cell.key, of: why.record)
        + [
          JSONMember("value", FieldJSON.value(why.cell)), JSONMember("rule", .string(why.rule.rawValue)),
          JSONMember("sentence", .string(RuleWords.sentence(why))),
          JSONMember("writes", .array(try why.writes.map(write))),
        ])
  }

  private func write(_ write: Explanation.Write) throws -> JSONValue {
    let edit =
      switch write.edit {
      case .set(let value): JSONMember("value", JSONValue(value))
      case .add(let delta): JSONMember("add", .int(delta))
      case .text(let edits): JSONMember("value", .string(TextWords.summary(of: edits)))
      }
    return .object(
      [edit] + words.members(try desk.replica.authorship(of: write.op.dot))
        + [
          JSONMember("read", .bool(write.isRead)), JSONMember("stands", .bool(write.stands)),
          JSONMember("replaced_by", try write.replacedBy.map(id) ?? .null),
          JSONMember("unseen", .array(try write.unseen.map(id))),
        ])
  }

  private func id(_ op: OpID) throws -> JSONValue {
    .string(try desk.replica.authorship(of: op.dot).change.hex)
  }
}

/// The rules by which one value comes out of several, in plain words.
enum RuleWords {
  static func sentence(_ why: Explanation) -> String {
    let earlier = why.writes.contains { !$0.stands && $0.replacedBy != nil }
    switch why.rule {
    case .only where earlier: return "One answer stands: whoever wrote it had seen all the others."
    case .only: return "One answer stands: nobody else has written it."
    case .agreed: return "Several wrote it without having seen each other's, and they say the same."
    case .stamp: return "Several wrote it without having seen each other's. Of this field the latest is read: the one with the greatest stamp."
    case .id: return "Several wrote it without having seen each other's, with the same stamp. The one with the greatest change id is read, which is the same everywhere."
    case .choice: return "Several wrote it without having seen each other's. All answers are kept until somebody chooses; the one with the greatest stamp (then change id) is shown first."
    case .anyTrue: return "Several wrote it without having seen each other's. It holds if any of them says so."
    case .allTrue: return "Several wrote it without having seen each other's. It holds only if all of them say so."
    case .greatest: return "Several wrote it without having seen each other's. Of this field the greatest is read."
    case .least: return "Several wrote it without having seen each other's. Of this field the least is read."
    case .union: return "Several wrote it without having seen each other's. What all of them name is read together."
    case .sum: return "It is counted: what everybody has added is added up."
    case .present: return "It was made or brought back, and nobody who had seen that has deleted it."
    case .deleted: return "It was deleted, and nobody who hadn't seen that has edited it."
    case .revived: return "It was deleted by somebody who hadn't seen an edit of it, so it is kept until somebody decides."
    case .moved: return "It moved to another audience, and what moved isn't kept by edits."
    }
  }
}
