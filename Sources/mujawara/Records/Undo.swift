// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Exchange
import Kinds
import SyncEngine

struct Undo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take your last change back, the last few, or one that you name.",
    discussion: """
      mujawara undo                      the last change of this device
      mujawara undo 3                    the last three, newest first: all is as it was before them
      mujawara undo --change c81f20aa93  that one, and none since

      It writes changes that put back what was there, so that the others hear of it; undo of an undo does it \
      again. What somebody else has changed since stays, and is named.
      """)

  private static let most = 999

  @Argument(help: ArgumentHelp("How many, up to 999; or the beginning of a change's id, as log shows it.", valueName: "n"))
  var number: String?

  @Option(help: ArgumentHelp("One change of this device, by the beginning of its id.", valueName: "id"))
  var change: String?

  @Flag(help: "Only say what would be done.")
  var dryRun = false

  @OptionGroup var global: GlobalOptions

  func run() throws {
    guard number == nil || change == nil else { throw Failure(.usage, "Say how many changes, or which one, not both.") }
    let desk = try Desk(global)
    let ids = try wanted(desk)
    guard !ids.isEmpty else { return desk.note("This device has changed nothing that could be undone.") }
    let done = try desk.replica.undo(ids, isDry: dryRun)
    guard !done.isEmpty else { throw Failure(.notFound, "That change isn't one of records, or can't be read here.") }
    let page = try UndoPage(desk)
    for compensation in done { try desk.context.isJSON ? page.emit(compensation) : page.say(compensation) }
    if done.allSatisfy(\.isEmpty) { return desk.note("There is nothing left of it to take back.") }
    if dryRun { return desk.note("Nothing was written.") }
    desk.nudge()
    desk.hint("mujawara undo\(ids.count > 1 ? " \(ids.count)" : "") (does it again) · mujawara sync")
  }

  private func wanted(_ desk: Desk) throws -> [ChangeID] {
    if let change { return [try own(change, desk)] }
    guard let number else { return try desk.replica.lastOwnChanges(1) }
    guard number.utf8.count <= 3, let count = Int(number) else { return [try own(number, desk)] }
    guard 1...Self.most ~= count else { throw Failure(.usage, "undo takes 1 to \(Self.most) changes back at a time.") }
    let ids = try desk.replica.lastOwnChanges(count)
    if !ids.isEmpty, ids.count < count {
      throw Failure(.usage, "This device has made \(SessionWords.plural(ids.count, "change")), not \(count). Nothing was changed.")
    }
    return ids
  }

  /// A change by others is edited over, not taken back: their devices alone speak for them.
  private func own(_ text: String, _ desk: Desk) throws -> ChangeID {
    let id = try ChangeName(desk).must(text)
    if let author = try desk.replica.entry(id)?.author, author.device != desk.replica.deviceID {
      let who = try AuthorWords(desk).name(author)
      throw Failure(.usage, "That change is by \(who), and undo takes back this device's own. To change what it wrote, edit the record. Nothing was changed.")
    }
    return id
  }
}

/// What was taken back, with what stood there and what stands there now.
struct UndoPage {
  private let desk: Desk
  private let words: AuthorWords

  init(_ desk: Desk) throws {
    self.desk = desk
    words = try AuthorWords(desk)
  }

  func say(_ compensation: Compensation) throws {
    let output = desk.output
    if let entry = try desk.replica.entry(compensation.undoes) {
      output.print("Takes back change \(compensation.undoes.hex.prefix(10)), \(words.text(entry.author))")
    }
    for (record, steps) in try shown(compensation) {
      output.print("  \(SafeText.line(record.kindName)) \(try desk.short(record.id))  \(output.user(desk.title(record)))")
      for step in steps { output.print("    \(try line(record, step))") }
    }
    for text in compensation.texts {
      guard let record = try desk.replica.read(text.record) else { continue }
      let name = FieldText.name(text.name, record.proseField(text.name))
      output.print("  \(try desk.short(record.id)) \(output.user(name)): \(TextWords.summary(of: compensation.edits(of: text)))")
    }
    for kept in compensation.kept { output.print("  \(try line(kept))") }
  }

  /// By record, in the order of its fields; of a record that comes or goes, that alone.
  private func shown(_ compensation: Compensation) throws -> [(record: Record, steps: [Compensation.Step])] {
    let ids = compensation.steps.map(\.record).reduce(into: [RecordID]()) { if $0.last != $1 { $0.append($1) } }
    return try ids.compactMap { id in
      guard let record = try desk.replica.read(id) else { return nil }
      let steps = compensation.steps.filter { $0.record == id }.sorted { $0.cell < $1.cell }
      let existence = steps.filter { $0.cell.field == SystemField.alive }
      let hidden = [SystemField.kind, Field.basis.number]
      return (record, existence.isEmpty ? steps.filter { !hidden.contains($0.cell.field) } : existence)
    }
  }

  private func line(_ record: Record, _ step: Compensation.Step) throws -> String {
    let (output, field) = (desk.output, record.field(step.cell.field))
    if step.cell.field == SystemField.alive { return step.after == .bool(true) ? "comes back" : "goes" }
    if field?.shape == .set, let key = step.cell.key {
      return "\(field?.name ?? "") \(step.after == .bool(true) ? "+" : "−") \(output.user(Field.text(key)))"
    }
    if step.cell.field == SystemField.at || step.cell.field == SystemField.moved { return "\(field?.name ?? "at"): as before" }
    let before = try FieldText.text(step.before, field, desk)
    let after = try FieldText.text(step.after, field, desk)
    let lost = try step.lost.map { output.user(try FieldText.text($0, field, desk)) }
    let beside = lost.isEmpty ? "" : " (stood there too: \(lost.joined(separator: "; ")))"
    return "\(output.user(FieldText.name(step.cell, field))): \(output.user(before)) → \(output.user(after))\(beside)"
  }

  private func line(_ kept: Compensation.Kept) throws -> String {
    let writers = try authors(of: kept)
    let by = writers.isEmpty ? "" : " by \(writers.map(desk.output.user).joined(separator: "; "))"
    guard let cell = kept.cell else { return "kept: \(try desk.short(kept.record)), worked on since\(by)" }
    if cell.field == SystemField.alive { return "kept: \(try desk.short(kept.record)), deleted or kept since\(by)" }
    let name = FieldText.name(cell, try desk.replica.read(kept.record)?.field(cell.field))
    return "kept: \(try desk.short(kept.record)) \(desk.output.user(name)), written since\(by)"
  }

  private func authors(of kept: Compensation.Kept) throws -> [String] {
    Set(try kept.writers.map { words.name(try desk.replica.authorship(of: $0.dot)) }).sorted()
  }

  func emit(_ compensation: Compensation) throws {
    let edits = try shown(compensation).flatMap { record, steps in steps.map { edit($0, of: record) } }
    let kept = try compensation.kept.map { kept in
      let field = try desk.replica.read(kept.record)
      return JSONValue.object(
        [JSONMember("record", .string(ID16(kept.record).hex))]
          + (kept.cell.map { FieldJSON.members($0, of: field) } ?? [JSONMember("field", .null)])
          + [JSONMember("by", .array(try authors(of: kept).map(JSONValue.string)))])
    }
    desk.context.emit(
      "undo/1",
      [
        JSONMember("undoes", .string(compensation.undoes.hex)),
        JSONMember("edits", .array(try edits + compensation.texts.map { try edit($0, compensation) })),
        JSONMember("kept", .array(kept)),
        JSONMember("changes", .array(compensation.changes.map { .string($0.hex) })),
      ])
  }

  private func edit(_ text: TextVersion, _ compensation: Compensation) throws -> JSONValue {
    let field = try desk.replica.read(text.record)?.proseField(text.name)
    return .object(
      [
        JSONMember("record", .string(ID16(text.record).hex)),
        JSONMember("field", field.map { .string($0.name) } ?? .int(Int64(text.name.field))),
      ] + (text.name.key.map { [JSONMember("key", JSONValue($0))] } ?? [])
        + [
          JSONMember("before", .string(text.text)),
          JSONMember("after", .string(try CRDT.TextEdit.apply(compensation.edits(of: text), to: text.text))),
        ])
  }

  private func edit(_ step: Compensation.Step, of record: Record) -> JSONValue {
    .object(
      [JSONMember("record", .string(ID16(record.id).hex))] + FieldJSON.members(step.cell, of: record)
        + [JSONMember("before", JSONValue(step.before)), JSONMember("after", JSONValue(step.after))]
        + (step.lost.isEmpty ? [] : [JSONMember("lost", .array(step.lost.map { JSONValue($0) }))]))
  }
}
