// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// Reads records as they were at a moment, from the log: of the changes that touch a record, those at or before
/// it are reduced again.
///
/// `Reducer` does that rather than `NaiveReducer`, which would have to be given every change of the space to see
/// what had seen what; the tests hold the two against each other.
final class Retrospect {
  private let replica: Replica
  private let horizon: Horizon
  private let reducer: Reducer
  private let spaces: [SpaceRow]

  init(_ replica: Replica, _ horizon: Horizon) throws {
    self.replica = replica
    self.horizon = horizon
    reducer = Reducer(replica)
    spaces = try replica.readableRows().filter { horizon.spaces.contains($0.id) }
  }

  /// Nil if nothing of the record had been written in these spaces.
  func record(_ id: RecordID) throws -> RecordView? {
    guard let row = try replica.records.find(id, in: spaces.map(\.number)) else { return nil }
    return try view(row)
  }

  /// Visits every record of which something had been written, deleted ones too.
  func eachRecord(_ visit: (RecordView) throws -> Void) throws {
    for space in spaces {
      try replica.records.each(in: space.number, prefix: []) { row in
        if let view = try view(row) { try visit(view) }
      }
    }
    try replica.log.throwFailure()
  }

  private func view(_ row: RecordStore.Row) throws -> RecordView? {
    let state = try state(of: row)
    guard !state.cells.isEmpty || !state.texts.isEmpty else { return nil }
    return try replica.view(
      RecordStore.Row(id: row.id, space: row.space, rid: row.rid, state: state), in: spaces)
  }

  /// A record that nobody has changed since is as it is now.
  private func state(of row: RecordStore.Row) throws -> RecordState {
    if horizon.changes.dominates(row.state.clock) { return row.state }
    guard let space = spaces.first(where: { $0.number == row.space }) else {
      throw StoreError.damaged("a record stands in an unknown space")
    }
    let touches = try replica.records.touches(of: row.rid).filter { horizon.covers($0) }
    let reduced = try reducer.reduce(row.id, in: space, touches: touches)
    var state = reduced.state
    for (name, changes) in reduced.textChanges { state.note(try replica.records.texts.mark(name, by: changes)) }
    return state
  }
}

/// A record at two moments.
public struct RecordDifference: Sendable {
  public let id: RecordID
  public let space: SpaceID
  /// Nil where nothing of it had been written.
  public let before: RecordView?
  public let after: RecordView?
}

extension Replica {
  /// The record as it was, visible or not; nil if nothing of it had been written, or the moment says nothing about
  /// the space that it is in.
  public func record(_ id: RecordID, at horizon: Horizon) throws -> RecordView? {
    try database.read {
      let view = try Retrospect(self, horizon).record(id)
      try log.throwFailure()
      return view
    }
  }

  /// Visits every record as it was that this device reads, deleted ones too.
  public func eachRecord(at horizon: Horizon, _ visit: (RecordView) throws -> Void) throws {
    try database.read { try Retrospect(self, horizon).eachRecord(visit) }
  }

  /// The records that are otherwise at one moment than at another, by id and space, of the spaces that both
  /// moments say something about.
  public func differences(from one: Horizon, to other: Horizon) throws -> [RecordDifference] {
    try database.read {
      let spaces = try readableRows().filter { one.spaces.contains($0.id) && other.spaces.contains($0.id) }
      let before = try Retrospect(self, one)
      let after = try Retrospect(self, other)
      var differences: [RecordDifference] = []
      for space in spaces {
        for id in try touched(in: space, between: one, and: other) {
          let (old, new) = (try before.record(id), try after.record(id))
          guard old?.state != new?.state else { continue }
          differences.append(RecordDifference(id: id, space: space.id, before: old, after: new))
        }
      }
      try log.throwFailure()
      return differences.sorted { ($0.id, $0.space) < ($1.id, $1.space) }
    }
  }

  /// The records that a change touches which belongs to one of the moments alone.
  private func touched(in space: SpaceRow, between one: Horizon, and other: Horizon) throws -> Set<RecordID> {
    let reducer = Reducer(self)
    var found: Set<RecordID> = []
    for row in try log.logs(in: space.id) {
      let ends = [one.changes[row.number], other.changes[row.number]].sorted()
      let first = max(ends[0] + 1, row.firstSeq)
      guard first <= ends[1] else { continue }
      for seq in first...ends[1] {
        let parts = try reducer.operations(of: Dot(log: row.number, seq: seq))
        found.formUnion(parts.filter { !$0.ops.isEmpty }.map(\.record))
      }
    }
    return found
  }
}
