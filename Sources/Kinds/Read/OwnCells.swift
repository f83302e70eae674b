// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// Cells that not everybody may write: what others write there has no effect on what people read.
///
/// State keeps every write, as it does for all cells, so that replicas agree whatever their versions. Which of them
/// speak is judged when they are read, by who belongs to a place in all known governance: the same on every replica
/// that holds the same changes, in whatever order they came.
extension Replica {
  /// The record's cells as those left them who may write them: a place its own answers, a keeper the word on a claim.
  func ownCells(of view: RecordView) throws -> [RecordState.Entry] {
    switch Kind(view.kind) {
    case .event:
      return try view.state.cells.compactMap { entry in
        guard entry.key.field == Answers.field, let key = entry.key.key.flatMap(AnswerKey.init) else { return entry }
        return try entry.holding(rightfulHeads(of: entry, in: view) { try places(writing: $0).contains(key.place) })
      }
    case .claim:
      return try view.state.cells.compactMap { entry in
        guard entry.key == Keeping.agreed else { return entry }
        return try entry.holding(Keeping(ofClaim: view, in: self).map { try $0.words(on: view) } ?? [])
      }
    default: return view.state.cells
    }
  }

  /// Where only writes stand that count, it is they. Else one that doesn't may have overwritten one that does, and
  /// what was written is looked up among all changes of the record that the view holds: those stand that no other of them had seen.
  func rightfulHeads(
    of entry: RecordState.Entry, in view: RecordView, by mayWrite: (Dot) throws -> Bool
  ) throws -> [Head] {
    if try entry.cell.heads.allSatisfy({ try mayWrite($0.op.dot) }) { return entry.cell.heads }
    let own = try writes(of: entry.key, on: view.id, in: view.space)
      .filter { try view.state.clock.covers($0.op.dot) && mayWrite($0.op.dot) }
    return try reading {
      own.filter { one in !own.contains { $0.op.dot != one.op.dot && history.has($0.op.dot, seen: one.op.dot) } }
        .sorted { $0.op < $1.op }
    }
  }
}

extension RecordState.Entry {
  fileprivate func holding(_ heads: [Head]) -> RecordState.Entry? {
    heads.isEmpty ? nil : RecordState.Entry(key: key, cell: Cell(heads: heads))
  }
}
