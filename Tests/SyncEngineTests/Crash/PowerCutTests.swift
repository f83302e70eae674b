// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import FaultDisk
import Foundation
import Testing

@testable import SyncEngine

@Suite("A power cut") struct PowerCutTests {
  /// Before every write, sync, truncation and deletion of the session the power is cut, and of what wasn't synced
  /// each sector is kept, torn or lost at random. What is found then is whole: it opens, it holds all that was
  /// acknowledged and nothing but what was written, its state is that of a rebuild and of another replica that took
  /// the same changes, and it goes on without using a seq twice.
  @Test func `at any moment loses nothing acknowledged, and leaves nothing half done`() throws {
    let session = try CrashSession()
    let disk = FaultDisk(session.start)
    let record = DiskRecord()
    let place = try TestPlace(session.place, on: disk)
    var extents = [try Extent(place)]
    record.watch(disk)
    for step in session.steps {
      try step.run(place)
      record.acknowledge()
      extents.append(try Extent(place))
    }
    disk.observe(nil)
    var random = Seeded(20)
    var oracle = Oracle(session: session, whole: place)
    for moment in record.all {
      var tried: [FaultDisk.Image] = []
      for _ in 0..<crashOutcomes {
        let image = moment.surface.afterCrash(using: &random)
        guard !tried.contains(image) else { continue }
        tried.append(image)
        try oracle.examine(image, holding: extents[moment.acknowledged])
      }
    }
    #expect(oracle.examined > 500 && oracle.digests.count > 12)
  }

  /// What there must be once the power is back.
  private struct Oracle {
    let session: CrashSession
    /// The place at the end of the session.
    let whole: TestPlace
    /// The digest of commons at the neighbour's, who took the same changes, by what there was.
    var digests: [Extent: [UInt8]] = [:]
    var examined = 0

    mutating func examine(_ image: FaultDisk.Image, holding acknowledged: Extent) throws {
      examined += 1
      let disk = FaultDisk(image)
      let found = try TestPlace(session.place, on: disk)
      #expect(try found.replica.check(full: true).damage == [])
      let extent = try Extent(found)
      #expect(try acknowledged.isHeld(by: found), "what was acknowledged is there")
      #expect(try extent.isHeld(by: whole), "nothing else is there")
      #expect(try found.digest() == digest(of: extent, as: found))
      try found.write("after the crash")
      try found.write("and at home", to: found.home)
      let after = try Extent(found)
      for (log, tip) in extent.tips { #expect(after.tips[log]!.seq >= tip.seq) }
      #expect(try acknowledged.isHeld(by: found), "no seq is used twice")
      #expect(try Extent(TestPlace(session.place, on: FaultDisk(disk.syncedImage))) == after)
    }

    private mutating func digest(of extent: Extent, as place: TestPlace) throws -> [UInt8] {
      if let known = digests[extent] { return known }
      let neighbour = try session.freshNeighbour()
      try neighbour.take(from: place)
      digests[extent] = try neighbour.digest()
      return digests[extent]!
    }
  }

  @Test func `while a network is founded leaves all of it or nothing, and then it can be founded`() throws {
    let folder = TestPlace.freshFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (keys, master) = try Replica.prepare(folder, passphrase: nil)
    let clock: () -> UInt64 = { 1_800_000_000_000 }
    let found = { (disk: FaultDisk) in
      try Replica.found(
        in: folder, keys: keys, master: master, names: .init(place: "A", device: "A-1"), on: disk, clock: clock)
    }
    let (disk, record) = (FaultDisk(), DiskRecord())
    record.watch(disk)
    _ = try found(disk)
    disk.observe(nil)
    record.acknowledge()
    #expect(record.all.count > 40)
    var random = Seeded(21)
    var (whole, nothing) = (0, 0)
    for surface in record.all.map(\.surface) + [disk.surface] {
      for _ in 0..<crashOutcomes {
        let after = FaultDisk(surface.afterCrash(using: &random))
        var replica: Replica
        do {
          replica = try Replica.open(folder, keys: keys, master: master, on: after, clock: clock)
          whole += 1
        } catch StoreError.missing {
          replica = try found(after)
          nothing += 1
        }
        let place = try #require(try replica.placeID())
        #expect(try replica.record(RecordID(place))?.state[Replica.Profile.name] != nil)
        #expect(try replica.currentEpoch(of: .commons) != nil && replica.currentEpoch(of: .place(place)) != nil)
        #expect(try replica.check(full: true).damage == [])
      }
    }
    #expect(whole > 0 && nothing > 0)
    #expect(throws: StoreError.exists(folder)) { _ = try found(FaultDisk(disk.syncedImage)) }
  }

  @Test func `never comes before what was acknowledged is durable`() throws {
    let session = try CrashSession()
    let disk = FaultDisk(session.start)
    let place = try TestPlace(session.place, on: disk)
    for step in session.steps {
      try step.run(place)
      let found = try TestPlace(session.place, on: FaultDisk(disk.syncedImage))
      #expect(try Extent(found) == Extent(place), "after '\(step.name)'")
      #expect(try found.digest() == place.digest())
    }
  }
}
