// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Kinds
import SyncEngine

extension ListCommand {
  struct Move: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Put a list under another, or back to the top.")

    @Argument(help: "Its short id or title.")
    var record: String

    @Option(help: ArgumentHelp("Under this list, after those that are there.", valueName: "list"))
    var under: String?

    @Flag(help: "Under none.")
    var top = false

    @OptionGroup var global: GlobalOptions

    func run() throws {
      guard top != (under != nil) else { throw Failure(.usage, "Say where to: --under LIST or --top.") }
      let desk = try Desk(global)
      let list = try desk.find(record, [.list])
      var editor = RecordEditor()
      if let under {
        let parent = try desk.find(under, [.list])
        try Nests.check(list, under: parent, desk)
        editor.place(list, in: try ItemList(parent.id, of: .list, in: desk.replica), .end)
      } else if list.position != nil {
        editor.unset(editor.edit(list), CellKey(field: SystemField.at))
      }
      try desk.commit(editor)
      try desk.report([try desk.fresh(list.id)], next: "mujawara undo · mujawara sync")
    }
  }
}

/// What may stand under what.
enum Nests {
  /// Nothing stands under itself, and what stands together is read by the same people.
  static func check(_ record: Record, under parent: Record, _ desk: Desk) throws {
    guard try !desk.replica.wouldNest(record.id, under: parent.id) else {
      throw Failure(.usage, "\(desk.title(record)) would stand under itself. Nothing was changed.")
    }
    guard record.kind == .list, Audience.privacy(of: record, in: desk.replica) != Audience.privacy(of: parent, in: desk.replica) else { return }
    throw Failure(.usage, "Lists under a list are read by those who read it. First:  mujawara list edit \(try desk.short(record.id)) --privacy …")
  }
}
