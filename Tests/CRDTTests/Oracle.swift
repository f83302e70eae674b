// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

/// A record's state without regard to order: that of the naive reducer, or one read off an incremental state.
struct Portrait: Hashable {
  private(set) var cells: [CellKey: NaiveReducer.NaiveCell] = [:]
  private(set) var clock: [UInt32: UInt64] = [:]

  /// What the naive reducer makes of these changes of the history, the others not counting.
  init(_ changes: [Change], in history: History, at frontier: [Dot]? = nil) {
    let reducer = NaiveReducer(changes, in: history)
    cells = reducer.cells(of: Edits.record, at: frontier)
    clock = reducer.clock(of: Edits.record, at: frontier)
  }

  init(_ state: RecordState) {
    for entry in state.cells {
      let sums = Dictionary(uniqueKeysWithValues: entry.cell.sums.map { ($0.log, $0.sum) })
      cells[entry.key] = NaiveReducer.NaiveCell(heads: Set(entry.cell.heads), sums: sums)
    }
    clock = Dictionary(uniqueKeysWithValues: state.clock.entries.map { ($0.log, $0.seq) })
  }
}

extension NaiveReducer {
  /// Of a history of one record, with only these changes counting.
  init(_ counted: [CRDTTests.Change], in history: History) {
    let counted = Set(counted.map(\.dot))
    self.init(
      history.changes.map {
        Change(dot: $0.dot, parents: $0.parents, counts: counted.contains($0.dot), ops: [Edits.record: $0.ops])
      })
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
