// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine
import Testing

@Suite("An editor") struct EditorTests {
  @Test func `writes a list with its items in one change`() throws {
    let a = try TestPlace()
    var editor = RecordEditor()
    let list = try editor.create(.list, in: a.replica)
    try editor.set(list, "title", of: .list, to: "Courses", a.input)
    for text in ["riz", "huile", "thé"] {
      let item = try editor.create(.item, in: a.replica)
      try editor.set(item, "title", of: .item, to: text, a.input)
      editor.append(item, to: list)
    }
    let outcome = try editor.commit(to: a.replica)
    #expect(outcome.changes.count == 1)
    let items = try ItemList(outcome.id(list), in: a.replica)
    #expect(items.items.map { $0.title()?.text } == ["riz", "huile", "thé"])
    #expect(try a.replica.check(full: true).damage == [])
  }

  @Test func `splits what fits in no single change, and references still hold`() throws {
    let a = try TestPlace()
    var editor = RecordEditor()
    let list = try editor.create(.list, in: a.replica)
    try editor.set(list, "title", of: .list, to: "Longue", a.input)
    for number in 0..<1500 {
      let item = try editor.create(.item, in: a.replica)
      try editor.set(item, "title", of: .item, to: "n\(number)", a.input)
      editor.append(item, to: list)
    }
    let outcome = try editor.commit(to: a.replica)
    #expect(outcome.changes.count > 1)
    let items = try ItemList(outcome.id(list), in: a.replica).items
    #expect(items.map { $0.title()?.text } == (0..<1500).map { "n\($0)" })
    #expect(try a.replica.read(outcome.id(list))?.kind == .list)
  }

  @Test func `splits by bytes too, and refuses what fits nowhere`() throws {
    let a = try TestPlace()
    var editor = RecordEditor()
    let text = String(repeating: "ب", count: 30_000)
    for _ in 0..<10 {
      try editor.set(editor.create(.need, in: a.replica), "body", of: .need, to: text, a.input)
    }
    #expect(try editor.commit(to: a.replica).changes.count == 3)
    #expect(try a.replica.read(.need).count == 10)
    editor = RecordEditor()
    let handle = try editor.create(.need, in: a.replica)
    for language in ["aa", "bb", "cc", "dd", "ee"] {
      try editor.set(handle, "body", key: language, of: .need, to: text, a.input)
    }
    #expect(throws: ContentError.self) { try editor.commit(to: a.replica) }
    #expect(try a.replica.read(.need).count == 10)
  }

  @Test func `lets a record in one space name another made at once in the other`() throws {
    let a = try TestPlace()
    var editor = RecordEditor()
    let entry = try editor.create(.organisation, in: a.replica)
    let contact = try editor.create(.contact, in: a.replica)
    editor.set(contact, CellKey(field: 16), to: entry)
    let outcome = try editor.commit(to: a.replica)
    let record = try a.replica.read(outcome.id(contact))!
    #expect(try record.space == a.own && record.reference("of") == outcome.id(entry))
    #expect(try a.replica.contactPoints(of: outcome.id(entry)).map(\.id) == [record.id])
  }

  @Test func `asked for a record twice edits it once, and the last value holds`() throws {
    let a = try TestPlace()
    let record = try a.replica.read(a.add(.need, [("title", "Riz")]))!
    var editor = RecordEditor()
    for text in ["1", "2"] { try editor.set(editor.edit(record), "qty", of: .need, to: text, a.input) }
    try editor.commit(to: a.replica)
    #expect(try a.replica.read(record.id)!.value("qty") == Quantity("2").value)
  }

  @Test func `without edits writes nothing`() throws {
    let a = try TestPlace()
    let id = try a.add(.need)
    var editor = RecordEditor()
    _ = editor.edit(try a.replica.read(id)!)
    #expect(editor.isEmpty)
    #expect(try editor.commit(to: a.replica).changes == [])
  }
}

@Suite("The order of a list") struct ItemListTests {
  private func make(_ place: TestPlace, _ titles: [String]) throws -> RecordID {
    var editor = RecordEditor()
    let list = try editor.create(.list, in: place.replica)
    for title in titles {
      let item = try editor.create(.item, in: place.replica)
      try editor.set(item, "title", of: .item, to: title, place.input)
      editor.append(item, to: list)
    }
    return try editor.commit(to: place.replica).id(list)
  }

  private func titles(_ list: RecordID, _ place: TestPlace) throws -> String {
    try ItemList(list, in: place.replica).items.map { $0.title()!.text }.joined()
  }

  private func move(
    _ title: String, in list: RecordID, _ to: ItemList.Destination, _ place: TestPlace, _ tag: RunTag
  ) throws {
    let items = try ItemList(list, in: place.replica)
    var editor = RecordEditor()
    editor.place(items.items.first { $0.title()?.text == title }!, in: items, to, tag: tag)
    try editor.commit(to: place.replica)
  }

  @Test func `changes as each move says`() throws {
    let a = try TestPlace()
    let list = try make(a, ["a", "b", "c", "d"])
    let ids = Dictionary(
      uniqueKeysWithValues: try ItemList(list, in: a.replica).items.map { ($0.title()!.text, $0.id) })
    let steps: [(String, ItemList.Destination, String)] = [
      ("c", .up, "acbd"), ("c", .up, "cabd"), ("c", .up, "cabd"), ("b", .down, "cadb"), ("b", .down, "cadb"),
      ("b", .start, "bcad"), ("c", .end, "badc"), ("c", .before(ids["b"]!), "cbad"),
      ("c", .after(ids["a"]!), "bacd"),
      ("d", .down, "bacd"), ("b", .up, "bacd"), ("a", .before(ids["c"]!), "bacd"),
    ]
    for (title, destination, expected) in steps {
      try move(title, in: list, destination, a, .session)
      #expect(try titles(list, a) == expected)
    }
  }

  @Test func `an item goes to another list and stands there alone`() throws {
    let a = try TestPlace()
    let (one, other) = (try make(a, ["a", "b"]), try make(a, ["x", "y"]))
    let item = try ItemList(one, in: a.replica).items[0]
    let target = try ItemList(other, in: a.replica)
    var editor = RecordEditor()
    editor.place(item, in: target, .after(target.items[0].id))
    try editor.commit(to: a.replica)
    #expect(try titles(one, a) == "b" && titles(other, a) == "xay")
  }

  @Test func `is the same for two who moved and added apart: nothing lost, nothing twice, runs unbroken`()
    throws
  {
    for seed in 1...6 as ClosedRange<UInt64> {
      var random = Seeded(seed)
      let a = try TestPlace()
      let b = try TestPlace(joining: a)
      let list = try make(a, ["a", "b", "c", "d", "e"])
      try exchange(a, b)
      for (place, tag, mark) in [(a, RunTag(1, 2, 3), "1"), (b, RunTag(4, 5, 6), "2")] {
        for _ in 0..<6 {
          let items = try ItemList(list, in: place.replica).items
          let title = items[random.below(items.count)].title()!.text
          let other = items[random.below(items.count)].id
          let moves: [ItemList.Destination] = [.start, .end, .up, .down, .before(other), .after(other)]
          try move(title, in: list, moves[random.below(6)], place, tag)
        }
        var editor = RecordEditor()
        let items = try ItemList(list, in: place.replica)
        for _ in 0..<3 {
          let item = try editor.create(.item, in: place.replica)
          try editor.set(item, "title", of: .item, to: mark, place.input)
          editor.append(item, to: items, tag: tag)
        }
        try editor.commit(to: place.replica)
      }
      try exchange(a, b)
      let order = try titles(list, a)
      #expect(try titles(list, b) == order)
      #expect(order.sorted() == "111222abcde".sorted())
      #expect(order.contains("111") && order.contains("222"))
    }
  }
}

/// Reproducible randomness: SplitMix64.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
  mutating func below(_ n: Int) -> Int { Int(next() % UInt64(n)) }
}
