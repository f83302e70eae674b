// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Kinds
import SyncEngine

struct RemoveRecord<N: Noun>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "rm", abstract: "Delete it; undo brings it back.",
      discussion: """
        A list goes with what stands in it, an item with those under it, an entry of the directory with its contact \
        points, a thing with its claims, a stock with its movements.
        """)
  }

  @Argument(help: "Short ids or titles.")
  var records: [String]

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let desk = try Desk(global)
    let found = try records.map { try desk.find($0, N.kinds) }
    var editor = RecordEditor()
    var along: [Record] = []
    for record in found {
      editor.delete(record)
      along += try belongings(of: record, desk)
    }
    along = along.filter { one in !found.contains { $0.id == one.id } }
    for record in along { editor.delete(record) }
    try desk.commit(editor)
    try say(found, along, desk)
  }

  private func belongings(of record: Record, _ desk: Desk) throws -> [Record] {
    switch record.kind {
    case .list, .item, .thing, .stock: try desk.replica.belongings(of: record)
    default: try desk.replica.contactPoints(of: record.id)
    }
  }

  private func say(_ found: [Record], _ along: [Record], _ desk: Desk) throws {
    if desk.context.isJSON { return try desk.report(try (found + along).map { try desk.fresh($0.id) }) }
    for record in found {
      desk.output.print("Deleted: \(SafeText.line(record.kindName)) \(try desk.short(record.id))  \(desk.output.user(desk.title(record)))")
    }
    if !along.isEmpty { desk.note("With it: \(Belongings.words(along)).") }
    desk.note("The network's other devices delete it when they hear of it; what was read stays read.")
    desk.hint("mujawara undo (brings it back) · mujawara sync")
  }
}
