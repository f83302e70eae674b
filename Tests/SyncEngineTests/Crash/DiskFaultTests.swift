// SPDX-License-Identifier: AGPL-3.0-or-later

import FaultDisk
import Foundation
import Testing

@testable import SyncEngine

/// One way in which the disk fails in the midst of a session.
struct DiskFailure: CustomTestStringConvertible, Sendable {
  let kind: FaultDisk.Fault.Kind
  let isLasting: Bool
  /// The tests share the places at which the disk may fail: each takes every other, and all with `MUJAWARA_CRASHES`.
  var first: Int { isLasting ? 1 : 0 }

  static let all = [
    DiskFailure(kind: .io, isLasting: false), DiskFailure(kind: .io, isLasting: true),
    DiskFailure(kind: .full, isLasting: false), DiskFailure(kind: .full, isLasting: true),
  ]

  var testDescription: String { "\(kind == .io ? "I/O error" : "disk full"), \(isLasting ? "from then on" : "once")" }
}

@Suite("A disk that fails") struct DiskFaultTests {
  /// The n-th write, sync or truncation of the session fails, for every n. The step says so; what was acknowledged is
  /// there and nothing is half done, in the same replica and for whoever opens it next; and once the disk is well
  /// again the session goes on to its end, in the same replica or in one that is opened anew.
  @Test(arguments: DiskFailure.all) func `at any write is a clear error, and nothing acknowledged is lost`(
    _ failure: DiskFailure
  ) throws {
    let session = try CrashSession()
    var tried = 0
    for number in stride(from: failure.first, to: .max, by: crashOutcomes > 3 ? 1 : 2) {
      let disk = FaultDisk(session.start)
      let place = try TestPlace(session.place, on: disk)
      _ = try Extent(place)
      disk.fail(.init(failure.kind, of: .steps, after: number, isLasting: failure.isLasting))
      try run(session, at: place, on: disk, reopening: number % 4 < 2)
      guard disk.failures > 0 else { break }
      tried += 1
    }
    #expect(tried > 150)
  }

  private func run(_ session: CrashSession, at place: TestPlace, on disk: FaultDisk, reopening: Bool) throws {
    for step in session.steps {
      var before: Extent?
      do {
        before = try Extent(place)
        try step.run(place)
      } catch {
        #expect(disk.failures > 0 && isClear(error), "'\(step.name)': \(error)")
        disk.heal()
        #expect(try before?.isHeld(by: place) != false)
        #expect(try before?.isHeld(by: TestPlace(session.place, on: FaultDisk(disk.syncedImage))) != false)
        if reopening { try place.reopen(on: disk) }
        try step.run(place)
      }
    }
    guard disk.failures > 0 else { return }
    #expect(try place.replica.check(full: true).damage == [])
    let neighbour = try session.freshNeighbour()
    try neighbour.take(from: place)
    #expect(try neighbour.digest() == place.digest())
    #expect(try Extent(TestPlace(session.place, on: FaultDisk(disk.syncedImage))) == Extent(place))
  }

  /// The n-th read fails from the opening on; for every n with `MUJAWARA_CRASHES`.
  @Test func `at any read is a clear error, and nothing is written wrongly for it`() throws {
    let session = try CrashSession()
    var tried = 0
    for number in stride(from: 0, to: .max, by: crashOutcomes > 3 ? 1 : 5) {
      let disk = FaultDisk(session.start)
      disk.fail(.init(.io, of: .read, after: number))
      let place: TestPlace
      do { place = try TestPlace(session.place, on: disk) } catch {
        #expect(isClear(error), "opening: \(error)")
        place = try TestPlace(session.place, on: disk)
      }
      try run(session, at: place, on: disk, reopening: number % 2 == 0)
      guard disk.failures > 0 else { break }
      tried += 1
    }
    #expect(tried > 10)
  }

  private func isClear(_ error: any Error) -> Bool {
    switch error {
    case StoreError.io, StoreError.full: true
    default: false
    }
  }
}
