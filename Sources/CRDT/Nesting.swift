// SPDX-License-Identifier: AGPL-3.0-or-later

/// Records that stand under one another, as a forest: what everyone sees where people have put one record under
/// another, whatever they did at the same time.
///
/// A record names one parent, so that no merge can put it in two places. But two people can put each of two
/// records under the other. Such a cycle is cut when it is read: of its edges the one written last (by stamp, then
/// change id, then op index) is ignored, and its record stands at the top. Nothing else is changed, and nothing is
/// written: who moves the record elsewhere ends the cycle.
///
/// Nothing here is recursive: a chain may be as long as the network's records are many.
public struct Nesting: Sendable {
  /// Where a record says that it stands.
  public struct Edge: Hashable, Sendable {
    public let record: RecordID
    public let position: Position
    /// The write that says so.
    public let op: OpID

    public init(record: RecordID, position: Position, op: OpID) {
      self.record = record
      self.position = position
      self.op = op
    }
  }

  /// The records whose own edges are ignored, ascending: one of each cycle.
  public let cut: [RecordID]
  /// What stands under nothing, ascending: records that are cut, and parents that name none themselves.
  public let tops: [RecordID]
  private let parents: [RecordID: RecordID]
  private let children: [RecordID: [RecordID]]

  /// - Parameter edges: in any order, at most one of each record. Parents needn't be among their records.
  public init(_ edges: some Sequence<Edge>, by arbiter: some Arbiter) {
    var byRecord: [RecordID: Edge] = [:]
    for edge in edges {
      precondition(byRecord[edge.record] == nil, "a record stands in one place")
      byRecord[edge.record] = edge
    }
    let cycles = Self.cycles(byRecord.mapValues(\.position.list))
    let cut = Set(cycles.map { Self.last(of: $0.compactMap { byRecord[$0] }, by: arbiter) })
    let standing = byRecord.values.filter { !cut.contains($0.record) }
    self.cut = cut.sorted()
    parents = Dictionary(uniqueKeysWithValues: standing.map { ($0.record, $0.position.list) })
    children = Dictionary(grouping: standing, by: \.position.list).mapValues { edges in
      ListOrder.sorted(edges.map { ($0.position.key, $0.record) }).map(\.1)
    }
    let named = parents
    tops = cut.union(children.keys.filter { named[$0] == nil }).sorted()
  }

  /// What a record stands under; nil at the top.
  public func parent(of record: RecordID) -> RecordID? { parents[record] }

  /// What stands directly under a record, in the order in which everyone sees it.
  public func children(of record: RecordID) -> [RecordID] { children[record] ?? [] }

  /// Everything under a record, each after what it stands under, with the number of levels between.
  public func walk(from top: RecordID) -> [(record: RecordID, depth: Int)] {
    var found: [(record: RecordID, depth: Int)] = []
    var waiting = children(of: top).reversed().map { (record: $0, depth: 0) }
    while let next = waiting.popLast() {
      found.append(next)
      waiting += children(of: next.record).reversed().map { (record: $0, depth: next.depth + 1) }
    }
    return found
  }

  /// The top that a record stands under, or the record itself.
  public func top(of record: RecordID) -> RecordID {
    var record = record
    while let parent = parents[record] { record = parent }
    return record
  }

  // MARK: Cycles

  /// Each record names one parent, so that cycles share no record: a walk upwards ends, meets a walk that was made
  /// before, or meets itself.
  private static func cycles(_ parents: [RecordID: RecordID]) -> [[RecordID]] {
    var walkOf: [RecordID: Int] = [:]
    var cycles: [[RecordID]] = []
    for (number, start) in parents.keys.enumerated() {
      var path: [RecordID] = []
      var next: RecordID? = start
      while let record = next, walkOf[record] == nil {
        walkOf[record] = number
        path.append(record)
        next = parents[record]
      }
      guard let met = next, walkOf[met] == number, let first = path.firstIndex(of: met) else { continue }
      cycles.append(Array(path[first...]))
    }
    return cycles
  }

  private static func last(of edges: [Edge], by arbiter: some Arbiter) -> RecordID {
    var last = edges[0]
    for edge in edges.dropFirst() {
      let isLater = edge.op == last.op ? edge.record > last.record : arbiter.prefers(edge.op, to: last.op)
      if isLater { last = edge }
    }
    return last.record
  }
}
