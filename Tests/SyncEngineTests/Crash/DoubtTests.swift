// SPDX-License-Identifier: AGPL-3.0-or-later

import FaultDisk
import SyncEngine
import Testing

/// What a process leaves in the write-ahead log whose commit failed: the next one can read it.
@Suite("A commit in doubt") struct DoubtTests {
  /// Whether all that the replica says it holds would be there after a power cut that keeps nothing unsynced.
  private func isSafe(_ place: TestPlace, on disk: FaultDisk) throws -> Bool {
    let safe = try TestPlace(place, on: FaultDisk(disk.syncedImage))
    return try place.frontier() == safe.frontier()
  }

  @Test func `whose sync failed is not built on by the next process`() throws {
    let disk = FaultDisk()
    let place = try TestPlace(on: disk)
    disk.fail(.init(.io, of: .sync))
    #expect(throws: StoreError.self) { try place.write("never acknowledged") }
    disk.killProcess()
    try place.reopen(on: disk)
    #expect(try isSafe(place, on: disk))
    try place.write("acknowledged")
    #expect(try isSafe(place, on: disk))
  }

  /// Every write, sync and truncation of a commit fails in turn, and the process ends; the next one goes on.
  @Test(arguments: [false, true]) func `at whichever step it failed`(isLasting: Bool) throws {
    let disk = FaultDisk()
    let place = try TestPlace(on: disk)
    var number = 0
    while true {
      let failures = disk.failures
      disk.fail(.init(.io, of: .steps, after: number, isLasting: isLasting))
      _ = try? place.write("change \(number)")
      disk.heal()
      disk.killProcess()
      try place.reopen(on: disk)
      #expect(try isSafe(place, on: disk), "failed at step \(number)")
      guard disk.failures > failures else { break }
      number += 1
    }
    #expect(number > 3)
    #expect(try place.replica.check(full: true).damage == [])
  }
}
