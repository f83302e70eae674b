// SPDX-License-Identifier: AGPL-3.0-or-later

/// A run of scalars that were inserted together and stand together, in the state of a merge.
struct TextItem {
  /// Scalars have consecutive names: those inserted during the merge the numbers that the graph gives them,
  /// those of the text that it started from numbers from `TextItem.base` on.
  let first: Int32
  var count: Int32
  /// The scalar behind which its first one was inserted, as its author knew the text; `none` at the start.
  let left: Int32
  /// The scalar in front of which it was inserted, maybe one deleted before; `none` at the end.
  let right: Int32
  /// Whether it is in the past of the version that is being looked at.
  var isKnown: Bool
  /// How many deletions of it are in that past.
  var deletions: Int32 = 0
  /// Whether any deletion of it has been met at all.
  var isGone: Bool = false
  /// Whether anything was inserted in front of its first scalar that came after it, behind the same one.
  var hasLeftChild: Bool = false

  static let none: Int32 = -1
  static let base: Int32 = 1 << 30

  /// The last scalar.
  var last: Int32 { first + count - 1 }

  var isVisible: Bool { isKnown && deletions == 0 }

  var counts: TextCounts {
    TextCounts(isVisible ? count : 0, isKnown ? count : 0, isGone ? 0 : count, count)
  }
}

/// Numbers of scalars: visible in the version looked at, known to it, in the merged text, and all.
typealias TextCounts = SIMD4<Int32>

extension TextCounts {
  var visible: Int32 { self[0] }
  var known: Int32 { self[1] }
  var merged: Int32 { self[2] }
  var all: Int32 { self[3] }
}

/// The items of a merge in the order of the text, deleted ones among them.
///
/// A treap (Seidel, Aragon 1996) with sums over subtrees, so that an item is found by what stands before it,
/// and what stands before an item is found, in logarithmic time. Random priorities shape the tree alone.
struct TextItems {
  private struct Link {
    var parent: Int32
    var left: Int32
    var right: Int32
    let priority: UInt64
    /// Of the item and everything below it.
    var sums: TextCounts
  }

  private var items: [TextItem] = []
  private var links: [Link] = []
  private var root: Int32 = -1
  private var random = UInt64.random(in: 1 ... .max)

  /// Of all items.
  var total: TextCounts { root < 0 ? TextCounts() : links[Int(root)].sums }

  subscript(item: Int32) -> TextItem { items[Int(item)] }

  /// Changes an item's state; its length stays.
  mutating func update(_ item: Int32, _ change: (inout TextItem) -> Void) {
    let before = items[Int(item)].counts
    change(&items[Int(item)])
    add(items[Int(item)].counts &- before, from: item)
  }

  mutating func markLeftChild(of item: Int32) { items[Int(item)].hasLeftChild = true }

  /// Puts an item behind another, or nil: at the start. Returns its number.
  mutating func insert(_ item: TextItem, after place: Int32?) -> Int32 {
    let number = Int32(items.count)
    items.append(item)
    links.append(Link(parent: -1, left: -1, right: -1, priority: nextRandom(), sums: item.counts))
    attach(number, after: place)
    add(item.counts, from: links[Int(number)].parent)
    while links[Int(number)].parent >= 0,
      links[Int(links[Int(number)].parent)].priority < links[Int(number)].priority
    {
      rotateUp(number)
    }
    return number
  }

  /// Divides an item behind its first `offset` scalars. Returns the number of the rest.
  mutating func split(_ item: Int32, at offset: Int32) -> Int32 {
    let whole = items[Int(item)]
    precondition(offset > 0 && offset < whole.count, "an item is divided inside")
    items[Int(item)].count = offset
    add(items[Int(item)].counts &- whole.counts, from: item)
    let rest = TextItem(
      first: whole.first + offset, count: whole.count - offset, left: whole.first + offset - 1,
      right: whole.right, isKnown: whole.isKnown, deletions: whole.deletions, isGone: whole.isGone)
    return insert(rest, after: item)
  }

  /// The item that has the visible scalar at this position, and the scalar's offset in it.
  func visible(at position: Int32) -> (item: Int32, offset: Int32) { find(position, lane: 0) }

  /// The item that has the known scalar at this position, nil past the end.
  func known(at position: Int32) -> Int32? {
    position < total.known ? find(position, lane: 1).item : nil
  }

  private func find(_ position: Int32, lane: Int) -> (item: Int32, offset: Int32) {
    precondition(position >= 0 && position < total[lane], "a scalar is looked for within the text")
    var rest = position
    var at = root
    while true {
      let left = links[Int(at)].left
      let before = left < 0 ? 0 : links[Int(left)].sums[lane]
      if rest < before {
        at = left
        continue
      }
      rest -= before
      let own = items[Int(at)].counts[lane]
      if rest < own { return (at, rest) }
      rest -= own
      at = links[Int(at)].right
    }
  }

  /// What stands in front of the item.
  func before(_ item: Int32) -> TextCounts {
    var sums = below(links[Int(item)].left)
    var at = item
    while links[Int(at)].parent >= 0 {
      let parent = links[Int(at)].parent
      if links[Int(parent)].right == at { sums &+= links[Int(parent)].sums &- links[Int(at)].sums }
      at = parent
    }
    return sums
  }

  /// The item behind this one, or behind nil: the first.
  func next(after item: Int32?) -> Int32? {
    guard let item else { return root < 0 ? nil : leftmost(root) }
    if links[Int(item)].right >= 0 { return leftmost(links[Int(item)].right) }
    var at = item
    while links[Int(at)].parent >= 0 {
      let parent = links[Int(at)].parent
      if links[Int(parent)].left == at { return parent }
      at = parent
    }
    return nil
  }

  /// The item in front of this one.
  func previous(before item: Int32) -> Int32? {
    if links[Int(item)].left >= 0 { return rightmost(links[Int(item)].left) }
    var at = item
    while links[Int(at)].parent >= 0 {
      let parent = links[Int(at)].parent
      if links[Int(parent)].right == at { return parent }
      at = parent
    }
    return nil
  }

  private func below(_ item: Int32) -> TextCounts { item < 0 ? TextCounts() : links[Int(item)].sums }

  private func leftmost(_ item: Int32) -> Int32 {
    var at = item
    while links[Int(at)].left >= 0 { at = links[Int(at)].left }
    return at
  }

  private func rightmost(_ item: Int32) -> Int32 {
    var at = item
    while links[Int(at)].right >= 0 { at = links[Int(at)].right }
    return at
  }

  private mutating func add(_ counts: TextCounts, from item: Int32) {
    var at = item
    while at >= 0 {
      links[Int(at)].sums &+= counts
      at = links[Int(at)].parent
    }
  }

  /// As a leaf.
  private mutating func attach(_ number: Int32, after place: Int32?) {
    guard root >= 0 else { return root = number }
    if let place, links[Int(place)].right < 0 {
      links[Int(place)].right = number
      links[Int(number)].parent = place
    } else {
      let next = leftmost(place.map { links[Int($0)].right } ?? root)
      links[Int(next)].left = number
      links[Int(number)].parent = next
    }
  }

  private mutating func rotateUp(_ child: Int32) {
    let parent = links[Int(child)].parent
    let above = links[Int(parent)].parent
    let isLeft = links[Int(parent)].left == child
    let inner = isLeft ? links[Int(child)].right : links[Int(child)].left
    let sums = links[Int(parent)].sums
    links[Int(parent)].sums = sums &- links[Int(child)].sums &+ below(inner)
    links[Int(child)].sums = sums
    if isLeft {
      links[Int(parent)].left = inner
      links[Int(child)].right = parent
    } else {
      links[Int(parent)].right = inner
      links[Int(child)].left = parent
    }
    if inner >= 0 { links[Int(inner)].parent = parent }
    links[Int(parent)].parent = child
    links[Int(child)].parent = above
    if above < 0 {
      root = child
    } else if links[Int(above)].left == parent {
      links[Int(above)].left = child
    } else {
      links[Int(above)].right = child
    }
  }

  /// Xorshift (Marsaglia 2003).
  private mutating func nextRandom() -> UInt64 {
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return random
  }
}
