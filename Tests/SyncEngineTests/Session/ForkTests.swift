// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto
import SyncEngine
import Testing

@Suite("R7 sessions: a forked log") struct ForkTests {
  /// The same device twice, as after a restored backup: each copy goes on by itself.
  private func twin(of place: TestPlace) throws -> TestPlace {
    let twin = try TestPlace(copyOf: place) { _ in }
    twin.clock.now = place.clock.now
    return twin
  }

  /// A founder and members who hold the same.
  private func town(_ count: Int) throws -> [TestPlace] {
    let founder = try TestPlace(named: "A")
    let places = [founder] + (try (1..<count).map { try TestPlace(joining: founder, named: "P\($0)") })
    try exchange(places)
    return places
  }

  private func expectEqual(_ places: [TestPlace], sourceLocation: SourceLocation = #_sourceLocation) throws {
    for place in places {
      #expect(try place.digest() == places[0].digest(), sourceLocation: sourceLocation)
      #expect(try place.frontier() == places[0].frontier(), sourceLocation: sourceLocation)
      #expect(try place.replica.check(full: true).damage == [], sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: [(0, 1), (1, 1), (1, 2), (3, 9), (40, 3)])
  func `of which each holds another branch is held whole by both at the end`(lengths: (Int, Int)) throws {
    let places = try town(3)
    let (a, b, c) = (places[0], places[1], places[2])
    let other = try twin(of: a)
    for n in 0...lengths.0 { try a.write("one \(n)") }
    for n in 0...lengths.1 { try other.write("other \(n)") }
    #expect(sync(a, b).converged && sync(other, c).converged)
    let report = sync(b, c)
    #expect(report.converged && report.rounds <= 4)
    try expectEqual([b, c])
  }

  @Test func `is told in the words of the one who holds both`() throws {
    let places = try town(3)
    let (a, b, c) = (places[0], places[1], places[2])
    let other = try twin(of: a)
    try a.write("one")
    try other.write("other")
    #expect(sync(a, b).converged && sync(other, c).converged)
    #expect(sync(b, c).converged)
    // A third one gets both branches from whoever holds them.
    let d = places[0]
    let report = sync(b, d)
    #expect(report.converged && report.rounds <= 4)
    #expect(try b.replica.forkCount() == 1)
  }

  @Test func `of which one side knows both branches and the other one`() throws {
    let places = try town(4)
    let (a, b, c, d) = (places[0], places[1], places[2], places[3])
    let other = try twin(of: a)
    for n in 0..<5 { try a.write("one \(n)") }
    for n in 0..<2 { try other.write("other \(n)") }
    #expect(sync(a, b).converged && sync(other, c).converged && sync(a, d).converged)
    #expect(sync(b, c).converged)
    let report = sync(c, d)
    #expect(report.converged && report.rounds <= 2)
    try expectEqual([b, c, d])
  }

  @Test func `that both know and one knows more of`() throws {
    let places = try town(3)
    let (a, b, c) = (places[0], places[1], places[2])
    let other = try twin(of: a)
    try a.write("one")
    try other.write("other")
    #expect(sync(a, b).converged && sync(other, c).converged && sync(b, c).converged)
    try b.write("b's")
    try other.write("the other's next")
    #expect(sync(other, c).converged)
    let report = sync(b, c)
    #expect(report.converged && report.rounds <= 3)
    try expectEqual([b, c])
  }

  @Test func `with a fork at its very beginning`() throws {
    let places = try town(4)
    let (a, b, c) = (places[1], places[2], places[3])
    // A late device has written nothing yet, so both copies begin its log.
    let late = try TestPlace(lateDeviceOf: places[0])
    try places[0].replica.settle()
    try late.take(from: places[0])
    let other = try twin(of: late)
    for n in 0..<3 { try late.write("one \(n)") }
    try other.write("other")
    for place in [a, b, c] { #expect(sync(place, places[0]).converged) }
    #expect(sync(late, b).converged && sync(other, c).converged)
    let report = sync(b, c)
    #expect(report.converged && report.rounds <= 4)
    try expectEqual([b, c])
  }

  @Test func `goes through a network of whom none knew it`() throws {
    let places = try town(5)
    let other = try twin(of: places[0])
    for n in 0..<4 { try places[0].write("one \(n)") }
    for n in 0..<6 { try other.write("other \(n)") }
    #expect(sync(places[0], places[1]).converged && sync(other, places[2]).converged)
    for (one, two) in [(1, 3), (2, 4), (3, 4), (1, 3), (2, 4), (1, 2)] { #expect(sync(places[one], places[two]).converged) }
    try expectEqual(Array(places[1...]))
  }

  @Test func `of one's own heals when the two copies meet others`() throws {
    let places = try town(3)
    let (a, b, c) = (places[0], places[1], places[2])
    let other = try twin(of: a)
    try a.write("one")
    try other.write("other")
    #expect(sync(a, b).converged && sync(other, c).converged && sync(b, c).converged)
    #expect(try b.replica.heldChanges().values.reduce(0, +) > 0)
    let report = sync(a, b)
    #expect(report.converged && report.received.ownLogGrew)
    #expect(try a.replica.heldChanges().isEmpty && b.replica.heldChanges().isEmpty)
    #expect(sync(b, c).converged)
    try expectEqual([a, b, c])
    #expect(sync(other, c).converged)
    try expectEqual([other, c])
  }

  @Test func `is left aside where one side knows no branches, and the rest goes on`() throws {
    let places = try town(4)
    let (a, b, c, d) = (places[0], places[1], places[2], places[3])
    let other = try twin(of: a)
    try a.write("one")
    try other.write("other")
    #expect(sync(a, b).converged && sync(other, c).converged && sync(a, d).converged)
    #expect(sync(b, c).converged)
    let record = try b.write("later")
    let before = try d.frontier().entries.filter { $0.author == a.replica.keys.card.signingKey }
    let (one, two) = oldSession(b, d)
    for report in [one, two] {
      #expect(!report.converged)
      guard case .unequal = report.problem else {
        Issue.record("\(report)")
        return
      }
    }
    #expect(try d.replica.record(record) != nil)
    #expect(try d.frontier().entries.filter { $0.author == a.replica.keys.card.signingKey } == before)
  }

  /// A session of version 1, frame by frame.
  private func oldSession(_ one: TestPlace, _ other: TestPlace) -> (SessionReport, SessionReport) {
    func session(_ place: TestPlace, _ peer: TestPlace) -> Session {
      Session(
        store: place.replica, key: SessionProbe.key, peerStatic: peer.replica.keys.card.noiseKey, program: "test",
        version: 1)
    }
    var sessions = [session(one, other), session(other, one)]
    var waiting: [[SessionEffect]] = sessions.indices.map { sessions[$0].handle(.start) }
    var decoders = [FrameDecoder(), FrameDecoder()]
    while waiting.contains(where: { !$0.isEmpty }) {
      for side in 0...1 {
        let effects = waiting[side]
        waiting[side] = []
        for case .send(let bytes) in effects {
          decoders[1 - side].feed(bytes)
          while let raw = try! decoders[1 - side].nextRaw() {
            let frame = try! Frame(type: raw.type, payload: raw.payload)
            if case .list(let list) = frame { #expect(Set(list.entries.map(\.log)).count == list.entries.count) }
            waiting[1 - side] += sessions[1 - side].handle(.frame(frame, size: raw.payload.count))
          }
        }
        while !sessions[side].isEnded {
          let more = sessions[side].handle(.room)
          if more.isEmpty { break }
          waiting[side] += more
        }
      }
    }
    return (sessions[0].report, sessions[1].report)
  }
}
