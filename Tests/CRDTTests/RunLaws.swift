// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

/// What several people insert at one spot while apart stands in one block for each.
@Suite("Runs at one spot") struct RunLaws {
  enum Spot: CaseIterable { case front, middle, end }
  enum Direction: CaseIterable { case forwards, backwards, mixed }

  @Test(arguments: Spot.allCases, Direction.allCases)
  func `never interleave`(spot: Spot, direction: Direction) throws {
    for seed in UInt64(1)...300 {
      var random = Seeded(seed)
      let base = try grownList(&random)
      let gap = switch spot {
      case .front: 0
      case .middle: random.below(base.count + 1)
      case .end: base.count
      }
      var merged: [(OrderKey, Int)] = []
      for writer in OrderKeyLaws.tags.indices.shuffled(using: &random).prefix(2 + random.below(2)) {
        let run = try insert(direction, at: gap, in: base, tag: OrderKeyLaws.tags[writer], &random)
        merged += run.map { ($0, writer) }
      }
      let writers = merged.sorted { $0.0 < $1.0 }.map(\.1)
      let changes = zip(writers, writers.dropFirst()).count { $0 != $1 }
      #expect(changes == Set(writers).count - 1, "seed \(seed): \(writers)")
    }
  }

  /// A list with a past: runs by all writers, some concurrent at one spot, gaps where items left.
  private func grownList(_ random: inout Seeded) throws -> [OrderKey] {
    var keys: [OrderKey] = []
    for _ in 0..<random.below(12) {
      let gap = random.below(keys.count + 1)
      let writers = OrderKeyLaws.tags.shuffled(using: &random).prefix(1 + random.below(3))
      let runs = try writers.map { tag in
        try insert(random.pick(Direction.allCases), at: gap, in: keys, tag: tag, &random)
      }
      keys = (keys + runs.flatMap(\.self)).sorted()
      keys.removeAll { _ in random.chance(25) }
    }
    return keys
  }

  /// The keys that one writer, who sees nobody else, makes in a gap of the list.
  private func insert(
    _ direction: Direction, at gap: Int, in list: [OrderKey], tag: RunTag, _ random: inout Seeded
  ) throws -> [OrderKey] {
    let lower = gap > 0 ? list[gap - 1] : nil
    let upper = gap < list.count ? list[gap] : nil
    var run: [OrderKey] = []
    for _ in 0..<1 + random.below(7) {
      let place = switch direction {
      case .forwards: run.count
      case .backwards: 0
      case .mixed: random.below(run.count + 1)
      }
      let before = place > 0 ? run[place - 1] : lower
      let after = place < run.count ? run[place] : upper
      run.insert(try #require(OrderKey.between(before, after, tag: tag)), at: place)
    }
    return run
  }
}
