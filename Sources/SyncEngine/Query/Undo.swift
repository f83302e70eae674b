// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// What would take a change back, as far as it is still its author's.
public struct Compensation: Sendable {
  public let undoes: ChangeID
  public let space: SpaceID
  public let entries: [ContentEntry]
  /// Cells that somebody has written since, and which stay: their present writers, in local order.
  public let kept: [(record: RecordID, cell: CellKey, writers: [OpID])]
}

extension Replica {
  /// This device's latest change of content that isn't itself undone; nil if there is none.
  public func lastOwnChange() throws -> ChangeID? {
    try database.read {
      var undone: Set<ChangeID> = []
      var found: ChangeID?
      try eachChangeBackwards { entry in
        guard entry.author.device == deviceID, case .content(let parts, let undoes) = entry.kind, !parts.isEmpty
        else { return true }
        if let undoes { undone.insert(undoes) }
        if undone.contains(entry.author.change) { return true }
        found = entry.author.change
        return false
      }
      return found
    }
  }

  /// Works out the change that takes `id` back: each cell that still holds its write gets the value that it had
  /// before; what was added is subtracted; a record that it made is deleted unless others have worked on it.
  ///
  /// Nil if the change isn't stored here or isn't content that can be read.
  public func compensation(for id: ChangeID) throws -> Compensation? {
    try database.read {
      guard let entry = try entry(id), case .content(let parts, _) = entry.kind else { return nil }
      let row = try log.makeKnownSpace(entry.space)
      var entries: [ContentEntry] = []
      var kept: [(record: RecordID, cell: CellKey, writers: [OpID])] = []
      for part in parts.sorted(by: { $0.record < $1.record }) where !part.ops.isEmpty {
        guard let record = try records.find(part.record, in: [row.number]) else { continue }
        let fields = try compensate(part, record, dot: entry.dot, in: row, kept: &kept)
        if !fields.isEmpty { entries.append(ContentEntry(.existing(part.record), fields)) }
      }
      return Compensation(undoes: id, space: entry.space, entries: entries, kept: kept)
    }
  }

  private func compensate(
    _ part: RecordOperations, _ record: RecordStore.Row, dot: Dot, in space: SpaceRow,
    kept: inout [(record: RecordID, cell: CellKey, writers: [OpID])]
  ) throws -> [FieldEdits] {
    let touches = try records.touches(of: record.rid)
    if part.isNew {
      let others = touches.filter { $0 != dot && $0.log != dot.log }
      if others.isEmpty { return [FieldEdits(SystemField.alive, .bool(false))] }
    }
    let past = try log.seen(by: dot)
    let before = try Reducer(self).reduce(
      part.record, in: space, touches: touches.filter { $0 != dot && past.covers($0) })
    var edits: [UInt64: [WireEdit]] = [:]
    for op in lastPerCell(part.ops) {
      switch op.edit {
      case .add(let delta):
        edits[op.cell.field, default: []].append(
          op.cell.key.map { .addKey(.value($0), 0 &- delta) } ?? .add(0 &- delta))
      case .set:
        let heads = record.state.cell(op.cell)?.heads ?? []
        guard heads.contains(where: { $0.op == op.id }) else {
          kept.append((part.record, op.cell, heads.map(\.op)))
          continue
        }
        let value = op.cell.field == SystemField.alive ? wasThere(before) : before.cell(op.cell)?.winner(by: log)?.value ?? .null
        if op.cell.field == SystemField.alive, .set(value) == op.edit { continue }
        edits[op.cell.field, default: []].append(
          op.cell.key.map { .setKey(.value($0), .value(value)) } ?? .set(.value(value)))
      }
    }
    return edits.sorted { $0.key < $1.key }.map { FieldEdits($0.key, arrangedEdits($0.value)) }
  }

  /// Whether people saw the record: also one that an edit had kept from being deleted.
  private func wasThere(_ before: RecordState) -> Value {
    switch before.presence(history: log) {
    case .visible, .revived: .bool(true)
    case .absent, .deleted: .bool(false)
    }
  }

  /// Of several writes of a cell in one change the last is the one that stands; additions all do.
  private func lastPerCell(_ ops: [Operation]) -> [Operation] {
    ops.filter { op in
      if case .add = op.edit { return true }
      return !ops.contains { $0.cell == op.cell && $0.id > op.id }
    }
  }

  private func arrangedEdits(_ edits: [WireEdit]) -> [WireEdit] {
    edits.sorted { one, other in
      if one.code != other.code { return one.code < other.code }
      guard let key = one.key, let otherKey = other.key else { return false }
      return key.encoded().lexicographicallyPrecedes(otherKey.encoded())
    }
  }
}

extension LogStore {
  /// A space that a stored change stands in.
  func makeKnownSpace(_ id: SpaceID) throws -> SpaceRow {
    guard let row = try space(id) else { throw StoreError.damaged("a change stands in no space") }
    return row
  }
}
