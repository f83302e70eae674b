// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Foundation
import MujawaraCrypto
import Testing

@testable import SyncEngine

@Suite("R7: a device that was restored or cloned") struct RestoredTests {
  /// A backup of the place, opened.
  private func backup(of place: TestPlace) throws -> TestPlace {
    let backup = try TestPlace(copyOf: place) { _ in }
    backup.clock.now = place.clock.now
    return backup
  }

  @Test func `R7 a backup that meets its later self goes on in a log of its own, and nothing was ever held`() throws {
    let (a, b) = try neighbours()
    let old = try backup(of: a)
    try a.write("after the backup")
    #expect(sync(a, b).converged)
    let before = old.replica.incarnation
    let report = sync(old, b)
    #expect(report.converged && report.received.ownLogGrew)
    #expect(old.replica.incarnation != before)
    try old.write("after the restoration")
    let again = sync(old, b)
    #expect(again.converged && !again.received.ownLogGrew)
    #expect(try b.replica.forkCount() == 0 && old.replica.forkCount() == 0)
    #expect(try b.digest() == old.digest())
  }

  @Test func `R7 the new incarnation is durable, and other processes see it`() throws {
    let (a, b) = try neighbours()
    let old = try backup(of: a)
    let other = try Replica.open(old.folder, passphrase: { SecretBytes(random: 1) }, clock: { 1_800_000_000_000 })
    try a.write("after the backup")
    try b.take(from: a)
    #expect(try old.take(from: b).ownLogGrew)
    let incarnation = old.replica.incarnation
    _ = try other.membership()
    #expect(other.incarnation == incarnation)
    try old.reopen()
    #expect(old.replica.incarnation == incarnation)
  }

  @Test func `R7 a later change of its own that waits is warning enough`() throws {
    let (a, b) = try neighbours()
    let old = try backup(of: a)
    try a.write("1")
    try a.write("2")
    let last = try a.changes(in: .commons).filter { $0.header.author.bytes == a.replica.keys.card.sign }.last!
    let report = try old.replica.ingest([last])
    #expect(report.waiting == 1 && report.ownLogGrew)
    try old.write("not a fork")
    #expect(sync(a, b).converged && sync(old, b).converged)
    #expect(try b.replica.forkCount() == 0)
  }

  @Test func `R7 a backup that wrote before it met anybody: all is held, then all counts again`() throws {
    let (a, b) = try neighbours()
    let c = try TestPlace(joining: a, named: "C")
    try exchange([a, b, c])
    let record = try a.write("first")
    try exchange([a, b, c])
    let old = try backup(of: a)
    try a.edit(record, "lost with the disk")
    try old.edit(record, "written on the backup")
    try b.take(from: a)
    try c.take(from: old)
    try b.take(from: c)
    #expect(try b.replica.heldChanges() == [a.replica.deviceID: 2])
    #expect(try b.replica.record(record)!.state[titleField]!.heads.map(\.value) == [.text("first")])
    // Only the backup is left of the device.
    #expect(try old.take(from: b).ownLogGrew)
    #expect(try old.replica.settle())
    #expect(try !old.replica.settle())
    for place in [b, c] { try place.take(from: old) }
    for place in [old, b, c] {
      #expect(try place.replica.heldChanges().isEmpty)
      #expect(try Set(place.replica.record(record)!.state[titleField]!.heads.map(\.value)) == [
        .text("lost with the disk"), .text("written on the backup"),
      ])
      #expect(try place.digest() == old.digest())
      #expect(try place.replica.check(full: true).damage == [])
    }
  }

  @Test func `R7 two copies in use find together, and neither goes back to the log that they shared`() throws {
    let (a, b) = try neighbours()
    let clone = try backup(of: a)
    for round in 0..<4 {
      try a.write("one \(round)")
      try clone.write("other \(round)")
      #expect(sync(a, b).converged && sync(clone, b).converged && sync(a, b).converged)
    }
    #expect(try a.digest() == clone.digest() && b.digest() == a.digest())
    #expect(try a.replica.heldChanges().isEmpty)
    let logs = try b.frontier().entries.filter { $0.author == a.replica.keys.card.signingKey }
    #expect(Set(logs.map(\.log)).count == 3)
  }

  @Test func `R7 a fork in governance: both branches are judged like any concurrent ops`() throws {
    let (a, b) = try neighbours()
    let clone = try backup(of: a)
    let cards = (0..<2).map { _ in DeviceKeys.generate().card }
    try a.replica.commitGovernance([.placeAdmit(card: cards[0], role: 2, invite: nil, countersign: nil)])
    try clone.replica.commitGovernance([.placeAdmit(card: cards[1], role: 2, invite: nil, countersign: nil)])
    let pieces = [try a.changes(in: .governance), try clone.changes(in: .governance)]
    for order in permutations(pieces) {
      let place = try TestPlace(copyOf: b) { _ in }
      for piece in order { #expect(try place.replica.ingest(piece).refused.isEmpty) }
      let members = try place.replica.membership()
      #expect(cards.allSatisfy { members.isPresent($0.device) })
      #expect(try place.replica.heldChanges().isEmpty && place.replica.forkCount() == 1)
      try place.reopen()
      #expect(try place.replica.membership().devices.count == members.devices.count)
      #expect(try place.replica.check(full: true).damage == [])
    }
  }

  @Test func `R7 a newcomer is given both branches of governance`() throws {
    let (a, b) = try neighbours()
    let clone = try backup(of: a)
    try a.replica.commitGovernance([.placeAdmit(card: DeviceKeys.generate().card, role: 2, invite: nil, countersign: nil)])
    try clone.replica.commitGovernance([.placeAdmit(card: DeviceKeys.generate().card, role: 1, invite: nil, countersign: nil)])
    #expect(sync(a, b).converged && sync(clone, b).converged && sync(a, b).converged)
    let late = try TestPlace(joining: a, named: "late")
    #expect(sync(late, b).converged)
    #expect(try late.replica.membership().devices.count == b.replica.membership().devices.count)
    let code = try a.invite()
    let applicant = try Applicant()
    let cable = Cable(
      .joining(code, keys: applicant.keys, name: "N", program: "test", now: 0),
      .answering(Doorkeeper(store: a.replica), program: "test", now: 0)).run()
    let joined = try #require(cable.callerReport?.joined)
    let newcomer = try applicant.become(joined, named: "N", clock: a.clock)
    let session = Cable(newcomer, a.replica, by: .device(a.replica.deviceID)).run()
    #expect(session.callerReport?.converged == true, "\(session.callerReport!) \(session.answererReport!)")
    #expect(try newcomer.forkCount() >= 1)
  }

  @Test func `R7 a key change on a held branch opens what is sealed under it, whatever came first`() throws {
    let (a, b) = try neighbours()
    let c = try TestPlace(joining: a, named: "C")
    try exchange([a, b, c])
    let clone = try backup(of: c)
    try c.write("one history")
    try clone.replica.database.write {
      let ingestion = Ingestion(clone.replica)
      try clone.replica.rotate(.commons, ingestion)
      _ = try ingestion.finish()
    }
    // Under the new key, on the branch; and by somebody else who got it.
    try clone.write("other history")
    let friend = try TestPlace(copyOf: b) { _ in }
    friend.clock.now += 60_000
    try friend.take(from: clone)
    let record = try friend.write("sealed under the new key")
    let pieces = [try c.changes(in: .commons), try clone.changes(in: .commons), try friend.changes(in: .commons)]
    var digests: Set<[UInt8]> = []
    var epochs: Set<String> = []
    for order in permutations(pieces) {
      let place = try TestPlace(copyOf: a) { _ in }
      for piece in order { #expect(try place.replica.ingest(piece).refused.isEmpty) }
      #expect(try place.replica.record(record)?.isVisible == true)
      epochs.insert("\(try place.replica.currentEpoch(of: .commons)!.id)")
      digests.insert(try place.digest())
    }
    #expect(digests.count == 1 && epochs.count == 1)
    // Only of the branch that nobody saw.
    let place = try TestPlace(copyOf: a) { _ in }
    for piece in [pieces[0], pieces[1]] { _ = try place.replica.ingest(piece) }
    #expect(try place.replica.heldChanges().values.reduce(0, +) == 2)
    #expect(try epochs == ["\(place.replica.currentEpoch(of: .commons)!.id)"])
  }

  @Test func `R7 what an earlier version kept as a proof becomes a branch when its replica is opened`() throws {
    let (a, b) = try neighbours()
    let clone = try backup(of: b)
    try b.write("one")
    try clone.write("other")
    try a.take(from: b)
    let proof = try clone.changes(in: .commons).last { $0.header.author.bytes == b.replica.keys.card.sign }!
    let old = try TestPlace(copyOf: a) { _ in }
    try old.replica.database.write {
      try old.replica.database.connection.statement("INSERT INTO fork(id, log, seq, envelope) VALUES(?,1,?,?)")
        .bind(1, proof.id.bytes).bind(2, proof.header.seq).bind(3, proof.envelope()).run()
    }
    try old.reopen()
    #expect(try old.replica.forkCount() == 1 && old.replica.entry(proof.id) != nil)
    try a.take(from: clone)
    #expect(try old.digest() == a.digest() && old.frontier() == a.frontier())
    #expect(try old.replica.check(full: true).damage == [])
  }
}
