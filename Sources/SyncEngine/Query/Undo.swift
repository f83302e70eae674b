// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// What would take a change back, as far as it is still its author's.
public struct Compensation: Sendable {
  public let undoes: ChangeID
  public let space: SpaceID
  public let entries: [ContentEntry]
  /// What one change hasn't room for, a change each, after it: edits of texts.
  public let more: [[ContentEntry]]
  /// The texts as these edits find them.
  public let texts: [TextVersion]
  /// Cells that somebody has written since, and which stay: their present writers, in local order.
  public let kept: [(record: RecordID, cell: CellKey, writers: [OpID])]

  /// All edits of one of `texts`, one after the other.
  public func edits(of text: TextVersion) -> [TextEdit] {
    ([entries] + more).joined().filter { $0.ref == .existing(text.record) }.flatMap(\.fields)
      .filter { $0.field == text.name.field }.flatMap { $0.edits(of: text.name) }
  }
}

extension FieldEdits {
  fileprivate func edits(of name: CellKey) -> [TextEdit] {
    edits.flatMap { edit -> [TextEdit] in
      switch edit {
      case .text(let edits): name.key == nil ? edits : []
      case .keyedTexts(let texts): texts.filter { $0.key == name.key.map(WireValue.value) }.flatMap(\.edits)
      default: []
      }
    }
  }
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
      var making = Making(dot: entry.dot, space: row)
      for part in parts.sorted(by: { $0.record < $1.record }) where !part.ops.isEmpty {
        guard let record = try records.find(part.record, in: [row.number]) else { continue }
        let fields = try compensate(part, record, &making)
        if !fields.isEmpty { making.entries.append(ContentEntry(.existing(part.record), fields)) }
      }
      return Compensation(
        undoes: id, space: entry.space, entries: making.entries, more: making.more, texts: making.texts,
        kept: making.kept)
    }
  }

  /// A compensation in the making.
  private struct Making {
    /// What is taken back.
    let dot: Dot
    let space: SpaceRow
    var entries: [ContentEntry] = []
    var more: [[ContentEntry]] = []
    var texts: [TextVersion] = []
    var kept: [(record: RecordID, cell: CellKey, writers: [OpID])] = []
  }

  private func compensate(
    _ part: RecordOperations, _ record: RecordStore.Row, _ making: inout Making
  ) throws -> [FieldEdits] {
    let dot = making.dot
    let touches = try records.touches(of: record.rid)
    if part.isNew {
      let others = try touches.filter { try $0.log != dot.log && !log.isHeld($0) }
      if others.isEmpty { return [FieldEdits(SystemField.alive, .bool(false))] }
    }
    let past = try log.seen(by: dot)
    let before = try Reducer(self).reduce(
      part.record, in: making.space, touches: touches.filter { $0 != dot && past.covers($0) }).state
    var edits: [UInt64: [WireEdit]] = [:]
    for op in lastPerCell(part.ops) {
      switch op.edit {
      case .add(let delta):
        edits[op.cell.field, default: []].append(
          op.cell.key.map { .addKey(.value($0), 0 &- delta) } ?? .add(0 &- delta))
      case .set:
        let heads = record.state.cell(op.cell)?.heads ?? []
        guard heads.contains(where: { $0.op == op.id }) else {
          making.kept.append((part.record, op.cell, heads.map(\.op)))
          continue
        }
        let value = op.cell.field == SystemField.alive ? wasThere(before) : before.cell(op.cell)?.winner(by: log)?.value ?? .null
        if op.cell.field == SystemField.alive, .set(value) == op.edit { continue }
        edits[op.cell.field, default: []].append(
          op.cell.key.map { .setKey(.value($0), .value(value)) } ?? .set(.value(value)))
      case .text:
        for edit in try compensateText(op.cell, record, &making) { edits[op.cell.field, default: []].append(edit) }
      }
    }
    return edits.sorted { $0.key < $1.key }.map { FieldEdits($0.key, arrangedEdits($0.value)) }
  }

  /// What the change put into a text goes as far as it still stands, and what it took out comes back where it
  /// stood; what others wrote isn't touched.
  private func compensateText(
    _ name: CellKey, _ record: RecordStore.Row, _ making: inout Making
  ) throws -> [WireEdit] {
    guard let row = try records.texts.find(name, of: record.rid), !row.pages.tip.heads.isEmpty else { return [] }
    let graph = try records.texts.graph(of: row)
    let past = try log.seen(by: making.dot)
    guard let inverse = graph.inverse(of: making.dot, past: past, order: log) else { return [] }
    let edits: [TextEdit]
    do { edits = try graph.transformed(inverse, from: past, order: log) } catch {
      throw StoreError.damaged("a text's history isn't that of its changes")
    }
    making.texts.append(try version(of: name, record, in: making.space))
    let pieces = TextPieces(edits).changes.map { WireEdit.editing(name, $0) }
    for piece in pieces.dropFirst() {
      making.more.append([ContentEntry(.existing(record.id), [FieldEdits(name.field, [piece])])])
    }
    return Array(pieces.prefix(1))
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
      guard case .set = op.edit else { return true }
      return !ops.contains { $0.cell == op.cell && $0.id > op.id && $0.edit.isSet }
    }
  }

  private func arrangedEdits(_ edits: [WireEdit]) -> [WireEdit] {
    WireEdit.joiningTexts(edits).sorted { one, other in
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

extension Edit {
  fileprivate var isSet: Bool { if case .set = self { true } else { false } }
}
