// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Exchange
import Kinds
import SyncEngine

struct Redact: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take changes back for good, here and at every place that hears of it.",
    discussion: """
      Undo keeps what was written in the history; this deletes it. Every replica that hears of it drops what the \
      changes said, and shows what stood there before. It can't be undone. It doesn't reach who has read it, copied \
      it or never syncs again, nor bundles that lie on sticks and backups. You can take back what devices of your \
      own place wrote; an admin, what anybody wrote.
      """)

  @Argument(help: "The beginnings of the changes' ids, as log and show --history show them.")
  var changes: [String]

  @Flag(help: "Only say what would go.")
  var dryRun = false

  @Flag(help: "Don't ask.")
  var yes = false

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let desk = try Desk(global)
    let ids = try changes.map { try named($0, desk) }
    try ids.forEach { try say($0, desk) }
    if dryRun { return }
    if !yes, try !desk.context.prompt.confirms("This can't be undone. Take it back for good?", standard: false, flag: "--yes") {
      return desk.note("Nothing was changed.")
    }
    let made = try desk.replica.redact(ids)
    desk.nudge()
    try finish(ids, made, desk)
  }

  private func named(_ text: String, _ desk: Desk) throws -> ChangeID {
    let found = try desk.replica.changeIDs(hexPrefix: text)
    guard found.count < 2 else { throw Failure(.usage, "\(text) begins several changes: write more of it.") }
    guard let id = found.first else { throw Failure(.notFound, "There is no change \(text). The changes:  mujawara log") }
    return id
  }

  private func say(_ id: ChangeID, _ desk: Desk) throws {
    guard let entry = try desk.replica.entry(id), !desk.context.isJSON else { return }
    let names = try Kinds.Directory(desk.replica)
    let words = try ChangeWords(entry, desk).summary
    desk.output.print("\(id.hex.prefix(10))  \(Times.local(entry.author.stamp))  \(desk.output.user(names.author(entry.author)))  \(words)")
    guard case .content(let parts, _) = entry.kind, parts.contains(where: { $0.ops.contains(where: TextWords.isEdit) }) else { return }
    desk.note("It wrote in a note's text. What others wrote there after they had seen it may then stand elsewhere in the text, or not at all.")
  }

  private func finish(_ ids: [ChangeID], _ made: [ChangeID], _ desk: Desk) throws {
    guard desk.context.isJSON else {
      desk.output.print("Gone here. The others drop it when they hear of it; what was read or lies on sticks and backups stays.")
      return desk.hint("mujawara sync")
    }
    desk.context.emit(
      "redact/1",
      [
        JSONMember("redacted", .array(ids.map { .string($0.hex) })), JSONMember("changes", .array(made.map { .string($0.hex) })),
      ])
  }
}
