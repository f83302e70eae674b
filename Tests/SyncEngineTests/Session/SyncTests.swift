// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto
import SyncEngine
import Testing

@Suite("A session") struct SyncTests {
  @Test func `of two that hold the same ends in the first round`() throws {
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    try exchange([a, b])
    let cable = Cable(a.replica, b.replica).run()
    let report = try #require(cable.callerReport)
    #expect(report.converged)
    #expect(report.rounds == 1)
    #expect(cable.answererReport?.converged == true)
    #expect(report.sent == 0 && report.received.new == 0)
    #expect(report.peer == b.replica.deviceID)
  }

  @Test func `brings each what it lacks`() throws {
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    try exchange([a, b])
    for place in [a, b] {
      for i in 0..<10 {
        try place.replica.commit(
          to: place.replica.id(of: .commons), [ContentEntry(.new(.number(12)), [FieldEdits(4, .text("x\(i)"))])])
      }
    }
    let cable = Cable(a.replica, b.replica).run()
    let report = try #require(cable.callerReport)
    #expect(report.converged)
    #expect(cable.answererReport?.converged == true)
    #expect(report.sent == 10 && report.received.new == 10)
    #expect(try a.digest() == b.digest())
  }
}
