// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Foundation
import MujawaraCrypto
import Testing

@testable import SyncEngine

private let title: UInt64 = 4
private let need = EntryRef.new(.number(12))

@Suite("Membership in a replica") struct MembershipTests {
  @Test func `keeps a place's own space from every other place`() throws {
    let a = try TestPlace(named: "A")
    let b = try TestPlace(joining: a)
    let own = Space.place(try a.replica.placeID()!)
    let made = try a.replica.commit(to: a.replica.id(of: own), [ContentEntry(need, [FieldEdits(title, .text("secret-قهوة"))])])
    try exchange([a, b])
    #expect(try b.replica.record(made.created[0]) == nil)
    #expect(try b.replica.ingest(a.changes(in: own)).refused.allSatisfy { $0.reason == .foreignSpace })
    for file in try FileManager.default.contentsOfDirectory(atPath: b.folder) {
      let bytes = try Data(contentsOf: URL(filePath: b.folder + "/" + file))
      #expect(bytes.range(of: Data("secret-قهوة".utf8)) == nil)
    }
    let bundle = b.folder + "/bundle"
    let commons = a.replica.id(of: .commons)
    _ = try BundleWriter.write(
      to: bundle, from: a.replica, spaces: [commons], key: try BundleKey.current(of: commons, in: a.replica))
    let report = try BundleReader.read(bundle, into: b.replica)
    #expect(report.received.new == 0)
    #expect(try b.replica.record(made.created[0]) == nil)
  }

  @Test func `gives a further device of the place its space`() throws {
    let a = try TestPlace(named: "A")
    let own = Space.place(try a.replica.placeID()!)
    let made = try a.replica.commit(to: a.replica.id(of: own), [ContentEntry(need, [FieldEdits(title, .text("ours"))])])
    let second = try TestPlace(joining: a, named: "A2", asDevice: true)
    try exchange([a, second])
    #expect(try second.replica.record(made.created[0])?.state[title]?.heads.map(\.value) == [.text("ours")])
    #expect(try second.digest(own) == a.digest(own))
  }

  @Test func `opens what was written before an epoch by the link to the one before`() throws {
    let a = try TestPlace(named: "A")
    let commons = a.replica.id(of: .commons)
    let made = try a.replica.commit(to: commons, [ContentEntry(need, [FieldEdits(title, .text("old"))])])
    try a.replica.database.write {
      let ingestion = Ingestion(a.replica)
      try a.replica.rotate(.commons, ingestion)
      _ = try ingestion.finish()
    }
    let later = try a.replica.commit(to: commons, [ContentEntry(need, [FieldEdits(title, .text("new"))])])
    let b = try TestPlace(joining: a)
    try exchange([a, b])
    #expect(try b.replica.epochSecrets(of: commons).count == 2)
    for id in [made.created[0], later.created[0]] { #expect(try b.replica.record(id) != nil) }
    #expect(try b.digest() == a.digest())
  }

  @Test func `reads what came before its key as soon as the key comes`() throws {
    let a = try TestPlace(named: "A")
    let commons = a.replica.id(of: .commons)
    for n in 0..<5 { try a.replica.commit(to: commons, [ContentEntry(need, [FieldEdits(title, .text("n\(n)"))])]) }
    let b = try TestPlace(lateDeviceOf: a)
    let sealed = try a.changes(in: .commons)
    #expect(try b.replica.ingest(sealed).unreadable == 6)
    #expect(try b.replica.records(kind: .int(12)).isEmpty)
    try a.replica.settle()
    _ = try b.replica.ingest(try a.changes(in: .commons))
    #expect(try b.replica.records(kind: .int(12)).count == 5)
    #expect(try b.digest() == a.digest())
    #expect(try b.replica.check(full: true).damage == [])
  }

  @Test func `lets what a reader writes stand without effect, everywhere alike`() throws {
    let a = try TestPlace(named: "A")
    let b = try TestPlace(joining: a, named: "B", role: 1)
    let c = try TestPlace(joining: a, named: "C")
    try exchange([a, b, c])
    let commons = a.replica.id(of: .commons)
    let secret = try #require(try b.replica.currentEpoch(of: .commons))
    let body = Content(label: 0, entries: [ContentEntry(need, [FieldEdits(title, .text("forged"))])]).encoded()
    let change = try b.replica.database.write { () -> Change in
      var draft = try Draft(b.replica, kind: .content, in: try b.replica.log.makeSpace(commons))
      draft.header.epoch = secret.id
      draft.header.nonce = SecureRandom.bytes(24)
      draft.header.ctLength = UInt64(Padding.paddedSize(body.count) + 16)
      draft.header.cum = draft.cumBefore + draft.header.ctLength
      let ct = ContentSeal.seal(
        body: body, h0: draft.header.encoded(), nonce: draft.header.nonce!, epochSecret: secret.secret)
      return Change(header: draft.header, ciphertext: ct, network: b.replica.network, key: b.replica.keys.sign)
    }
    for place in [a, c] {
      let before = try place.digest()
      let report = try place.replica.ingest([change])
      #expect(report.new == 1 && report.uncounted == 1)
      #expect(try place.digest() == before)
      #expect(try place.replica.records(kind: .int(12)).isEmpty)
    }
  }

  /// Two concurrent admissions by one invitation: the loser's is void, and the record that has its place's id,
  /// which only that place could have written as its profile, is an ordinary record.
  @Test func `counts an edit of what turns out to be no profile, whatever came first`() throws {
    let a = try TestPlace(named: "A")
    let b = try TestPlace(joining: a, named: "B")
    let c = try TestPlace(joining: a, named: "C")
    let d = try TestPlace(joining: a, named: "D")
    let code = try a.invite()
    try exchange([a, b, c, d])
    var cards: [Card] = []
    for host in [a, b] {
      let card = DeviceKeys.generate().card
      cards.append(card)
      try host.replica.commitGovernance([
        .placeAdmit(card: card, role: 2, invite: InviteID(code.id)!, countersign: code.countersign(card))
      ])
    }
    let admissions = try [a, b].map { try $0.changes(in: .governance).last! }
    let loser = admissions[0].id < admissions[1].id ? 1 : 0
    let id = RecordID(cards[loser].place)
    _ = try c.replica.ingest([admissions[loser]])
    try c.replica.commit(to: c.replica.id(of: .commons), [
      ContentEntry(.existing(id), [
        FieldEdits(SystemField.alive, .bool(true)), FieldEdits(SystemField.kind, .int(12)),
        FieldEdits(title, .text("soup")),
      ])
    ])
    #expect(try c.replica.records(kind: .int(12)).isEmpty)
    _ = try d.replica.ingest(admissions)
    try exchange([c, d])
    try exchange([a, b, c, d])
    for place in [a, b, c, d] {
      #expect(try place.replica.records(kind: .int(12)).count == 1)
      #expect(try place.digest() == a.digest())
      #expect(try place.replica.check(full: true).damage == [])
    }
  }

  @Test func `takes merge changes first where there are more heads than a change can name`() throws {
    let a = try TestPlace(named: "A")
    var others: [TestPlace] = []
    for n in 0..<35 { others.append(try TestPlace(joining: a, named: "P\(n)")) }
    let commons = a.replica.id(of: .commons)
    for place in others {
      try place.take(from: a)
      try place.replica.settle()
      try place.replica.commit(to: commons, [ContentEntry(need, [FieldEdits(title, .text("x"))])])
    }
    for place in others { try a.take(from: place) }
    try a.replica.commit(to: commons, [ContentEntry(need, [FieldEdits(title, .text("last"))])])
    let changes = try a.changes(in: .commons)
    #expect(changes.allSatisfy { $0.header.heads.count <= 32 })
    #expect(changes.contains { $0.header.heads.count == 32 })
    try others[0].take(from: a)
    #expect(try others[0].replica.records(kind: .int(12)).count == 36)
    #expect(try a.replica.check(full: true).damage == [])
  }

  @Test func `moves a clock that ran ahead no further than its bound, and goes on`() throws {
    let a = try TestPlace(named: "A")
    let b = try TestPlace(joining: a, named: "B")
    b.clock.now = 4_070_908_800_000
    let commons = a.replica.id(of: .commons)
    try b.replica.commit(to: commons, [ContentEntry(need, [FieldEdits(title, .text("2099"))])])
    let ahead = try b.changes(in: .commons).last!.header.stamp
    #expect(ahead <= a.clock.now + 400 * 86_400_000 + 60_000)
    try exchange([a, b])
    a.clock.now = 0
    let made = try a.replica.commit(to: commons, [ContentEntry(need, [FieldEdits(title, .text("1970"))])])
    #expect(try a.replica.entry(made.change)!.author.stamp == ahead + 1)
    #expect(try a.replica.entry(made.change)!.author.isClockDoubtful)
  }
}
