// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import SQLite

/// The derived state: one packed row a record, on the shelf where it is read.
///
/// Within a transaction records are merged in memory, each loaded once, and written together by `flush`,
/// sorted as they lie on disk. Nothing else may read `record` in between.
final class RecordStore {
  struct Key: Hashable { let space: Int64, id: RecordID }

  struct Slot {
    var rid: Int64
    /// Nil for a record that has no row yet.
    var shelf: Shelf?
    var old: RecordState
    var state: RecordState
    var touches: [Dot] = []
    var isDirty = false
    /// Of texts, in an order in which each comes after those that it has seen; merged by `flush`.
    var textChanges: [CellKey: [TextChange]] = [:]
    /// Whether these are all that there are, and the texts are to be made anew.
    var makesTextsAnew = false

    var hasTextsToMerge: Bool { makesTextsAnew || !textChanges.isEmpty }
  }

  let connection: Connection
  let texts: TextStore
  private let log: LogStore
  private var slots: [Key: Slot] = [:]
  private var nextRID: Int64 = 0

  init(_ connection: Connection, log: LogStore) {
    self.connection = connection
    self.log = log
    texts = TextStore(connection: connection, log: log)
  }

  func forget() {
    slots = [:]
    nextRID = 0
  }

  // MARK: Merging

  /// Applies the ops of one change to one record. Without ops it is noted that the change touches the record:
  /// its ops don't count now, and may later.
  func apply(_ ops: [Operation], on id: RecordID, in space: SpaceRow, of dot: Dot, past: VersionVector, fresh: Bool)
    throws
  {
    let key = Key(space: space.number, id: id)
    if slots[key] == nil { slots[key] = try load(key) }
    slots[key]!.state.apply(ops, of: dot, past: past, history: log, fresh: fresh)
    for (name, change) in ops.textChanges(of: dot, past: past) {
      slots[key]!.textChanges[name, default: []].append(change)
    }
    if slots[key]!.touches.last != dot { slots[key]!.touches.append(dot) }
    slots[key]!.isDirty = true
  }

  /// Replaces a record's state by one that was reduced anew.
  func replace(_ id: RecordID, in space: SpaceRow, with reduced: Reduced, touches: [Dot]) throws {
    let key = Key(space: space.number, id: id)
    if slots[key] == nil { slots[key] = try load(key) }
    slots[key]!.state = reduced.state
    slots[key]!.textChanges = reduced.textChanges
    slots[key]!.makesTextsAnew = true
    slots[key]!.touches += touches
    slots[key]!.isDirty = true
  }

  private func load(_ key: Key) throws -> Slot {
    let query = try connection.statement("SELECT rid, shelf FROM identity WHERE id=? AND space=?")
      .bind(1, key.id.bytes).bind(2, key.space)
    guard try query.step() else {
      return Slot(rid: try freshRID(), shelf: nil, old: RecordState(), state: RecordState())
    }
    let rid = query.int(0)
    let shelf = Shelf(bytes: query.bytes(1))
    query.reset()
    guard let state = try state(space: key.space, shelf: shelf, rid: rid) else {
      throw StoreError.damaged("a record has no state")
    }
    return Slot(rid: rid, shelf: shelf, old: state, state: state)
  }

  private func freshRID() throws -> Int64 {
    if nextRID == 0 { nextRID = try connection.scalar("SELECT coalesce(max(rid), 0) FROM identity") }
    guard nextRID < Int64.max else { throw StoreError.damaged("the number of a record is out of bounds") }
    nextRID += 1
    return nextRID
  }

  private func state(space: Int64, shelf: Shelf, rid: Int64) throws -> RecordState? {
    let query = try connection.statement("SELECT state FROM record WHERE space=? AND shelf=? AND rid=?")
      .bind(1, space).bind(2, shelf.bytes).bind(3, rid)
    defer { query.reset() }
    return try query.step() ? try StateCodec.decode(query.bytes(0)) : nil
  }

  // MARK: Writing

  /// How many records became visible, changed while visible, and stopped being so.
  struct Outcome: Equatable, Sendable {
    var added = 0
    var changed = 0
    var removed = 0
  }

  /// Writes what was merged: rows, shelves, tallies, touches and digests.
  func flush() throws -> Outcome {
    var outcome = Outcome()
    var digests: [Int64: StateDigest] = [:]
    for (key, slot) in slots.filter(\.value.hasTextsToMerge) { slots[key]!.state = try mergeTexts(slot) }
    var dirty = slots.filter(\.value.isDirty).map { (key: $0.key, slot: $0.value, shelf: shelf(of: $0.value.state)) }
    dirty.sort { ($0.key.space, $0.shelf, $0.slot.rid) < ($1.key.space, $1.shelf, $1.slot.rid) }
    for (key, slot, shelf) in dirty {
      try write(key, slot, on: shelf)
      try count(key, slot, on: shelf, in: &outcome)
      if digests[key.space] == nil { digests[key.space] = try digest(of: key.space) }
      digests[key.space]!.replace(key.id, slot.old, by: slot.state, log: log)
    }
    for (space, digest) in digests.sorted(by: { $0.key < $1.key }) { try setDigest(digest, of: space) }
    slots = [:]
    try log.throwFailure()
    return outcome
  }

  /// The state with its texts as they stand then.
  private func mergeTexts(_ slot: Slot) throws -> RecordState {
    var state = slot.state
    if slot.makesTextsAnew, slot.shelf != nil {
      state = RecordState(cells: state.cells, clock: state.clock)
      try texts.forget(slot.rid)
    }
    for (name, changes) in slot.textChanges.sorted(by: { $0.key < $1.key }) {
      state.note(try texts.merge(changes, into: name, of: slot.rid))
    }
    return state
  }

  private func write(_ key: Key, _ slot: Slot, on shelf: Shelf) throws {
    if slot.shelf == nil {
      try connection.statement("INSERT INTO identity(rid, space, id, shelf) VALUES(?,?,?,?)")
        .bind(1, slot.rid).bind(2, key.space).bind(3, key.id.bytes).bind(4, shelf.bytes).run()
    } else if slot.shelf != shelf {
      try connection.statement("UPDATE identity SET shelf=? WHERE rid=?")
        .bind(1, shelf.bytes).bind(2, slot.rid).run()
      try connection.statement("DELETE FROM record WHERE space=? AND shelf=? AND rid=?")
        .bind(1, key.space).bind(2, slot.shelf!.bytes).bind(3, slot.rid).run()
    }
    try connection.statement("INSERT OR REPLACE INTO record(space, shelf, rid, state) VALUES(?,?,?,?)")
      .bind(1, key.space).bind(2, shelf.bytes).bind(3, slot.rid).bind(4, StateCodec.encode(slot.state)).run()
    try markRivals(key.space, slot)
    for dot in slot.touches {
      try connection.statement("INSERT OR IGNORE INTO touch(rid, dot) VALUES(?,?)")
        .bind(1, slot.rid).bind(2, dot.rawValue).run()
    }
  }

  private func markRivals(_ space: Int64, _ slot: Slot) throws {
    let has = isContested(slot.state)
    guard has != isContested(slot.old) else { return }
    let sql = has ? "INSERT OR IGNORE INTO rivalry(space, rid) VALUES(?,?)" : "DELETE FROM rivalry WHERE space=? AND rid=?"
    try connection.statement(sql).bind(1, space).bind(2, slot.rid).run()
  }

  /// Whether a cell has several heads, or only an edit keeps the record from being deleted.
  private func isContested(_ state: RecordState) -> Bool {
    if state.cells.contains(where: { $0.cell.heads.count > 1 }) { return true }
    if case .revived = state.presence(history: log) { return true }
    return false
  }

  private func count(_ key: Key, _ slot: Slot, on shelf: Shelf, in outcome: inout Outcome) throws {
    let was = isVisible(slot.old)
    let isNow = isVisible(slot.state)
    switch (was, isNow) {
    case (false, true): outcome.added += 1
    case (true, false): outcome.removed += 1
    case (true, true): outcome.changed += slot.state == slot.old ? 0 : 1
    case (false, false): break
    }
    guard was != isNow || slot.shelf != shelf else { return }
    if was, let old = slot.shelf { try tally(key.space, old, by: -1) }
    if isNow { try tally(key.space, shelf, by: 1) }
  }

  private func tally(_ space: Int64, _ shelf: Shelf, by delta: Int64) throws {
    try connection.statement(
      "INSERT INTO tally(space, shelf, visible) VALUES(?,?,?) ON CONFLICT DO UPDATE SET visible=visible+excluded.visible")
      .bind(1, space).bind(2, shelf.bytes).bind(3, delta).run()
  }

  func isVisible(_ state: RecordState) -> Bool {
    switch state.presence(history: log) {
    case .visible, .revived: true
    case .absent, .deleted: false
    }
  }

  func shelf(of state: RecordState) -> Shelf {
    let kind = state[SystemField.kind]?.winner(by: log)?.value
    let at = state[SystemField.at]?.winner(by: log)?.value
    return Shelf(kind: kind ?? .null, list: at.flatMap { CRDT.Position($0)?.list })
  }

  // MARK: Digests

  func digest(of space: Int64) throws -> StateDigest {
    let query = try connection.statement("SELECT sum FROM digest WHERE space=?").bind(1, space)
    defer { query.reset() }
    return try query.step() ? StateDigest(bytes: try query.bytes(0, count: 32)) : .empty
  }

  private func setDigest(_ digest: StateDigest, of space: Int64) throws {
    try connection.statement("INSERT OR REPLACE INTO digest(space, sum) VALUES(?,?)")
      .bind(1, space).bind(2, digest.bytes).run()
  }

  // MARK: Reading

  struct Row {
    let id: RecordID
    let space: Int64
    let rid: Int64
    let state: RecordState
  }

  func find(_ id: RecordID, in spaces: [Int64]) throws -> Row? {
    for space in spaces {
      let slot = try load(Key(space: space, id: id))
      if slot.shelf != nil { return Row(id: id, space: space, rid: slot.rid, state: slot.state) }
    }
    return nil
  }

  /// The ids of all records that start with these hexadecimal digits' bytes, for short names.
  func ids(from low: RecordID, to high: RecordID, limit: Int) throws -> [(id: RecordID, space: Int64)] {
    let query = try connection.statement(
      "SELECT id, space FROM identity WHERE id >= ? AND id <= ? ORDER BY id LIMIT ?")
      .bind(1, low.bytes).bind(2, high.bytes).bind(3, Int64(limit))
    defer { query.reset() }
    var found: [(RecordID, Int64)] = []
    while try query.step() { found.append((RecordID(try query.id16(0)), query.int(1))) }
    return found
  }

  /// Visits the records of the shelves that begin with `prefix` in a space, in the order of the disk.
  func each(in space: Int64, prefix: [UInt8], visit: (Row) throws -> Void) throws {
    let query = try connection.prepare(
      """
      SELECT i.id, r.rid, r.state FROM record r JOIN identity i USING(rid)
      WHERE r.space=? AND r.shelf >= ? AND r.shelf < ? ORDER BY r.shelf, r.rid
      """)
    query.bind(1, space).bind(2, prefix).bind(3, prefix + [UInt8](repeating: 0xff, count: 64))
    while try query.step() {
      try visit(Row(id: RecordID(try query.id16(0)), space: space, rid: query.int(1), state: try StateCodec.decode(query.bytes(2))))
    }
  }

  /// Visits the records of a space of which some cell has several heads, or that only an edit keeps.
  func eachRivalry(in space: Int64, visit: (Row) throws -> Void) throws {
    let query = try connection.prepare(
      """
      SELECT i.id, r.rid, r.state FROM rivalry v JOIN identity i ON i.rid=v.rid
      JOIN record r ON r.space=v.space AND r.shelf=i.shelf AND r.rid=v.rid WHERE v.space=? ORDER BY i.id
      """)
    query.bind(1, space)
    while try query.step() {
      try visit(Row(id: RecordID(try query.id16(0)), space: space, rid: query.int(1), state: try StateCodec.decode(query.bytes(2))))
    }
  }

  /// The changes that touched a record, in local order.
  func touches(of rid: Int64) throws -> [Dot] {
    let query = try connection.statement("SELECT dot FROM touch WHERE rid=?").bind(1, rid)
    defer { query.reset() }
    var dots: [Dot] = []
    while try query.step() { dots.append(try query.dot(0)) }
    return dots
  }

  /// How many visible records stand on the shelves of each kind.
  func tallies(in space: Int64) throws -> [(shelf: Shelf, visible: Int)] {
    let query = try connection.statement("SELECT shelf, visible FROM tally WHERE space=? ORDER BY shelf").bind(1, space)
    defer { query.reset() }
    var result: [(Shelf, Int)] = []
    while try query.step() { result.append((Shelf(bytes: query.bytes(0)), Int(try query.number(1)))) }
    return result
  }
}

extension [Operation] {
  /// What the ops of one change on one record do to its texts.
  func textChanges(of dot: Dot, past: VersionVector) -> [(name: CellKey, change: TextChange)] {
    compactMap { op in
      guard case .text(let edits) = op.edit else { return nil }
      let ops = edits.enumerated().map { TextOp(index: UInt32($0), edit: $1) }
      return (op.cell, TextChange(dot: dot, past: past, ops: ops))
    }
  }
}
