// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto
import SyncEngine
import Testing

@Suite("A session ends with code 3 on") struct MisuseTests {
  private func probe(greeting: Bool = true) throws -> (SessionProbe, TestPlace, TestPlace) {
    let (a, b) = try neighbours()
    return (SessionProbe(a.replica, peer: b.replica, greeting: greeting), a, b)
  }

  private func emptyList(_ space: SpaceID = .zero) -> Frame { .list(.init(space: space, entries: [])) }

  private func done(_ changes: UInt64, round: UInt64 = 1) -> Frame {
    .done(.init(space: .zero, changes: changes, round: round))
  }

  private func run(of place: TestPlace) throws -> Run {
    let change = try place.changes(in: .governance)[0]
    return Run(
      space: .zero, author: change.header.author, incarnation: change.header.incarnation, firstSeq: 1,
      entries: [RunEntry(change, previousStamp: 0)])
  }

  @Test func `any frame before HELLO`() throws {
    var (probe, _, _) = try probe(greeting: false)
    probe.differ()
    #expect(probe.isMalformed)
  }

  @Test func `a second HELLO`() throws {
    var (probe, _, _) = try probe()
    probe.say(.hello(.init(spaces: [], credit: 1 << 20, program: "")))
    #expect(probe.isMalformed)
  }

  @Test func `ROOT twice in a round`() throws {
    var (probe, _, _) = try probe()
    probe.differ()
    probe.differ()
    #expect(probe.isMalformed)
  }

  @Test(arguments: [0, 2, 9, 1 << 53] as [UInt64]) func `ROOT of a round that isn't this one`(round: UInt64)
    throws
  {
    var (probe, _, _) = try probe()
    probe.say(.root(.init(space: .zero, root: .zero, digest: nil, round: round)))
    #expect(probe.isMalformed)
  }

  @Test func `ROOT of content before governance is done`() throws {
    var (probe, a, _) = try probe()
    probe.say(.root(.init(space: a.commons, root: .zero, digest: nil, round: 1)))
    #expect(probe.isMalformed)
  }

  @Test func `LIST before the roots are there`() throws {
    var (probe, _, _) = try probe()
    probe.say(emptyList())
    #expect(probe.isMalformed)
  }

  @Test func `LIST twice`() throws {
    var (probe, _, _) = try probe()
    probe.differ()
    probe.say(emptyList())
    probe.say(emptyList())
    #expect(probe.isMalformed)
  }

  @Test func `LIST of a space whose roots are equal`() throws {
    var (probe, _, _) = try probe()
    probe.agree()
    probe.say(emptyList())
    #expect(probe.isMalformed)
  }

  @Test func `LIST that names a log twice`() throws {
    var (probe, _, _) = try probe()
    probe.differ()
    let entry = Frame.List.Entry(log: 5, seq: 1, tip: 5)
    probe.say(.list(.init(space: .zero, entries: [entry, entry])))
    #expect(probe.isMalformed)
  }

  @Test func `CHANGES before LIST`() throws {
    var (probe, a, _) = try probe()
    probe.differ()
    probe.say(.changes(try run(of: a)))
    #expect(probe.isMalformed)
  }

  @Test func `CHANGES after DONE`() throws {
    var (probe, a, _) = try probe()
    probe.differ()
    probe.say(emptyList())
    probe.say(done(0))
    probe.say(.changes(try run(of: a)))
    #expect(probe.isMalformed)
  }

  @Test func `CHANGES of a space that isn't being compared`() throws {
    var (probe, a, _) = try probe()
    probe.differ()
    probe.say(emptyList())
    var run = try run(of: a)
    run.space = a.commons
    probe.say(.changes(run))
    #expect(probe.isMalformed)
  }

  @Test func `nothing of a run that tells a false base`() throws {
    var (probe, a, _) = try probe()
    probe.differ()
    probe.say(emptyList())
    var run = try run(of: a)
    run.firstSeq = 2
    run.base = RunBase(prev: .zero, stamp: 1, cum: 1, epoch: nil, gov: [])
    probe.say(.changes(run))
    probe.say(done(UInt64(run.entries.count)))
    #expect(probe.session.report.received.new == 0)
    #expect(probe.session.report.received.refused.allSatisfy { $0.reason == .signature })
    #expect(probe.session.report.received.refused.count == run.entries.count)
  }

  @Test func `CHANGES beyond the credit that it gave`() throws {
    var (probe, a, _) = try probe()
    probe.differ()
    probe.say(emptyList())
    let run = try run(of: a)
    _ = probe.session.handle(.frame(.changes(run), size: Session.window + 1))
    #expect(probe.session.report.problem?.code == .protocolError)
  }

  @Test func `DONE before LIST`() throws {
    var (probe, _, _) = try probe()
    probe.differ()
    probe.say(done(0))
    #expect(probe.isMalformed)
  }

  @Test func `DONE with another count than came`() throws {
    var (probe, a, _) = try probe()
    probe.differ()
    probe.say(emptyList())
    probe.say(.changes(try run(of: a)))
    probe.say(done(2))
    #expect(probe.isMalformed)
  }

  @Test func `DONE of another round`() throws {
    var (probe, _, _) = try probe()
    probe.differ()
    probe.say(emptyList())
    probe.say(done(0, round: 2))
    #expect(probe.isMalformed)
  }

  @Test(arguments: [0x80, 0x81, 0x84, 0xff] as [UInt8])
  func `an unknown frame that it must understand`(type: UInt8) throws {
    var (probe, _, _) = try probe()
    probe.say(.unknown(type: type, payload: [1, 2, 3]))
    #expect(probe.isMalformed)
  }
}

@Suite("A session, frame by frame,") struct ProtocolTests {
  @Test func `opens with HELLO and the root of governance, under names of this session`() throws {
    let (a, b) = try neighbours()
    let probe = SessionProbe(a.replica, peer: b.replica)
    guard case .hello(let hello) = probe.frames[0], case .root(let root) = probe.frames[1] else {
      Issue.record("HELLO and ROOT")
      return
    }
    let spaces = try a.replica.readableSpaces().map { SessionProbe.name("hello", $0.bytes) }
    #expect(Set(hello.spaces) == Set(spaces))
    #expect(hello.credit >= 1 << 20)
    #expect(root.space == .zero && root.digest == nil && root.round == 1)
    let bytes = try a.frontier(.zero).entries.flatMap { entry in
      entry.log.bytes + (0..<8).reversed().map { UInt8(truncatingIfNeeded: entry.seq >> (8 * $0)) }
        + entry.tip.bytes
    }
    #expect(root.root.bytes == Hash.keyed("root", key: SessionProbe.key, bytes, count: 16))
    #expect(probe.frames.count == 2)
  }

  @Test func `skips what it need not understand, and PING at any time`() throws {
    let (a, b) = try neighbours()
    var probe = SessionProbe(a.replica, peer: b.replica)
    for type in [0x03, 0x05, 0x06, 0x08, 0x0a, 0x0b, 0x7f] as [UInt8] {
      probe.say(.unknown(type: type, payload: [0]))
      probe.say(.ping)
    }
    probe.agree()
    #expect(probe.session.report.problem == nil)
    #expect(probe.session.report.peer == b.replica.deviceID)
  }

  @Test func `sends no more than its credit`() throws {
    let (a, b) = try neighbours()
    for number in 0..<200 { try a.write(String(repeating: "y", count: 20_000) + "\(number)") }
    var probe = SessionProbe(a.replica, peer: b.replica, credit: 1 << 20)
    probe.agree()
    for case .root(let root) in probe.frames where root.space == a.commons {
      probe.say(.root(.init(space: a.commons, root: .zero, digest: root.digest, round: 1)))
    }
    probe.say(.list(.init(space: a.commons, entries: [])))
    probe.listen()
    var granted = 1 << 20
    #expect(probe.changeBytes <= granted && probe.changeBytes > granted - 300_000)
    for _ in 0..<3 {
      probe.say(.credit(500_000))
      probe.listen()
      granted += 500_000
      #expect(probe.changeBytes <= granted && probe.changeBytes > granted - 300_000)
    }
    probe.say(.credit(100 << 20))
    probe.listen()
    #expect(probe.session.report.sent == (try a.frontier().entries.reduce(0) { $0 + Int($1.seq) }))
    #expect(probe.frames.contains { if case .done(let done) = $0 { done.space == a.commons } else { false } })
  }

  @Test func `gives back what it has stored`() throws {
    let (a, b) = try neighbours()
    for number in 0..<300 { try a.write(String(repeating: "z", count: 20_000) + "\(number)") }
    let cable = Cable(a.replica, b.replica).run()
    #expect(cable.callerReport?.converged == true)
    let stored = cable.progress.filter { if case .stored = $0 { true } else { false } }
    #expect(stored.count >= 2)
  }

  @Test func `leaves out a run whose head it can't resolve, and says so`() throws {
    let (a, b) = try neighbours()
    try b.write("x")
    let change = try #require(b.changes(in: .commons).last)
    var probe = SessionProbe(a.replica, peer: b.replica)
    probe.agree()
    for case .root(let root) in probe.frames where root.space == a.commons {
      probe.say(.root(.init(space: a.commons, root: .zero, digest: root.digest, round: 1)))
    }
    probe.say(.list(.init(space: a.commons, entries: [.init(log: 1, seq: 1, tip: 1)])))
    var entry = RunEntry(change, previousStamp: 0)
    for place in [0, 1, 1 << 20] {
      entry.heads = [.listed(place)]
      probe.say(
        .changes(
          Run(
            space: a.commons, author: change.header.author, incarnation: change.header.incarnation,
            firstSeq: 1,
            entries: [entry])))
    }
    probe.say(.done(.init(space: a.commons, changes: 3, round: 1)))
    probe.listen()
    #expect(probe.session.report.problem == nil)
    probe.say(.close(.goingDown))
    #expect(probe.session.report.unplaced == 3)
  }

  @Test func `ends where the other floods it with changes that are refused`() throws {
    let (a, b) = try neighbours()
    var probe = SessionProbe(a.replica, peer: b.replica)
    probe.agree()
    for case .root(let root) in probe.frames where root.space == a.commons {
      probe.say(.root(.init(space: a.commons, root: .zero, digest: root.digest, round: 1)))
    }
    probe.say(.list(.init(space: a.commons, entries: [])))
    let entry = RunEntry(
      stampStep: 1, heads: [], nonce: [UInt8](repeating: 0, count: 24), ciphertext: .bytes([1]),
      signature: [UInt8](repeating: 0, count: 64))
    var sent = 0
    while !probe.isFinished && sent < 100_000 {
      let stranger = PublicKey(SecureRandom.bytes(32))!
      var first = entry
      first.extra.gov = a.replica.anchor
      first.extra.epoch = .zero
      probe.say(
        .changes(
          Run(
            space: a.commons, author: stranger, incarnation: 1, firstSeq: 1,
            entries: [first] + [RunEntry](repeating: entry, count: 999))))
      sent += 1_000
    }
    guard case .limit = probe.session.report.problem else {
      Issue.record("\(String(describing: probe.session.report.problem))")
      return
    }
    #expect(probe.session.report.received.refused.count <= 10_000)
  }

  @Test func `doesn't believe in convergence because the other says so`() throws {
    let (a, b) = try neighbours()
    var probe = SessionProbe(a.replica, peer: b.replica)
    probe.say(.close(.converged))
    #expect(!probe.session.report.converged)
    probe = SessionProbe(a.replica, peer: b.replica)
    probe.agree()
    probe.say(.close(.converged))
    #expect(!probe.session.report.converged && probe.isFinished)
  }

  @Test func `goes on without a space that the other turns out not to share`() throws {
    let (a, b) = try neighbours()
    var probe = SessionProbe(a.replica, peer: b.replica)
    probe.agree()
    guard case .root(let root) = try #require(probe.frames.last) else { return }
    #expect(root.space == a.commons)
    for case .root(var root) in probe.frames where root.space == .zero {
      root.round = 2
      probe.say(.root(root))
    }
    #expect(probe.closed == .finishedUnequal && !probe.session.report.converged)
  }

  @Test func `with someone whom nobody admitted ends with code 2, and shows no content`() throws {
    let (a, b) = try neighbours()
    try a.write("for members")
    let cable = Cable(Impostor(b.replica), a.replica).run()
    guard case .notMember = cable.answererReport?.problem else {
      Issue.record("\(String(describing: cable.answererReport))")
      return
    }
    guard case .closed(.notMember) = cable.callerReport?.problem else {
      Issue.record("\(String(describing: cable.callerReport))")
      return
    }
    #expect(cable.answererReport?.sent == 0)
    #expect(try b.lead(over: a) == 0)
  }

  @Test func `that makes other records of the same changes ends as a fault`() throws {
    let (a, b) = try neighbours()
    let cable = Cable(Misreader(a.replica), b.replica).run()
    for report in [cable.callerReport, cable.answererReport] {
      #expect(report?.converged == false)
      guard case .digestsDiffer(let spaces) = report?.problem else {
        Issue.record("\(String(describing: report))")
        continue
      }
      #expect(spaces == [a.commons])
    }
  }

  @Test func `whose replica fails tells the other, and its own caller why`() throws {
    let (a, b) = try neighbours()
    try b.write("x")
    let cable = Cable(Broken(a.replica), b.replica).run()
    guard case .store(let error as StoreError) = cable.callerReport?.problem else {
      Issue.record("\(String(describing: cable.callerReport))")
      return
    }
    #expect(error == .full("/"))
    guard case .closed(.ownLimit) = cable.answererReport?.problem else {
      Issue.record("\(String(describing: cable.answererReport))")
      return
    }
  }
}
