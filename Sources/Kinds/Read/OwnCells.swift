// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// Cells that each place writes for itself: what anybody else writes there has no effect on what people read.
///
/// State keeps every write, as it does for all cells, so that replicas agree whatever their versions. Which of them
/// speak for the place is judged when they are read, by who belongs to it in all known governance: the same on every
/// replica that holds the same changes, in whatever order they came.
extension Replica {
  /// The record's cells as their owners left them.
  func ownCells(of view: RecordView) throws -> [RecordState.Entry] {
    guard Kind(view.kind) == .event else { return view.state.cells }
    return try view.state.cells.compactMap { entry in
      guard entry.key.field == Answers.field, let key = entry.key.key.flatMap(AnswerKey.init) else { return entry }
      let heads = try ownHeads(of: entry, in: view.id, by: key.place)
      return heads.isEmpty ? nil : RecordState.Entry(key: entry.key, cell: Cell(heads: heads))
    }
  }

  /// Where nobody else's write stands, what stands is the owner's latest. Else a stranger may have overwritten it,
  /// and what the owner wrote is looked up among all changes of the record.
  private func ownHeads(of entry: RecordState.Entry, in record: RecordID, by place: PlaceID) throws -> [Head] {
    let isOwn = try entry.cell.heads.allSatisfy { try places(writing: $0.op.dot).contains(place) }
    if isOwn { return entry.cell.heads }
    var own: [Head] = []
    for change in try history(of: record) where try places(writing: change.dot).contains(place) {
      guard case .content(let parts, _) = change.kind else { continue }
      for op in parts.filter({ $0.record == record }).flatMap(\.ops) where op.cell == entry.key {
        if case .set(let value) = op.edit { own.append(Head(op: op.id, value: value)) }
      }
    }
    return try reading {
      own.filter { one in !own.contains { isOvertaken(one.op, by: $0.op) } }.sorted { $0.op < $1.op }
    }
  }

  private func isOvertaken(_ one: OpID, by other: OpID) -> Bool {
    one.dot == other.dot ? one.index < other.index : history.has(other.dot, seen: one.dot)
  }
}
