// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

/// A text is a pure function of the set of its changes: the tree's.
@Suite("Collaborative text") struct TextGraphLaws {
  @Test func `it is the oracle's after every delivery, in any causal order, any batches, repeated`() throws {
    for seed in UInt64(1)...300 {
      var devices = TextDevices(seed: seed)
      devices.run(steps: 40)
      var replica = TextReplica(order: devices.order)
      var held: Set<Dot> = []
      for batch in devices.deliveries() {
        try replica.merge(batch)
        held.formUnion(batch.map(\.dot))
        let oracle = TextOracle(devices.changes.filter { held.contains($0.dot) }, order: devices.order)
        try #require(replica.text == oracle.text, "seed \(seed), \(held.count) changes")
        #expect(replica.graph.tip.length == replica.text.unicodeScalars.count)
      }
      #expect(replica.text == devices.oracle.text, "seed \(seed)")
    }
  }

  @Test func `with ops that don't fit it is the oracle's still`() throws {
    for seed in UInt64(1)...200 {
      var devices = TextDevices(seed: seed)
      devices.run(steps: 40, strange: 40)
      var replica = TextReplica(order: devices.order)
      for batch in devices.deliveries() { try replica.merge(batch) }
      #expect(replica.text == devices.oracle.text, "seed \(seed)")
      #expect(replica.graph.text(order: devices.order) == devices.oracle.text, "seed \(seed)")
    }
  }

  @Test func `long histories are the oracle's`() throws {
    for seed in UInt64(1)...8 {
      var devices = TextDevices(seed: seed)
      devices.run(steps: 300, strange: 5)
      var replica = TextReplica(order: devices.order)
      for batch in devices.deliveries() { try replica.merge(batch) }
      #expect(replica.text == devices.oracle.text, "seed \(seed)")
    }
  }

  @Test func `any past has its text and its authors`() throws {
    for seed in UInt64(1)...150 {
      var devices = TextDevices(seed: seed)
      devices.run(steps: 40, strange: 5)
      let shuffled = devices.changes.shuffled(using: &devices.random)
      let graph = try TextGraph.building(shuffled, order: devices.order).graph
      let pasts = (0..<devices.count).map { devices.past(on: $0) } + devices.changes.prefix(20).map(\.past)
      for past in pasts {
        #expect(graph.text(at: past, order: devices.order) == devices.oracle.text(at: past), "seed \(seed)")
        let oracle = TextOracle(devices.changes.filter { past.covers($0.dot) }, order: devices.order)
        let spans = graph.spans(at: past, order: devices.order)
        #expect(spans.flatMap { Array(repeating: $0.op, count: $0.count) } == oracle.authors, "seed \(seed)")
        #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.op != $1.op })
      }
    }
  }
}
