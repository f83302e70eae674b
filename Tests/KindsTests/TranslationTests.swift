// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine
import Testing

extension TestPlace {
  /// Sets titles in one change, as `ar=…`, and notes what they translate.
  fileprivate func title(_ id: RecordID, _ texts: (String, String)...) throws {
    let record = try replica.read(id)!
    var editor = RecordEditor()
    let handle = editor.edit(record)
    for (tag, text) in texts { try editor.set(handle, "title", key: tag, of: .need, to: text, input) }
    editor.noteBases(handle, of: record, in: replica)
    try editor.commit(to: replica)
  }

  fileprivate func outdated(_ id: RecordID) throws -> [String] {
    try Translations(try replica.read(id)!, in: replica).outdated.map { "\(Field.text($0.cell.key.key!)) of \($0.source)" }
  }

  fileprivate func undo() throws {
    let step = try replica.compensation(for: try replica.lastOwnChange()!)!
    try replica.commit(to: step.space, step.entries, undoes: step.undoes)
  }
}

@Suite("A translation") struct TranslationTests {
  @Test func `is outdated once its source says something else, and current again once it is renewed`() throws {
    let a = try TestPlace()
    let id = try a.add(.need, [("lang", "fr"), ("title:fr", "Riz")])
    try a.title(id, ("ar", "أرز"))
    #expect(try a.outdated(id) == [])
    try a.title(id, ("fr", "Riz rond"))
    #expect(try a.outdated(id) == ["ar of fr"])
    try a.undo()
    #expect(try a.outdated(id) == [])
    try a.title(id, ("fr", "Riz long"))
    try a.title(id, ("ar", "أرز طويل"))
    #expect(try a.outdated(id) == [])
    try a.title(id, ("es", "Arroz"), ("fr", "Riz noir"))
    #expect(try a.outdated(id) == ["ar of fr"])
    try a.title(id, ("fr", "Riz"))
    #expect(try a.outdated(id) == ["ar of fr", "es of fr"])
  }

  @Test func `made while its source is edited is outdated for whoever sees both, in whatever order`() throws {
    let orders = try Orders(writers: 3, hearers: 3)
    let id = try orders[0].add(.need, [("lang", "fr"), ("title:fr", "Riz")])
    try orders.exchange()
    try orders[0].title(id, ("fr", "Riz rond"))
    try orders[1].title(id, ("ar", "أرز"))
    #expect(try orders[1].outdated(id) == [])
    #expect(try orders.settle { try $0.outdated(id) } == ["ar of fr"])
    try orders[2].title(id, ("ar", "أرز مدور"))
    #expect(try orders.settle(seed: 2) { try $0.outdated(id) } == [])
  }

  @Test func `of one of two texts that stand at once follows the one that people see`() throws {
    let orders = try Orders(writers: 2, hearers: 2)
    let id = try orders[0].add(.need, [("lang", "fr"), ("title:fr", "Riz")])
    try orders.exchange()
    for (place, text) in zip(orders.writers, ["Riz rond", "Riz long"]) {
      try place.title(id, ("fr", text))
    }
    try orders[0].title(id, ("ar", "أرز مدور"))
    let shown = try orders.settle { try $0.replica.read(id)!.localized("title", preferring: ["fr"])!.text }
    #expect(try orders.settle(seed: 2) { try $0.outdated(id) } == (shown == "Riz rond" ? [] : ["ar of fr"]))
    let cell = try #require(try orders[1].replica.read(id)!.contested.first)
    let other = try #require(Conflicts.options(of: cell).firstIndex { $0.value == .text("Riz rond") })
    var editor = RecordEditor()
    try editor.resolve(try orders[1].replica.read(id)!, cell.key, choice: other + 1)
    try editor.commit(to: orders[1].replica)
    #expect(try orders.settle(seed: 3) { try $0.outdated(id) } == [])
  }

  @Test func `by a program that knows nothing of it is shown, and nothing is said of its source`() throws {
    let orders = try Orders(writers: 2, hearers: 2)
    let (a, b) = (orders[0], orders[1])
    let id = try a.add(.need, [("lang", "fr"), ("title:fr", "Riz")])
    try a.title(id, ("ar", "أرز"))
    try orders.exchange()
    try b.set(id, "title:ar", "رز")
    try a.title(id, ("fr", "Riz rond"))
    #expect(try orders.settle { try $0.outdated(id) } == [])
    #expect(try a.replica.read(id)!.localized("title", preferring: ["ar"])?.text == "رز")
  }

  @Test func `of what is in no language, or in the record's own, is none`() throws {
    let a = try TestPlace()
    let id = try a.add(.need, [("title:und", "Riz")])
    try a.title(id, ("ar", "أرز"))
    let other = try a.add(.need, [("lang", "fr"), ("title:ar", "أرز")])
    try a.title(other, ("fr", "Riz"))
    try a.title(other, ("und", "?"))
    for id in [id, other] { #expect(try a.replica.read(id)!.cells(of: Field.basis.number).isEmpty) }
  }

  @Test func `goes to another audience with its record, for those too who can't read the old one`() throws {
    let a = try TestPlace(named: "A")
    let b = try TestPlace(joining: a, named: "B")
    let id = try a.add(.need, [("lang", "fr"), ("title:fr", "Riz")], privacy: .place)
    try a.title(id, ("ar", "أرز"))
    let moved = try AudienceMove(try a.replica.read(id)!, to: .network, in: a.replica).commit(to: a.replica)
    try exchange(a, b)
    #expect(try a.outdated(moved) == [] && b.outdated(moved) == [])
    try b.title(moved, ("fr", "Riz rond"))
    try exchange(a, b)
    #expect(try a.outdated(moved) == ["ar of fr"] && b.outdated(moved) == ["ar of fr"])
  }

  @Test func `says so in one form, and another form says nothing`() {
    let change = ID32(high: ID16(high: 1, low: 2), low: ID16(high: 3, low: 4))
    let basis = Basis(language: "fr", source: Basis.Source(change: change, index: 7))
    #expect(basis.value == .tuple(41, [.text("fr"), .bytes(change.bytes), .int(7)]))
    #expect(Basis(value: basis.value) == basis)
    #expect(Basis(value: .tuple(41, [.text("fr"), .null, .null])) == Basis(language: "fr", source: nil))
    #expect(Basis.cell(for: CellKey(field: 4, key: .text("ar"))) == CellKey(field: 14, key: .text("4:ar")))
    let strange: [Value] = [
      .tuple(41, [.text("FR"), .null, .null]), .tuple(41, [.text("fr"), .null, .int(1)]),
      .tuple(41, [.text("fr"), .bytes([1]), .int(1)]), .tuple(41, [.text("fr"), .bytes(change.bytes), .int(-1)]),
      .tuple(41, [.text("fr")]), .tuple(40, [.text("fr"), .null, .null]), .text("fr"),
    ]
    for value in strange { #expect(Basis(value: value) == nil, "\(value)") }
  }
}

@Suite("Keys that people spell in two ways") struct SpellingTests {
  @Test func `are one tag, whoever wrote which`() throws {
    let orders = try Orders(writers: 2, hearers: 2)
    let id = try orders[0].add(.need, [("title", "x")])
    try orders.exchange()
    try orders[0].set(id, "tags", "e\u{301}te\u{301}")
    try orders[1].set(id, "tags", "\u{E9}t\u{E9}")
    let read = try orders.settle { try $0.replica.read(id)!.members("tags").map { Array($0.utf8) } }
    #expect(read == [Array("\u{E9}t\u{E9}".utf8)])
    var editor = RecordEditor()
    let record = try orders[0].replica.read(id)!
    try editor.unset(editor.edit(record), "tags", key: "e\u{301}te\u{301}", of: .need, in: record, orders[0].input)
    try editor.commit(to: orders[0].replica)
    #expect(try orders.settle(seed: 2) { try $0.replica.read(id)!.members("tags") } == [])
  }

  @Test func `are one language, and two texts in it at once wait for a choice`() throws {
    let orders = try Orders(writers: 2, hearers: 2)
    let id = try orders[0].add(.need, [("title:fr", "Riz")])
    try orders.exchange()
    try orders[0].set(id, "title:sr-latn", "Pirinač")
    try orders[1].set(id, "title:sr-Latn", "Riža")
    let tags = try orders.settle { try $0.replica.read(id)!.cells(of: 4).map { Field.text($0.key.key!) } }
    #expect(tags == ["fr", "sr-Latn"])
    #expect(try Conflicts(in: orders[1].replica).choices.map { $0.cell.key.key } == [.text("sr-Latn")])
  }
}
