// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Exchange
import Kinds
import SyncEngine

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Everything that a record says, and with --history who wrote what and when.",
    discussion: """
      mujawara show b4nz --at 2026-11-01           as it was at the end of that day
      mujawara show b4nz --at c81f20aa93           as it was when that change had been written; c81f20aa93^ before
      """)

  @Argument(help: "Its short id or title; a deleted one by its id.")
  var record: String

  @Flag(help: "Every change of it, oldest first.")
  var history = false

  @OptionGroup var past: PastOption
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try RecordPage.show(record, at: past, history: history, try Desk(global))
  }
}

struct ShowRecord<N: Noun>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "show", abstract: "Everything that it says.")
  }

  @Argument(help: "Its short id or title.")
  var record: String

  @Flag(help: "Every change of it, oldest first.")
  var history = false

  @OptionGroup var past: PastOption
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try RecordPage.show(record, N.kinds, at: past, history: history, try Desk(global))
  }
}

/// A record with all its fields, and what belongs to it.
struct RecordPage {
  let record: Record
  /// The moment that the page shows; nil for now.
  let moment: NamedMoment?
  let desk: Desk

  init(_ record: Record, at moment: NamedMoment? = nil, _ desk: Desk) {
    self.record = record
    self.moment = moment
    self.desk = desk
  }

  static func show(_ name: String, _ kinds: [Kind] = [], at past: PastOption, history: Bool, _ desk: Desk) throws {
    guard let moment = try past.moment(desk) else {
      return try RecordPage(try desk.find(name, kinds, isGoneToo: true), desk).print(history: history)
    }
    let record = try desk.find(name, kinds, at: moment)
    try RecordPage(record, at: moment, desk).print(history: history)
  }

  func print(history: Bool) throws {
    let replica = desk.replica
    let isHolder = record.kind == .list || record.kind == .item
    let lines = isHolder ? try Outline(of: record.id, in: replica, at: moment?.horizon).lines(under: record.id) : []
    let sublists = record.kind == .list ? try Sublists(desk, at: moment?.horizon) : nil
    let contacts = try replica.contactPoints(of: record.id, at: moment?.horizon)
    if let moment, !desk.context.isJSON { try MomentWords(moment, desk).say(of: record) }
    if desk.context.isJSON {
      let under = lines.map(\.record) + (sublists?.under(record.id).map(\.record) ?? [])
      for one in [record] + under + contacts { try desk.emit(one) }
      if moment == nil { try ScarcePage(record, desk).emit() }
    } else {
      desk.output.print(try RecordLine(record, desk).text)
      try fields()
      try proses()
      if record.kind == .event { try AnswersPage(record, desk).print() }
      try Listing.items(lines, desk)
      try sublists?.print(under: record.id, desk)
      for contact in contacts { desk.output.print("  " + (try RecordLine(contact, desk).text)) }
      if moment == nil { try ScarcePage(record, desk).print() }
    }
    if history { try RecordHistory(record, at: moment, desk).print() }
    if !desk.context.isJSON, moment == nil { try hint() }
  }

  private func fields() throws {
    let translations = try Translations(record, in: desk.replica)
    for cell in record.cells.filter(isShown) {
      let old = translations.outdated.first { $0.cell.key == cell.key }
      let mark = old.map { " (outdated: the text in \($0.source) changed since)" } ?? ""
      desk.output.print("  \(desk.output.user(FieldText.name(cell))): \(try value(cell))\(mark)")
    }
  }

  /// The texts that several people write, below all else that the record says.
  private func proses() throws {
    for name in record.proseNames {
      let version = try desk.replica.prose(name, of: record)
      guard !version.text.isEmpty || version.isOverfull else { continue }
      let text = version.isOverfull ? "(more was written and deleted than a text holds)" : version.text
      let lines = desk.output.userBlock(text).split(separator: "\n", omittingEmptySubsequences: false)
      desk.output.print("  \(desk.output.user(FieldText.name(name, record.proseField(name)))):")
      for line in lines { desk.output.print(line.isEmpty ? "" : "    \(line)") }
    }
  }

  private func isShown(_ cell: CellReading) -> Bool {
    guard cell.value != .null || cell.isContested || cell.sum != nil else { return false }
    return ![SystemField.at, SystemField.moved, Field.basis.number].contains(cell.key.field) && cell.field?.shape != .answers
  }

  private func value(_ cell: CellReading) throws -> String {
    if let sum = cell.sum { return String(sum) }
    guard cell.isContested else { return indented(try FieldText.text(cell, desk)) }
    let options = Conflicts.options(of: cell)
    return try options.enumerated().map { index, option in
      "\n    \(index + 1)  " + desk.output.user(try FieldText.text(option.value, cell.field, desk))
    }.joined()
  }

  /// Later lines of a text stand under its first.
  private func indented(_ text: String) -> String {
    let lines = desk.output.userBlock(text).split(separator: "\n", omittingEmptySubsequences: false)
    return lines.count == 1 ? String(lines[0]) : lines.map { "\n    \($0)" }.joined()
  }

  private func hint() throws {
    let id = try desk.short(record.id)
    if let new = record.movedTo, !record.isVisible {
      desk.hint("mujawara show \(try desk.short(new)) (what it became in its new audience)")
    } else if !record.contested.isEmpty {
      desk.hint("mujawara resolve \(id) \(FieldText.name(record.contested[0])) 1")
    } else if !record.outlivedDeletions.isEmpty {
      desk.hint("mujawara resolve \(id) --keep, or --delete")
    }
  }
}

/// The changes of one record, oldest first.
struct RecordHistory {
  let record: Record
  /// Up to which it goes; nil for all of it.
  let moment: NamedMoment?
  let desk: Desk

  init(_ record: Record, at moment: NamedMoment? = nil, _ desk: Desk) {
    self.record = record
    self.moment = moment
    self.desk = desk
  }

  func print() throws {
    let names = try Kinds.Directory(desk.replica)
    for entry in try desk.replica.history(of: record.id) where moment?.horizon.covers(entry.dot) ?? true {
      guard case .content(let parts, let undoes) = entry.kind else { continue }
      for part in parts where part.record == record.id {
        try desk.context.isJSON ? emit(entry, part, names) : say(entry, part, undoes, names)
      }
    }
  }

  private func say(
    _ entry: HistoryEntry, _ part: RecordOperations, _ undoes: ChangeID?, _ names: Kinds.Directory
  ) throws {
    let output = desk.output
    let author = entry.author
    let time = author.wall.map { Times.local(seconds: $0) } ?? Times.local(author.stamp)
    let doubt = author.isClockDoubtful ? " (clock doubtful)" : ""
    let change = String(author.change.hex.prefix(10))
    let undo = undoes == nil ? "" : "  undo"
    output.print("\(change)  \(time)\(doubt)  \(output.user(names.author(author)))\(undo)")
    if part.isNew { output.print("  made") }
    for op in part.ops { if let line = try line(op) { output.print("  \(line)") } }
  }

  private func line(_ op: CRDT.Operation) throws -> String? {
    let field = record.field(op.cell.field)
    switch (op.cell.field, op.edit) {
    case (SystemField.kind, _): return nil
    case (SystemField.alive, .set(.bool(true))): return nil
    case (SystemField.alive, _): return "deleted"
    case (SystemField.at, .set(let value)):
      return try CRDT.Position(value).map { "placed in \(desk.output.user(try desk.reference($0.list)))" } ?? "taken out of its list"
    case (Field.basis.number, _): return nil
    case (SystemField.moved, .set(.reference(let id))): return "moved to \(desk.output.user(try desk.reference(id)))"
    case (_, .text(let edits)):
      return "\(desk.output.user(FieldText.name(op.cell, field))): \(TextWords.summary(of: edits))"
    case (_, .add(let delta)): return "\(desk.output.user(FieldText.name(op.cell, field))) \(delta < 0 ? "" : "+")\(delta)"
    case (_, .set(let value)):
      if field?.shape == .set, let key = op.cell.key {
        return "\(field?.name ?? "") \(value == .bool(true) ? "+" : "−") \(desk.output.user(Field.text(key)))"
      }
      return "\(desk.output.user(FieldText.name(op.cell, field))): \(desk.output.user(try FieldText.text(value, field, desk)))"
    }
  }

  private func emit(_ entry: HistoryEntry, _ part: RecordOperations, _ names: Kinds.Directory) throws {
    let edits = part.ops.filter { $0.cell.field != SystemField.kind }.map { op in
      JSONValue.object(
        [JSONMember("field", record.field(op.cell.field).map { .string($0.name) } ?? .int(Int64(op.cell.field)))]
          + (op.cell.key.map { [JSONMember("key", JSONValue($0))] } ?? []) + [Self.edit(op.edit)])
    }
    desk.context.emit(
      "history/1",
      [
        JSONMember("record", .string(ID16(record.id).hex)), JSONMember("change", .string(entry.author.change.hex)),
        JSONMember("by", .string(names.author(entry.author))), JSONMember("device", .string(entry.author.device.hex)),
        JSONMember("stamp", .int(Int64(entry.author.stamp))), JSONMember("wall", entry.author.wall.map(JSONValue.int) ?? .null),
        JSONMember("clock_doubtful", .bool(entry.author.isClockDoubtful)), JSONMember("new", .bool(part.isNew)),
        JSONMember("edits", .array(edits)),
      ])
  }

  private static func edit(_ edit: Edit) -> JSONMember {
    switch edit {
    case .set(let value): JSONMember("value", JSONValue(value))
    case .add(let delta): JSONMember("add", .int(delta))
    case .text(let edits): JSONMember("text", .array(edits.map(Self.step)))
    }
  }

  private static func step(_ edit: CRDT.TextEdit) -> JSONValue {
    switch edit {
    case .insert(let position, let text):
      .object([JSONMember("at", .int(Int64(position))), JSONMember("insert", .string(text))])
    case .delete(let position, let count):
      .object([JSONMember("at", .int(Int64(position))), JSONMember("delete", .int(Int64(count)))])
    }
  }
}

extension Record {
  /// The declared field of a number, common ones also where the kind is unknown.
  func field(_ number: UInt64) -> Field? {
    kind.map { $0.field(number) } ?? Kind.list.field(number).flatMap { $0.number < 16 ? $0 : nil }
  }
}
