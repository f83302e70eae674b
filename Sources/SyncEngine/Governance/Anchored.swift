// SPDX-License-Identifier: AGPL-3.0-or-later

/// What the anchor holds of each author (protocol.md, section 7, "Anchor").
struct Anchored: Sendable {
  private var past = Past.empty
  /// By author, its last anchored change in each chain.
  private var authors: [PublicKey: [Int32: Position]] = [:]

  /// Whether a change that isn't anchored is concurrent with an anchored one of its own author.
  func forks(_ node: GovernanceGraph.Node) -> Bool {
    guard !past.contains(node.position), let own = authors[node.change.author] else { return false }
    return own.values.contains { !node.view.past.contains($0) }
  }

  init() {}

  /// Reads the anchor off the graph, if it is all held; until then the genesis is the anchor.
  init(_ graph: GovernanceGraph) {
    let ids = graph.isAnchored ? graph.anchor : [graph.genesis]
    past = graph.past(through: ids.compactMap { graph.numbers[$0] })
    for node in graph.nodes where past.contains(node.position) {
      let last = authors[node.change.author]?[node.position.chain]
      if let last, last.place > node.position.place { continue }
      authors[node.change.author, default: [:]][node.position.chain] = node.position
    }
  }
}
