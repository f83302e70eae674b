// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto
import SyncEngine
import Testing

@Suite("A broken link") struct CutTests {
  /// Both write one change, the link is cut after so many bytes (each number of them in one of four tests),
  /// and the next session brings the rest. Histories grow, sessions stay the same size.
  @Test(arguments: 0..<4) func `loses nothing wherever it breaks`(remainder: Int) throws {
    let (a, b) = try neighbours()
    try a.write("first")
    try b.write("first")
    let whole = Cable(a.replica, b.replica).run().count
    for cut in stride(from: remainder, through: whole, by: 4) {
      try a.write("a\(cut)")
      try b.write("b\(cut)")
      let cable = Cable(a.replica, b.replica)
      cable.cutAfter = cut
      cable.run()
      #expect(cable.isOver)
      let before = try a.lead(over: b) + b.lead(over: a)
      let report = sync(a, b)
      try #require(report.converged, "after a cut at \(cut)")
      try #require(report.sent + report.received.new == before, "after a cut at \(cut)")
    }
    #expect(try a.digest() == b.digest())
  }

  @Test(arguments: [1, 2] as [UInt64])
  func `loses nothing however often it breaks`(seed: UInt64) throws {
    let (a, b) = try neighbours()
    var random = Seeded(seed)
    for place in [a, b] {
      for number in 0..<400 {
        try place.write(String(repeating: "x", count: random.below(2_000)) + "\(number)")
      }
    }
    var cuts = 0
    while true {
      let cable = Cable(a.replica, b.replica)
      cable.cutAfter = 800 + random.below(20_000)
      cable.pieces = { 1 + random.below(3_000) }
      cable.run()
      if cable.callerReport?.converged == true { break }
      cuts += 1
      try #require(cuts < 2_000)
    }
    #expect(cuts >= 100)
    #expect(try a.digest() == b.digest())
  }

  /// Every session breaks after the same few bytes, both directions and the handshake counted together: what
  /// came whole before the break is kept, so the two still get there.
  @Test(arguments: [(3_072, 200), (4_096, 1_000), (8_192, 2_500), (65_536, 20_000)])
  func `gets on even if it always breaks early`(cut: Int, largest: Int) throws {
    let (a, b) = try neighbours()
    var random = Seeded(UInt64(cut))
    for place in [a, b] {
      for number in 0..<60 {
        try place.write(String(repeating: "x", count: random.below(largest)) + "\(number)")
      }
    }
    var sessions = 0
    while sessions < 500 {
      let cable = Cable(a.replica, b.replica)
      cable.cutAfter = cut
      cable.run()
      sessions += 1
      if cable.callerReport?.converged == true { break }
    }
    #expect(sessions < 200, "\(sessions) sessions")
    #expect(try a.digest() == b.digest())
  }

  /// However late it breaks, a good part of what it carried stays: no frame is much larger than all before it.
  @Test func `keeps a good part of what came before it breaks`() throws {
    let (a, b) = try neighbours()
    for number in 0..<1_500 { try a.write("x\(number)") }
    var kept: [Int: Int] = [:]
    for cut in [4_096, 8_192, 32_768, 65_536] {
      let cable = Cable(a.replica, b.replica)
      cable.cutAfter = cut
      cable.run()
      kept[cut] = cable.answererReport!.received.new
    }
    let rest = Cable(a.replica, b.replica).run()
    let cost = rest.count / rest.answererReport!.received.new
    for (cut, changes) in kept {
      #expect(changes * cost * 4 >= cut - 1_500, "\(changes) changes of \(cost) bytes, of \(cut) bytes")
    }
  }
}
