// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto
import SyncEngine
import Testing

@Suite("A session") struct SyncTests {
  @Test func `of two that hold the same ends in the first round and sends no change`() throws {
    let (a, b) = try neighbours()
    let cable = Cable(a.replica, b.replica).run()
    for report in [cable.callerReport, cable.answererReport] {
      let report = try #require(report)
      #expect(report.converged && report.problem == nil)
      #expect(report.rounds == 1)
      #expect(report.sent == 0 && report.received == IngestReport())
    }
    #expect(cable.callerReport?.peer == b.replica.deviceID)
    #expect(cable.answererReport?.peer == a.replica.deviceID)
    #expect(cable.count <= 1_200)
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func `brings each exactly what it lacks, and both hold the same afterwards`(seed: UInt64) throws {
    let (a, b) = try neighbours()
    var worker = Worker(seed: seed)
    for _ in 0..<3 {
      try worker.work(at: a, changes: worker.random.below(40))
      try worker.work(at: b, changes: worker.random.below(40))
      let (leadA, leadB) = (try a.lead(over: b), try b.lead(over: a))
      let cable = Cable(a.replica, b.replica)
      cable.pieces = { 1 + worker.random.below(5_000) }
      cable.run()
      let (mine, theirs) = (try #require(cable.callerReport), try #require(cable.answererReport))
      #expect(mine.converged && theirs.converged)
      #expect((mine.sent, mine.received.new) == (leadA, leadB))
      #expect((theirs.sent, theirs.received.new) == (leadB, leadA))
      #expect(mine.received.known == 0 && theirs.received.known == 0)
      #expect(try a.digest() == b.digest())
      #expect(try a.frontier() == b.frontier())
      #expect(mine.bytesIn + mine.bytesOut == cable.count)
    }
  }

  @Test func `carries what others wrote, through whoever they meet`() throws {
    let (a, b) = try neighbours()
    let c = try TestPlace(joining: a, named: "C")
    let d = try TestPlace(joining: a, named: "D")
    for place in [a, b, c, d] { for i in 0..<5 { try place.write("\(i)") } }
    for _ in 0..<3 { for (one, other) in [(a, b), (b, c), (c, d)] { #expect(sync(one, other).converged) } }
    let digests = try [a, b, c, d].map { try $0.digest() }
    #expect(Set(digests).count == 1)
    #expect(sync(d, a).rounds == 1)
  }

  @Test func `of two devices of one place brings the place's own space too, to others it doesn't`() throws {
    let (a, b) = try neighbours()
    let second = try TestPlace(joining: a, named: "A", asDevice: true)
    try a.write("for us", to: a.home)
    try a.write("for all")
    #expect(sync(a, second).converged)
    #expect(try a.digest(.place(a.replica.placeID()!)) == second.digest(.place(a.replica.placeID()!)))
    #expect(sync(b, a).converged)
    #expect(try b.replica.snapshot(of: a.home).frontier.entries.isEmpty)
    #expect(try b.digest() == a.digest())
  }

  @Test func `brings governance first, so that a newcomer's changes count at once`() throws {
    let a = try TestPlace(named: "A")
    let b = try TestPlace(joining: a, named: "B", role: 3)
    #expect(sync(a, b).converged)
    let c = try TestPlace(joining: b, named: "C")
    try c.write("from the newcomer")
    #expect(sync(c, b).converged)
    let report = sync(b, a)
    #expect(report.converged)
    #expect(try a.replica.membership().isPresent(c.replica.deviceID))
    #expect(try a.digest() == c.digest())
  }

  @Test func `gives a newcomer its keys, and carries the name that it then writes`() throws {
    let (a, _) = try neighbours()
    for i in 0..<20 { try a.write("\(i)") }
    let late = try TestPlace(lateDeviceOf: a)
    let report = sync(late, a, by: .device(a.replica.deviceID))
    #expect(report.converged)
    #expect(try late.digest() == a.digest())
    #expect(try a.frontier().entries.contains { $0.author == late.replica.keys.card.signingKey })
  }

  @Test func `remembers what the other holds`() throws {
    let (a, b) = try neighbours()
    try a.write("x")
    try b.write("y")
    #expect(sync(a, b).converged)
    let known = try a.replica.known(of: b.replica.deviceID).held.seqs
    for entry in try b.frontier().entries { #expect(known[entry.log] == entry.seq) }
  }

  @Test func `takes more rounds while somebody goes on writing, and ends all the same`() throws {
    let (a, b) = try neighbours()
    try a.write("x")
    let cable = Cable(a.replica, b.replica)
    var written = 0
    cable.onStored = {
      if written < 20 { _ = try? b.write("meanwhile \(written)") }
      written += 1
    }
    cable.run()
    let report = try #require(cable.callerReport)
    #expect(report.rounds <= Session.rounds)
    #expect(report.converged || report.problem?.code == .finishedUnequal)
    cable.onStored = {}
    #expect(sync(a, b).converged)
  }

  @Test(arguments: [1, 2, 3, 17, 1_000]) func `has the same result however the bytes are cut up`(size: Int)
    throws
  {
    let (a, b) = try neighbours()
    for i in 0..<10 {
      try a.write("a\(i)")
      try b.write("b\(i)")
    }
    let cable = Cable(a.replica, b.replica)
    cable.pieces = { size }
    cable.run()
    #expect(cable.callerReport?.converged == true && cable.answererReport?.converged == true)
    #expect(cable.callerReport?.sent == 10 && cable.callerReport?.received.new == 10)
    #expect(try a.digest() == b.digest())
  }

  /// Workload W2: 20 logs, and 10 changes of 10 edits each new on either side.
  @Test func `stays within its budget of bytes`() throws {
    let founder = try TestPlace(named: "P0")
    var places = [founder]
    for number in 1..<20 { places.append(try TestPlace(joining: founder, named: "P\(number)")) }
    for place in places.dropFirst() { sync(place, founder) }
    let (a, b) = (places[0], places[1])
    #expect(sync(a, b).converged)
    let records = try (0..<10).map { try a.write("record \($0)") }
    #expect(sync(a, b).converged)
    #expect(try a.frontier().entries.count == 20)
    for place in [a, b] {
      for number in 0..<10 {
        let entries = records.sorted().map { record in
          ContentEntry(.existing(record), [FieldEdits(titleField, .text("v\(number)"))])
        }
        try place.replica.commit(to: place.commons, entries)
      }
    }
    let report = sync(a, b)
    #expect(report.converged)
    #expect(report.sent == 10 && report.received.new == 10)
    #expect(report.bytesIn + report.bytesOut <= 12_288, "\(report.bytesIn + report.bytesOut) bytes")
  }
}
