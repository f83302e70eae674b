// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

/// Stamps and change ids of ops that stand in no history.
private struct Stamps: Arbiter {
  var stamps: [Dot: UInt64] = [:]

  func stamp(of dot: Dot) -> UInt64 { stamps[dot] ?? 0 }
  func changeID(of dot: Dot) -> [UInt8] { [UInt8(dot.log & 255)] }
}

@Suite("Records under records") struct NestingLaws {
  private static func record(_ number: Int) -> RecordID { RecordID(high: 1, low: UInt64(number)) }
  private static let key = OrderKey.between(nil, nil, tag: OrderKeyLaws.tags[0])!

  private static func edge(_ record: Int, under parent: Int, by log: Int, key: OrderKey = key) -> Nesting.Edge {
    Nesting.Edge(
      record: Self.record(record), position: Position(list: Self.record(parent), key: key),
      op: OpID(dot: Dot(log: UInt32(log), seq: 1), index: UInt32(record)))
  }

  /// Up to nine records of which most stand under another; few stamps, so that ids and indexes often decide.
  private static func random(_ seed: UInt64) -> (edges: [Nesting.Edge], arbiter: Stamps) {
    var random = Seeded(seed)
    let count = 1 + random.below(9)
    let keys = (0..<3).map { OrderKey.between(nil, nil, tag: OrderKeyLaws.tags[$0])! }
    var arbiter = Stamps()
    let edges = (0..<count).filter { _ in !random.chance(15) }.map { number in
      let edge = edge(number, under: random.below(count + 2), by: random.below(4), key: random.pick(keys))
      arbiter.stamps[edge.op.dot] = arbiter.stamps[edge.op.dot] ?? UInt64(random.below(2))
      return edge
    }
    return (edges, arbiter)
  }

  // MARK: An oracle

  /// Takes edges away one by one as long as somebody stands above themselves: of all records that do so with one
  /// another the one that was put there last.
  private static func oracle(_ edges: [Nesting.Edge], _ arbiter: Stamps) -> [RecordID: RecordID] {
    var parents = Dictionary(uniqueKeysWithValues: edges.map { ($0.record, $0.position.list) })
    func above(_ record: RecordID) -> [RecordID] {
      var chain: [RecordID] = []
      var next = parents[record]
      while let parent = next, chain.count <= edges.count {
        chain.append(parent)
        next = parents[parent]
      }
      return chain
    }
    while let one = edges.map(\.record).sorted().first(where: { above($0).contains($0) }) {
      let cycle = edges.filter { above(one).contains($0.record) && above($0.record).contains(one) }
      let last = cycle.max { rank($0, arbiter).lexicographicallyPrecedes(rank($1, arbiter)) }!
      parents[last.record] = nil
    }
    return parents
  }

  private static func rank(_ edge: Nesting.Edge, _ arbiter: Stamps) -> [UInt64] {
    [arbiter.stamp(of: edge.op.dot), UInt64(arbiter.changeID(of: edge.op.dot)[0]), UInt64(edge.op.index)]
  }

  // MARK: Laws

  @Test func `stand where a slow oracle puts them, in whatever order they come`() {
    var cuts = 0
    for seed in UInt64(1)...3000 {
      let (edges, arbiter) = Self.random(seed)
      let nesting = Nesting(edges, by: arbiter)
      let expected = Self.oracle(edges, arbiter)
      for edge in edges { #expect(nesting.parent(of: edge.record) == expected[edge.record], "seed \(seed)") }
      #expect(nesting.cut == edges.map(\.record).filter { expected[$0] == nil }.sorted(), "seed \(seed)")
      cuts += nesting.cut.count
      var random = Seeded(seed)
      let again = Nesting(edges.shuffled(using: &random), by: arbiter)
      #expect(again.cut == nesting.cut && again.tops == nesting.tops)
      for top in nesting.tops { #expect(again.walk(from: top).map(\.record) == nesting.walk(from: top).map(\.record)) }
    }
    #expect(cuts > 1000)
  }

  @Test func `stand there once each, whatever they were put under`() {
    for seed in UInt64(1)...1000 {
      let (edges, arbiter) = Self.random(seed)
      let nesting = Nesting(edges, by: arbiter)
      let shown = nesting.tops + nesting.tops.flatMap { nesting.walk(from: $0).map(\.record) }
      let all = Set(edges.flatMap { [$0.record, $0.position.list] })
      #expect(shown.count == all.count && Set(shown) == all, "seed \(seed)")
      for record in all { #expect(nesting.tops.contains(nesting.top(of: record))) }
      for (record, depth) in nesting.tops.flatMap({ nesting.walk(from: $0) }) where depth == 0 {
        #expect(nesting.parent(of: record).map(nesting.tops.contains) == true)
      }
    }
  }

  @Test func `lose no edge but one of each cycle, which would close it again`() {
    for seed in UInt64(1)...1000 {
      let (edges, arbiter) = Self.random(seed)
      let nesting = Nesting(edges, by: arbiter)
      for edge in edges where nesting.cut.contains(edge.record) {
        #expect(nesting.top(of: edge.position.list) == edge.record, "seed \(seed)")
      }
      for edge in edges where !nesting.cut.contains(edge.record) {
        #expect(nesting.parent(of: edge.record) == edge.position.list, "seed \(seed)")
      }
    }
  }

  @Test func `come in the order of their keys, under each parent`() {
    for seed in UInt64(1)...300 {
      let (edges, arbiter) = Self.random(seed)
      let nesting = Nesting(edges, by: arbiter)
      for parent in Set(edges.map(\.position.list)) {
        let under = edges.filter { nesting.parent(of: $0.record) == parent }
        let sorted = under.sorted { ($0.position.key, $0.record) < ($1.position.key, $1.record) }
        #expect(nesting.children(of: parent) == sorted.map(\.record), "seed \(seed)")
      }
    }
  }

  @Test func `put under each other at once: the later one stands at the top`() {
    let edges = [Self.edge(1, under: 2, by: 1), Self.edge(2, under: 1, by: 2)]
    let later = Stamps(stamps: [Dot(log: 1, seq: 1): 5, Dot(log: 2, seq: 1): 4])
    #expect(Nesting(edges, by: later).cut == [Self.record(1)])
    #expect(Nesting(edges, by: later).walk(from: Self.record(1)).map(\.record) == [Self.record(2)])
    let tie = Stamps(stamps: [Dot(log: 1, seq: 1): 4, Dot(log: 2, seq: 1): 4])
    #expect(Nesting(edges, by: tie).cut == [Self.record(2)])
  }

  @Test func `put under itself, a record stands at the top`() {
    let nesting = Nesting([Self.edge(1, under: 1, by: 1)], by: Stamps())
    #expect(nesting.cut == [Self.record(1)] && nesting.tops == [Self.record(1)])
    #expect(nesting.children(of: Self.record(1)).isEmpty)
  }

  @Test(arguments: [false, true])
  func `10,000 levels are no deeper than two`(isClosed: Bool) {
    let count = 10_000
    var edges = (1..<count).map { Self.edge($0, under: $0 - 1, by: $0) }
    if isClosed { edges.append(Self.edge(0, under: count - 1, by: 20_000)) }
    let nesting = Nesting(edges.reversed(), by: Stamps(stamps: isClosed ? [Dot(log: 20_000, seq: 1): 1] : [:]))
    let walk = nesting.walk(from: Self.record(0))
    #expect(walk.map(\.record) == (1..<count).map(Self.record))
    #expect(walk.last?.depth == count - 2)
    #expect(nesting.cut == (isClosed ? [Self.record(0)] : []))
    #expect(nesting.top(of: Self.record(count - 1)) == Self.record(0))
  }
}
