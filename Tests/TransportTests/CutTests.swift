// SPDX-License-Identifier: AGPL-3.0-or-later

import SyncEngine
import Testing
import Transport

@Suite("A link that breaks") struct CutTests {
  /// Calls through the proxy until both hold the same; what has come never goes again. Returns the calls.
  private func persist(_ caller: Place, through proxy: Proxy, atMost limit: Int) throws -> Int {
    let replica = try caller.open()
    var held = try replica.sizes().changes
    for calls in 1...limit {
      let report = try Dialer.sync(replica, with: proxy.address, program: "caller")
      let now = try replica.sizes().changes
      #expect(now >= held, "what has come stays")
      held = now
      if report.converged { return calls }
      #expect(report.problem != nil, "a session that didn't converge says why")
    }
    return limit
  }

  private func conclude(_ a: Place, _ b: Place, _ host: Host, _ proxy: Proxy) throws {
    proxy.stop()
    #expect(host.stop())
    #expect(try a.isEqual(to: b))
    #expect(try a.damage() == [] && b.damage() == [])
  }

  @Test(arguments: [1, 2])
  func `again and again, anywhere, keeps what has come`(seed: UInt64) throws {
    let a = try Place.founding()
    let b = try a.admitting()
    try a.write(120, bytes: 1_500)
    try b.write(60, bytes: 1_500)
    let host = try Host(a)
    let proxy = Proxy(to: host.address, cuttingBelow: 40_000, seed: seed)
    #expect(try persist(b, through: proxy, atMost: 2_000) > 5)
    #expect(proxy.cuts >= 5, "the link was cut \(proxy.cuts) times")
    try conclude(a, b, host, proxy)
  }

  /// Both directions and the handshake are counted together.
  @Test(arguments: [(4_096, 700), (16_384, 6_000)])
  func `always after the same few bytes gets on all the same`(cut: Int, size: Int) throws {
    let a = try Place.founding()
    let b = try a.admitting()
    try a.write(25, bytes: size)
    try b.write(15, bytes: size)
    let host = try Host(a)
    let proxy = Proxy(to: host.address, cuttingAt: Array(repeating: cut, count: 300))
    #expect(try persist(b, through: proxy, atMost: 300) < 150)
    #expect(proxy.cuts >= 3, "the link was cut \(proxy.cuts) times")
    try conclude(a, b, host, proxy)
  }

  @Test func `in the middle of a joining lets it be repeated with the same code and keys`() throws {
    let a = try Place.founding()
    try a.write(5)
    let code = try a.invite()
    let host = try Host(a)
    let cuts = [0, 100, 300, 500, 700, 900, 1_100, 1_300, 1_500]
    let proxy = Proxy(to: host.address, cuttingAt: cuts)
    let b = try Place.unborn()
    for cut in cuts {
      let report = try Dialer.join(code, keys: b.keys, name: "B", at: proxy.address, program: "joiner")
      #expect(report.joined == nil && report.problem != nil, "cut after \(cut) bytes")
      if case .refused(let reason)? = report.problem { Issue.record("refused: \(reason)") }
    }
    #expect(proxy.cuts == cuts.count)
    let report = try Dialer.join(code, keys: b.keys, name: "B", at: proxy.address, program: "joiner")
    proxy.stop()
    _ = try b.join(try #require(report.joined))
    #expect(try call(b, host.address, device: a.keys.card.device).converged)
    #expect(host.stop())
    #expect(try a.open().membership().places.count == 2)
    #expect(try a.damage() == [] && b.damage() == [])
  }
}
