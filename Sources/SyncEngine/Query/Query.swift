// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// A record as it stands.
public struct RecordView: Sendable {
  public let id: RecordID
  public let space: SpaceID
  public let state: RecordState
  public let presence: Presence
  /// `.int` of a numbered kind, `.text` of a named one, `.null` where none is known.
  public let kind: Value

  public var isVisible: Bool {
    switch presence {
    case .visible, .revived: true
    case .absent, .deleted: false
    }
  }
}

/// Who made a change, and when by its stamp and by its author's clock.
public struct Authorship: Hashable, Sendable {
  public let change: ChangeID
  public let device: DeviceID
  /// Nil if governance has no place for the device (any more).
  public let place: PlaceID?
  /// Milliseconds since 1970 (protocol.md section 5).
  public let stamp: UInt64
  /// The author's wall clock in seconds since 1970; nil where the body can't be read.
  public let wall: Int64?

  /// Whether the author's clock was more than ten minutes off what the stamp says.
  public var isClockDoubtful: Bool {
    guard let wall else { return false }
    let difference = wall.subtractingReportingOverflow(Int64(stamp / 1000))
    return difference.overflow || difference.partialValue.magnitude > 600
  }
}

extension Replica {
  /// Runs several queries against one state.
  public func reading<T>(_ body: () throws -> T) throws -> T { try database.read(body) }

  /// What decides between concurrent writes, and what had seen what.
  public var history: some Causality & Arbiter { log }

  /// The numbers of the spaces that this device reads.
  func readableRows() throws -> [SpaceRow] {
    try graph.resolve().spaces(readBy: deviceID).compactMap { try log.space($0.id(in: network)) }
  }

  /// The record of this id, visible or not; nil if no space that this device reads has it.
  public func record(_ id: RecordID) throws -> RecordView? {
    try database.read {
      let spaces = try readableRows()
      guard let row = try records.find(id, in: spaces.map(\.number)), !row.state.cells.isEmpty else { return nil }
      return try view(row, in: spaces)
    }
  }

  func view(_ row: RecordStore.Row, in spaces: [SpaceRow]) throws -> RecordView {
    guard let space = spaces.first(where: { $0.number == row.space }) else {
      throw StoreError.damaged("a record stands in an unknown space")
    }
    let kind = row.state[SystemField.kind]?.winner(by: log)?.value ?? .null
    return RecordView(
      id: row.id, space: space.id, state: row.state, presence: row.state.presence(history: log), kind: kind)
  }

  /// The visible records of a kind in all spaces that this device reads; with `list`, those in that list alone.
  public func records(kind: Value, list: RecordID? = nil, includingDeleted: Bool = false) throws -> [RecordView] {
    var views: [RecordView] = []
    try eachRecord(prefix: Shelf.prefix(kind: kind) + (list?.bytes ?? [])) { view in
      if includingDeleted || view.isVisible { views.append(view) }
    }
    return views
  }

  /// Visits every record that this device reads, deleted ones too.
  public func eachRecord(_ visit: (RecordView) throws -> Void) throws {
    try eachRecord(prefix: [], visit)
  }

  private func eachRecord(prefix: [UInt8], _ visit: (RecordView) throws -> Void) throws {
    try database.read {
      let spaces = try readableRows()
      for space in spaces {
        try records.each(in: space.number, prefix: prefix) { try visit(try view($0, in: spaces)) }
      }
      try log.throwFailure()
    }
  }

  /// The records of which some cell has several heads, deleted ones too: what may be in conflict.
  public func recordsWithRivals() throws -> [RecordView] {
    try database.read {
      let spaces = try readableRows()
      var views: [RecordView] = []
      for space in spaces { try records.eachRivalry(in: space.number) { views.append(try view($0, in: spaces)) } }
      try log.throwFailure()
      return views
    }
  }

  /// The ids between two, both included: what a short name may mean.
  public func recordIDs(from low: RecordID, to high: RecordID, limit: Int = 16) throws -> [RecordID] {
    try database.read {
      let spaces = Set(try readableRows().map(\.number))
      return try records.ids(from: low, to: high, limit: limit).filter { spaces.contains($0.space) }.map(\.id)
    }
  }

  /// How many visible records there are of each kind, ascending.
  public func tallies() throws -> [(kind: Value, space: SpaceID, visible: Int)] {
    try database.read {
      var result: [(kind: Value, space: SpaceID, visible: Int)] = []
      for space in try readableRows() {
        for (shelf, visible) in try records.tallies(in: space.number) where visible != 0 {
          if let last = result.last, last.kind == shelf.kind, last.space == space.id {
            result[result.count - 1].visible += visible
          } else {
            result.append((shelf.kind, space.id, visible))
          }
        }
      }
      return result
    }
  }

  /// Under which records visible ones of a kind stand by their `at`, ascending.
  public func parents(kind: Value) throws -> [RecordID] {
    try database.read {
      var parents: Set<RecordID> = []
      for space in try readableRows() {
        for (shelf, visible) in try records.tallies(in: space.number) where visible != 0 && shelf.kind == kind {
          if let list = shelf.list { parents.insert(list) }
        }
      }
      return parents.sorted()
    }
  }

  /// Who wrote the change at a dot.
  public func authorship(of dot: Dot) throws -> Authorship {
    try database.read {
      guard let change = try log.change(dot) else { throw StoreError.damaged("a head names no change") }
      return try authorship(of: change, content: nil)
    }
  }

  /// The places whose devices include the author of the change at a dot, by all governance known; none if the author
  /// doesn't belong (any more).
  public func places(writing dot: Dot) throws -> [PlaceID] {
    try database.read {
      let author = try log.log(number: dot.log).author
      return graph.resolve().device(forSigning: author)?.seats.map(\.place) ?? []
    }
  }

  func authorship(of change: StoredChange, content: Content?) throws -> Authorship {
    let row = try log.log(number: change.dot.log)
    let device = DeviceID.device(signing: row.author)
    let label = try content?.label ?? self.label(of: change, in: row)
    return Authorship(
      change: change.id, device: device, place: graph.resolve().place(of: device), stamp: change.stamp,
      wall: label.map { $0 &+ Int64(change.stamp / 1000) })
  }

  private func label(of change: StoredChange, in row: LogRow) throws -> Int64? {
    switch change.kind {
    case .governance: return try? GovernanceBody(decoding: change.body).label
    case .content:
      let effect = try content(of: change, h0: try header(of: change, in: row).encoded())
      if case .content(let content) = effect { return content.label }
      return nil
    case .keys, .redaction, .unknown: return nil
    }
  }
}
