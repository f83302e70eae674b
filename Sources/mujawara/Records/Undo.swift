// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Exchange
import Kinds
import SyncEngine

struct Undo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take your last change back, or one that you name.",
    discussion: """
      It writes a change that puts back what was there, so that the others hear of it; undo of an undo does it \
      again. What somebody has changed since stays, and is named.
      """)

  @Argument(help: "The beginning of a change's id, as log shows it.")
  var change: String?

  @Flag(help: "Only say what would be done.")
  var dryRun = false

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let desk = try Desk(global)
    guard let id = try change.map({ try named($0, desk) }) ?? last(desk) else {
      return desk.note("This device has changed nothing that could be undone.")
    }
    let steps = try UndoSteps(id, desk)
    try steps.say()
    if !dryRun { try steps.write() }
  }

  /// The names that this place and device gave themselves on the way in are no change that people think of.
  private func last(_ desk: Desk) throws -> ChangeID? {
    guard let id = try desk.replica.lastOwnChange() else { return nil }
    guard let entry = try desk.replica.entry(id), case .content(let parts, _) = entry.kind else { return id }
    let profiles = try [desk.replica.placeID(), desk.replica.deviceID].compactMap { $0.map { RecordID($0) } }
    return parts.allSatisfy { profiles.contains($0.record) } ? nil : id
  }

  private func named(_ text: String, _ desk: Desk) throws -> ChangeID {
    let found = try desk.replica.changeIDs(hexPrefix: text)
    guard found.count < 2 else { throw Failure(.usage, "\(text) begins several changes: write more of it.") }
    guard let id = found.first else { throw Failure(.notFound, "There is no change \(text). The changes:  mujawara log") }
    return id
  }
}

/// What undoing a change takes: one compensation, or two where a record had moved to another audience.
struct UndoSteps {
  private let steps: [Compensation]
  private let desk: Desk

  init(_ id: ChangeID, _ desk: Desk) throws {
    self.desk = desk
    steps = try AudienceHistory(desk).group(of: id).map { id in
      guard let step = try desk.replica.compensation(for: id) else {
        throw Failure(.notFound, "That change isn't one of records, or can't be read here.")
      }
      return step
    }
  }

  /// What was there is put back before what took its place goes.
  func write() throws {
    for step in steps where !step.entries.isEmpty {
      let changes = ([step.entries] + step.more).map { (space: step.space, entries: $0) }
      try desk.replica.commit(changes, undoes: step.undoes, upon: step.texts)
    }
    guard steps.contains(where: { !$0.entries.isEmpty }) else { return }
    desk.nudge()
    desk.hint("mujawara undo (does it again) · mujawara sync")
  }

  func say() throws {
    for step in steps { try desk.context.isJSON ? emit(step) : say(step) }
    if steps.allSatisfy(\.entries.isEmpty) { desk.note("There is nothing left of it to take back.") }
  }

  private func say(_ step: Compensation) throws {
    let names = try Kinds.Directory(desk.replica)
    if let entry = try desk.replica.entry(step.undoes) {
      let time = entry.author.wall.map { Times.local(seconds: $0) } ?? Times.local(entry.author.stamp)
      desk.output.print("Takes back change \(step.undoes.hex.prefix(10)), \(time), \(desk.output.user(names.author(entry.author)))")
    }
    for (record, cells) in try Self.differences(step, desk) {
      desk.output.print("  \(SafeText.line(record.kindName)) \(try desk.short(record.id))  \(desk.output.user(desk.title(record)))")
      for (cell, value) in cells { desk.output.print("    \(try line(record, cell, value))") }
    }
    for text in step.texts {
      guard let record = try desk.replica.read(text.record) else { continue }
      let name = FieldText.name(text.name, record.proseField(text.name))
      desk.output.print("    \(desk.output.user(name)): \(TextWords.summary(of: step.edits(of: text)))")
    }
    for (id, cell, writers) in step.kept { desk.output.print("  \(try kept(id, cell, writers, names))") }
  }

  private func line(_ record: Record, _ cell: CellKey, _ value: Value) throws -> String {
    let field = record.field(cell.field)
    if cell.field == SystemField.alive { return value == .bool(true) ? "comes back" : "goes" }
    if field?.shape == .set, let key = cell.key {
      return "\(field?.name ?? "") \(value == .bool(true) ? "+" : "−") \(desk.output.user(Field.text(key)))"
    }
    if cell.field == SystemField.at || cell.field == SystemField.moved { return "\(field?.name ?? "at"): as before" }
    let before = try FieldText.text(record.cell(cell.field, key: cell.key)?.value ?? .null, field, desk)
    let after = try FieldText.text(value, field, desk)
    return "\(desk.output.user(FieldText.name(cell, field))): \(desk.output.user(before)) → \(desk.output.user(after))"
  }

  private func kept(_ id: RecordID, _ cell: CellKey, _ writers: [OpID], _ names: Kinds.Directory) throws -> String {
    let record = try desk.replica.read(id)
    let who = try writers.map { names.author(try desk.replica.authorship(of: $0.dot)) }
    let by = who.isEmpty ? "" : " by \(Set(who).sorted().joined(separator: "; "))"
    let name = FieldText.name(cell, record?.field(cell.field))
    return "kept: \(try desk.short(id)) \(desk.output.user(name)), written since\(desk.output.user(by))"
  }

  /// What a compensation sets, by record, in the order of its fields; of a record that comes or goes, that alone.
  private static func differences(_ step: Compensation, _ desk: Desk) throws -> [(Record, [(CellKey, Value)])] {
    try step.entries.compactMap { entry in
      guard case .existing(let id) = entry.ref, let record = try desk.replica.read(id) else { return nil }
      let cells = entry.fields.flatMap { field in field.edits.compactMap { cell(field.field, $0, record) } }
      let existence = cells.filter { $0.0.field == SystemField.alive }
      let hidden = [SystemField.kind, Field.basis.number]
      return (record, existence.isEmpty ? cells.filter { !hidden.contains($0.0.field) } : existence)
    }
  }

  private static func cell(_ field: UInt64, _ edit: WireEdit, _ record: Record) -> (CellKey, Value)? {
    switch edit {
    case .set(.value(let value)): return (CellKey(field: field), value)
    case .setKey(.value(let key), .value(let value)): return (CellKey(field: field, key: key), value)
    case .add(let delta):
      let now = record.cell(field)?.sum ?? 0
      return (CellKey(field: field), .int(now &+ delta))
    case .addKey(.value(let key), let delta):
      let now = record.cell(field, key: key)?.sum ?? 0
      return (CellKey(field: field, key: key), .int(now &+ delta))
    default: return nil
    }
  }

  private func emit(_ step: Compensation) throws {
    let edits = try Self.differences(step, desk).flatMap { record, cells in
      cells.map { cell, value in
        JSONValue.object(
          [
            JSONMember("record", .string(ID16(record.id).hex)),
            JSONMember("field", record.field(cell.field).map { .string($0.name) } ?? .int(Int64(cell.field))),
          ] + (cell.key.map { [JSONMember("key", JSONValue($0))] } ?? [])
            + [
              JSONMember("before", JSONValue(record.cell(cell.field, key: cell.key)?.value ?? .null)),
              JSONMember("after", JSONValue(value)),
            ])
      }
    }
    let texts = try step.texts.map { text in
      let field = try desk.replica.read(text.record)?.proseField(text.name)
      return JSONValue.object(
        [
          JSONMember("record", .string(ID16(text.record).hex)),
          JSONMember("field", field.map { .string($0.name) } ?? .int(Int64(text.name.field))),
        ] + (text.name.key.map { [JSONMember("key", JSONValue($0))] } ?? [])
          + [
            JSONMember("before", .string(text.text)),
            JSONMember("after", .string(try CRDT.TextEdit.apply(step.edits(of: text), to: text.text))),
          ])
    }
    let kept = try step.kept.map { id, cell, _ in
      let field = try desk.replica.read(id)?.field(cell.field)
      return JSONValue.object(
        [
          JSONMember("record", .string(ID16(id).hex)),
          JSONMember("field", field.map { .string($0.name) } ?? .int(Int64(cell.field))),
        ]
          + (cell.key.map { [JSONMember("key", JSONValue($0))] } ?? []))
    }
    desk.context.emit(
      "undo/1",
      [
        JSONMember("undoes", .string(step.undoes.hex)), JSONMember("edits", .array(edits + texts)),
        JSONMember("kept", .array(kept)),
      ])
  }
}
