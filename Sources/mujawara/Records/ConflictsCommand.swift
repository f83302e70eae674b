// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Exchange
import Kinds
import SyncEngine

struct ConflictsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conflicts", abstract: "What several people answered differently, or claimed, at once.",
    discussion: "A conflict is no error: all answers are kept until somebody chooses, at any time.")

  @Flag(help: "Exit with 3 if there is any.")
  var exitCode = false

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let desk = try Desk(global)
    let conflicts = try Conflicts(in: desk.replica)
    let page = try ConflictPage(desk)
    for choice in conflicts.choices { try desk.context.isJSON ? page.emit(choice) : page.say(choice) }
    for record in conflicts.revived { try desk.context.isJSON ? page.emit(revived: record) : page.say(revived: record) }
    let late = LateEditing(desk)
    let waiting = try late.all
    for edits in waiting { try desk.context.isJSON ? late.emit(edits) : late.say(edits) }
    let items = try late.items
    for one in items { try desk.context.isJSON ? late.emit(one) : late.say(one) }
    let contests = try Contests(desk)
    try desk.context.isJSON ? contests.emit() : contests.print()
    let count =
      conflicts.choices.count + conflicts.revived.count + waiting.count + items.count + contests.count
    if count == 0 { desk.note("No conflicts.") }
    if exitCode, count > 0 { throw Failure(.partly, "\(SessionWords.plural(count, "conflict")) to settle: waiting for somebody to choose.") }
  }
}

/// Conflicts with who said what, and when.
struct ConflictPage {
  private let desk: Desk
  private let names: Kinds.Directory

  init(_ desk: Desk) throws {
    self.desk = desk
    names = try Kinds.Directory(desk.replica)
  }

  func say(_ choice: Conflicts.Choice) throws {
    let output = desk.output
    let id = try desk.short(choice.record.id)
    let name = FieldText.name(choice.cell)
    output.print("\(output.styled(id, .cyan))  \(output.user(desk.title(choice.record))), field \(output.user(name))")
    for (index, option) in choice.options.enumerated() {
      let text = try FieldText.text(option.value, choice.cell.field, desk)
      output.print("  \(index + 1)  \(output.user(text))      \(try option.writers.map(who).joined(separator: "; "))")
    }
    desk.hint("mujawara resolve \(id) \(SafeText.line(name)) 1")
  }

  func say(revived record: Record) throws {
    let id = try desk.short(record.id)
    desk.output.print("\(desk.output.styled(id, .cyan))  \(desk.output.user(desk.title(record))), deleted while it was edited: it is kept until somebody decides")
    for deletion in record.outlivedDeletions {
      desk.output.print("  deleted by \(try who(Head(op: deletion, value: .bool(false))))")
    }
    desk.hint("mujawara resolve \(id) --keep, or --delete")
  }

  private func who(_ head: Head) throws -> String {
    let author = try desk.replica.authorship(of: head.op.dot)
    let time = author.wall.map { Times.local(seconds: $0) } ?? Times.local(author.stamp)
    return "\(desk.output.user(names.author(author))) \(time)\(author.isClockDoubtful ? " (clock doubtful)" : "")"
  }

  func emit(_ choice: Conflicts.Choice) throws {
    let options = try choice.options.map { option in
      JSONValue.object([
        JSONMember("value", JSONValue(option.value)),
        JSONMember("writers", .array(try option.writers.map { try writer($0.op) })),
      ])
    }
    desk.context.emit(
      "conflict/1",
      [
        JSONMember("record", .string(ID16(choice.record.id).hex)), JSONMember("kind", .string(choice.record.kindName)),
        JSONMember("title", desk.titleJSON(choice.record)),
        JSONMember("field", .string(FieldText.name(choice.cell))), JSONMember("answers", .array(options)),
      ])
  }

  func emit(revived record: Record) throws {
    desk.context.emit(
      "conflict/1",
      [
        JSONMember("record", .string(ID16(record.id).hex)), JSONMember("kind", .string(record.kindName)),
        JSONMember("title", desk.titleJSON(record)), JSONMember("field", "alive"),
        JSONMember(
          "answers",
          [
            .object([JSONMember("value", true), JSONMember("writers", [])]),
            .object([
              JSONMember("value", false),
              JSONMember("writers", .array(try record.outlivedDeletions.map(writer))),
            ]),
          ]),
      ])
  }

  private func writer(_ op: OpID) throws -> JSONValue {
    let author = try desk.replica.authorship(of: op.dot)
    return .object([
      JSONMember("by", .string(names.author(author))), JSONMember("device", .string(author.device.hex)),
      JSONMember("change", .string(author.change.hex)), JSONMember("stamp", .int(Int64(author.stamp))),
      JSONMember("clock_doubtful", .bool(author.isClockDoubtful)),
    ])
  }
}

struct Resolve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Choose one of several answers.",
    discussion: """
      mujawara resolve b4nz place 2      the second answer that conflicts lists
      mujawara resolve b4nz --keep       what was deleted and edited at once stays; --delete lets it go
      mujawara resolve b4nz --carry      what was edited, or put in, where it was before it moved; --leave lets it be
      """)

  @Argument(help: "The record's short id or title.")
  var record: String

  @Argument(help: "The field, as conflicts names it.")
  var field: String?

  @Argument(help: "The number of the answer.")
  var number: Int?

  @Flag(help: "Keep what was deleted and edited at once.")
  var keep = false

  @Flag(help: "Delete what was deleted and edited at once.")
  var delete = false

  @Flag(help: "Take over what was edited where the record was before it moved to another audience, or put into it there.")
  var carry = false

  @Flag(help: "Leave it where it is.")
  var leave = false

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let ways = [keep, delete, carry, leave, field != nil].count { $0 }
    guard ways < 2 else { throw Failure(.usage, "Say one of: a field and a number, --keep, --delete, --carry, --leave.") }
    let desk = try Desk(global)
    let found = try desk.find(record)
    if carry || leave { try LateEditing(desk).settle(found, carrying: carry) } else { try choose(found, desk) }
    try desk.report([try desk.fresh(found.id)], next: "mujawara conflicts · mujawara sync")
  }

  private func choose(_ found: Record, _ desk: Desk) throws {
    var editor = RecordEditor()
    if keep || delete {
      guard !found.outlivedDeletions.isEmpty else { throw ResolveError.notContested }
      editor.resolve(found, keeping: keep)
    } else {
      let cell = try cell(of: found)
      try editor.resolve(found, cell.key, choice: try choice(of: cell, desk))
    }
    try desk.commit(editor)
  }

  private func cell(of found: Record) throws -> CellReading {
    let contested = found.contested
    let names = contested.map(FieldText.name)
    if !found.outlivedDeletions.isEmpty, field == "alive" || contested.isEmpty {
      throw Failure(.usage, "It was deleted while it was edited: say --keep or --delete.")
    }
    guard let field else {
      guard contested.count == 1 else { throw Failure(.usage, "Say which field: \(names.joined(separator: ", ")).") }
      return contested[0]
    }
    guard let index = names.firstIndex(of: field) else { throw ResolveError.notContested }
    return contested[index]
  }

  private func choice(of cell: CellReading, _ desk: Desk) throws -> Int {
    if let number { return number }
    for (index, option) in Conflicts.options(of: cell).enumerated() {
      desk.note("  \(index + 1)  \(desk.output.user(try FieldText.text(option.value, cell.field, desk)))")
    }
    let answer = try desk.context.prompt.line("Which one?", flag: "the number, after the field")
    guard let number = Int(answer) else { throw Failure(.usage, "\(answer) is no number. Nothing was changed.") }
    return number
  }
}
