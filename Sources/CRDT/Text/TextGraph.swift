// SPDX-License-Identifier: AGPL-3.0-or-later

/// The history of one text: the changes that touch it, what each had seen of the others, and their ops.
///
/// This is the event graph of Gentle and Kleppmann, "Collaborative Text Editing with Eg-walker: Better,
/// Faster, Smaller" (EuroSys 2025). The text follows from the graph, and is kept beside it as a plain string.
/// Ops say positions as their authors saw them; only where authors didn't know of each other are they walked
/// with a state that finds out where they belong in the merged text, and that state is thrown away.
///
/// Changes, inserted scalars and ops have local numbers: changes in an order in which each comes after what
/// it had seen, scalars and ops in the order of the changes.
public struct TextGraph: Hashable, Sendable {
  /// A change.
  struct Node: Hashable, Sendable {
    let dot: Dot
    /// Where its parents are in `links`: the last changes of its past that touch the text.
    let parents: Range<Int32>
    var ops: Range<Int32>
    /// The number of the first scalar that it inserts.
    var firstScalar: Int32
    /// How long the text was that its author left.
    var length: Int32
  }

  /// An op that isn't void.
  struct Op: Hashable, Sendable {
    let index: UInt32
    let position: Int32
    /// How many scalars it inserts; below zero, how many it deletes.
    let size: Int32

    var inserted: Int32 { max(size, 0) }
    var deleted: Int32 { max(-size, 0) }
  }

  var nodes: [Node] = []
  /// The parents of all nodes.
  var links: [Int32] = []
  var ops: [Op] = []
  /// Everything ever inserted.
  var scalars: [Unicode.Scalar] = []
  /// The changes that no other has seen, ascending.
  var tips: [Int32] = []
  /// How long the text is.
  var length: Int32 = 0
  /// Everything that any of the changes had seen.
  var seen = VersionVector()
  var children = TextChildren()
  var logs = TextLogs()

  public init() {}

  public var isEmpty: Bool { nodes.isEmpty }

  /// The end of the history.
  public var tip: TextTip {
    TextTip(
      seen: seen, changeCount: nodes.count,
      tips: tips.map { TextTip.Head(number: $0, dot: nodes[Int($0)].dot) }, length: Int(length), size: size)
  }

  /// Changes, ops and inserted scalars, all together.
  var size: Int { nodes.count + ops.count + scalars.count }

  public func contains(_ dot: Dot) -> Bool { logs.node(at: dot, in: nodes) != nil }

  func parents(of node: Int32) -> ArraySlice<Int32> {
    let range = nodes[Int(node)].parents
    return links[Int(range.lowerBound)..<Int(range.upperBound)]
  }

  /// The last changes among those of the past: none of them has seen another.
  func maximal(in past: VersionVector) -> [Int32] {
    if tips.allSatisfy({ past.covers(nodes[Int($0)].dot) }) { return tips }
    var result: [Int32] = []
    for last in logs.last(in: past, nodes) where !hasChild(last, in: past) { result.append(last) }
    return result.sorted()
  }

  private func hasChild(_ node: Int32, in past: VersionVector) -> Bool {
    var child = children.first(of: node)
    while let next = child {
      if past.covers(nodes[Int(next.node)].dot) { return true }
      child = children.next(after: next)
    }
    return false
  }

  /// Adds a change without its ops.
  mutating func append(_ dot: Dot, parents: [Int32]) {
    let number = Int32(nodes.count)
    let start = Int32(links.count)
    links += parents
    nodes.append(
      Node(
        dot: dot, parents: start..<Int32(links.count), ops: Int32.max..<Int32.max, firstScalar: .max,
        length: 0))
    children.append(parents)
    logs.append(number, of: dot.log)
    tips.removeAll { parents.contains($0) }
    tips.append(number)
  }

  /// Gives a change the ops of it that have an effect. Changes get theirs in the order of their numbers.
  mutating func fill(_ node: Int32, with change: TextContent) {
    let firstOp = Int32(ops.count)
    nodes[Int(node)].firstScalar = Int32(scalars.count)
    ops += change.ops
    scalars += change.scalars
    nodes[Int(node)].ops = firstOp..<Int32(ops.count)
    nodes[Int(node)].length = Int32(change.length)
  }

  func content(of node: Int32) -> TextContent {
    let node = nodes[Int(node)]
    let own = Array(ops[Int(node.ops.lowerBound)..<Int(node.ops.upperBound)])
    let inserted = own.reduce(0) { $0 + Int($1.inserted) }
    let first = Int(node.firstScalar)
    return TextContent(ops: own, scalars: Array(scalars[first..<first + inserted]), length: Int(node.length))
  }

  /// The change that inserted the scalar.
  func node(inserting scalar: Int32) -> Int32 {
    var low = 0
    var high = nodes.count
    while low < high {
      let middle = (low + high) / 2
      if nodes[middle].firstScalar <= scalar { low = middle + 1 } else { high = middle }
    }
    return Int32(low - 1)
  }
}
