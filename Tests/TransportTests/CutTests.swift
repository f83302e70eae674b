// SPDX-License-Identifier: AGPL-3.0-or-later

import SyncEngine
import Testing
import Transport

@Suite("A link that breaks") struct CutTests {
  @Test(arguments: [1, 2])
  func `again and again, anywhere, keeps what has come`(seed: UInt64) throws {
    let a = try Place.founding()
    let b = try a.admitting()
    try a.write(300, bytes: 1_500)
    try b.write(150, bytes: 1_500)
    let host = try Host(a)
    let proxy = Proxy(to: host.address, cuttingBelow: 40_000, seed: seed)
    let replica = try b.open()
    var held = try replica.sizes().changes
    var calls = 0
    var isEqual = false
    while !isEqual, calls < 5_000 {
      let report = try Dialer.sync(replica, with: proxy.address, program: "caller")
      calls += 1
      isEqual = report.converged
      if !isEqual { #expect(report.problem != nil, "a session that didn't converge says why") }
      let now = try replica.sizes().changes
      #expect(now >= held, "what has come stays")
      held = now
      if calls.isMultiple(of: 100) { #expect(try b.damage() == []) }
    }
    proxy.stop()
    #expect(isEqual)
    #expect(proxy.cuts >= 10, "the link was cut \(proxy.cuts) times")
    #expect(host.stop())
    #expect(try a.isEqual(to: b))
    #expect(try a.damage() == [] && b.damage() == [])
  }

  @Test func `in the middle of a joining lets it be repeated with the same code and keys`() throws {
    let a = try Place.founding()
    try a.write(5)
    let code = try a.invite()
    let host = try Host(a)
    let proxy = Proxy(to: host.address, cuttingBelow: 8_000, seed: 7)
    let b = try Place.unborn()
    var result: JoinResult?
    for _ in 0..<500 where result == nil {
      let report = try Dialer.join(code, keys: b.keys, name: "B", at: proxy.address, program: "joiner")
      result = report.joined
      if case .refused(let reason)? = report.problem { Issue.record("refused: \(reason)") }
    }
    proxy.stop()
    #expect(proxy.cuts >= 1, "the link was cut \(proxy.cuts) times")
    _ = try b.join(try #require(result))
    let report = try call(b, host.address, device: a.keys.card.device)
    #expect(report.converged)
    #expect(host.stop())
    #expect(try a.open().membership().places.count == 2)
    #expect(try a.damage() == [] && b.damage() == [])
  }
}
