// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import SyncEngine
import Testing

@Suite("Resolve, over random histories") struct GovernanceLaws {
  static let seeds: Range<UInt64> = 0..<60

  /// Some heads of some part of the history.
  static func someHeads(_ changes: [GovernanceChange], _ random: inout Dice) -> [ChangeID] {
    (0...random.below(3)).map { _ in random.one(of: changes).id }
  }

  @Test(arguments: seeds) func `agrees with the words of the protocol`(seed: UInt64) throws {
    let changes = try History(seed: seed).changes
    var random = Dice(seed)
    var graph = try GovernanceGraph(changes)
    let oracle = ResolveOracle(changes)
    try compare(&graph, oracle, changes, &random)
  }

  @Test(arguments: seeds) func `agrees with the words of the protocol under any anchor`(seed: UInt64) throws {
    let changes = try History(seed: seed).changes
    var random = Dice(seed &+ 1000)
    let anchor = Self.someHeads(changes, &random)
    var graph = try GovernanceGraph(changes, anchor: anchor)
    #expect(graph.isAnchored)
    try compare(&graph, ResolveOracle(changes, anchor: anchor), changes, &random)
  }

  private func compare(
    _ graph: inout GovernanceGraph, _ oracle: ResolveOracle, _ changes: [GovernanceChange],
    _ random: inout Dice
  ) throws {
    for change in changes {
      let good = change.ops.indices.filter { oracle.isGood(.init(change: change.id, index: $0)) }
      #expect(graph.goodOps(of: change.id) == good)
      let view = try graph.view(of: change.id)
      #expect(Portrait(view) == Portrait(oracle, oracle.past(change.id)))
    }
    #expect(Portrait(graph.resolve()) == Portrait(oracle, Set(changes.map(\.id))))
    for _ in 0..<10 {
      let heads = Self.someHeads(changes, &random)
      let set = oracle.closure(heads)
      #expect(try graph.past(of: heads) == oracle.walk(set))
      #expect(try Portrait(graph.resolve(pastOf: heads)) == Portrait(oracle, set))
    }
  }

  @Test(arguments: seeds) func `takes nothing from the order of arrival`(seed: UInt64) throws {
    let changes = try History(seed: seed).changes
    var random = Dice(seed)
    let anchor = random.percent(50) ? nil : Self.someHeads(changes, &random)
    var one = try GovernanceGraph(changes, anchor: anchor)
    for _ in 0..<4 {
      let order = shuffled(changes, &random)
      var other = try GovernanceGraph(order, anchor: anchor)
      #expect(other.resolve() == one.resolve())
      #expect(other.heads == one.heads)
      #expect(other.frozen == one.frozen)
      for change in changes { #expect(other.objections(to: change.id) == one.objections(to: change.id)) }
    }
  }

  @Test(arguments: seeds.prefix(30)) func `says the same from its caches as anew`(seed: UInt64) throws {
    let changes = try History(seed: seed).changes
    var random = Dice(seed)
    var asked = try GovernanceGraph(genesis: changes[0])
    for count in 2...changes.count {
      try asked.insert(changes[count - 1])
      var fresh = try GovernanceGraph(Array(changes.prefix(count)))
      #expect(asked.resolve() == fresh.resolve())
      for _ in 0..<3 {
        let heads = Self.someHeads(Array(changes.prefix(count)), &random)
        #expect(try asked.resolve(pastOf: heads) == fresh.resolve(pastOf: heads))
        let author = random.one(of: History.people).key
        let space = Space.commons.id(in: asked.network)
        for graph in 0..<2 {
          let again = asked.counts(author: author, kind: .content, space: space, gov: heads)
          #expect(again == fresh.counts(author: author, kind: .content, space: space, gov: heads), "\(graph)")
        }
      }
    }
  }

  @Test(arguments: seeds) func `signatures seen to verify needn't be checked again`(seed: UInt64) throws {
    let changes = try History(seed: seed).changes
    var checked = try GovernanceGraph(changes)
    var trusting = try GovernanceGraph(genesis: changes[0])
    for change in changes.dropFirst() {
      try trusting.insert(change, verified: checked.goodOps(of: change.id))
    }
    #expect(trusting.resolve() == checked.resolve())
  }

  @Test(arguments: seeds) func `counts changes by their past and by all that is known`(seed: UInt64) throws {
    let changes = try History(seed: seed).changes
    var random = Dice(seed)
    var graph = try GovernanceGraph(changes)
    let oracle = ResolveOracle(changes)
    let all = oracle.facts(oracle.resolve(Set(changes.map(\.id))))
    for _ in 0..<40 {
      let heads = Self.someHeads(changes, &random)
      let here = oracle.facts(oracle.resolve(oracle.closure(heads)))
      let author = random.one(of: History.people)
      let (kind, role) = random.percent(50) ? (ChangeKind.content, 2) : (ChangeKind.keys, 1)
      let place = random.percent(50) ? nil : random.one(of: History.people).place
      let space = place.map(Space.place) ?? .commons
      let expected = [all, here].allSatisfy { facts in
        facts.contains { fact in
          guard case .role(role, author.device, let seat) = fact else { return false }
          return place == nil || place == seat
        }
      }
      let id = space.id(in: graph.network)
      let verdict = graph.counts(author: author.key, kind: kind, space: id, gov: heads)
      #expect((verdict == .counts) == expected, "\(verdict)")
    }
  }

  @Test func `the histories have what the laws are about`() throws {
    var tally: [String: Int] = [:]
    for seed in Self.seeds {
      let changes = try History(seed: seed).changes
      let oracle = ResolveOracle(changes)
      let standing = Set(oracle.resolve(Set(changes.map(\.id))))
      let ops = changes.flatMap { change in
        change.ops.indices.map { ResolveOracle.Op(change: change.id, index: $0) }
      }
      let good = ops.filter(oracle.isGood)
      if good.count > standing.count { tally["void", default: 0] += 1 }
      if good.contains(where: { oracle.used($0) == nil && !standing.contains($0) }) {
        tally["fallen support", default: 0] += 1
      }
      if standing.contains(where: { oracle.used($0) != nil }) { tally["used", default: 0] += 1 }
      let devices = Portrait(oracle, Set(changes.map(\.id))).admitted
      if devices.values.contains(where: { $0.count > 1 }) { tally["two places", default: 0] += 1 }
      if good.count * 2 > ops.count { tally["mostly good", default: 0] += 1 }
    }
    let least = ["void": 12, "fallen support": 5, "used": 36, "two places": 10, "mostly good": 36]
    for (what, count) in least { #expect(tally[what, default: 0] >= count, "\(what)") }
  }
}
