// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

/// What a record's state should be, worked out anew from the whole set of changes: slow and obvious. It knows
/// nothing of version vectors: a write is gone if another write's ancestors contain it.
struct Oracle: Hashable {
  struct OracleCell: Hashable {
    var heads: Set<Head> = []
    var sums: [UInt32: Int64] = [:]
  }

  private(set) var cells: [CellKey: OracleCell] = [:]
  private(set) var clock: [UInt32: UInt64] = [:]

  init(_ changes: [Change], in history: History) {
    let ops = changes.flatMap(\.ops)
    for op in ops {
      let dot = op.id.dot
      clock[dot.log] = max(clock[dot.log] ?? 0, dot.seq)
      switch op.edit {
      case .add(let delta):
        cells[op.cell, default: OracleCell()].sums[dot.log, default: 0] += delta
      case .set(let value):
        if ops.contains(where: { Self.overtakes($0, op, in: history) }) { continue }
        cells[op.cell, default: OracleCell()].heads.insert(Head(op: op.id, value: value))
      }
    }
  }

  /// The same, read off an incremental state.
  init(_ state: RecordState) {
    for entry in state.cells {
      let sums = Dictionary(uniqueKeysWithValues: entry.cell.sums.map { ($0.log, $0.sum) })
      cells[entry.key] = OracleCell(heads: Set(entry.cell.heads), sums: sums)
    }
    clock = Dictionary(uniqueKeysWithValues: state.clock.entries.map { ($0.log, $0.seq) })
  }

  static func overtakes(_ one: Operation, _ other: Operation, in history: History) -> Bool {
    guard one.cell == other.cell, case .set = one.edit else { return false }
    if one.id.dot == other.id.dot { return one.id.index > other.id.index }
    return history.ancestors(of: one.id.dot).contains(other.id.dot)
  }

  static func presence(_ changes: [Change], in history: History, policy: PresencePolicy) -> Presence {
    let cells = Oracle(changes, in: history).cells
    let heads = cells[CellKey(field: SystemField.alive)]?.heads ?? []
    if heads.isEmpty { return .absent }
    if heads.contains(where: { $0.value == .bool(true) }) { return .visible }
    let moves = cells[CellKey(field: SystemField.moved)]?.heads ?? []
    if policy == .deleteWins || moves.contains(where: { $0.value != .null }) { return .deleted }
    let unseen = changes.flatMap(\.ops).contains { op in
      heads.allSatisfy { !history.ancestors(of: $0.op.dot).contains(op.id.dot) }
    }
    return unseen ? .revived(byEditConcurrentWith: heads.map(\.op).sorted()) : .deleted
  }
}

extension RecordState {
  /// Applies changes in the order given, checking every invariant after each.
  static func applying(_ changes: [Change], in history: History, fresh: Bool) throws -> RecordState {
    var state = RecordState()
    for change in changes {
      state.apply(change, in: history, fresh: fresh)
      try state.checkInvariants(history: history)
    }
    return state
  }

  mutating func apply(_ change: Change, in history: History, fresh: Bool) {
    let past = history.past(of: change.dot)
    apply(change.ops, of: change.dot, past: past, history: history, fresh: fresh)
  }
}
