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
      abstract: "Add items at the end of a list or under an item, each text one.", discussion: ItemNoun.examples)

    @Argument(help: "The list's short id or title; left out with --under.")
    var list: String

    @Argument(help: "What is to be done; one item for each text.")
    var text: [String] = []

    @Option(help: ArgumentHelp("Under this item, as a part of it.", valueName: "item"))
    var under: String?

    @OptionGroup(title: "Of this kind") var flags: ItemFlags
    @OptionGroup(title: "Of every record") var common: CommonFlags
    @OptionGroup var global: GlobalOptions

    func run() throws {
      let desk = try Desk(global)
      let parent = try under.map { try desk.find($0, [.item]) } ?? desk.find(list, [.list])
      let privacy = Audience.privacy(of: parent, in: desk.replica)
      guard common.privacy == nil || common.privacy?.privacy == privacy else {
        throw Failure(.usage, "Items are read by those who read what they stand in. To change that:  mujawara \(parent.kindName) edit \(try desk.short(parent.id)) --privacy …")
      }
      var editor = RecordEditor()
      let order = try ItemList(parent.id, in: desk.replica)
      let texts = (under == nil ? [] : [list]) + text
      let handles = try (texts.isEmpty ? [""] : texts).map { name in
        let new = NewRecord<ItemNoun>(kind: .item, name: name, flags: flags, common: common, desk: desk)
        let handle = try new.make(in: &editor, privacy: privacy)
        editor.append(handle, to: order)
        return handle
      }
      let outcome = try desk.commit(editor)
      let id = try desk.short(parent.id)
      try desk.report(try handles.map { try desk.fresh(outcome.id($0)) }, next: "mujawara \(parent.kindName) show \(id)")
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
      let outline = try list == nil ? Outline(in: desk.replica) : Outline(of: lists[0].id, in: desk.replica)
      for one in lists { try print(outline.lines(under: one.id), of: one, desk) }
      if list == nil { try printLoose(outline, desk) }
    }

    private func print(_ lines: [Outline.Line], of list: Record, _ desk: Desk) throws {
      let shown = all ? lines : Listing.open(lines)
      if desk.context.isJSON {
        for line in shown { try desk.emit(line.record) }
      } else {
        desk.output.print(try RecordLine(list, desk).text)
        try Listing.items(shown, desk)
      }
    }

    /// Nothing that somebody wrote down stands nowhere.
    private func printLoose(_ outline: Outline, _ desk: Desk) throws {
      let loose = try outline.loose(in: desk.replica).compactMap { group in
        let lines = all ? group.lines : Listing.open(group.lines)
        return lines.isEmpty ? nil : Outline.Loose(reason: group.reason, lines: lines)
      }
      if !desk.context.isJSON { return try Listing.loose(loose, desk) }
      for line in loose.flatMap(\.lines) { try desk.emit(line.record) }
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
}
