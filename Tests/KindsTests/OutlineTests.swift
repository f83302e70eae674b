// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine
import Testing

extension TestPlace {
  /// A list with items of these titles.
  fileprivate func list(_ title: String, _ items: [String] = [], privacy: Privacy? = nil) throws -> (RecordID, [RecordID]) {
    let list = try add(.list, [("title", title)], privacy: privacy)
    return (list, try items.map { try put($0, into: list) })
  }

  @discardableResult
  fileprivate func put(_ title: String, into parent: RecordID) throws -> RecordID {
    var editor = RecordEditor()
    let privacy = Audience.privacy(of: try replica.read(parent)!, in: replica)
    let item = try editor.create(.item, privacy, in: replica)
    try editor.set(item, "title", of: .item, to: title, input)
    editor.append(item, to: try ItemList(parent, in: replica))
    return try editor.commit(to: replica).id(item)
  }

  fileprivate func move(
    _ record: RecordID, into parent: RecordID, _ destination: ItemList.Destination = .end
  ) throws {
    var editor = RecordEditor()
    editor.place(try replica.read(record)!, in: try ItemList(parent, in: replica), destination)
    try editor.commit(to: replica)
  }

  /// `title`, with a dash for each level, and a mark where it was put under itself.
  fileprivate func outline(_ list: RecordID) throws -> [String] {
    try lines(Outline(of: list, in: replica).lines(under: list))
  }

  fileprivate func lines(_ lines: [Outline.Line]) -> [String] {
    lines.map { line in
      String(repeating: "-", count: line.depth) + (line.record.title()?.text ?? "?") + (line.isCut ? "!" : "")
    }
  }

  fileprivate var loose: [String] {
    get throws {
      try Outline(in: replica).loose(in: replica).flatMap { group in
        lines(group.lines).map { "\(group.reason) \($0)" }
      }
    }
  }
}

@Suite("Items that move") struct OutlineTests {
  @Test func `to two lists at once are in one, and say where else they were put`() throws {
    let orders = try Orders(writers: 3, hearers: 3)
    let (list, items) = try orders[0].list("L", ["x", "y"])
    let (one, _) = try orders[0].list("M", ["m"])
    let (other, _) = try orders[0].list("N", ["n"])
    try orders.exchange()
    try orders[1].move(items[0], into: one, .start)
    try orders[2].move(items[0], into: other)
    let read = try orders.settle { place in try [list, one, other].map { try place.outline($0) } }
    #expect(read[0] == ["y"])
    #expect([read[1], read[2]] == [["x", "m"], ["n"]] || [read[1], read[2]] == [["m"], ["n", "x"]])
    let item = try orders[0].replica.read(items[0])!
    #expect(item.otherParents == [item.position!.list == one ? other : one])
    #expect(try Conflicts(in: orders[0].replica).isEmpty)
    try orders[0].move(items[0], into: list)
    #expect(try orders.settle { try $0.replica.read(items[0])!.otherParents } == [])
  }

  @Test func `while somebody deletes them stay where they were put, and that waits for a decision`() throws {
    let orders = try Orders(writers: 2, hearers: 3)
    let (list, items) = try orders[0].list("L", ["x", "y"])
    let (other, _) = try orders[0].list("M")
    try orders.exchange()
    try orders[0].delete(items[0])
    try orders[1].move(items[0], into: other)
    #expect(try orders.settle { [try $0.outline(list), try $0.outline(other)] } == [["y"], ["x"]])
    #expect(try Conflicts(in: orders[0].replica).revived.map(\.id) == [items[0]])
    // Whoever deletes it having seen the move deletes it.
    try orders[0].delete(items[0])
    #expect(try orders.settle(seed: 2) { [try $0.outline(list), try $0.outline(other)] } == [["y"], []])
  }

  @Test func `under each other at once stay in their list, one of them marked`() throws {
    let orders = try Orders(writers: 2, hearers: 3)
    let (list, items) = try orders[0].list("L", ["a", "b", "c"])
    try orders[0].put("a1", into: items[0])
    try orders.exchange()
    try orders[0].move(items[0], into: items[1])
    try orders[1].move(items[1], into: items[0])
    let read = try orders.settle { try $0.outline(list) }
    #expect(read == ["c", "a!", "-a1", "-b"] || read == ["c", "b!", "-a", "--a1"])
    #expect(try orders.settle(seed: 2) { try $0.loose } == [])
    let cut = read[1] == "a!" ? items[0] : items[1]
    try orders[1].move(cut, into: list, .start)
    let mended = try orders.settle(seed: 3) { try $0.outline(list) }
    #expect(mended == ["a", "-a1", "-b", "c"] || mended == ["b", "-a", "--a1", "c"])
  }

  @Test func `in a ring of three, made by three at once, are cut once`() throws {
    let orders = try Orders(writers: 3, hearers: 3)
    let (list, items) = try orders[0].list("L", ["a", "b", "c"])
    try orders.exchange()
    for number in 0..<3 { try orders[number].move(items[number], into: items[(number + 1) % 3]) }
    let read = try orders.settle { try $0.outline(list) }
    #expect(read.count == 3 && read.filter { $0.hasSuffix("!") }.count == 1)
    #expect(read.map { $0.prefix { $0 == "-" }.count } == [0, 1, 2])
  }

  @Test func `of equal keys have one order for all, and room is made between them`() throws {
    let orders = try Orders(writers: 2, hearers: 2)
    let (list, items) = try orders[0].list("L", ["a", "b", "c"])
    let key = OrderKey.between(nil, nil, tag: RunTag(1, 2, 3))!
    var editor = RecordEditor()
    for item in items {
      let record = try orders[0].replica.read(item)!
      editor.set(editor.edit(record), CellKey(field: SystemField.at), to: Position(list: list, key: key).value)
    }
    try editor.commit(to: orders[0].replica)
    let read = try orders.settle { try $0.outline(list) }
    let sorted = items.sorted()
    #expect(try read == sorted.map { try orders[0].replica.read($0)!.title()!.text })
    try orders[1].move(sorted[2], into: list, .after(sorted[0]))
    #expect(try orders.settle(seed: 2) { try $0.outline(list) } == [read[0], read[2], read[1]])
  }

  @Test func `under an item go with it, to another list, to another audience and away`() throws {
    let orders = try Orders(writers: 2, hearers: 1)
    let a = orders[0]
    let (list, items) = try a.list("L", ["a", "b"])
    let part = try a.put("a1", into: items[0])
    try a.put("a11", into: part)
    let (other, _) = try a.list("M")
    try a.move(items[0], into: other)
    #expect(try orders.settle { [try $0.outline(list), try $0.outline(other)] } == [["b"], ["a", "-a1", "--a11"]])
    let move = try AudienceMove(try a.replica.read(other)!, to: .place, in: a.replica)
    #expect(move.along.count == 3)
    try move.commit(to: a.replica)
    #expect(try a.outline(move.newID) == ["a", "-a1", "--a11"])
    #expect(try a.loose == [])
    let top = try ItemList(move.newID, in: a.replica).items[0]
    #expect(try a.replica.belongings(of: top).count == 2)
    #expect(try a.replica.wouldNest(top.id, under: a.replica.belongings(of: top)[1].id))
    #expect(try !a.replica.wouldNest(a.replica.belongings(of: top)[0].id, under: top.id))
  }

  @Test func `under what somebody deletes meanwhile stand in no list, and are seen there`() throws {
    let orders = try Orders(writers: 2, hearers: 2)
    let (list, items) = try orders[0].list("L", ["a"])
    try orders.exchange()
    try orders[0].delete(items[0])
    try orders[1].put("late", into: items[0])
    #expect(try orders.settle { try $0.loose } == ["deleted late"])
    #expect(try orders[0].outline(list) == [])
  }

  /// Two lists, eight items; three people put them anywhere, under each other too.
  @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8])
  func `anywhere by anybody stand in one place each, the same for all`(seed: UInt64) throws {
    let orders = try Orders(writers: 3, hearers: 2)
    let (one, items) = try orders[0].list("L", ["a", "b", "c", "d", "e", "f", "g", "h"])
    let (other, _) = try orders[0].list("M")
    try orders.exchange()
    var random = Seeded(seed)
    for _ in 0..<30 {
      let place = random.pick(orders.writers)
      if random.chance(30) {
        try place.take(from: random.pick(orders.writers))
        continue
      }
      let item = random.pick(items)
      let parent = random.pick(items + [one, other, one, other])
      if try place.replica.wouldNest(item, under: parent) { continue }
      try place.move(item, into: parent, random.chance(50) ? .start : .end)
    }
    let read = try orders.settle(seed: seed) { place in
      try [place.outline(one), place.outline(other), place.loose]
    }
    #expect(read[2] == [], "seed \(seed)")
    let titles = (read[0] + read[1]).map { $0.filter { $0 != "-" && $0 != "!" } }
    #expect(titles.sorted() == ["a", "b", "c", "d", "e", "f", "g", "h"], "seed \(seed): \(read)")
    let whole = try Outline(in: orders[0].replica)
    #expect(orders[0].lines(whole.lines(under: one)) == read[0])
  }
}

@Suite("Items put into a list that moves") struct LateItemTests {
  /// A takes its list to its own place, while B puts an item into it.
  private func late() throws -> (TestPlace, TestPlace, old: RecordID, new: RecordID, item: RecordID) {
    let a = try TestPlace(named: "A")
    let b = try TestPlace(joining: a, named: "B")
    let (list, items) = try a.list("L", ["x", "y"])
    try exchange(a, b)
    let new = try AudienceMove(try a.replica.read(list)!, to: .place, in: a.replica).commit(to: a.replica)
    let item = try b.put("late", into: list)
    try b.put("part", into: item)
    try b.put("under y", into: items[1])
    try exchange(a, b)
    return (a, b, list, new, item)
  }

  @Test func `are seen by all, and offered to who reads both`() throws {
    let (a, b, old, new, item) = try late()
    #expect(try a.outline(new) == ["x", "y"])
    #expect(try b.loose.sorted() == ["moved -part", "moved late", "moved under y"])
    #expect(try a.loose.sorted() == ["moved -part", "moved late", "moved under y"])
    let offered = try LateItems.all(in: a.replica)
    #expect(offered.map(\.items.count) == [1, 1])
    #expect(offered.contains { $0.old.id == old && $0.new.id == new && $0.items.map(\.id) == [item] })
    #expect(try LateItems.all(in: b.replica).isEmpty)
  }

  @Test func `carried over stand where the list is, with what stands under them`() throws {
    let (a, b, _, new, item) = try late()
    var editor = RecordEditor()
    for late in try LateItems.all(in: a.replica) { try late.carryOver(&editor, in: a.replica) }
    try editor.commit(to: a.replica)
    try exchange(a, b)
    #expect(try a.outline(new) == ["x", "y", "-under y", "late", "-part"])
    #expect(try a.loose == [] && b.loose == [])
    #expect(try LateItems.all(in: a.replica).isEmpty)
    let left = try b.replica.read(item)!
    #expect(!left.isVisible && left.movedTo != nil)
    #expect(try b.replica.follow(item) == nil)
  }

  @Test func `and those that were moved within it meanwhile are moved here too, if somebody wants that`() throws {
    let a = try TestPlace(named: "A")
    let b = try TestPlace(joining: a, named: "B")
    let (list, items) = try a.list("L", ["x", "y", "z"])
    try exchange(a, b)
    let new = try AudienceMove(try a.replica.read(list)!, to: .place, in: a.replica).commit(to: a.replica)
    try b.move(items[0], into: list, .end)
    try exchange(a, b)
    #expect(try LateEdits(try a.replica.read(items[1])!, in: a.replica) == nil)
    let late = try #require(try LateEdits(try a.replica.read(items[0])!, in: a.replica))
    var editor = RecordEditor()
    late.carryOver(&editor)
    try editor.commit(to: a.replica)
    #expect(try a.outline(new) == ["y", "z", "x"])
    #expect(try LateEdits(try a.replica.read(items[0])!, in: a.replica) == nil)
  }

  @Test func `left stand in no list, and nobody is asked again`() throws {
    let (a, b, _, new, _) = try late()
    var editor = RecordEditor()
    for late in try LateItems.all(in: a.replica) { late.leave(&editor) }
    try editor.commit(to: a.replica)
    try exchange(a, b)
    #expect(try LateItems.all(in: a.replica).isEmpty)
    #expect(try a.outline(new) == ["x", "y"])
    #expect(try b.loose.sorted() == ["noList -part", "noList late", "noList under y"])
  }
}
