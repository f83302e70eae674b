// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Foundation
import MujawaraCrypto
import SyncEngine
import Testing

@Suite("A forked log") struct ForkTests {
  /// The same device twice, as after a restored backup: each copy goes on by itself.
  private func twin(of place: TestPlace) throws -> (replica: Replica, folder: String) {
    let folder = TestPlace.freshFolder()
    try FileManager.default.copyItem(atPath: place.folder, toPath: folder)
    let clock = place.clock
    let replica = try Replica.open(folder, passphrase: { SecretBytes(random: 1) }, clock: { clock.now })
    return (replica, folder)
  }

  @Test func `is noticed and named, is not sent, and holds up nothing else`() throws {
    let (a, b) = try neighbours()
    let c = try TestPlace(joining: a, named: "C")
    for other in [b, c] { #expect(sync(a, other).converged) }
    let (twin, folder) = try twin(of: a)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let title = [ContentEntry(.new(.number(12)), [FieldEdits(titleField, .text("the twin's"))])]
    try twin.commit(to: a.commons, title)
    try a.write("the first one's")
    #expect(sync(a, b).converged)
    #expect(Cable(twin, c.replica).run().callerReport?.converged == true)
    let before = (try b.frontier(), try c.frontier())
    let cable = Cable(b.replica, c.replica).run()
    for report in [cable.callerReport, cable.answererReport] {
      let report = try #require(report)
      #expect(!report.converged)
      #expect(report.forks.map(\.author) == [a.replica.keys.card.signingKey])
      #expect(report.rounds <= 2)
      guard case .unequal = report.problem else {
        Issue.record("\(report)")
        return
      }
    }
    let log = try #require(cable.callerReport?.forks.first?.log)
    #expect(try b.frontier().entries.first { $0.log == log } == before.0.entries.first { $0.log == log })
    #expect(try c.frontier().entries.first { $0.log == log } == before.1.entries.first { $0.log == log })
  }
}
