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
}
