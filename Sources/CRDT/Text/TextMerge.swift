// SPDX-License-Identifier: AGPL-3.0-or-later

/// A walk over a history, section by section, and what it changes in the merged text.
struct TextMerge {
  private let order: any LogOrder
  /// Of the merged text.
  private(set) var length: Int32
  private(set) var splices: [TextSplice] = []

  /// Starts with a merged text of this length.
  init(onLength length: Int32, order: any LogOrder) {
    self.length = length
    self.order = order
  }

  /// Walks a section. The changes from `start` on are `changes` and have no ops yet; the text has those
  /// before it already.
  mutating func run(
    _ section: TextSection, filling changes: [TextChange], from start: Int32,
    in graph: inout TextGraph
  ) {
    let first = max(section.base + 1, start)
    if section.isClosed, first == section.last {
      graph.fill(first, with: TextContent(changes[Int(first - start)].ops, onLength: Int(length)))
      return direct(first, in: graph)
    }
    let found = section.base < 0 ? 0 : graph.nodes[Int(section.base)].length
    var walker = TextWalker(from: section.base, onLength: found, in: graph, order: order)
    walker.prepare(graph.byBranch(section.base + 1..<first), in: graph)
    for node in first..<section.last + 1 {
      walker.look(from: node, in: graph)
      graph.fill(node, with: TextContent(changes[Int(node - start)].ops, onLength: walker.length))
      walker.walk(node, in: graph, into: &splices)
    }
    length = walker.mergedLength
  }

  /// Walks a section of which the text has nothing, and that has all its ops.
  mutating func replay(_ section: TextSection, in graph: TextGraph) {
    if section.isClosed, section.base + 1 == section.last { return direct(section.last, in: graph) }
    var walker = TextWalker(from: section.base, onLength: length, in: graph, order: order)
    for node in graph.byBranch(section.base + 1..<section.last + 1) {
      walker.look(from: node, in: graph)
      walker.walk(node, in: graph, into: &splices)
    }
    length = walker.mergedLength
  }

  /// A change that has seen everything before it: its positions are those of the merged text.
  private mutating func direct(_ node: Int32, in graph: TextGraph) {
    var scalar = graph.nodes[Int(node)].firstScalar
    for number in graph.nodes[Int(node)].ops {
      let op = graph.ops[Int(number)]
      if op.position <= length, op.deleted <= length - op.position {
        splices.append(
          TextSplice(position: op.position, deleted: op.deleted, first: scalar, inserted: op.inserted))
        length += op.size
      }
      scalar += op.inserted
    }
  }
}
