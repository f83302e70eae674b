// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine
import Testing

@Suite("The audience of a record") struct AudienceTests {
  @Test func `is the kind's unless somebody says otherwise`() throws {
    let a = try TestPlace()
    for kind in Kind.all where kind != .place && kind != .device {
      let record = try a.replica.read(a.add(kind))!
      #expect(Audience.privacy(of: record, in: a.replica) == kind.privacy)
      #expect((kind.privacy == .place) == [.person, .contact].contains(kind))
    }
    #expect(
      Audience.privacy(of: try a.replica.read(a.add(.event, privacy: .public))!, in: a.replica) == .public)
  }

  @Test func `that is the place's own never reaches another place`() throws {
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    let id = try a.add(.person, [("title", "Samir")])
    let other = try a.add(.need, [("title", "Secret")], privacy: .place)
    try exchange(a, b)
    #expect(try b.replica.read(id) == nil && b.replica.read(other) == nil)
    #expect(try a.replica.read(id) != nil)
  }

  @Test func `made smaller leaves the others the word that it moved, and nothing that comes after`() throws {
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    let id = try a.add(.need, [("title:fr", "Riz"), ("title:ar", "أرز"), ("qty", "12kg"), ("tags", "sec")])
    try a.replica.commit(
      to: a.commons, [ContentEntry(.existing(id), [FieldEdits(99, .int(7)), FieldEdits(100, [.add(4)])])])
    try exchange(a, b)
    let move = try AudienceMove(try a.replica.read(id)!, to: .place, in: a.replica)
    #expect(try move.commit(to: a.replica) == id.moved(to: a.own))
    try a.set(move.newID, "body", "nouveau et secret")
    try exchange(a, b)
    let moved = try a.replica.read(move.newID)!
    #expect(try moved.space == a.own && moved.isVisible)
    #expect(moved.localized("title", preferring: ["ar"])?.text == "أرز" && moved.members("tags") == ["sec"])
    #expect(moved.undeclared.map(\.value) == [.int(7), .null] && moved.undeclared.last?.sum == 4)
    #expect(try b.replica.read(move.newID) == nil)
    let left = try b.replica.read(id)!
    #expect(!left.isVisible && left.movedTo == move.newID)
    #expect(
      try b.replica.readAll().allSatisfy { $0.cells.allSatisfy { $0.value != .text("nouveau et secret") } })
    #expect(try a.replica.follow(id)?.id == move.newID)
    #expect(try b.replica.follow(id) == nil)
    #expect(try a.replica.check(full: true).damage == [])
  }

  @Test func `made larger shows what it says now, and not its contact points`() throws {
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    let id = try a.add(.organisation, [("title", "Ateneu")], privacy: .place)
    let contact = try a.add(.contact, [("value", "+33 6"), ("of", ShortID.text(id))])
    let move = try AudienceMove(try a.replica.read(id)!, to: .network, in: a.replica)
    #expect(move.staying.map(\.id) == [contact] && move.along.isEmpty)
    try move.commit(to: a.replica)
    try exchange(a, b)
    #expect(try b.replica.read(move.newID)?.title()?.text == "Ateneu")
    #expect(try b.replica.read(contact) == nil && b.replica.read(id) == nil)
    #expect(try a.replica.contactPoints(of: move.newID).map(\.id) == [contact])
  }

  @Test func `of a list is that of its items`() throws {
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    var editor = RecordEditor()
    let list = try editor.create(.list, .place, in: a.replica)
    for text in ["x", "y"] {
      let item = try editor.create(.item, .place, in: a.replica)
      try editor.set(item, "title", of: .item, to: text, a.input)
      editor.append(item, to: list)
    }
    let id = try editor.commit(to: a.replica).id(list)
    let move = try AudienceMove(try a.replica.read(id)!, to: .network, in: a.replica)
    #expect(move.along.count == 2)
    try move.commit(to: a.replica)
    try exchange(a, b)
    #expect(try ItemList(move.newID, in: b.replica).items.map { $0.title()?.text } == ["x", "y"])
    #expect(try ItemList(id, in: a.replica).items.isEmpty)
  }

  @Test func `changed by two at once is one record`() throws {
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    let id = try a.add(.need, [("title", "Riz")])
    try exchange(a, b)
    let own = try AudienceMove(try a.replica.read(id)!, to: .place, in: a.replica)
    try own.commit(to: a.replica)
    try AudienceMove(try b.replica.read(id)!, to: .place, in: b.replica).commit(to: b.replica)
    try exchange(a, b)
    #expect(try a.replica.read(id)!.isVisible == false && b.replica.read(id)!.isVisible == false)
    #expect(try a.replica.read(own.newID)?.isVisible == true)
    let back = try AudienceMove(try a.replica.read(own.newID)!, to: .public, in: a.replica)
    try back.commit(to: a.replica)
    try exchange(a, b)
    #expect(try b.replica.read(back.newID)?.isPublic == true)
  }

  @Test func `an edit by somebody who didn't know waits to be carried over`() throws {
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    let id = try a.add(.need, [("title", "Riz"), ("qty", "1")])
    try exchange(a, b)
    let move = try AudienceMove(try a.replica.read(id)!, to: .place, in: a.replica)
    try move.commit(to: a.replica)
    try b.set(id, "qty", "5")
    try exchange(a, b)
    let late = try #require(try LateEdits(try a.replica.read(id)!, in: a.replica))
    #expect(late.cells.map(\.value) == [Quantity("5").value])
    #expect(try LateEdits(try b.replica.read(id)!, in: b.replica) == nil)
    var editor = RecordEditor()
    late.carryOver(&editor)
    try editor.commit(to: a.replica)
    #expect(try a.replica.read(move.newID)!.value("qty") == Quantity("5").value)
    #expect(try LateEdits(try a.replica.read(id)!, in: a.replica) == nil)
  }

  @Test func `of a person is what the person agreed to`() throws {
    let a = try TestPlace()
    let id = try a.add(.person, [("title", "Samir")])
    func move(_ privacy: Privacy) throws {
      _ = try AudienceMove(try a.replica.read(id)!, to: privacy, in: a.replica)
    }
    #expect(throws: AudienceError.noConsent(nil)) { try move(.network) }
    try a.set(id, "consent", "network")
    try move(.network)
    #expect(throws: AudienceError.noConsent("network")) { try move(.public) }
    try a.set(id, "consent_revoked", "yes")
    #expect(throws: AudienceError.noConsent(nil)) { try move(.network) }
  }

  @Test func `within commons is a mark alone`() throws {
    let a = try TestPlace()
    let id = try a.add(.event, [("title", "Fête")])
    let move = try AudienceMove(try a.replica.read(id)!, to: .public, in: a.replica)
    #expect(move.isMarkOnly)
    #expect(try move.commit(to: a.replica) == id)
    #expect(try a.replica.read(id)!.isPublic)
    try AudienceMove(try a.replica.read(id)!, to: .network, in: a.replica).commit(to: a.replica)
    #expect(try a.replica.read(id)!.isPublic == false)
  }

  @Test func `of profiles and of what is gone stays`() throws {
    let a = try TestPlace()
    let id = try a.add(.need)
    try a.delete(id)
    let profile = RecordID(try a.replica.placeID()!)
    for record in [id, profile] {
      #expect(throws: AudienceError.cannotMove) {
        _ = try AudienceMove(try a.replica.read(record)!, to: .place, in: a.replica)
      }
    }
  }
}
