// SPDX-License-Identifier: AGPL-3.0-or-later

/// A step that changes the merged text: so many scalars are taken away at the position, then those with the
/// numbers from `first` on are put there.
struct TextSplice {
  var position: Int32
  var deleted: Int32 = 0
  var first: Int32 = 0
  var inserted: Int32 = 0
}

/// The state of a merge, from one critical version on.
///
/// It holds two versions of the text at once: the one that the author of the next change saw, and the merged
/// text of all changes walked so far. Concurrent insertions at one place stand in the order of FugueMax
/// (Weidner, Kleppmann, "The Art of the Fugue", 2023), found as by YjsMod.
struct TextWalker {
  private struct Piece {
    let first: Int32
    let count: Int32
  }

  private let base: Int32
  private let firstOp: Int32
  private let order: any LogOrder
  private var version: [Int32]
  private var items = TextItems()
  private var index = TextItemIndex()
  /// For each op from `firstOp` on that deletes, what it deleted, in `pieces`.
  private var targets: [Range<Int32>] = []
  private var pieces: [Piece] = []

  /// Starts with the text at a critical version (-1: the empty text), of which only the length is needed.
  /// Only changes after it are walked.
  init(from base: Int32, onLength length: Int32, in graph: TextGraph, order: any LogOrder) {
    self.base = base
    self.order = order
    version = base < 0 ? [] : [base]
    firstOp = base < 0 ? 0 : graph.nodes[Int(base)].ops.upperBound
    guard length > 0 else { return }
    let text = TextItem(first: TextItem.base, count: length, left: -1, right: -1, isKnown: true)
    index.insert(items.insert(text, after: nil), first: text.first)
  }

  /// The length of the text in the version that is looked at.
  var length: Int { Int(items.total.visible) }

  /// The length of the text of all changes walked so far.
  var mergedLength: Int32 { items.total.merged }

  /// Walks changes that the merged text has already.
  mutating func prepare(_ nodes: [Int32], in graph: TextGraph) {
    var known: [TextSplice] = []
    for node in nodes {
      look(from: node, in: graph)
      walk(node, in: graph, into: &known)
      known.removeAll(keepingCapacity: true)
    }
  }

  /// Looks at the text as the author of the change found it.
  mutating func look(from node: Int32, in graph: TextGraph) {
    let parents = graph.parents(of: node)
    if parents.elementsEqual(version) { return }
    let (forget, learn) = graph.difference(version, Array(parents), after: base)
    for node in forget { toggle(node, isKnown: false, in: graph) }
    for node in learn { toggle(node, isKnown: true, in: graph) }
    version = Array(parents)
  }

  /// Walks the ops of the change that was looked from. What they change in the merged text is added to
  /// `splices`.
  mutating func walk(_ node: Int32, in graph: TextGraph, into splices: inout [TextSplice]) {
    var scalar = graph.nodes[Int(node)].firstScalar
    for number in graph.nodes[Int(node)].ops {
      let op = graph.ops[Int(number)]
      if op.inserted > 0 {
        insert(scalar, count: op.inserted, at: op.position, in: graph, &splices)
      } else {
        delete(op.deleted, at: op.position, by: number, &splices)
      }
      scalar += op.inserted
    }
    version = [node]
  }

  private mutating func insert(
    _ first: Int32, count: Int32, at position: Int32, in graph: TextGraph, _ splices: inout [TextSplice]
  ) {
    guard position <= items.total.visible else { return }
    let before = place(before: position)
    let end = known(after: before)
    let item = TextItem(
      first: first, count: count, left: before.map { items[$0].last } ?? TextItem.none,
      right: end.map { items[$0].first } ?? TextItem.none, isKnown: true)
    let number = items.insert(item, after: place(of: item, after: before, upTo: end, in: graph))
    index.insert(number, first: first)
    splices.append(TextSplice(position: items.before(number).merged, first: first, inserted: count))
  }

  /// The item that ends with the visible scalar in front of the position; nil at the start.
  private mutating func place(before position: Int32) -> Int32? {
    guard position > 0 else { return nil }
    let (item, offset) = items.visible(at: position - 1)
    if offset + 1 < items[item].count { divide(item, at: offset + 1) }
    return item
  }

  /// The first known item behind another one, or behind nil: the first.
  private func known(after item: Int32?) -> Int32? {
    guard let item else { return items.known(at: 0) }
    return items.known(at: items.before(item).known + items[item].counts.known)
  }

  /// Behind which item an insertion goes: between its neighbours may stand others that its author didn't
  /// know. If the neighbour to the right was itself inserted behind the one to the left, it is the parent in
  /// the tree of FugueMax; with no other child there the place is in front of it.
  private mutating func place(
    of item: TextItem, after before: Int32?, upTo end: Int32?, in graph: TextGraph
  ) -> Int32? {
    if let end, items[end].left == item.left, !items[end].hasLeftChild {
      items.markLeftChild(of: end)
      return items.previous(before: end)
    }
    return placeAmongRivals(of: item, after: before, upTo: end, in: graph)
  }

  private func placeAmongRivals(
    of item: TextItem, after before: Int32?, upTo end: Int32?, in graph: TextGraph
  ) -> Int32? {
    var place = before
    var next = items.next(after: before)
    guard next != end else { return place }
    let left = rank(item.left, orElse: -1)
    let right = rank(item.right, orElse: .max)
    var isPassing = false
    while let rival = next, rival != end {
      let rivalLeft = rank(items[rival].left, orElse: -1)
      if rivalLeft < left { break }
      if rivalLeft == left {
        let rivalRight = rank(items[rival].right, orElse: .max)
        if rivalRight == right, precedes(item.first, items[rival].first, in: graph) { break }
        isPassing = rivalRight < right
      }
      if !isPassing { place = rival }
      next = items.next(after: rival)
    }
    return place
  }

  /// Where the scalar stands among all scalars.
  private func rank(_ scalar: Int32, orElse none: Int32) -> Int32 {
    guard scalar != TextItem.none else { return none }
    guard let item = index.item(with: scalar) else { preconditionFailure("a neighbour is in an item") }
    return items.before(item).all + scalar - items[item].first
  }

  private func precedes(_ one: Int32, _ other: Int32, in graph: TextGraph) -> Bool {
    let one = graph.nodes[Int(graph.node(inserting: one))].dot
    let other = graph.nodes[Int(graph.node(inserting: other))].dot
    return one.log == other.log ? one.seq < other.seq : order.log(one.log, precedes: other.log)
  }

  private mutating func delete(
    _ count: Int32, at position: Int32, by op: Int32, _ splices: inout [TextSplice]
  ) {
    guard position < items.total.visible, count <= items.total.visible - position else { return }
    let start = Int32(pieces.count)
    var rest = count
    while rest > 0 {
      let item = visible(at: position, upTo: rest)
      rest -= items[item].count
      pieces.append(Piece(first: items[item].first, count: items[item].count))
      if !items[item].isGone { remove(item, &splices) }
      items.update(item) {
        $0.deletions += 1
        $0.isGone = true
      }
    }
    while targets.count <= op - firstOp { targets.append(0..<0) }
    targets[Int(op - firstOp)] = start..<Int32(pieces.count)
  }

  /// An item that starts at the visible position and is no longer than `count`.
  private mutating func visible(at position: Int32, upTo count: Int32) -> Int32 {
    var (item, offset) = items.visible(at: position)
    if offset > 0 { item = divide(item, at: offset) }
    if items[item].count > count { divide(item, at: count) }
    return item
  }

  private func remove(_ item: Int32, _ splices: inout [TextSplice]) {
    let position = items.before(item).merged
    let count = items[item].count
    if let last = splices.last, last.inserted == 0, last.position == position {
      splices[splices.count - 1].deleted += count
    } else {
      splices.append(TextSplice(position: position, deleted: count))
    }
  }

  @discardableResult
  private mutating func divide(_ item: Int32, at offset: Int32) -> Int32 {
    let rest = items.split(item, at: offset)
    index.insert(rest, first: items[rest].first)
    return rest
  }

  /// Takes a change that was walked before out of the version that is looked at, or into it.
  private mutating func toggle(_ node: Int32, isKnown: Bool, in graph: TextGraph) {
    var scalar = graph.nodes[Int(node)].firstScalar
    for number in graph.nodes[Int(node)].ops {
      let inserted = graph.ops[Int(number)].inserted
      if inserted > 0 {
        update(Piece(first: scalar, count: inserted)) { $0.isKnown = isKnown }
      } else if number - firstOp < targets.count {
        for target in targets[Int(number - firstOp)] {
          update(pieces[Int(target)]) { $0.deletions += isKnown ? 1 : -1 }
        }
      }
      scalar += inserted
    }
  }

  /// Items that have scalars of the piece have no others.
  private mutating func update(_ piece: Piece, _ change: (inout TextItem) -> Void) {
    var first = piece.first
    while first < piece.first + piece.count {
      guard let item = index.item(with: first), items[item].first == first else { return }
      items.update(item, change)
      first += items[item].count
    }
  }
}
