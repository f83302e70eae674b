// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine

extension TestPlace {
  static let today = try! CivilDate(iso: "2026-11-21")

  func record(_ id: RecordID) throws -> Record { try replica.read(id)! }

  var placeReference: String {
    get throws { ShortID.text(RecordID(try replica.placeID()!)) }
  }

  // MARK: Things

  @discardableResult
  func claim(_ thing: RecordID, by name: String, _ fields: [(String, String)] = []) throws -> RecordID {
    var editor = RecordEditor()
    let handle = editor.claim(try record(thing))
    for (field, text) in [("by", name)] + fields { try editor.set(handle, field, of: .claim, to: text, input) }
    return try editor.commit(to: replica).id(handle)
  }

  func answer(_ claim: RecordID, _ isYes: Bool) throws {
    var editor = RecordEditor()
    editor.answer(try record(claim), isYes: isYes)
    try editor.commit(to: replica)
  }

  func withdraw(_ claim: RecordID) throws {
    var editor = RecordEditor()
    editor.withdraw(try record(claim))
    try editor.commit(to: replica)
  }

  func lending(_ thing: RecordID) throws -> Lending {
    try Lending(of: try record(thing), today: Self.today, in: replica)
  }

  func standing(_ claim: RecordID, of thing: RecordID) throws -> Allocation.Standing? {
    try lending(thing).entry(claim)?.standing
  }

  // MARK: Stocks

  @discardableResult
  func move(_ stock: RecordID, _ deed: StockDeed, _ text: String) throws -> RecordID {
    var editor = RecordEditor()
    let handle = try editor.record(deed, text, of: try level(stock))
    return try editor.commit(to: replica).id(handle)
  }

  func level(_ stock: RecordID) throws -> StockLevel { try StockLevel(of: try record(stock), in: replica) }

  func amounts(_ stock: RecordID) throws -> [String] { try level(stock).amounts.map(\.text) }
}

/// Everything goes everywhere, the places taking from each other in this order first.
func exchange(_ places: [TestPlace], order: [(Int, Int)]) throws {
  for (to, from) in order where to != from { try places[to].take(from: places[from]) }
  for _ in 0..<2 {
    for one in places { for other in places where one !== other { try one.take(from: other) } }
  }
}
