// SPDX-License-Identifier: AGPL-3.0-or-later

import MujawaraCrypto
import SyncEngine
import Testing

@Suite("A link in time") struct TimeTests {
  private func isStalled(_ report: SessionReport?) -> Bool {
    if case .stalled = report?.problem { true } else { false }
  }

  @Test func `gives up a call that nobody answers: after 2 s if it can try another key, after 10 s if not`()
    throws
  {
    let (a, _) = try neighbours()
    for (hasFallback, patience) in [(true, 2_000), (false, 10_000)] as [(Bool, UInt64)] {
      let peer = ManualPeer(.calling(a.replica, by: .group, hasFallback: hasFallback, program: "", now: 0))
      #expect(peer.heard.count == 128)
      peer.wait(patience - 500)
      #expect(peer.report == nil)
      peer.wait(500)
      guard case .silence = peer.report?.problem else {
        Issue.record("\(String(describing: peer.report))")
        return
      }
    }
  }

  @Test func `sends a PING after 25 to 40 s, and ends after 120 s of silence`() throws {
    let (a, b) = try neighbours()
    let peer = ManualPeer(calling: a.replica)
    try peer.shakeHands(as: b.replica)
    peer.wait(24_500)
    #expect(!peer.frames.contains(.ping))
    peer.wait(16_000)
    #expect(peer.frames.contains(.ping))
    #expect(peer.report == nil)
    peer.wait(79_500)
    #expect(isStalled(peer.report))
  }

  @Test func `ends if a record takes more than 60 s, however steadily it comes`() throws {
    let (a, b) = try neighbours()
    let peer = ManualPeer(calling: a.replica)
    try peer.shakeHands(as: b.replica)
    for _ in 0..<17 where peer.report == nil {
      peer.hand([0])
      peer.wait(4_000)
    }
    #expect(isStalled(peer.report))
  }

  @Test func `ends if for ten minutes nothing but PING comes`() throws {
    let (a, b) = try neighbours()
    let peer = ManualPeer(calling: a.replica)
    try peer.shakeHands(as: b.replica)
    for _ in 0..<25 where peer.report == nil {
      try peer.say(.ping)
      peer.wait(30_000)
    }
    #expect(isStalled(peer.report))
    #expect(peer.now <= 610_000)
  }

  @Test func `isn't kept alive by frames that say nothing`() throws {
    let (a, b) = try neighbours()
    let peer = ManualPeer(calling: a.replica)
    try peer.shakeHands(as: b.replica)
    for _ in 0..<100 where peer.report == nil {
      try peer.say(.unknown(type: 0x33, payload: [UInt8](repeating: 0, count: 900)))
      peer.wait(10_000)
    }
    #expect(isStalled(peer.report))
  }

  @Test func `waits 10 s for the other's CLOSE, and has converged without it`() throws {
    let (a, b) = try neighbours()
    let caller = Link.calling(b.replica, by: .group, program: "", now: 0)
    let answerer = Link.answering(Doorkeeper(store: a.replica), program: "", now: 0)
    var toAnswerer = bytes(caller.handle(.start, now: 0))
    _ = answerer.handle(.start, now: 0)
    while !answerer.isOver {
      let answer = bytes(answerer.handle(.received(toAnswerer), now: 0))
      if answerer.isOver { break }
      toAnswerer = bytes(caller.handle(.received(answer), now: 0))
    }
    #expect(report(caller.handle(.tick, now: 9_500)) == nil)
    #expect(report(caller.handle(.tick, now: 10_000))?.converged == true)
  }

  @Test func `hands out no more than about 1 MiB that isn't reported as sent`() throws {
    let (a, b) = try neighbours()
    for number in 0..<150 { try a.write(String(repeating: "w", count: 20_000) + "\(number)") }
    let link = Link.answering(Doorkeeper(store: a.replica), program: "", now: 0)
    let caller = Link.calling(b.replica, by: .group, program: "", now: 0)
    var toAnswerer = bytes(caller.handle(.start, now: 0))
    _ = link.handle(.start, now: 0)
    var handed = 0
    while !toAnswerer.isEmpty {
      let answer = bytes(link.handle(.received(toAnswerer), now: 0))
      handed += answer.count
      toAnswerer = bytes(caller.handle(.received(answer), now: 0))
      _ = caller.handle(.sent(toAnswerer.count), now: 0)
    }
    #expect(handed > 1 << 20 && handed < (1 << 20) + 400_000)
    #expect(!link.isOver)
  }

  private func report(_ effects: [LinkEffect]) -> SessionReport? {
    for case .finished(let report) in effects { return report }
    return nil
  }

  private func bytes(_ effects: [LinkEffect]) -> [UInt8] {
    effects.flatMap { effect -> [UInt8] in if case .send(let bytes) = effect { bytes } else { [] } }
  }

  @Test func `says that it goes when it is told to stop`() throws {
    let (a, b) = try neighbours()
    let peer = ManualPeer(calling: a.replica)
    try peer.shakeHands(as: b.replica)
    let effects = peer.link.stop(.limit("going down"), as: .goingDown, now: 0)
    #expect(peer.link.isOver)
    #expect(!bytes(effects).isEmpty)
  }
}
