// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// Works out what takes changes back.
///
/// A cell gets the value that it had before the change, if what stands there is still the change's own write, or
/// was put back by somebody who took back what had overwritten it. What was added is subtracted. A record that the
/// change made is deleted, unless others have worked on it.
final class Unwinding {
  private let replica: Replica
  private let reducer: Reducer
  private var log: LogStore { replica.log }

  init(_ replica: Replica) {
    self.replica = replica
    reducer = Reducer(replica)
  }

  /// Nil if the change isn't stored here or isn't content that can be read.
  func compensation(for id: ChangeID) throws -> Compensation? {
    guard let dot = try log.dot(of: id), let change = try log.change(dot), change.kind == .content,
      change.state == .applied
    else { return nil }
    let row = try log.log(number: dot.log)
    var compensation = Compensation(undoing: id, in: row.space.id)
    for part in try reducer.operations(of: dot).sorted(by: { $0.record < $1.record }) where !part.ops.isEmpty {
      guard replica.mayTouch(part.record, author: row.author, space: row.space.id),
        let deed = try deed(part, dot, in: row.space)
      else { continue }
      try unwind(deed, &compensation)
    }
    try log.throwFailure()
    return compensation
  }

  /// What the change did to one record.
  private struct Deed {
    let change: ChangeID
    let dot: Dot
    let part: RecordOperations
    let space: SpaceRow
    let now: RecordState
    let before: RecordState
    /// The changes that count on the record, in local order.
    let touches: [Dot]
    let row: RecordStore.Row
  }

  private func deed(_ part: RecordOperations, _ dot: Dot, in space: SpaceRow) throws -> Deed? {
    guard let record = try replica.records.find(part.record, in: [space.number]), let id = try log.id(of: dot) else {
      return nil
    }
    let touches = try replica.records.touches(of: record.rid).filter { try counts($0, on: part.record, in: space) }
    return Deed(
      change: id, dot: dot, part: part, space: space, now: record.state,
      before: try state(of: part.record, in: space, touches, before: dot), touches: touches,
      row: record)
  }

  private func counts(_ dot: Dot, on record: RecordID, in space: SpaceRow) throws -> Bool {
    guard replica.mayTouch(record, author: try log.log(number: dot.log).author, space: space.id) else { return false }
    return try reducer.operations(of: dot).contains { $0.record == record && !$0.ops.isEmpty }
  }

  /// The record as the author of a change saw it.
  private func state(of record: RecordID, in space: SpaceRow, _ touches: [Dot], before dot: Dot) throws -> RecordState {
    let past = try log.seen(by: dot)
    return try reducer.reduce(record, in: space, touches: touches.filter { $0 != dot && past.covers($0) }).state
  }

  // MARK: Records

  private func unwind(_ deed: Deed, _ compensation: inout Compensation) throws {
    guard makes(deed) else {
      if isGone(deed) {
        let deletions = deed.now[SystemField.alive]?.heads.map(\.op) ?? []
        return compensation.keep(
          .init(record: deed.part.record, cell: CellKey(field: SystemField.alive), writers: deletions))
      }
      try unwindCells(deed, &compensation)
      return try deleteAgain(deed, &compensation)
    }
    guard replica.records.isVisible(deed.now) else { return }
    let others = try strangers(to: deed)
    guard others.isEmpty else {
      return compensation.keep(.init(record: deed.part.record, cell: nil, writers: others))
    }
    compensation.set(
      .init(
        record: deed.part.record, cell: CellKey(field: SystemField.alive), before: .bool(true), after: .bool(false),
        lost: []))
  }

  /// Whether the record came to be with the change, whatever gave it its id.
  private func makes(_ deed: Deed) -> Bool {
    if deed.part.isNew { return true }
    return deed.before.presence(history: log) == .absent
      && deed.part.ops.contains { $0.cell.field == SystemField.alive && $0.edit == .set(.bool(true)) }
  }

  /// An edit revives a deleted record, and so would a write that takes the edit back. Where nobody else has edited
  /// it, it is deleted again with it.
  private func deleteAgain(_ deed: Deed, _ compensation: inout Compensation) throws {
    let alive = CellKey(field: SystemField.alive)
    let heads = deed.now.cell(alive)?.heads ?? []
    guard deed.before.presence(history: log) == .deleted, !deed.part.ops.contains(where: { $0.cell == alive }),
      try !heads.contains(where: { try $0.value == .bool(true) && isMeant($0, deed) })
    else { return }
    let pasts = try heads.map { try log.seen(by: $0.op.dot) }
    guard try !strangers(to: deed).contains(where: { op in !pasts.contains { $0.covers(op.dot) } }) else { return }
    compensation.set(
      .init(
        record: deed.part.record, cell: alive, before: .bool(replica.records.isVisible(deed.now)), after: .bool(false),
        lost: []))
  }

  /// Whether somebody wrote the value to say so. Undo of what ended a mere revival says that the record is there, and
  /// goes back to nobody's word.
  private func isMeant(_ head: Head, _ deed: Deed) throws -> Bool {
    let origins = try origins(of: head, CellKey(field: SystemField.alive), deed)
    return try reducer.undoes(of: origins[origins.count - 1].dot) == nil
  }

  /// Whether the record was deleted since: any write on it, also one that takes something back, would revive it.
  private func isGone(_ deed: Deed) -> Bool {
    !replica.records.isVisible(deed.now) && !deed.now.hasMoved
      && !deed.part.ops.contains { $0.cell.field == SystemField.alive }
  }

  /// The last change of each log of other devices on the record.
  private func strangers(to deed: Deed) throws -> [OpID] {
    let author = try log.log(number: deed.dot.log).author
    return try deed.now.clock.dots.filter { try log.log(number: $0.log).author != author }
      .map { OpID(dot: $0, index: 0) }
  }

  // MARK: Cells

  private func unwindCells(_ deed: Deed, _ compensation: inout Compensation) throws {
    let isTakenBack = try takenBack(deed).contains(deed.change)
    for op in lastPerCell(deed.part.ops) {
      switch op.edit {
      case .set(let value): try unwind(op, value, deed, &compensation)
      case .add(let delta):
        if isTakenBack { continue }
        let total = deed.now.cell(op.cell)?.total ?? 0
        compensation.count(
          0 &- delta,
          .init(record: deed.part.record, cell: op.cell, before: .int(total), after: .int(total &- delta), lost: []))
      case .text: if !isTakenBack { try unwindText(op.cell, deed, &compensation) }
      }
    }
  }

  /// What the change put into a text goes as far as it still stands, and what it took out comes back where it
  /// stood; what others wrote isn't touched.
  private func unwindText(_ name: CellKey, _ deed: Deed, _ compensation: inout Compensation) throws {
    let texts = replica.records.texts
    guard let row = try texts.find(name, of: deed.row.rid), !row.pages.tip.heads.isEmpty else { return }
    let graph = try texts.graph(of: row)
    let past = try log.seen(by: deed.dot)
    guard let inverse = graph.inverse(of: deed.dot, past: past, order: log) else { return }
    let edits: [TextEdit]
    do { edits = try graph.transformed(inverse, from: past, order: log) } catch {
      throw StoreError.damaged("a text's history isn't that of its changes")
    }
    compensation.edit(
      try replica.version(of: name, deed.row, in: deed.space),
      TextPieces(edits).changes.map { WireEdit.editing(name, $0) })
  }

  private func unwind(_ op: Operation, _ value: Value, _ deed: Deed, _ compensation: inout Compensation) throws {
    let heads = deed.now.cell(op.cell)?.heads ?? []
    let (own, others) = try split(heads, by: op, deed)
    if own.isEmpty, try others.allSatisfy({ try reducer.undoes(of: $0.op.dot) == deed.change }) { return }
    guard !own.isEmpty, let goal = try goal(for: op, others, deed) else {
      return compensation.keep(.init(record: deed.part.record, cell: op.cell, writers: others.map(\.op)))
    }
    guard goal.value != value else { return }
    compensation.set(
      .init(record: deed.part.record, cell: op.cell, before: value, after: goal.value, lost: goal.lost))
  }

  private func split(_ heads: [Head], by op: Operation, _ deed: Deed) throws -> (own: [Head], others: [Head]) {
    var (own, others) = ([Head](), [Head]())
    for head in heads {
      if try origins(of: head, op.cell, deed).contains(op.id) { own.append(head) } else { others.append(head) }
    }
    return (own, others)
  }

  /// The value to write: what was there, or what others have answered at the same time, if they all said the same.
  /// Nil where nothing can be written that leaves theirs alone.
  private func goal(for op: Operation, _ others: [Head], _ deed: Deed) throws -> (value: Value, lost: [Value])? {
    let answers = Set(others.map(\.value))
    if let answer = answers.first {
      return answers.count == 1 && op.edit != .set(answer) ? (answer, []) : nil
    }
    if op.cell.field == SystemField.alive { return (.bool(wasThere(deed.before)), []) }
    let cell = deed.before.cell(op.cell)
    let value = try (undone(by: deed, in: cell) ?? cell?.winner(by: log))?.value ?? .null
    return (value, Set(cell?.heads.map(\.value) ?? []).subtracting([value]).sorted())
  }

  /// The answer that the change took back, where it stood beside others.
  private func undone(by deed: Deed, in cell: Cell?) throws -> Head? {
    guard let id = try reducer.undoes(of: deed.dot), let dot = try log.dot(of: id) else { return nil }
    return cell?.heads.first { $0.op.dot == dot }
  }

  /// Whether people saw the record: also one that an edit had kept from being deleted.
  private func wasThere(_ before: RecordState) -> Bool {
    switch before.presence(history: log) {
    case .visible, .revived: true
    case .absent, .deleted: false
    }
  }

  /// Of several writes of a cell in one change the last is the one that stands; additions all do.
  private func lastPerCell(_ ops: [Operation]) -> [Operation] {
    ops.filter { op in
      guard case .set = op.edit else { return true }
      return !ops.contains { other in
        if case .set = other.edit { other.cell == op.cell && other.id > op.id } else { false }
      }
    }
  }

  // MARK: Undo of undo

  /// The writes that a head stands for: itself, and if its change took another back, so putting an earlier value
  /// here again, that value's.
  private func origins(of head: Head, _ cell: CellKey, _ deed: Deed) throws -> [OpID] {
    var found = [head.op]
    while let id = try reducer.undoes(of: found[found.count - 1].dot), let dot = try log.dot(of: id),
      try log.seen(by: found[found.count - 1].dot).covers(dot)
    {
      let before = try state(of: deed.part.record, in: deed.space, deed.touches, before: dot)
      guard let winner = before.cell(cell)?.winner(by: log), winner.value == head.value else { break }
      found.append(winner.op)
    }
    return found
  }

  /// The changes on the record that have been taken back, and not again since.
  private func takenBack(_ deed: Deed) throws -> Set<ChangeID> {
    var undone: Set<ChangeID> = []
    let newestFirst = deed.touches.map { (stamp: log.stamp(of: $0), dot: $0) }
      .sorted { ($0.stamp, $0.dot) > ($1.stamp, $1.dot) }
    for (_, dot) in newestFirst {
      guard let undoes = try reducer.undoes(of: dot), let id = try log.id(of: dot), !undone.contains(id) else { continue }
      undone.insert(undoes)
    }
    return undone
  }
}
