// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// When another place was last heard of.
public struct Hearing: Hashable, Sendable {
  public let place: PlaceID
  /// In milliseconds since 1970; nil if never.
  public let heard: UInt64?
}

/// What a record was to somebody: what rules need that judge a write by its author's own past.
extension Replica {
  /// The record as the author of the change at `dot` knew it, the change itself included, without its texts; an
  /// empty state if they knew nothing of it.
  public func state(of id: RecordID, in space: SpaceID, seenBy dot: Dot) throws -> RecordState {
    try database.read {
      guard let row = try log.space(space), let record = try records.find(id, in: [row.number]) else { return RecordState() }
      let past = try log.seen(by: dot)
      let touches = try records.touches(of: record.rid).filter(past.covers)
      return try Reducer(self).reduce(id, in: row, touches: touches).state
    }
  }

  /// Every write of a cell that counts, those too that others have overtaken; in local order.
  public func writes(of cell: CellKey, on id: RecordID, in space: SpaceID) throws -> [Head] {
    try database.read {
      guard let row = try log.space(space), let record = try records.find(id, in: [row.number]) else { return [] }
      let reducer = Reducer(self)
      var writes: [Head] = []
      for dot in try records.touches(of: record.rid).sorted() {
        guard mayTouch(id, author: try log.log(number: dot.log).author, space: space) else { continue }
        for part in try reducer.operations(of: dot) where part.record == id {
          let last = part.ops.last { op in
            if case .set = op.edit { op.cell == cell } else { false }
          }
          if let last, case .set(let value) = last.edit { writes.append(Head(op: last.id, value: value)) }
        }
      }
      return writes
    }
  }

  /// When each other place was last heard of: its latest change that is here, or its latest word of what it holds.
  /// What it did since then can't be known here. Ascending by place.
  public func lastHeard() throws -> [Hearing] {
    try database.read {
      let members = graph.resolve()
      let own = members.place(of: deviceID)
      var latest: [PlaceID: UInt64] = [:]
      for row in try log.allLogs() {
        guard let place = members.place(of: DeviceID.device(signing: row.author)), let tip = try log.tip(of: row.number)
        else { continue }
        latest[place] = max(latest[place] ?? 0, tip.stamp)
      }
      for device in members.sortedDevices {
        let (held, seen) = try known(of: device.id)
        if !held.seqs.isEmpty { latest[device.place] = max(latest[device.place] ?? 0, seen) }
      }
      return members.places.keys.filter { $0 != own }.sorted().map { Hearing(place: $0, heard: latest[$0]) }
    }
  }
}

extension RecordView {
  /// The same record where its kind has another presence policy than most.
  public func under(_ policy: PresencePolicy) -> RecordView {
    guard policy == .deleteWins, case .revived = presence else { return self }
    return RecordView(id: id, space: space, state: state, presence: .deleted, kind: kind)
  }
}
