// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

/// The bounded hybrid clock: sane clocks order edits as people expect, insane ones do bounded harm.
@Suite("Stamps") struct StampLaws {
  private static let day: UInt64 = 86_400_000
  private static let minute: UInt64 = 60_000
  private static let creation: UInt64 = 1_760_000_000_000 / minute * minute
  private static let year2099: UInt64 = 4_070_908_800_000

  /// One change: who wrote it, on what, and what it was allowed.
  private struct Stamped {
    let device: Int
    let parents: [Int]
    let bounds: StampBounds
    let stamp: UInt64
  }

  @Test func `what a writer chooses is valid, later than its parents, and no clock makes it fail`() {
    for seed in UInt64(1)...200 {
      for change in history(seed) {
        #expect(change.bounds.isValid(change.stamp), "seed \(seed)")
        #expect(change.bounds.upper > change.bounds.lower)
      }
    }
  }

  @Test func `others is the greatest stamp of another device in the past`() {
    for seed in UInt64(1)...200 {
      let changes = history(seed)
      for (index, change) in changes.enumerated() {
        let past = ancestors(index, changes).filter { changes[$0].device != change.device }
        #expect(change.bounds.othersStamp == past.map { changes[$0].stamp }.max() ?? 0, "seed \(seed)")
      }
    }
  }

  @Test func `a clock in 2099 gains at most 400 days on what others wrote`() {
    for seed in UInt64(1)...200 {
      let changes = history(seed)
      for (index, change) in changes.enumerated() where change.stamp > change.bounds.lower + 1 {
        let past = ancestors(index, changes).filter { changes[$0].device != change.device }
        let others = past.map { changes[$0].stamp }.max() ?? Self.creation
        #expect(change.stamp <= others + 400 * Self.day, "seed \(seed)")
      }
    }
  }

  @Test func `alone, however often it writes, it stays within 400 days and a millisecond for each change`() {
    var parents: [(stamp: UInt64, othersStamp: UInt64, sameDevice: Bool)] = []
    for count in UInt64(0)..<1000 {
      let bounds = StampBounds.bounds(parents: parents, creation: Self.creation)
      let stamp = bounds.choose(wallMilliseconds: Self.year2099)
      #expect(stamp == Self.creation + 400 * Self.day + count)
      parents = [(stamp, bounds.othersStamp, true)]
    }
  }

  @Test func `sane clocks stamp their own minute, so the later edit has the later stamp`() {
    let bounds = StampBounds.bounds(parents: [(Self.creation, 0, false)], creation: Self.creation)
    let noon = Self.creation + 30 * Self.day
    #expect(bounds.choose(wallMilliseconds: noon + 59_999) == noon)
    #expect(bounds.choose(wallMilliseconds: noon + 60_000) == noon + 60_000)
  }

  @Test func `a dead clock still moves forward`() {
    let bounds = StampBounds.bounds(parents: [(Self.creation + 5, 0, true)], creation: Self.creation)
    #expect(bounds.choose(wallMilliseconds: 0) == Self.creation + 6)
    #expect(StampBounds.bounds(parents: [], creation: 7).choose(wallMilliseconds: 0) == 8)
  }

  @Test func `the bounds are exact`() {
    let first = StampBounds.bounds(parents: [], creation: 1000)
    #expect(first == StampBounds(lower: 1000, upper: 1000 + 34_560_000_000, othersStamp: 0))
    let met = StampBounds.bounds(parents: [(5000, 3000, true), (4000, 4500, false)], creation: 1000)
    #expect(met == StampBounds(lower: 5000, upper: 4000 + 34_560_000_000, othersStamp: 4000))
    let carried = StampBounds.bounds(parents: [(90_000_000_000, 3000, true)], creation: 1000)
    #expect(carried == StampBounds(lower: 90_000_000_000, upper: 90_000_000_001, othersStamp: 3000))
    for bounds in [first, met, carried] {
      #expect(!bounds.isValid(bounds.lower) && bounds.isValid(bounds.lower + 1))
      #expect(bounds.isValid(bounds.upper) && !bounds.isValid(bounds.upper + 1))
    }
  }

  @Test func `nothing is valid above 2^53, and no stamp overflows`() {
    let last = StampBounds.bounds(parents: [(1 << 53, 0, false)], creation: 0)
    #expect(!last.isValid(last.choose(wallMilliseconds: .max)))
    #expect(StampBounds(lower: 0, upper: .max).isValid(1 << 53))
    #expect(!StampBounds(lower: 0, upper: .max).isValid(1 << 53 + 1))
    #expect(StampBounds.bounds(parents: [(.max, .max, true)], creation: 0).upper == .max)
  }

  @Test func `the order of parents is nothing`() {
    for seed in UInt64(1)...100 {
      var random = Seeded(seed)
      let parents = (0..<1 + random.below(6)).map { _ in
        (stamp: random.next() >> 11, othersStamp: random.next() >> 11, sameDevice: random.chance(50))
      }
      let bounds = StampBounds.bounds(parents: parents, creation: 5)
      #expect(StampBounds.bounds(parents: parents.shuffled(using: &random), creation: 5) == bounds)
    }
  }

  /// Devices write over a year; the first one's clock says 2099, the second's 1970, the others' are a little
  /// off.
  private func history(_ seed: UInt64) -> [Stamped] {
    var random = Seeded(seed)
    var changes: [Stamped] = []
    var known: [Set<Int>] = Array(repeating: [], count: 2 + random.below(3))
    for step in UInt64(0)..<40 {
      let device = random.below(known.count)
      if random.chance(40) {
        known[device].formUnion(known[random.below(known.count)])
        continue
      }
      let now = Self.creation + step * 9 * Self.day + random.next() % Self.day
      let wall = device == 0 ? Self.year2099 : device == 1 ? 0 : now
      let parents = known[device].filter { tip in
        !known[device].contains { $0 != tip && ancestors($0, changes).contains(tip) }
      }
      let bounds = StampBounds.bounds(
        parents: parents.map {
          (changes[$0].stamp, changes[$0].bounds.othersStamp, changes[$0].device == device)
        }, creation: Self.creation)
      let stamp = bounds.choose(wallMilliseconds: wall)
      known[device].insert(changes.count)
      changes.append(Stamped(device: device, parents: Array(parents), bounds: bounds, stamp: stamp))
    }
    return changes
  }

  private func ancestors(_ index: Int, _ changes: [Stamped]) -> Set<Int> {
    var found: Set<Int> = []
    var waiting = changes[index].parents
    while let next = waiting.popLast() {
      if found.insert(next).inserted { waiting += changes[next].parents }
    }
    return found
  }
}
