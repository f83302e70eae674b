// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

/// Logs in the order of ranks, or of their numbers.
struct RankedLogs: LogOrder {
  var ranks: [UInt32: Int] = [:]

  func log(_ one: UInt32, precedes other: UInt32) -> Bool {
    (ranks[one] ?? Int(one)) < (ranks[other] ?? Int(other))
  }
}

/// FugueMax as a tree with a node for each scalar, deleted ones too, and no index of anything: slow, and
/// close to the definition by Weidner and Kleppmann. A scalar is the right child of the one in front of it,
/// or, if that has children to its right already, the left child of the one behind it.
struct TextOracle {
  struct Node {
    let scalar: Unicode.Scalar
    let op: OpID
    let offset: Int
    let rightOrigin: Int?
    var deletedBy: Set<Dot> = []
    var left: [Int] = []
    var right: [Int] = []
  }

  let order: RankedLogs
  /// The first stands for the start of the text.
  private(set) var nodes: [Node]
  /// All but the first, as they stand.
  private(set) var sequence: [Int] = []
  private(set) var voids: Set<OpID> = []

  init(order: RankedLogs) {
    self.order = order
    nodes = [Node(scalar: " ", op: OpID(dot: Dot(rawValue: 0), index: 0), offset: 0, rightOrigin: nil)]
  }

  init(_ changes: [TextChange], order: RankedLogs) {
    self.init(order: order)
    for change in changes { apply(change) }
  }

  var text: String { string(sequence.filter { nodes[$0].deletedBy.isEmpty }) }
  var authors: [OpID] { sequence.filter { nodes[$0].deletedBy.isEmpty }.map { nodes[$0].op } }

  func text(at past: VersionVector) -> String { string(visible(in: past)) }
  func length(at past: VersionVector) -> Int { visible(in: past).count }

  /// In causal order.
  mutating func apply(_ change: TextChange) {
    var past = change.past
    past.include(change.dot)
    for op in change.ops where !apply(op, of: change.dot, past) {
      voids.insert(OpID(dot: change.dot, index: op.index))
    }
  }

  private mutating func apply(_ op: TextOp, of dot: Dot, _ past: VersionVector) -> Bool {
    let seen = visible(in: past)
    switch op.edit {
    case .insert(let position, let string):
      guard !string.isEmpty, (0...seen.count).contains(position) else { return false }
      var place = position == 0 ? 0 : seen[position - 1]
      for (offset, scalar) in string.unicodeScalars.enumerated() {
        place = insert(scalar, OpID(dot: dot, index: op.index), offset, after: place, past)
      }
    case .delete(let position, let count):
      guard (0..<seen.count).contains(position), count > 0, count <= seen.count - position else {
        return false
      }
      for node in seen[position..<position + count] { nodes[node].deletedBy.insert(dot) }
    }
    return true
  }

  private mutating func insert(
    _ scalar: Unicode.Scalar, _ op: OpID, _ offset: Int, after left: Int, _ past: VersionVector
  ) -> Int {
    let known = sequence.filter { past.covers(nodes[$0].op.dot) }
    let behind = left == 0 ? 0 : known.firstIndex(of: left)! + 1
    let rightOrigin = behind < known.count ? known[behind] : nil
    let number = nodes.count
    nodes.append(Node(scalar: scalar, op: op, offset: offset, rightOrigin: rightOrigin))
    if nodes[left].right.contains(where: { past.covers(nodes[$0].op.dot) }) {
      let siblings = nodes[rightOrigin!].left
      let place = siblings.firstIndex { isBefore(number, $0) } ?? siblings.count
      nodes[rightOrigin!].left.insert(number, at: place)
    } else {
      let siblings = nodes[left].right
      let place = siblings.firstIndex { isRightBefore(number, $0) } ?? siblings.count
      nodes[left].right.insert(number, at: place)
    }
    sequence = []
    for child in nodes[0].right { traverse(child) }
    return number
  }

  private func isRightBefore(_ one: Int, _ other: Int) -> Bool {
    let places = (place(nodes[one].rightOrigin), place(nodes[other].rightOrigin))
    return places.0 == places.1 ? isBefore(one, other) : places.0 > places.1
  }

  private func isBefore(_ one: Int, _ other: Int) -> Bool {
    let (one, other) = (nodes[one].op.dot, nodes[other].op.dot)
    return one.log == other.log ? one.seq < other.seq : order.log(one.log, precedes: other.log)
  }

  private func place(_ node: Int?) -> Int { node.map { sequence.firstIndex(of: $0)! } ?? .max }

  private mutating func traverse(_ node: Int) {
    for child in nodes[node].left { traverse(child) }
    sequence.append(node)
    for child in nodes[node].right { traverse(child) }
  }

  private func visible(in past: VersionVector) -> [Int] {
    sequence.filter { number in
      past.covers(nodes[number].op.dot) && !nodes[number].deletedBy.contains { past.covers($0) }
    }
  }

  private func string(_ numbers: [Int]) -> String {
    var view = String.UnicodeScalarView()
    for number in numbers { view.append(nodes[number].scalar) }
    return String(view)
  }
}
