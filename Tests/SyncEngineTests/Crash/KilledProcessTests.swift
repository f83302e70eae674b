// SPDX-License-Identifier: AGPL-3.0-or-later

import FaultDisk
import Testing

@testable import SyncEngine

@Suite("A process that is killed") struct KilledProcessTests {
  /// The process ends before each write and sync of a commit. The next one may find the commit, which nobody was told
  /// of and which isn't synced: once anything is given to others, it is.
  @Test func `leaves nothing that is sent before it is durable`() throws {
    let session = try CrashSession()
    var found: [Bool] = []
    for step in 0... {
      let disk = FaultDisk(session.start)
      let place = try TestPlace(session.place, on: disk)
      let before = try Extent(place)
      disk.cutPower(atStep: disk.steps + step)
      guard (try? place.write("not acknowledged")) == nil else { break }
      disk.killProcess()
      let next = try TestPlace(session.place, on: disk)
      let given = try next.changes(in: .commons)
      let extent = try Extent(TestPlace(session.place, on: FaultDisk(disk.syncedImage)))
      #expect(given.allSatisfy { change in extent.tips[change.header.logID].map { $0.seq >= change.header.seq } == true })
      #expect(try Extent(next) == extent)
      found.append(extent != before)
      #expect(try next.replica.check(full: true).damage == [])
      try next.write("acknowledged")
    }
    #expect(found.contains(true) && found.contains(false))
  }

  @Test func `is no matter to another that works on the same replica by turns`() throws {
    let session = try CrashSession()
    let disk = FaultDisk(session.start)
    let (one, other) = (try TestPlace(session.place, on: disk), try TestPlace(session.place, on: disk))
    for (number, step) in session.steps.enumerated() {
      try step.run(number % 2 == 0 ? one : other)
      #expect(try Extent(one) == Extent(other))
      #expect(try one.digest() == other.digest())
    }
    disk.killProcess()
    #expect(throws: StoreError.self) { try one.write("after its end") }
    #expect(throws: StoreError.self) { try other.write("after its end") }
    let next = try TestPlace(session.place, on: disk)
    #expect(try next.replica.check(full: true).damage == [])
    #expect(try Extent(next) == Extent(TestPlace(session.place, on: FaultDisk(disk.syncedImage))))
  }

  @Test func `gives nothing to others while it can't be made durable`() throws {
    let session = try CrashSession()
    let disk = FaultDisk(session.start)
    let place = try TestPlace(session.place, on: disk)
    disk.fail(.init(.io, of: .sync))
    #expect(throws: StoreError.self) { try place.changes(in: .commons) }
    #expect(try place.changes(in: .commons).count > 3)
  }
}
