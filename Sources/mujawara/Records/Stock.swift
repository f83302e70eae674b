// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Kinds
import SyncEngine

enum StockNoun: Noun {
  typealias Flags = StockFlags
  static let word = "stock"
  static let kinds = [Kind.stock]
  static let examples = """
    Examples:
      mujawara stock add Riz --unit kg --minimum 5
      mujawara stock in Riz 12.5

    How much there is isn't said here: it is the sum of what came in, went out and was counted.
    """
  static let question = "What is in stock?"
  static func isOver(_ record: Record) -> Bool { record.isArchived }
  static func next(_ id: String) -> String { "mujawara stock in \(id) AMOUNT · mujawara sync" }
}

struct StockFlags: NounFlags {
  @Option(help: "What it is measured in: kg, l, boxes.")
  var unit: String?

  @Option(help: "The least there should be: 5, or 5kg.")
  var minimum: String?

  @Option(help: "Where it stands.")
  var shelf: String?

  @Option(help: "Whereabouts.")
  var area: String?

  var changes: [FieldChange] {
    FieldChange.given(("unit", unit), ("minimum", minimum), ("shelf", shelf), ("area", area))
  }
}

struct StockCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stock", abstract: "What is used up: what came, went, spoiled and was counted.",
    discussion: """
      mujawara stock add Riz --unit kg --minimum 5
      mujawara stock in Riz 25
      mujawara stock out Riz 4.5 --by Nour
      mujawara stock count Riz 19
      """,
    subcommands: [
      AddRecord<StockNoun>.self, ListRecords<StockNoun>.self, ShowRecord<StockNoun>.self, EditRecord<StockNoun>.self,
      RemoveRecord<StockNoun>.self, In.self, Out.self, Spoil.self, Count.self, Move.self,
    ])

  /// What every movement can be told.
  struct MovementFlags: ParsableArguments {
    @Option(help: "Who: a name or an alias.")
    var by: String?

    @Option(help: "On which day. Today, unless said.")
    var on: String?

    @Option(help: "A remark.")
    var body: String?

    fileprivate func changes(_ desk: Desk) -> [FieldChange] {
      FieldChange.given(("by", by), ("day", on ?? desk.today.iso), ("body", body))
    }
  }

  struct In: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Something came in.")

    @Argument(help: "The stock's short id or title.")
    var stock: String

    @Argument(help: "How much: 3, 1.5kg.")
    var amount: String

    @Option(help: "Until when it is good.")
    var bestBefore: String?

    @OptionGroup var flags: MovementFlags
    @OptionGroup var global: GlobalOptions

    func run() throws {
      let desk = try Desk(global)
      let changes = flags.changes(desk) + FieldChange.given(("best_before", bestBefore))
      try StockMovement(stock, amount, changes, desk).write(.brought)
    }
  }

  struct Out: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Something was taken.")

    @Argument(help: "The stock's short id or title.")
    var stock: String

    @Argument(help: "How much: 3, 1.5kg.")
    var amount: String

    @Flag(help: "Although less is known to be there.")
    var anyway = false

    @OptionGroup var flags: MovementFlags
    @OptionGroup var global: GlobalOptions

    func run() throws {
      let desk = try Desk(global)
      let movement = try StockMovement(stock, amount, flags.changes(desk), desk)
      if !anyway { try movement.requireEnough() }
      try movement.write(.taken)
    }
  }

  struct Spoil: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Something spoiled or was lost.")

    @Argument(help: "The stock's short id or title.")
    var stock: String

    @Argument(help: "How much: 3, 1.5kg.")
    var amount: String

    @Flag(help: "Although less is known to be there.")
    var anyway = false

    @OptionGroup var flags: MovementFlags
    @OptionGroup var global: GlobalOptions

    func run() throws {
      let desk = try Desk(global)
      let movement = try StockMovement(stock, amount, flags.changes(desk), desk)
      if !anyway { try movement.requireEnough() }
      try movement.write(.spoiled)
    }
  }

  struct Count: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say how much is really there.",
      discussion: """
        What is written is how much that differs from what is known here, so whatever others took or brought \
        meanwhile still adds up. If two places count the same at once, both are asked to count again.
        """)

    @Argument(help: "The stock's short id or title.")
    var stock: String

    @Argument(help: "How much was found: 3, 1.5kg.")
    var amount: String

    @OptionGroup var flags: MovementFlags
    @OptionGroup var global: GlobalOptions

    func run() throws {
      let desk = try Desk(global)
      try StockMovement(stock, amount, flags.changes(desk), desk).write(.counted)
    }
  }

  struct Move: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Move some of it to another stock.")

    @Argument(help: "The stock's short id or title.")
    var stock: String

    @Argument(help: "How much: 3, 1.5kg.")
    var amount: String

    @Option(help: ArgumentHelp("The stock that it goes to.", valueName: "stock"))
    var to: String

    @Flag(help: "Although less is known to be there.")
    var anyway = false

    @OptionGroup var flags: MovementFlags
    @OptionGroup var global: GlobalOptions

    func run() throws {
      let desk = try Desk(global)
      let movement = try StockMovement(stock, amount, flags.changes(desk), desk)
      if !anyway { try movement.requireEnough() }
      try movement.write(to: try desk.find(to, [.stock]))
    }
  }
}

/// One movement of a stock in the making.
struct StockMovement {
  private let level: StockLevel
  private let amount: String
  private let changes: [FieldChange]
  private let desk: Desk

  init(_ stock: String, _ amount: String, _ changes: [FieldChange], _ desk: Desk) throws {
    level = try desk.level(try desk.find(stock, [.stock]))
    self.amount = amount
    self.changes = changes
    self.desk = desk
  }

  /// What isn't known to be there can't be taken by mistake.
  func requireEnough() throws {
    let wanted = try level.amount(amount)
    guard level.sum(of: wanted.unit) < wanted.sum else { return }
    let there = StockWords.amounts(level, desk.output)
    throw Failure(.usage, "As far as is known here there is \(there). Nothing was written. To write it all the same:  --anyway")
  }

  func write(_ deed: StockDeed) throws {
    var editor = RecordEditor()
    try add(deed, of: level, to: &editor)
    try desk.commit(editor)
    try report([level.stock])
  }

  /// Out of this one and into the other, in one change.
  func write(to other: Record) throws {
    guard other.id != level.stock.id else { throw Failure(.usage, "That is the same stock. Nothing was written.") }
    guard other.space == level.stock.space else {
      throw Failure(.usage, "The two stocks are read by different people. Write  mujawara stock out  and  mujawara stock in. Nothing was written.")
    }
    var editor = RecordEditor()
    try add(.moved(other: other.id, isIn: false), of: level, to: &editor)
    try add(.moved(other: level.stock.id, isIn: true), of: try desk.level(other), to: &editor)
    try desk.commit(editor)
    try report([level.stock, other])
  }

  private func add(_ deed: StockDeed, of level: StockLevel, to editor: inout RecordEditor) throws {
    let handle = try editor.record(deed, amount, of: level)
    try FieldWriter(desk: desk, kind: .movement).apply(changes, to: handle, of: nil, in: &editor)
  }

  private func report(_ stocks: [Record]) throws {
    let fresh = try stocks.map { try desk.fresh($0.id) }
    try desk.report(fresh, next: "mujawara stock show \(try desk.short(level.stock.id)) · mujawara undo · mujawara sync")
    if desk.context.isJSON { for stock in fresh { ScarcePage(stock, desk).emit(try desk.level(stock)) } }
  }
}
