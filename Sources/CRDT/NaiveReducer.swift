// SPDX-License-Identifier: AGPL-3.0-or-later

/// State worked out anew from a set of changes, in the slow and obvious way: a write is gone if the ancestors of
/// another write of its cell contain it.
///
/// It knows neither version vectors nor the order in which anything came, and shares no step with `RecordState`,
/// which does the same by and by. So it says what that should be, and what was at any earlier frontier.
/// Time grows with the square of the number of changes.
public struct NaiveReducer: Sendable {
  /// A change with what it says of itself, and nothing that is derived.
  public struct Change: Sendable {
    public let dot: Dot
    /// The changes that it names, whether or not they are given too.
    public let parents: [Dot]
    /// Whether its ops take effect.
    public let counts: Bool
    public let ops: [RecordID: [Operation]]

    public init(dot: Dot, parents: [Dot], counts: Bool = true, ops: [RecordID: [Operation]]) {
      self.dot = dot
      self.parents = parents
      self.counts = counts
      self.ops = ops
    }
  }

  /// A cell: the writes that no other has seen, and what each log has added.
  public struct NaiveCell: Hashable, Sendable {
    public var heads: Set<Head> = []
    public var sums: [UInt32: Int64] = [:]

    public init(heads: Set<Head> = [], sums: [UInt32: Int64] = [:]) {
      self.heads = heads
      self.sums = sums
    }
  }

  private let changes: [Dot: Change]
  /// By change, all before it and itself.
  private let ancestors: [Dot: Set<Dot>]

  /// Each change may be given once or more often, in any order.
  public init(_ changes: some Sequence<Change>) {
    let byDot = Dictionary(changes.map { ($0.dot, $0) }) { first, _ in first }
    self.changes = byDot
    var ancestors: [Dot: Set<Dot>] = [:]
    for dot in byDot.keys { ancestors[dot] = Self.walk(from: [dot], in: byDot) }
    self.ancestors = ancestors
  }

  /// The changes at or before these.
  public func past(of frontier: some Sequence<Dot>) -> Set<Dot> {
    Self.walk(from: Array(frontier), in: changes)
  }

  private static func walk(from frontier: [Dot], in changes: [Dot: Change]) -> Set<Dot> {
    var found: Set<Dot> = []
    var left = frontier
    while let dot = left.popLast() {
      guard let change = changes[dot], found.insert(dot).inserted else { continue }
      left += change.parents
    }
    return found
  }

  // MARK: State

  /// All records that a counted op touches, as of a frontier; as of everything if it is nil.
  public func records(at frontier: [Dot]? = nil) -> [RecordID: [CellKey: NaiveCell]] {
    let ids = Set(counted(at: frontier).flatMap(\.ops.keys))
    return Dictionary(uniqueKeysWithValues: ids.map { ($0, cells(of: $0, at: frontier)) })
  }

  /// The cells of one record. A cell appears with its first write or addition and never goes.
  public func cells(of record: RecordID, at frontier: [Dot]? = nil) -> [CellKey: NaiveCell] {
    let ops = counted(at: frontier).flatMap { $0.ops[record] ?? [] }
    var cells: [CellKey: NaiveCell] = [:]
    for op in ops {
      switch op.edit {
      case .add(let delta):
        cells[op.cell, default: NaiveCell()].sums[op.id.dot.log, default: 0] &+= delta
      case .set(let value):
        if ops.contains(where: { isOvertaken(op, by: $0) }) { continue }
        cells[op.cell, default: NaiveCell()].heads.insert(Head(op: op.id, value: value))
      case .text: break
      }
    }
    return cells
  }

  /// The texts of one record: each walked from its first change on, by what its authors had seen. One on which
  /// there is too much (`TextBounds.weightMax`) is empty.
  public func texts(of record: RecordID, at frontier: [Dot]? = nil, order: any LogOrder) -> [CellKey: String] {
    var changes: [CellKey: [TextChange]] = [:]
    for change in counted(at: frontier) {
      let past = VersionVector(dots: ancestors[change.dot] ?? [])
      for op in change.ops[record] ?? [] {
        guard case .text(let edits) = op.edit else { continue }
        let ops = edits.enumerated().map { TextOp(index: UInt32($0), edit: $1) }
        changes[op.cell, default: []].append(TextChange(dot: change.dot, past: past, ops: ops))
      }
    }
    return changes.mapValues { changes in
      guard changes.reduce(0, { $0 + $1.weight }) <= TextBounds.weightMax else { return "" }
      guard let built = try? TextGraph.building(changes, order: order) else {
        preconditionFailure("the ancestors of changes hold no circle")
      }
      return built.graph.text(order: order)
    }
  }

  /// For each log, the last counted change that touches the record.
  public func clock(of record: RecordID, at frontier: [Dot]? = nil) -> [UInt32: UInt64] {
    var clock: [UInt32: UInt64] = [:]
    for change in counted(at: frontier) where !(change.ops[record] ?? []).isEmpty {
      clock[change.dot.log] = max(clock[change.dot.log] ?? 0, change.dot.seq)
    }
    return clock
  }

  public func presence(
    of record: RecordID, at frontier: [Dot]? = nil, policy: PresencePolicy = .editWins
  ) -> Presence {
    let cells = cells(of: record, at: frontier)
    let heads = cells[CellKey(field: SystemField.alive)]?.heads ?? []
    if heads.isEmpty { return .absent }
    if heads.contains(where: { $0.value == .bool(true) }) { return .visible }
    let moves = cells[CellKey(field: SystemField.moved)]?.heads ?? []
    if policy == .deleteWins || moves.contains(where: { $0.value != .null }) { return .deleted }
    let touches = counted(at: frontier).filter { !($0.ops[record] ?? []).isEmpty }
    let isUnseen = touches.contains { touch in heads.allSatisfy { !has($0.op.dot, seen: touch.dot) } }
    return isUnseen ? .revived(byEditConcurrentWith: heads.map(\.op).sorted()) : .deleted
  }

  private func counted(at frontier: [Dot]?) -> [Change] {
    let all = changes.values.filter(\.counts)
    guard let frontier else { return all }
    let past = past(of: frontier)
    return all.filter { past.contains($0.dot) }
  }

  private func isOvertaken(_ op: Operation, by other: Operation) -> Bool {
    guard op.cell == other.cell, case .set = other.edit else { return false }
    if op.id.dot == other.id.dot { return op.id.index < other.id.index }
    return has(other.id.dot, seen: op.id.dot)
  }

  private func has(_ later: Dot, seen earlier: Dot) -> Bool { ancestors[later]?.contains(earlier) ?? false }
}
