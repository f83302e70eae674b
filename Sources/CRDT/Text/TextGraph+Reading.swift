// SPDX-License-Identifier: AGPL-3.0-or-later

/// Scalars that stand together in a text and were inserted by one op.
public struct TextSpan: Hashable, Sendable {
  /// How many scalars.
  public let count: Int
  public let op: OpID

  public init(count: Int, op: OpID) {
    self.count = count
    self.op = op
  }
}

extension TextGraph {
  /// The text that all changes make, by walking the whole history.
  public func text(order: any LogOrder) -> String {
    String(scalarValues: standing(order: order).map { scalars[Int($0)].value })
  }

  /// The text as it was when nothing but this past was known.
  public func text(at past: VersionVector, order: any LogOrder) -> String {
    restricted(to: past).text(order: order)
  }

  /// Which op inserted each scalar of the text, from its start to its end.
  public func spans(order: any LogOrder) -> [TextSpan] {
    let insertions = insertions
    var result: [TextSpan] = []
    for scalar in standing(order: order) {
      let op = insertions.op(of: Int32(bitPattern: scalar))
      if let last = result.last, last.op == op {
        result[result.count - 1] = TextSpan(count: last.count + 1, op: op)
      } else {
        result.append(TextSpan(count: 1, op: op))
      }
    }
    return result
  }

  /// Which op inserted each scalar of the text as it was when nothing but this past was known.
  public func spans(at past: VersionVector, order: any LogOrder) -> [TextSpan] {
    restricted(to: past).spans(order: order)
  }

  /// The history that is within a past. A change without all its parents stays out with them.
  func restricted(to past: VersionVector) -> TextGraph {
    var result = TextGraph()
    var numbers = [Int32?](repeating: nil, count: nodes.count)
    for node in Int32(0)..<Int32(nodes.count) where past.covers(nodes[Int(node)].dot) {
      let parents = parents(of: node).compactMap { numbers[Int($0)] }
      guard parents.count == nodes[Int(node)].parents.count else { continue }
      numbers[Int(node)] = Int32(result.nodes.count)
      result.copy(node, of: self, parents: parents)
    }
    return result
  }

  private mutating func copy(_ node: Int32, of other: TextGraph, parents: [Int32]) {
    let original = other.nodes[Int(node)]
    append(original.dot, parents: parents)
    fill(Int32(nodes.count) - 1, with: other.content(of: node))
  }

  /// The numbers of the scalars of the text.
  private func standing(order: any LogOrder) -> [UInt32] {
    var merge = TextMerge(onLength: 0, order: order)
    for section in sections(from: 0) { merge.replay(section, in: self) }
    var buffer = TextBuffer()
    for splice in merge.splices {
      if splice.deleted > 0 { buffer.remove(at: Int(splice.position), count: Int(splice.deleted)) }
      guard splice.inserted > 0 else { continue }
      buffer.insert(UInt32(splice.first)..<UInt32(splice.first + splice.inserted), at: Int(splice.position))
    }
    return buffer.elements
  }

  private var insertions: TextInsertions {
    var result = TextInsertions()
    for node in nodes {
      var scalar = node.firstScalar
      for op in ops[Int(node.ops.lowerBound)..<Int(node.ops.upperBound)] where op.inserted > 0 {
        result.append(OpID(dot: node.dot, index: op.index), from: scalar)
        scalar += op.inserted
      }
    }
    return result
  }
}

/// The insertions of a history by the numbers of their scalars.
private struct TextInsertions {
  private var starts: [Int32] = []
  private var ops: [OpID] = []

  mutating func append(_ op: OpID, from scalar: Int32) {
    starts.append(scalar)
    ops.append(op)
  }

  func op(of scalar: Int32) -> OpID {
    var low = 0
    var high = starts.count
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= scalar { low = middle + 1 } else { high = middle }
    }
    return ops[low - 1]
  }
}
