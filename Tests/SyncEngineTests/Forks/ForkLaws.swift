// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Testing

@testable import SyncEngine

@Suite("R7: random histories of members who say different things to different people") struct ForkLaws {
  private let records: UInt64 = 4

  @Test(arguments: 1...16 as ClosedRange<UInt64>)
  func `come to the same in any order, and to what the oracle says`(seed: UInt64) throws {
    var random = Seeded(seed)
    var forger = try Forger(members: 4)
    for _ in 0..<(20 + random.below(40)) { forger.writeAnything(&random, records: records) }
    let expected = try ForkPortrait(forger, records: records)
    var digest: [UInt8]?
    for _ in 0..<4 {
      let place = try forger.freshObserver()
      var rest = forger.changes.shuffled(using: &random)[...]
      while !rest.isEmpty {
        let piece = rest.prefix(1 + random.below(12))
        rest = rest.dropFirst(piece.count)
        #expect(try place.replica.ingest(Array(piece)).refused.isEmpty)
      }
      #expect(try ForkPortrait(place, forger, records: records) == expected)
      #expect(try place.replica.check(full: true).damage == [])
      #expect(try place.replica.sizes().changes - forger.observer.replica.sizes().changes == forger.changes.count)
      digest = try digest ?? place.digest()
      #expect(try place.digest() == digest)
    }
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func `go over sessions and bundles`(seed: UInt64) throws {
    var random = Seeded(seed)
    var forger = try Forger(members: 4, observers: 3)
    for _ in 0..<(20 + random.below(60)) { forger.writeAnything(&random, records: records) }
    let places = forger.observers
    for place in places { _ = try place.replica.ingest(forger.someWithTheirPast(&random, 1 + random.below(8))) }
    let (a, b, c) = (places[0], places[1], places[2])
    let first = sync(a, b)
    #expect(first.converged && first.rounds <= 6, "\(first)")
    #expect(try a.digest() == b.digest() && a.frontier() == b.frontier())
    try c.read(try b.bundle(held: try c.held()))
    try b.read(try c.bundle())
    let second = sync(b, c)
    #expect(second.converged && second.rounds <= 2, "\(second)")
    _ = try a.replica.ingest(forger.changes)
    for other in [b, c] {
      let last = sync(a, other)
      #expect(last.converged, "\(last)")
      #expect(try other.digest() == a.digest() && other.frontier() == a.frontier())
      let lag = try a.replica.lag(of: other.replica.deviceID)
      #expect(lag.theyLack == 0 && lag.weLack == 0)
    }
    #expect(try ForkPortrait(c, forger, records: records) == ForkPortrait(forger, records: records))
    #expect(try c.replica.check(full: true).damage == [])
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func `order logs alike on every replica`(seed: UInt64) throws {
    var random = Seeded(seed)
    var forger = try Forger(members: 4)
    for _ in 0..<40 { forger.writeAnything(&random, records: records) }
    var orders: [[[SyncEngine.ChangeID]]] = []
    for _ in 0..<3 {
      let place = try forger.freshObserver()
      for change in forger.changes.shuffled(using: &random) { _ = try place.replica.ingest([change]) }
      orders.append(try order(of: forger, at: place))
    }
    #expect(orders[0] == orders[1] && orders[1] == orders[2])
  }

  /// For each change those that it precedes, among changes that don't know of each other.
  private func order(of forger: Forger, at place: TestPlace) throws -> [[SyncEngine.ChangeID]] {
    let log = place.replica.log
    return try place.replica.reading {
      try forger.changes.map { one in
        try forger.changes.filter { other in
          let past = forger.past(of: one).union([one.id])
          if past.contains(other.id) || forger.past(of: other).contains(one.id) { return false }
          let (dot, otherDot) = (try log.dot(of: one.id)!, try log.dot(of: other.id)!)
          let precedes = log.log(dot.log, precedes: otherDot.log)
          #expect(precedes != log.log(otherDot.log, precedes: dot.log))
          return precedes
        }.map(\.id)
      }
    }
  }
}
