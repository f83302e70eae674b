// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Testing

@testable import SyncEngine

@Suite("What was, from the log alone") struct HistoryLaws {
  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `as of any frontier stands what a replica holds that was given that frontier alone`(seed: UInt64) throws {
    var town = try HistoryTown(seed: seed)
    try town.work(90)
    let raw = try RawHistory(of: town.places[0])
    let known = Set(try RawHistory(of: town.blank).changes.map(\.id))
    for _ in 0..<6 {
      let picked = (0..<(1 + town.random.below(3))).map { _ in raw.changes[town.random.below(raw.changes.count)].id }
      let frontier = Array(known) + picked
      try check(town, .changes(frontier), raw.past(of: frontier), raw)
    }
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `as of any time stands what a replica holds that was given what is stamped until then`(seed: UInt64) throws {
    var town = try HistoryTown(seed: seed)
    let start = try RawHistory(of: town.blank).changes.map(\.header.stamp).max()!
    try town.work(90)
    let raw = try RawHistory(of: town.places[0])
    let end = raw.changes.map(\.header.stamp).max()!
    for _ in 0..<6 {
      let stamp = start + UInt64(town.random.below(Int(end - start) + 2))
      let given = Set(raw.changes.filter { $0.header.stamp <= stamp }.map(\.id))
      #expect(raw.past(of: given) == given, "stamps rise along causality")
      try check(town, .stamp(stamp), given, raw)
    }
  }

  /// Every replica gives the same answer as one that never heard of anything else.
  private func check(_ town: HistoryTown, _ moment: Moment, _ given: Set<ChangeID>, _ raw: RawHistory) throws {
    let oracle = try TestPlace(copyOf: town.blank) { _ in }
    _ = try oracle.replica.ingest(raw.changes.filter { given.contains($0.id) })
    for place in town.places {
      let horizon = try place.replica.horizon(moment)
      #expect(try place.replica.digest(at: horizon) == oracle.digest())
      for record in town.records {
        let (then, expected) = (try place.replica.record(record, at: horizon), try oracle.replica.record(record))
        #expect(then?.isVisible == expected?.isVisible)
      }
    }
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `the naive reducer, fed with the bodies alone, has the same cells`(seed: UInt64) throws {
    var town = try HistoryTown(seed: seed)
    try town.work(70)
    let replica = town.places[0].replica
    let raw = try RawHistory(of: town.places[0])
    let naive = try raw.reducer(replica)
    for _ in 0..<8 {
      let id = raw.changes[town.random.below(raw.changes.count)].id
      let horizon = try replica.horizon(.changes([id]))
      let frontier = [try replica.log.dot(of: id)!]
      for record in town.records {
        let expected = naive.cells(of: record, at: frontier)
        #expect(try replica.record(record, at: horizon)?.state.naive ?? [:] == expected)
        if let then = try replica.record(record, at: horizon) {
          #expect(then.presence == naive.presence(of: record, at: frontier))
        }
      }
    }
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>) func `as of now is what is`(seed: UInt64) throws {
    var town = try HistoryTown(seed: seed)
    try town.work(60)
    for place in town.places {
      let now = try place.replica.horizon(.now)
      #expect(try place.replica.digest(at: now) == place.digest())
      #expect(try place.replica.digest(at: place.replica.horizon(.stamp(.max >> 1))) == place.digest())
    }
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `a difference laid over the one moment gives the other, and names no record that is the same`(seed: UInt64) throws {
    var town = try HistoryTown(seed: seed)
    try town.work(80)
    let replica = town.places[0].replica
    let raw = try RawHistory(of: town.places[0])
    for _ in 0..<6 {
      let ends = try (0..<2).map { _ in try replica.horizon(.changes([raw.changes[town.random.below(raw.changes.count)].id])) }
      let differences = try replica.differences(from: ends[0], to: ends[1])
      var states: [RecordID: RecordState] = [:]
      try replica.eachRecord(at: ends[0]) { states[$0.id] = $0.state }
      for difference in differences {
        #expect(states[difference.id] == difference.before?.state)
        #expect(difference.before?.state != difference.after?.state)
        states[difference.id] = difference.after?.state
      }
      var expected: [RecordID: RecordState] = [:]
      try replica.eachRecord(at: ends[1]) { expected[$0.id] = $0.state }
      #expect(states == expected)
    }
  }

  @Test func `what a change did is the difference between what its author had seen and the change`() throws {
    var town = try HistoryTown(seed: 9)
    try town.work(60)
    let replica = town.places[0].replica
    for change in try RawHistory(of: town.places[0]).changes where change.header.kind == .content {
      guard case .content(let parts, _)? = try replica.entry(change.id)?.kind else { continue }
      let found = try replica.differences(
        from: replica.horizon(.before([change.id])), to: replica.horizon(.changes([change.id])))
      #expect(Set(found.map(\.id)) == Set(parts.map(\.record)))
    }
  }

  @Test func `a key that comes late opens the past as it was`() throws {
    var town = try HistoryTown(seed: 3, places: 2)
    try town.work(40)
    let a = town.places[0]
    let late = try TestPlace(lateDeviceOf: a)
    let sealed = try a.changes(in: .commons)
    _ = try late.replica.ingest(sealed)
    let moment = Moment.changes([sealed[sealed.count / 2].id])
    #expect(try late.replica.digest(at: late.replica.horizon(moment)) == StateDigest.empty.bytes)
    try a.replica.settle()
    _ = try late.replica.ingest(try a.changes(in: .commons))
    #expect(try late.replica.digest(at: late.replica.horizon(moment)) == a.replica.digest(at: a.replica.horizon(moment)))
  }

  @Test func `a moment of changes says nothing of other spaces, and one of an unknown change isn't there`() throws {
    let a = try TestPlace()
    let secret = try a.write("secret", to: a.home)
    let open = try a.replica.commit(to: a.commons, [ContentEntry(.new(.number(12)))])
    let horizon = try a.replica.horizon(.changes([open.change]))
    #expect(horizon.spaces == [a.commons])
    #expect(try a.replica.record(secret, at: horizon) == nil)
    #expect(try a.replica.record(open.created[0], at: horizon) != nil)
    #expect(try a.replica.record(secret, at: a.replica.horizon(.now)) != nil)
    #expect(throws: HistoryError.unknownChange(.zero)) {
      try a.replica.horizon(.changes([.zero]))
    }
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>) func `walks back through those that a filter takes, and no others`(seed: UInt64) throws {
    var town = try HistoryTown(seed: seed)
    try town.work(60)
    let replica = town.places[0].replica
    let all = try entries(replica, HistoryFilter())
    let changes = all.map(\.author.change)
    #expect(Set(changes).count == Int(try replica.sizes().changes))
    #expect(all.map(\.author.stamp) == all.map(\.author.stamp).sorted(by: >))
    var filter = HistoryFilter()
    filter.devices = [town.places[1].replica.deviceID]
    filter.spaces = [town.places[0].commons]
    filter.since = all[all.count * 3 / 4].author.stamp
    filter.horizon = try replica.horizon(.stamp(all[all.count / 4].author.stamp))
    let wanted = all.filter { entry in
      entry.author.device == town.places[1].replica.deviceID && entry.space == town.places[0].commons
        && entry.author.stamp >= filter.since && entry.author.stamp <= all[all.count / 4].author.stamp
    }
    #expect(try entries(replica, filter).map(\.author.change) == wanted.map(\.author.change))
    #expect(!wanted.isEmpty)
  }

  private func entries(_ replica: Replica, _ filter: HistoryFilter) throws -> [HistoryEntry] {
    var entries: [HistoryEntry] = []
    try replica.eachChangeBackwards(filter) { entry in
      entries.append(entry)
      return true
    }
    return entries
  }
}
