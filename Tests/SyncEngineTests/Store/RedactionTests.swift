// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Foundation
import MujawaraCrypto
import Testing

@testable import SyncEngine

private let title: UInt64 = 4
private let need = EntryRef.new(.number(12))

/// Rule R1: a body missing is not a log held, and a redaction voids ops whether or not their body is still there.
@Suite("Redaction") struct RedactionTests {
  /// A record of A's that B has edited with a name that must go, and A takes that edit back.
  private struct Story {
    let a: TestPlace
    let b: TestPlace
    /// Has heard of nothing since it joined.
    let c: TestPlace
    let record: RecordID
    let slip: ChangeID
    let redaction: ChangeID

    init() throws {
      a = try TestPlace(named: "A")
      b = try TestPlace(joining: a)
      c = try TestPlace(joining: a, named: "C")
      try a.take(from: c)
      let commons = a.replica.id(of: .commons)
      record = try a.replica.commit(to: commons, [ContentEntry(need, [FieldEdits(title, .text("rice"))])]).created[0]
      try b.take(from: a)
      slip = try b.replica.commit(
        to: commons, [ContentEntry(.existing(record), [FieldEdits(title, .text("rice for Samir")), FieldEdits(17, .int(3))])]
      ).change
      try a.take(from: b)
      redaction = try a.replica.redact([slip])[0]
      try a.replica.commit(to: commons, [ContentEntry(.existing(record), [FieldEdits(18, .text("week"))])])
    }
  }

  private func texts(_ place: TestPlace, _ record: RecordID) throws -> [Value] {
    try place.replica.record(record)?.state[title]?.heads.map(\.value) ?? []
  }

  private func isGone(_ record: RecordID, _ place: TestPlace) throws -> Bool {
    try place.replica.record(record)?.state.cells.isEmpty ?? true
  }

  private func stripped(_ change: Change) -> Change {
    Change(
      header: change.header, h0: change.h0, ciphertext: nil, ctHash: change.ctHash, signature: change.signature,
      id: change.id)
  }

  @Test func `R1 voids the ops of what was taken back and brings back what stood before them`() throws {
    let story = try Story()
    #expect(try texts(story.a, story.record) == [.text("rice")])
    #expect(try story.a.replica.record(story.record)?.state[17] == nil)
    #expect(try story.a.replica.record(story.record)?.state[18] != nil)
    #expect(try story.a.replica.check(full: true).damage == [])
    try story.b.take(from: story.a)
    #expect(try texts(story.b, story.record) == [.text("rice")])
    #expect(try story.b.digest() == story.a.digest())
  }

  @Test func `R1 gives the same state in every order of arrival, with and without the body`() throws {
    let story = try Story()
    let before = try story.b.changes(in: .commons)
    try story.b.take(from: story.a)
    let all = try story.a.changes(in: .commons)
    let slip = try #require(before.first { $0.id == story.slip })
    #expect(slip.ciphertext != nil)
    #expect(all.first { $0.id == story.slip }?.ciphertext == nil)
    var random = Seeded(7)
    for round in 0..<24 {
      let reader = try TestPlace(lateDeviceOf: story.a)
      try story.a.replica.settle()
      _ = try reader.replica.ingest(try story.a.changes(in: .governance))
      let rest = try story.a.changes(in: .commons)
      var deck = rest.map { round.isMultiple(of: 2) && $0.id == story.slip ? slip : $0 }
      if round % 3 == 0 { deck.append(slip) }
      deck.shuffle(using: &random)
      for change in deck { _ = try reader.replica.ingest([change]) }
      #expect(try reader.digest() == story.a.digest())
      #expect(try texts(reader, story.record) == [.text("rice")])
      #expect(try reader.replica.check(full: true).damage == [])
    }
  }

  @Test func `R1 counts a log only up to a body that is missing, and takes it from whoever has it`() throws {
    let a = try TestPlace(named: "A")
    let b = try TestPlace(joining: a)
    let commons = a.replica.id(of: .commons)
    var made: [Committed] = []
    for n in 0..<4 { made.append(try a.replica.commit(to: commons, [ContentEntry(need, [FieldEdits(title, .text("n\(n)"))])])) }
    let torn = try a.changes(in: .commons).map { $0.id == made[1].change ? stripped($0) : $0 }
    _ = try b.replica.ingest(torn)
    let log = try #require(torn.first { $0.id == made[1].change }).header
    let held = try b.replica.snapshot(of: commons).frontier.entries.first { $0.log == log.logID }
    #expect(held?.seq == log.seq - 1)
    #expect(try texts(b, made[1].created[0]) == [])
    #expect(try texts(b, made[3].created[0]) == [.text("n3")])
    let report = sync(b, a)
    #expect(report.converged)
    #expect(try texts(b, made[1].created[0]) == [.text("n1")])
    #expect(try b.digest() == a.digest())
    #expect(try b.replica.check(full: true).damage == [])
  }

  @Test func `R1 carries by stick what stands behind a body that is missing, and what builds on it`() throws {
    let a = try TestPlace(named: "A")
    let b = try TestPlace(joining: a)
    let c = try TestPlace(joining: a, named: "C")
    try b.take(from: a)
    let commons = a.replica.id(of: .commons)
    let withheld = try a.replica.commit(to: commons, [ContentEntry(need, [FieldEdits(title, .text("withheld"))])])
    let after = try a.replica.commit(to: commons, [ContentEntry(need, [FieldEdits(title, .text("after"))])])
    _ = try b.replica.ingest(try a.changes(in: .commons).map { $0.id == withheld.change ? stripped($0) : $0 })
    let upon = try b.replica.commit(to: commons, [ContentEntry(need, [FieldEdits(title, .text("upon"))])])
    let stick = c.folder + "/bundle"
    _ = try BundleWriter.write(
      to: stick, from: b.replica, spaces: [.zero, commons], key: try BundleKey.current(of: commons, in: b.replica))
    _ = try BundleReader.read(stick, into: c.replica)
    #expect(try texts(b, after.created[0]) == [.text("after")])
    #expect(try texts(c, after.created[0]) == [.text("after")])
    #expect(try texts(c, upon.created[0]) == [.text("upon")])
    #expect(try c.replica.check(full: true).waiting == 0)
    #expect(sync(c, a).converged)
    #expect(try texts(c, withheld.created[0]) == [.text("withheld")])
  }

  @Test func `R1 tells replicas apart that lack the bodies of different changes`() throws {
    let a = try TestPlace(named: "A")
    let b = try TestPlace(joining: a)
    let c = try TestPlace(joining: a, named: "C")
    let commons = a.replica.id(of: .commons)
    try b.take(from: a)
    try a.take(from: c)
    try b.take(from: a)
    var made: [ChangeID] = []
    for n in 0..<4 { made.append(try a.replica.commit(to: commons, [ContentEntry(need, [FieldEdits(title, .text("n\(n)"))])]).change) }
    let all = try a.changes(in: .commons)
    _ = try b.replica.ingest(all.map { $0.id == made[0] || $0.id == made[1] ? stripped($0) : $0 })
    _ = try c.replica.ingest(all.map { $0.id == made[0] ? stripped($0) : $0 })
    #expect(sync(b, c).converged)
    #expect(try b.digest() == c.digest())
  }

  @Test func `R1 holds a log whose missing bodies were taken back, over a session and by stick`() throws {
    let story = try Story()
    let d = try TestPlace(joining: story.a, named: "D")
    #expect(sync(d, story.a).converged)
    #expect(try d.digest() == story.a.digest())
    #expect(try d.replica.signedChange(story.slip)?.ciphertext == nil)
    let commons = story.a.replica.id(of: .commons)
    let stick = story.c.folder + "/bundle"
    _ = try BundleWriter.write(
      to: stick, from: d.replica, spaces: [.zero, commons], key: try BundleKey.current(of: commons, in: d.replica))
    _ = try BundleReader.read(stick, into: story.c.replica)
    #expect(try story.c.digest() == d.digest())
    #expect(try story.c.replica.signedChange(story.slip)?.ciphertext == nil)
    #expect(try story.c.replica.snapshot(of: commons).frontier == d.replica.snapshot(of: commons).frontier)
  }

  @Test func `drops the body from the disk of everyone who hears of it`() throws {
    let story = try Story()
    let body = try #require(try story.b.replica.signedChange(story.slip)?.ciphertext)
    #expect(try isOnDisk(body, story.b))
    try story.b.take(from: story.a)
    #expect(try !isOnDisk(body, story.a))
    #expect(try !isOnDisk(body, story.b))
    #expect(try story.b.replica.plainBody(of: story.slip) == nil)
    guard case .redacted(let by) = try story.b.replica.entry(story.slip)?.kind else {
      Issue.record("the history says that it was taken back")
      return
    }
    #expect(by == [story.redaction])
  }

  private func isOnDisk(_ bytes: [UInt8], _ place: TestPlace) throws -> Bool {
    try FileManager.default.contentsOfDirectory(atPath: place.folder).contains { file in
      try Data(contentsOf: URL(filePath: place.folder + "/" + file)).range(of: Data(bytes)) != nil
    }
  }

  @Test func `lets nobody but its own place and admins take a change back`() throws {
    let story = try Story()
    try story.b.take(from: story.a)
    let commons = story.a.replica.id(of: .commons)
    let founding = try story.a.replica.commit(to: commons, [ContentEntry(need, [FieldEdits(title, .text("stays"))])])
    try story.b.take(from: story.a)
    #expect(throws: ReplicaError.notAllowed(needs: .admin)) { try story.b.replica.redact([founding.change]) }
    #expect(throws: ReplicaError.unknownChange(story.redaction)) { try story.a.replica.redact([story.redaction]) }
    try story.b.replica.database.write {
      let ingestion = Ingestion(story.b.replica)
      let row = try story.b.replica.log.makeSpace(commons)
      _ = try story.b.replica.author(redactionOf: [founding.change], in: row, ingestion)
      _ = try ingestion.finish()
    }
    try story.a.take(from: story.b)
    for place in [story.a, story.b] { #expect(try texts(place, founding.created[0]) == [.text("stays")]) }
    #expect(try story.a.digest() == story.b.digest())
  }

  @Test func `takes back what a further device of the same place wrote`() throws {
    let a = try TestPlace(named: "A")
    let b = try TestPlace(joining: a)
    let second = try TestPlace(joining: b, named: "B2", asDevice: true)
    try exchange([a, b, second])
    let commons = a.replica.id(of: .commons)
    let made = try b.replica.commit(to: commons, [ContentEntry(need, [FieldEdits(title, .text("b's"))])])
    try second.take(from: b)
    try second.replica.redact([made.change])
    try exchange([a, b, second])
    for place in [a, b, second] {
      #expect(try isGone(made.created[0], place))
      #expect(try place.digest() == a.digest())
    }
  }

  @Test func `gives the ops back when the one who took them turns out not to be admin`() throws {
    let a = try TestPlace(named: "A")
    let b = try TestPlace(joining: a)
    let commons = a.replica.id(of: .commons)
    let made = try b.replica.commit(to: commons, [ContentEntry(need, [FieldEdits(title, .text("b's"))])])
    try a.take(from: b)
    let untouched = try TestPlace(copyOf: b) { _ in }
    try a.replica.redact([made.change])
    try b.take(from: a)
    #expect(try isGone(made.created[0], b))
    for redaction in try b.replica.log.redactions() {
      try b.replica.database.write {
        try b.replica.database.connection.execute("DELETE FROM redaction WHERE dot=\(redaction.rawValue)")
        var touched: [RecordStore.Key: [Dot]] = [:]
        let target = try #require(try b.replica.log.dot(of: made.change))
        try Recount(b.replica).judge(target, into: &touched)
      }
    }
    let row = try b.replica.snapshot(of: commons).frontier.entries.first { $0.author == b.replica.keys.card.signingKey }
    let whole = try untouched.replica.snapshot(of: commons).frontier.entries.first { $0.author == b.replica.keys.card.signingKey }
    #expect(row != whole)
    _ = try b.replica.ingest(try untouched.changes(in: .commons))
    #expect(try texts(b, made.created[0]) == [.text("b's")])
  }

  @Test func `makes a rebuilt replica the same`() throws {
    let story = try Story()
    let digest = try story.a.digest()
    try story.a.replica.rebuild()
    #expect(try story.a.digest() == digest)
    #expect(try texts(story.a, story.record) == [.text("rice")])
    #expect(try story.a.replica.check(full: true).damage == [])
  }
}
