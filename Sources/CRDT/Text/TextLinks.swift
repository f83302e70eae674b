// SPDX-License-Identifier: AGPL-3.0-or-later

/// Which changes have a change among their parents.
struct TextChildren: Hashable, Sendable {
  /// A child of a change, and where the next one stands.
  struct Link: Hashable, Sendable {
    let node: Int32
    fileprivate let next: Int32
  }

  private var first: [Int32] = []
  private var links: [Link] = []

  /// Adds the next change.
  mutating func append(_ parents: [Int32]) {
    let node = Int32(first.count)
    first.append(-1)
    for parent in parents {
      links.append(Link(node: node, next: first[Int(parent)]))
      first[Int(parent)] = Int32(links.count - 1)
    }
  }

  func first(of node: Int32) -> Link? { link(first[Int(node)]) }
  func next(after link: Link) -> Link? { self.link(link.next) }

  private func link(_ number: Int32) -> Link? { number < 0 ? nil : links[Int(number)] }
}

/// The changes of each log, in the log's order.
struct TextLogs: Hashable, Sendable {
  private struct Entry: Hashable, Sendable {
    let log: UInt32
    /// Ascending, never empty.
    var nodes: [Int32]
  }

  /// Strictly ascending by log.
  private var entries: [Entry] = []

  mutating func append(_ node: Int32, of log: UInt32) {
    let slot = slot(of: log)
    if slot < entries.count, entries[slot].log == log {
      entries[slot].nodes.append(node)
    } else {
      entries.insert(Entry(log: log, nodes: [node]), at: slot)
    }
  }

  /// Whether the change comes after all others of its log.
  func canAppend(_ dot: Dot, to nodes: [TextGraph.Node]) -> Bool {
    let slot = slot(of: dot.log)
    guard slot < entries.count, entries[slot].log == dot.log else { return true }
    return nodes[Int(entries[slot].nodes.last!)].dot < dot
  }

  func node(at dot: Dot, in nodes: [TextGraph.Node]) -> Int32? {
    guard let last = last(of: dot.log, upTo: dot, nodes), nodes[Int(last)].dot == dot else { return nil }
    return last
  }

  /// For each log that has any, its last change in the past.
  func last(in past: VersionVector, _ nodes: [TextGraph.Node]) -> [Int32] {
    past.dots.compactMap { last(of: $0.log, upTo: $0, nodes) }
  }

  private func last(of log: UInt32, upTo dot: Dot, _ nodes: [TextGraph.Node]) -> Int32? {
    let slot = slot(of: log)
    guard slot < entries.count, entries[slot].log == log else { return nil }
    var low = 0
    var high = entries[slot].nodes.count
    while low < high {
      let middle = (low + high) / 2
      if nodes[Int(entries[slot].nodes[middle])].dot <= dot { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : entries[slot].nodes[low - 1]
  }

  /// Where the log stands, or would stand.
  private func slot(of log: UInt32) -> Int {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].log < log { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
