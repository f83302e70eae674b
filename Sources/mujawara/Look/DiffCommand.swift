// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Exchange
import Kinds
import SyncEngine

struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "What differs between two moments, with who wrote it.",
    discussion: """
      mujawara diff yesterday now                what was written since the end of yesterday
      mujawara diff 2026-11-01 2026-11-08        … in the week after 1 November
      mujawara diff c81f20aa93^ c81f20aa93       what one change did

      A moment is a time (a day is taken whole), now, or the beginning of a change's id: when it had been written, \
      or with ^ before.
      """)

  @Argument(help: "Two moments, the earlier first.")
  var moments: [String]

  @Option(help: ArgumentHelp("Only records of this kind. May be given several times.", valueName: "kind"))
  var kind: [String] = []

  @Option(help: ArgumentHelp("Only this record, deleted or not.", valueName: "record"))
  var record: String?

  @OptionGroup var global: GlobalOptions

  func run() throws {
    guard moments.count == 2 else { throw Failure(.usage, "Say between which two moments: mujawara diff yesterday now") }
    let desk = try Desk(global)
    let reader = MomentReader(desk)
    let (one, other) = (try reader.moment(moments[0]), try reader.moment(moments[1]))
    guard !one.horizon.spaces.isDisjoint(with: other.horizon.spaces) else {
      throw Failure(.usage, "The two changes are in different audiences: nothing can be compared.")
    }
    let changes = try wanted(try desk.replica.differences(from: one.horizon, to: other.horizon), desk)
    let page = try DiffPage(desk)
    if !desk.context.isJSON { desk.note("From \(one.words) to \(other.words):") }
    for change in changes { try desk.context.isJSON ? page.emit(change) : page.say(change) }
    if changes.isEmpty { desk.note("Nothing differs.") }
  }

  private func wanted(_ differences: [RecordDifference], _ desk: Desk) throws -> [RecordChange] {
    let kinds = Set(try kind.map(KindName.value))
    let id = try record.map { try (desk.one($0, isGoneToo: true) ?? desk.gone($0) ?? desk.find($0)).id }
    let changes = try differences.filter { id == nil || $0.id == id }
      .compactMap { try RecordChange($0, in: desk.replica) }
      .filter { kinds.isEmpty || kinds.contains($0.record.view.kind) }
    let keyed = changes.map { (key: "\($0.record.kindName) \(SearchText.folded(desk.title($0.record)))", change: $0) }
    return keyed.sorted { ($0.key, $0.change.record.id) < ($1.key, $1.change.record.id) }.map(\.change)
  }
}

/// What became of records between two moments.
struct DiffPage {
  private let desk: Desk
  private let words: AuthorWords

  init(_ desk: Desk) throws {
    self.desk = desk
    words = try AuthorWords(desk)
  }

  func say(_ change: RecordChange) throws {
    let (record, output) = (change.record, desk.output)
    let deed = change.deed == .changed ? "" : "  \(change.deed.rawValue)\(try existence(change).map { " by \(words.text($0))" } ?? "")"
    output.print("\(SafeText.line(record.kindName)) \(output.styled(try desk.short(record.id), .cyan))  \(output.styled(output.user(desk.title(record)), .bold))\(deed)")
    if change.deed == .deleted, change.cells.isEmpty { return }
    for cell in change.cells where ![SystemField.moved, Field.basis.number].contains(cell.key.field) {
      output.print("  \(try line(cell, of: record))")
    }
    for text in change.texts {
      let steps = CRDT.TextEdit.difference(from: text.before, to: text.after)
      output.print("  \(output.user(FieldText.name(text.name, record.proseField(text.name)))): \(TextWords.summary(of: steps))")
    }
  }

  /// Who last said that the record is there, or isn't.
  private func existence(_ change: RecordChange) throws -> Authorship? {
    guard let record = change.after else { return nil }
    let alive = record.system(by: desk.replica.history).first { $0.key.field == SystemField.alive }
    return try alive?.writer.map { try desk.replica.authorship(of: $0.op.dot) }
  }

  private func line(_ cell: CellDifference, of record: Record) throws -> String {
    let output = desk.output
    let by = try author(cell).map { "      \(words.text($0))" } ?? ""
    if cell.field?.shape == .set, let key = cell.key.key {
      return "\(cell.field?.name ?? "") \(cell.after?.value == .bool(true) ? "+" : "−") \(output.user(Field.text(key)))\(by)"
    }
    let name = output.user(FieldText.name(cell.key, cell.field))
    if cell.key.field == SystemField.at { return "\(name): \(try place(cell.before)) → \(try place(cell.after))\(by)" }
    return "\(name): \(try text(cell.before)) → \(try text(cell.after))\(by)"
  }

  private func text(_ cell: CellReading?) throws -> String {
    guard let cell else { return "(nothing)" }
    if let sum = cell.sum { return String(sum) }
    guard cell.isContested else { return desk.output.user(try FieldText.text(cell.value, cell.field, desk)) }
    let answers = try Conflicts.options(of: cell).map { desk.output.user(try FieldText.text($0.value, cell.field, desk)) }
    return "several answers: \(answers.joined(separator: "; "))"
  }

  /// An order key says nothing to people: the list does.
  private func place(_ cell: CellReading?) throws -> String {
    guard let list = cell.flatMap({ Position($0.value)?.list }) else { return "(no list)" }
    return "in \(desk.output.user(try desk.reference(list)))"
  }

  private func author(_ cell: CellDifference) throws -> Authorship? {
    try cell.after?.writer.map { try desk.replica.authorship(of: $0.op.dot) }
  }

  func emit(_ change: RecordChange) throws {
    let record = change.record
    desk.context.emit(
      "difference/1",
      [
        JSONMember("record", .string(ID16(record.id).hex)), JSONMember("kind", .string(record.kindName)),
        JSONMember("title", desk.titleJSON(record)), JSONMember("did", .string(change.deed.rawValue)),
        JSONMember("edits", .array(try change.cells.map { try edit($0, of: record) } + change.texts.map { edit($0, of: record) })),
      ])
  }

  private func edit(_ text: (name: CellKey, before: String, after: String), of record: Record) -> JSONValue {
    .object(
      FieldJSON.members(text.name, of: record)
        + [JSONMember("before", .string(text.before)), JSONMember("after", .string(text.after))])
  }

  private func edit(_ cell: CellDifference, of record: Record) throws -> JSONValue {
    .object(
      FieldJSON.members(cell.key, of: record)
        + [JSONMember("before", FieldJSON.value(cell.before)), JSONMember("after", FieldJSON.value(cell.after))]
        + (try author(cell).map(words.members) ?? []))
  }
}
