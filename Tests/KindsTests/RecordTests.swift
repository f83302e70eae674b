// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine
import Testing

@Suite("A record") struct RecordTests {
  @Test func `reads back as it was written`() throws {
    let a = try TestPlace()
    let id = try a.add(
      .need,
      [
        ("title:ar", "أرز"), ("title:fr", "Riz"), ("qty", "12kg"), ("urgency", "3-5d"), ("tags", "cantine"),
        ("tags", "sec"), ("follow_up", "+4d"),
      ])
    let record = try #require(try a.replica.read(id))
    #expect(record.kind == .need && record.kindName == "need" && record.isVisible)
    #expect(record.members("tags") == ["cantine", "sec"])
    #expect(record.value("qty") == Quantity("12 kg").value && record.text("follow_up") == "2026-11-25")
    #expect(record.undeclared.isEmpty && record.contested.isEmpty)
    #expect(try a.replica.read(.need).map(\.id) == [id])
    #expect(Audience.privacy(of: record, in: a.replica) == .network)
  }

  @Test func `shows its title in a language that is asked for, else says which it shows`() throws {
    let a = try TestPlace()
    let record = try a.replica.read(
      a.add(.need, [("title:ar", "أرز"), ("title:fr-CA", "Riz"), ("lang", "ar")]))!
    #expect(
      record.title(preferring: ["es", "fr"])
        == LocalizedText(text: "Riz", language: "fr-CA", isFallback: false))
    #expect(record.title(preferring: ["es"]) == LocalizedText(text: "أرز", language: "ar", isFallback: true))
    #expect(record.title() == LocalizedText(text: "أرز", language: "ar", isFallback: false))
    let plain = try a.replica.read(a.add(.need, [("title:und", "?")]))!
    #expect(plain.title(preferring: ["es"])?.isFallback == false)
    #expect(try a.replica.read(a.add(.need))!.title() == nil)
  }

  @Test func `keeps both of two concurrent dates until somebody chooses`() throws {
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    let id = try a.add(.event, [("title", "Assemblée"), ("when", "2026-12-05"), ("price", "0")])
    try exchange(a, b)
    try a.set(id, "when", "2026-12-06")
    try b.set(id, "when", "2026-12-07")
    try a.set(id, "price", "1")
    try b.set(id, "price", "2")
    try exchange(a, b)
    let conflicts = try [a, b].map { try Conflicts(in: $0.replica) }
    for found in conflicts {
      #expect(found.choices.map { $0.cell.field?.name } == ["when"])
      #expect(found.choices.first?.options.map(\.value) == conflicts[0].choices.first?.options.map(\.value))
    }
    let choice = try #require(conflicts[1].choices.first)
    let second = choice.options[1].value
    var editor = RecordEditor()
    #expect(throws: ResolveError.noSuchOption(count: 2)) {
      try editor.resolve(choice.record, choice.cell.key, choice: 3)
    }
    try editor.resolve(choice.record, choice.cell.key, choice: 2)
    try editor.commit(to: b.replica)
    try exchange(a, b)
    for place in [a, b] {
      #expect(try place.replica.read(id)!.value("when") == second)
      #expect(try Conflicts(in: place.replica).isEmpty)
    }
    #expect(throws: ResolveError.notContested) {
      try editor.resolve(try a.replica.read(id)!, CellKey(field: 16), choice: 1)
    }
  }

  @Test func `that two changed in the same way is no conflict`() throws {
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    let id = try a.add(.event, [("title", "x")])
    try exchange(a, b)
    for place in [a, b] { try place.set(id, "when", "2026-12-06") }
    try exchange(a, b)
    #expect(try Conflicts(in: a.replica).isEmpty)
  }

  @Test func `deleted by one and edited by another is there, and says so, until somebody decides`() throws {
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    let id = try a.add(.need, [("title", "Riz")])
    try exchange(a, b)
    try a.delete(id)
    try b.set(id, "qty", "3")
    try exchange(a, b)
    let revived = try Conflicts(in: a.replica).revived
    try #require(revived.map(\.id) == [id] && revived[0].outlivedDeletions.count == 1)
    let deleter = try a.replica.authorship(of: revived[0].outlivedDeletions[0].dot)
    #expect(deleter.device == a.replica.deviceID)
    var editor = RecordEditor()
    editor.resolve(revived[0], keeping: false)
    try editor.commit(to: a.replica)
    try exchange(a, b)
    for place in [a, b] {
      #expect(try place.replica.read(id)!.isVisible == false)
      #expect(try Conflicts(in: place.replica).isEmpty)
    }
  }

  @Test func `of a newer version's kind, or with fields of one, is shown raw and survives edits`() throws {
    let a = try TestPlace()
    let made = try a.replica.commit(
      to: a.commons,
      [
        ContentEntry(
          .new(.number(900)), [FieldEdits(4, [.setKey(.value(.text("fr")), .value(.text("Neuf")))])]),
        ContentEntry(.new(.name("jardin")), [FieldEdits(77, .int(3))]),
        ContentEntry(
          .new(.number(12)), [FieldEdits(99, .tuple(5, [.bytes([1])])), FieldEdits(100, [.add(4)])]),
      ])
    let records = try made.created.map { try a.replica.read($0)! }
    #expect(records.map(\.kindName) == ["#900", "jardin", "need"])
    #expect(records[0].title()?.text == "Neuf")
    #expect(records[1].undeclared.map(\.key.field) == [77])
    try a.set(made.created[2], "title", "Riz")
    try a.set(made.created[2], "qty", "1")
    let edited = try a.replica.read(made.created[2])!
    #expect(edited.undeclared.map(\.value) == [.tuple(5, [.bytes([1])]), .null])
    #expect(edited.undeclared.map(\.sum) == [nil, 4])
  }

  @Test func `has members added by one and removed by another who didn't know`() throws {
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    let id = try a.add(.need, [("tags", "sec")])
    try exchange(a, b)
    var editor = RecordEditor()
    try editor.unset(
      editor.edit(try a.replica.read(id)!), "tags", key: "sec", of: .need, in: nil, a.input)
    try editor.commit(to: a.replica)
    try b.set(id, "tags", "sec")
    try b.set(id, "tags", "frais")
    try exchange(a, b)
    #expect(try a.replica.read(id)!.members("tags") == ["frais", "sec"])
    editor = RecordEditor()
    let record = try a.replica.read(id)!
    try editor.unset(editor.edit(record), "tags", of: .need, in: record, a.input)
    try editor.commit(to: a.replica)
    #expect(try a.replica.read(id)!.members("tags") == [])
  }
}

@Suite("Names") struct DirectoryTests {
  @Test func `come from profiles, and are told apart where two are alike`() throws {
    let a = try TestPlace(named: "Cantine")
    let b = try TestPlace(joining: a, named: "Steki")
    let c = try TestPlace(joining: a, named: "STÉKI")
    try exchange(a, b, c)
    let directory = try Directory(a.replica)
    let ids = try [a, b, c].map { try $0.replica.placeID()! }
    #expect(directory.name(ofPlace: ids[0]).text == "Cantine")
    #expect(directory.name(ofPlace: ids[1]).text == "Steki (\(ShortID.brief(ids[1])))")
    #expect(directory.places(called: "cantine") == [ids[0]])
    #expect(directory.places(called: "steki") == [ids[1], ids[2]].sorted())
    #expect(directory.places(called: ShortID.text(ids[1])) == [ids[1]])
    let stranger = ID16(high: 1, low: 2)
    #expect(directory.name(ofDevice: stranger).text == ShortID.brief(stranger))
    #expect(!directory.name(ofDevice: stranger).isPresent)
  }

  @Test func `of authors are the device and its place`() throws {
    let a = try TestPlace(named: "Cantine")
    let id = try a.add(.need, [("title", "Riz")])
    let head = try a.replica.read(id)!.cells[0].writer!
    let author = try a.replica.authorship(of: head.op.dot)
    #expect(try Directory(a.replica).author(author) == "Cantine desk, Cantine")
  }
}
