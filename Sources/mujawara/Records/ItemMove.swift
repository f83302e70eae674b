// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Kinds
import SyncEngine

extension ItemCommand {
  struct Move: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Put it elsewhere in its list, into another, or under an item; what stands under it goes along.",
      discussion: """
        mujawara item move 7tqr --up · --down · --first · --last · --before ITEM · --after ITEM
        mujawara item move 7tqr --to LIST, or --under ITEM, with --first, --before ITEM or --after ITEM for where
        """)

    @Argument(help: "Its short id or title.")
    var record: String

    @Flag(help: "One up.")
    var up = false

    @Flag(help: "One down.")
    var down = false

    @Flag(help: "Before all others.")
    var first = false

    @Flag(help: "After all others.")
    var last = false

    @Option(help: ArgumentHelp("Before this item.", valueName: "item"))
    var before: String?

    @Option(help: ArgumentHelp("After this item.", valueName: "item"))
    var after: String?

    @Option(help: ArgumentHelp("Into this list, at its end unless you say where.", valueName: "list"))
    var to: String?

    @Option(help: ArgumentHelp("Under this item, after those that are there unless you say where.", valueName: "item"))
    var under: String?

    @OptionGroup var global: GlobalOptions

    func run() throws {
      try check()
      let desk = try Desk(global)
      let item = try desk.find(record, [.item])
      let parent = try self.parent(item, desk)
      let destination = try self.destination(in: parent, desk)
      try Nests.check(item, under: parent, desk)
      let moved = try crossing(item, to: parent, desk)
      var editor = RecordEditor()
      editor.place(moved, in: try ItemList(parent.id, in: desk.replica), destination)
      try desk.commit(editor)
      let next = "mujawara \(parent.kindName) show \(try desk.short(parent.id))"
      try desk.report([try desk.fresh(moved.id)], next: next)
    }

    private func check() throws {
      let spots = [up, down, first, last, before != nil, after != nil].count { $0 }
      let goals = [to, under].compactMap(\.self).count
      let isPlain = spots <= 1 && goals <= 1 && spots + goals > 0
      guard isPlain, goals == 0 || !(up || down) else {
        throw Failure(.usage, "Say where to: --up, --down, --first, --last, --before ITEM or --after ITEM; into another list with --to LIST, under an item with --under ITEM.")
      }
    }

    /// The list or the item that it is to stand in.
    private func parent(_ item: Record, _ desk: Desk) throws -> Record {
      if let to { return try desk.find(to, [.list]) }
      if let under { return try desk.find(under, [.item]) }
      return try home(of: try (before ?? after).map { try desk.find($0, [.item]) } ?? item, desk)
    }

    private func home(of item: Record, _ desk: Desk) throws -> Record {
      guard let id = item.position?.list, let parent = try desk.replica.follow(id), parent.isVisible else {
        throw Failure(.notFound, "\(desk.title(item)) stands in no list. Put it into one with --to LIST.")
      }
      return parent
    }

    private func destination(in parent: Record, _ desk: Desk) throws -> ItemList.Destination {
      if up { return .up }
      if down { return .down }
      if first { return .start }
      guard let name = before ?? after else { return .end }
      let other = try desk.find(name, [.item])
      guard other.position?.list == parent.id else {
        throw Failure(.usage, "\(desk.title(other)) doesn't stand in \(desk.title(parent)). Nothing was changed.")
      }
      return before == nil ? .after(other.id) : .before(other.id)
    }

    /// An item is read by those who read its list.
    private func crossing(_ item: Record, to parent: Record, _ desk: Desk) throws -> Record {
      let privacy = Audience.privacy(of: parent, in: desk.replica)
      guard Audience.privacy(of: item, in: desk.replica) != privacy else { return item }
      return try AudienceChange(item, to: privacy, desk).run()
    }
  }
}
