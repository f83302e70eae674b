// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Foundation
import Testing

/// Editing histories by others, from `Traces`.
@Suite("Text: traces of others") struct TextTraceTests {
  @Test func `every conformance document, in several orders of delivery`() throws {
    let documents = try TextTraces.conformance()
    #expect(documents.count > 100)
    for (number, document) in documents.enumerated() {
      for seed in UInt64(0)..<4 {
        var random = Seeded(seed)
        var replica = TextReplica(order: document.order)
        for batch in document.deliveries(&random) { try replica.merge(batch) }
        #expect(replica.text == document.end, "document \(number), order \(seed)")
        #expect(replica.graph.text(order: document.order) == document.end, "document \(number)")
      }
    }
  }

  @Test func `the oracle agrees with the conformance documents`() throws {
    for (number, document) in try TextTraces.conformance().enumerated().prefix(60) {
      #expect(TextOracle(document.changes, order: document.order).text == document.end, "document \(number)")
    }
  }

  @Test func `one person's paper, letter by letter`() throws {
    let document = try TextTraces.sequential("automerge-paper.json.gz")
    let (graph, text) = try TextGraph.building(document.changes, order: document.order)
    #expect(text == document.end)
    #expect(graph.text(order: document.order) == document.end)
  }

  @Test func `two people who write at once`() throws {
    let document = try TextTraces.concurrent("concurrent-friendsforever.json.gz")
    let (graph, text) = try TextGraph.building(document.changes, order: document.order)
    #expect(text == document.end)
    #expect(graph.text(order: document.order) == document.end)
  }
}
