// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto
import SyncEngine
import Testing

private let title: UInt64 = 4
private let need = EntryRef.new(.number(12))

@Suite("A replica") struct ReplicaTests {
  @Test func `is there after it was closed and opened`() throws {
    let a = try TestPlace()
    let made = try a.replica.commit(to: a.replica.id(of: .commons), [ContentEntry(need, [FieldEdits(title, .text("خبز"))])])
    let digest = try a.digest()
    try a.reopen()
    let record = try #require(try a.replica.record(made.created[0]))
    #expect(record.state[title]?.heads.map(\.value) == [.text("خبز")])
    #expect(record.isVisible && record.kind == .int(12))
    #expect(try a.digest() == digest)
    #expect(try a.replica.check(full: true).damage == [])
  }

  @Test func `of a second place holds what the first wrote before it joined`() throws {
    let a = try TestPlace()
    let made = try a.replica.commit(to: a.replica.id(of: .commons), [ContentEntry(need, [FieldEdits(title, .text("pain"))])])
    let b = try TestPlace(joining: a)
    #expect(try b.replica.record(made.created[0])?.state[title]?.heads.map(\.value) == [.text("pain")])
    try exchange([a, b])
    #expect(try a.digest() == b.digest())
    #expect(try b.replica.check(full: true).damage == [])
  }

  @Test func `of a new place gets its names to the others`() throws {
    let a = try TestPlace(named: "Cantine")
    let b = try TestPlace(joining: a, named: "Steki")
    try exchange([a, b])
    let place = try #require(try b.replica.placeID())
    let profile = try #require(try a.replica.record(RecordID(place)))
    #expect(profile.state[Replica.Profile.name]?.heads.map(\.value) == [.text("Steki")])
  }

  @Test func `keeps both of two concurrent writes, and one after somebody chose`() throws {
    let a = try TestPlace()
    let made = try a.replica.commit(to: a.replica.id(of: .commons), [ContentEntry(need, [FieldEdits(title, .text("a"))])])
    let b = try TestPlace(joining: a)
    let record = made.created[0]
    let commons = a.replica.id(of: .commons)
    try a.replica.commit(to: commons, [ContentEntry(.existing(record), [FieldEdits(title, .text("b"))])])
    try b.replica.commit(to: commons, [ContentEntry(.existing(record), [FieldEdits(title, .text("c"))])])
    try exchange([a, b])
    #expect(try a.replica.record(record)!.state[title]!.heads.count == 2)
    #expect(try a.digest() == b.digest())
    try b.replica.commit(to: commons, [ContentEntry(.existing(record), [FieldEdits(title, .text("d"))])])
    try exchange([a, b])
    #expect(try a.replica.record(record)!.state[title]!.heads.map(\.value) == [.text("d")])
    #expect(try a.digest() == b.digest())
    #expect(try a.replica.check(full: true).damage == [])
  }

  @Test func `takes the same changes in any order, and again, to the same state`() throws {
    var random = Seeded(7)
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    for round in 0..<20 {
      let place = round % 2 == 0 ? a : b
      try place.replica.commit(
        to: place.replica.id(of: .commons), [ContentEntry(need, [FieldEdits(title, .text("n\(round)"))])])
      if random.below(3) == 0 { try exchange([a, b]) }
    }
    try exchange([a, b])
    let c = try TestPlace(joining: a, named: "C")
    try exchange([a, b, c])
    let d = try TestPlace(joining: a, named: "D")
    try exchange([a, b, c, d])
    for _ in 0..<5 {
      let late = try TestPlace(lateDeviceOf: a)
      try a.replica.settle()
      let changes = try a.changes(in: .commons)
      for change in changes.shuffled(using: &random) { _ = try late.replica.ingest([change]) }
      #expect(try late.digest() == a.digest())
      #expect(try late.replica.ingest(changes).new == 0)
      #expect(try late.replica.check(full: true).damage == [])
    }
    try a.replica.rebuild()
    #expect(try a.digest() == b.digest())
    #expect(try a.replica.check(full: true).damage == [])
  }

  @Test func `never lets one place write another's own space, nor rename it`() throws {
    let a = try TestPlace(named: "A")
    let b = try TestPlace(joining: a)
    let own = Space.place(try a.replica.placeID()!)
    #expect(throws: ReplicaError.notAllowed(needs: .writer)) {
      try b.replica.commit(to: b.replica.id(of: own), [ContentEntry(need)])
    }
    let place = RecordID(try a.replica.placeID()!)
    try b.replica.commit(
      to: b.replica.id(of: .commons),
      [ContentEntry(.existing(place), [FieldEdits(Replica.Profile.name, .text("forged"))])])
    try exchange([a, b])
    for replica in [a.replica, b.replica] {
      let names = try replica.record(place)?.state[Replica.Profile.name]?.heads.map(\.value)
      #expect(names == [.text("A")])
    }
  }

  @Test func `takes its own last change back, and that again`() throws {
    let a = try TestPlace()
    let commons = a.replica.id(of: .commons)
    let made = try a.replica.commit(to: commons, [ContentEntry(need, [FieldEdits(title, .text("one"))])])
    let edit = try a.replica.commit(to: commons, [ContentEntry(.existing(made.created[0]), [FieldEdits(title, .text("two"))])])
    #expect(try a.replica.lastOwnChange() == edit.change)
    let back = try #require(try a.replica.compensation(for: edit.change))
    try a.replica.commit(to: commons, back.entries, undoes: back.undoes)
    #expect(try a.replica.record(made.created[0])!.state[title]!.heads.map(\.value) == [.text("one")])
  }
}
