// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

extension Replica {
  /// The record as it was at a moment; nil if nothing of it had been written.
  public func read(_ id: RecordID, at horizon: Horizon) throws -> Record? {
    try record(id, at: horizon).map { try Record($0, in: self) }
  }

  /// Every record that was visible at a moment, by id and space.
  public func readAll(at horizon: Horizon) throws -> [Record] {
    var all: [Record] = []
    try eachRecord(at: horizon) { view in
      let record = try Record(view, in: self)
      if record.isVisible { all.append(record) }
    }
    return all.sorted { ($0.id, $0.space) < ($1.id, $1.space) }
  }

  /// The records of a kind that were visible at a moment, by id.
  public func read(_ kind: Kind, at horizon: Horizon) throws -> [Record] {
    try readAll(at: horizon).filter { $0.kind == kind }
  }
}

/// What a cell said at two moments.
public struct CellDifference: Sendable {
  public let key: CellKey
  /// Nil if this version doesn't know the field.
  public let field: Field?
  /// Nil where nothing had been written.
  public let before: CellReading?
  public let after: CellReading?
}

/// How a record differs between two moments.
public struct RecordChange: Sendable {
  /// What became of the record itself.
  public enum Deed: String, Sendable {
    case made, deleted, restored, changed
  }

  public let before: Record?
  public let after: Record?
  public let deed: Deed
  /// The cells that say something else, by field and key.
  public let cells: [CellDifference]
  /// The texts that several people write and that differ, as they were and as they are; by field and key.
  public let texts: [(name: CellKey, before: String, after: String)]

  /// Nil if both moments read alike: writes may differ that nobody sees.
  public init?(_ difference: RecordDifference, in replica: Replica) throws {
    before = try difference.before.map { try Record($0, in: replica) }
    after = try difference.after.map { try Record($0, in: replica) }
    let (old, new) = (before, after)
    let (wasThere, isThere) = (old?.isVisible ?? false, new?.isVisible ?? false)
    switch (wasThere, isThere) {
    case (false, true): deed = old == nil ? .made : .restored
    case (true, false): deed = .deleted
    default: deed = .changed
    }
    let keys = Set((old?.cells ?? []).map(\.key)).union((new?.cells ?? []).map(\.key)).sorted()
    cells = keys.compactMap { key in
      let (one, other) = (old?.cell(key.field, key: key.key), new?.cell(key.field, key: key.key))
      guard Self.differ(one, other) else { return nil }
      return CellDifference(key: key, field: (other ?? one)?.field, before: one, after: other)
    }
    let names = Set((old?.proseNames ?? []) + (new?.proseNames ?? [])).sorted()
    let proses = try names.map { name in
      (name: name, before: try Self.prose(name, old, replica), after: try Self.prose(name, new, replica))
    }
    texts = proses.filter { $0.before != $0.after }
    guard wasThere || isThere, wasThere != isThere || !cells.isEmpty || !texts.isEmpty else { return nil }
  }

  /// The record where there is one, the later first.
  public var record: Record {
    guard let record = after ?? before else { preconditionFailure("a difference has at least one side") }
    return record
  }

  private static func prose(_ name: CellKey, _ record: Record?, _ replica: Replica) throws -> String {
    try record.map { try replica.prose(name, of: $0).text } ?? ""
  }

  private static func differ(_ one: CellReading?, _ other: CellReading?) -> Bool {
    (one?.value ?? .null) != (other?.value ?? .null) || one?.sum != other?.sum
      || Set(one?.competing ?? []) != Set(other?.competing ?? [])
  }
}

extension CellReading {
  /// The values among which somebody has to choose; empty where there is no choice.
  var competing: [Value] { isContested ? heads.map(\.value) : [] }
}

extension Replica {
  /// The contact points that an entry had at a moment, also those that named what the entry was before it moved to
  /// another audience; those of now if no moment is named. By id.
  public func contactPoints(of id: RecordID, at horizon: Horizon?) throws -> [Record] {
    guard let horizon else { return try contactPoints(of: id) }
    return try read(.contact, at: horizon).filter { contact in
      guard let entry = contact.reference("of") else { return false }
      return try entry == id || follow(entry)?.id == id
    }
  }
}
