// SPDX-License-Identifier: AGPL-3.0-or-later

extension TextGraph {
  /// What stands between two versions, each the changes at its tips and everything in their past: the changes
  /// that only the one has, and those that only the other has. Both are supposed to have `base` and
  /// everything in its past, which is not looked at.
  func difference(
    _ one: [Int32], _ other: [Int32], after base: Int32
  ) -> (one: [Int32], other: [Int32]) {
    var queue = TextFrontier()
    for node in one where node > base { queue.insert(node, .one) }
    for node in other where node > base { queue.insert(node, .other) }
    var onlyOne: [Int32] = []
    var onlyOther: [Int32] = []
    while let (node, sides) = queue.takeLast() {
      if sides == .one { onlyOne.append(node) }
      if sides == .other { onlyOther.append(node) }
      for parent in parents(of: node) where parent > base { queue.insert(parent, sides) }
    }
    return (onlyOne, onlyOther)
  }

  /// An order of these changes in which each comes after its parents among them and branches are followed as
  /// far as they go, so that one merge turns from branch to branch seldom.
  func byBranch(_ range: Range<Int32>) -> [Int32] {
    var waiting = [Int32](repeating: 0, count: range.count)
    var ready: [Int32] = []
    for node in range.reversed() {
      let count = parents(of: node).count { $0 >= range.lowerBound }
      waiting[Int(node - range.lowerBound)] = Int32(count)
      if count == 0 { ready.append(node) }
    }
    var result: [Int32] = []
    result.reserveCapacity(range.count)
    while let node = ready.popLast() {
      result.append(node)
      var child = children.first(of: node)
      while let next = child {
        child = children.next(after: next)
        guard range.contains(next.node) else { continue }
        waiting[Int(next.node - range.lowerBound)] -= 1
        if waiting[Int(next.node - range.lowerBound)] == 0 { ready.append(next.node) }
      }
    }
    return result
  }

  /// The sections that have the changes from `start` on.
  func sections(from start: Int32) -> [TextSection] {
    var result: [TextSection] = []
    let versions = criticalVersions(before: start)
    for (base, last) in zip(versions, versions.dropFirst()) {
      result.append(TextSection(base: base, last: last, isClosed: true))
    }
    let last = Int32(nodes.count) - 1
    if let base = versions.last, base < last {
      result.append(TextSection(base: base, last: last, isClosed: false))
    }
    return result
  }

  /// The critical versions from the last one in front of `start` on: changes that have seen everything with
  /// a lower number and that everything with a higher number has seen. -1 is the empty text.
  private func criticalVersions(before start: Int32) -> [Int32] {
    var result: [Int32] = []
    var lowest = tips.first ?? -1
    var node = Int32(nodes.count) - 1
    while node >= 0 {
      if lowest >= node {
        result.append(node)
        if node < start { return result.reversed() }
      }
      lowest = min(lowest, parents(of: node).first ?? -1)
      node -= 1
    }
    return [-1] + result.reversed()
  }
}

/// The changes behind a critical version up to the next one, or up to the end.
struct TextSection {
  /// The critical version; -1 is the empty text.
  let base: Int32
  let last: Int32
  /// Whether it ends with a critical version.
  let isClosed: Bool
}

/// The changes at the edge of a walk into the past, with the side or sides that they are on.
private struct TextFrontier {
  struct Sides: OptionSet {
    let rawValue: UInt8
    static let one = Sides(rawValue: 1)
    static let other = Sides(rawValue: 2)
    static let both: Sides = [.one, .other]
  }

  /// Strictly ascending.
  private var nodes: [Int32] = []
  private var sides: [Sides] = []
  /// How many are on one side only.
  private var undecided = 0

  mutating func insert(_ node: Int32, _ added: Sides) {
    var place = nodes.count
    while place > 0, nodes[place - 1] > node { place -= 1 }
    if place > 0, nodes[place - 1] == node {
      let before = sides[place - 1]
      sides[place - 1].formUnion(added)
      if before != .both, sides[place - 1] == .both { undecided -= 1 }
    } else {
      nodes.insert(node, at: place)
      sides.insert(added, at: place)
      if added != .both { undecided += 1 }
    }
  }

  /// The last change, nil once both sides have all that is left.
  mutating func takeLast() -> (node: Int32, sides: Sides)? {
    guard undecided > 0 else { return nil }
    let last = (nodes.removeLast(), sides.removeLast())
    if last.1 != .both { undecided -= 1 }
    return last
  }
}
