// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Kinds
import SyncEngine

struct ItemCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "item", abstract: "What stands in a list.",
    discussion: """
      mujawara item add Courses riz "12 kg d'oignons"
      mujawara item done riz
      mujawara item move riz --up
      """,
    subcommands: [
      Add.self, Ls.self, ShowRecord<ItemNoun>.self, EditRecord<ItemNoun>.self, RemoveRecord<ItemNoun>.self,
      FinishRecord<ItemNoun>.self, ReopenRecord<ItemNoun>.self, Drop.self, Move.self,
    ])

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add items at the end of a list, each text one.", discussion: ItemNoun.examples)

    @Argument(help: "The list's short id or title.")
    var list: String

    @Argument(help: "What is to be done; one item for each text.")
    var text: [String] = []

    @OptionGroup(title: "Of this kind") var flags: ItemFlags
    @OptionGroup(title: "Of every record") var common: CommonFlags
    @OptionGroup var global: GlobalOptions

    func run() throws {
      let desk = try Desk(global)
      let list = try desk.find(list, [.list])
      let privacy = Audience.privacy(of: list, in: desk.replica)
      guard common.privacy == nil || common.privacy?.privacy == privacy else {
        throw Failure(.usage, "Items are read by those who read their list. To change that:  mujawara list edit \(try desk.short(list.id)) --privacy …")
      }
      var editor = RecordEditor()
      let order = try ItemList(list.id, in: desk.replica)
      let handles = try (text.isEmpty ? [""] : text).map { name in
        let new = NewRecord<ItemNoun>(kind: .item, name: name, flags: flags, common: common, desk: desk)
        let handle = try new.make(in: &editor, privacy: privacy)
        editor.append(handle, to: order)
        return handle
      }
      let outcome = try desk.commit(editor)
      let id = try desk.short(list.id)
      try desk.report(try handles.map { try desk.fresh(outcome.id($0)) }, next: "mujawara list show \(id)")
    }
  }

  struct Ls: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the items of one list, or of all.")

    @Argument(help: "The list's short id or title.")
    var list: String?

    @Flag(name: .shortAndLong, help: "Also what is done or dropped.")
    var all = false

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let desk = try Desk(global)
      let lists = try list.map { [try desk.find($0, [.list])] } ?? Listing.sorted(try desk.replica.read(.list), desk)
      for one in lists {
        let items = try ItemList(one.id, in: desk.replica).items.filter { all || !ItemNoun.isOver($0) }
        if desk.context.isJSON {
          for item in items { try desk.emit(item) }
        } else {
          desk.output.print(try RecordLine(one, desk).text)
          try Listing.items(items, desk)
        }
      }
    }
  }

  struct Drop: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say that it won't be done, without deleting it.")

    @Argument(help: "Short ids or titles.")
    var records: [String]

    @OptionGroup var global: GlobalOptions

    func run() throws {
      try States.change(records, .item, [.set(name: "state", text: "dropped")], try Desk(global))
    }
  }

  struct Move: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Put it elsewhere in its list, or into another.",
      discussion: "mujawara item move 7tqr --up · --down · --before ID · --after ID · --to LIST")

    @Argument(help: "Its short id or title.")
    var record: String

    @Flag(help: "One up.")
    var up = false

    @Flag(help: "One down.")
    var down = false

    @Option(help: ArgumentHelp("Before this item.", valueName: "item"))
    var before: String?

    @Option(help: ArgumentHelp("After this item.", valueName: "item"))
    var after: String?

    @Option(help: ArgumentHelp("To the end of this list.", valueName: "list"))
    var to: String?

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let ways = [up, down, before != nil, after != nil, to != nil].count { $0 }
      guard ways == 1 else { throw Failure(.usage, "Say where to, in one way: --up, --down, --before ITEM, --after ITEM or --to LIST.") }
      let desk = try Desk(global)
      let item = try desk.find(record, [.item])
      let (list, destination) = try goal(item, desk)
      let moved = try crossing(item, to: list, desk)
      var editor = RecordEditor()
      editor.place(moved, in: try ItemList(list.id, in: desk.replica), destination)
      try desk.commit(editor)
      try desk.report([try desk.fresh(moved.id)], next: "mujawara list show \(try desk.short(list.id))")
    }

    /// The list that it goes to, and where in it.
    private func goal(_ item: Record, _ desk: Desk) throws -> (Record, ItemList.Destination) {
      if let to { return (try desk.find(to, [.list]), .end) }
      if let name = before ?? after {
        let other = try desk.find(name, [.item])
        return (try home(of: other, desk), before == nil ? .after(other.id) : .before(other.id))
      }
      return (try home(of: item, desk), up ? .up : .down)
    }

    private func home(of item: Record, _ desk: Desk) throws -> Record {
      guard let id = item.position?.list, let list = try desk.replica.follow(id), list.isVisible else {
        throw Failure(.notFound, "\(desk.title(item)) stands in no list. Put it into one with --to LIST.")
      }
      return list
    }

    /// An item is read by those who read its list.
    private func crossing(_ item: Record, to list: Record, _ desk: Desk) throws -> Record {
      let privacy = Audience.privacy(of: list, in: desk.replica)
      guard Audience.privacy(of: item, in: desk.replica) != privacy else { return item }
      return try AudienceChange(item, to: privacy, desk).run()
    }
  }
}
