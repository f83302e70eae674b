// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Kinds
import SyncEngine

/// Steps in the life of needs, offers and items.
enum States {
  /// Writes the same changes on each named record, in one transaction, and tells how they stand.
  static func change(
    _ names: [String], _ kind: Kind, _ changes: [FieldChange], _ desk: Desk, next: String? = nil,
    unless refusal: (Record) throws -> Failure? = { _ in nil }
  ) throws {
    var editor = RecordEditor()
    var ids: [RecordID] = []
    for name in names {
      let record = try desk.find(name, [kind])
      if let failure = try refusal(record) { throw failure }
      let writer = FieldWriter(desk: desk, kind: kind)
      try writer.apply(changes, to: editor.edit(record), of: record, in: &editor)
      ids.append(record.id)
    }
    try desk.commit(editor)
    try desk.report(try ids.map(desk.fresh), next: next ?? "mujawara undo · mujawara sync")
  }

  /// The field that names who promised, or whom.
  static func partner(_ kind: Kind) -> String { kind == .offer ? "promised_to" : "promised_by" }
}

struct PromiseRecord<N: Noun>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "promise", abstract: N.word == "offer" ? "Say whom it is promised to." : "Say who sees to it.")
  }

  @Argument(help: "Its short id or title.")
  var record: String

  @Option(name: N.word == "offer" ? .customLong("to") : .customLong("by"), help: "Who: a name or an alias.")
  var who: String?

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let desk = try Desk(global)
    let kind = N.kinds[0]
    let flag = kind == .offer ? "--to" : "--by"
    let found = try desk.find(record, [kind])
    if let failure = try taken(found, kind, desk) { throw failure }
    let name = try who ?? desk.context.prompt.line(kind == .offer ? "Promised to whom?" : "Promised by whom?", flag: flag)
    guard !name.isEmpty else { throw Failure(.usage, "Say who: give \(flag).") }
    let id = try desk.short(found.id)
    try States.change(
      [id], kind,
      [.set(name: "state", text: "promised"), .set(name: States.partner(kind), text: name)], desk,
      next: "mujawara \(N.word) done \(id) · mujawara sync")
  }

  /// What is promised once isn't promised again by mistake; what can't be used up may be.
  private func taken(_ record: Record, _ kind: Kind, _ desk: Desk) throws -> Failure? {
    let state = record.text("state") ?? "open"
    guard state != "open", record.value("inexhaustible") != .bool(true) else { return nil }
    let who = record.text(States.partner(kind)).map { " (\($0))" } ?? ""
    let id = try desk.short(record.id)
    return Failure(.usage, "\(desk.title(record)) is \(state) already\(who). Nothing was changed. To open it again:  mujawara \(N.word) reopen \(id)")
  }
}

struct FinishRecord<N: Noun>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "done", abstract: "Say that it is done.")
  }

  @Argument(help: "Short ids or titles.")
  var records: [String]

  @Option(help: "Who did it: a name or an alias.")
  var by: String?

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let desk = try Desk(global)
    let kind = N.kinds[0]
    var changes = [FieldChange.set(name: "state", text: "done")]
    if kind == .item { changes.append(.set(name: "done_at", text: desk.today.iso)) }
    let field = kind == .item ? "done_by" : kind == .need ? "handled_by" : "promised_to"
    changes += FieldChange.given((field, by))
    try States.change(records, kind, changes, desk)
  }
}

struct WithdrawRecord<N: Noun>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "withdraw", abstract: "Take it back, without deleting it.")
  }

  @Argument(help: "Short ids or titles.")
  var records: [String]

  @Option(help: "Of a need, why: duplicate, passed-on, unreachable or outside-area.")
  var reason: String?

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let desk = try Desk(global)
    let kind = N.kinds[0]
    guard kind == .need || reason == nil else { throw Failure(.usage, "A reason is for needs only.") }
    let changes = [.set(name: "state", text: "withdrawn")] + FieldChange.given(("closing", reason))
    try States.change(records, kind, changes, desk)
  }
}

struct ReopenRecord<N: Noun>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "reopen", abstract: "Open it again; promises on it are taken away.")
  }

  @Argument(help: "Short ids or titles.")
  var records: [String]

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let desk = try Desk(global)
    let kind = N.kinds[0]
    let changes: [FieldChange] =
      kind == .item
      ? [.set(name: "state", text: "todo"), .unset(name: "done_at"), .unset(name: "done_by")]
      : [.set(name: "state", text: "open"), .unset(name: States.partner(kind))]
        + (kind == .need ? [.unset(name: "closing")] : [])
    try States.change(records, kind, changes, desk)
  }
}
