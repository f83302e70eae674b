// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto

/// A change with what it did, for `log`, `show --history` and undo.
public struct HistoryEntry: Sendable {
  public enum Kind: Sendable, Equatable {
    case content([RecordOperations], undoes: ChangeID?)
    case governance([GovernanceOp])
    case keys
    /// Takes these changes back for good, as far as its author may.
    case redaction([ChangeID])
    /// Stored without effect here, and why.
    case sealed
    case uncounted
    /// Its log has two histories, and nobody who has one saw it before that was known: it doesn't count. What it
    /// would do; nothing where its key isn't here.
    case held([RecordOperations])
    case strange
    /// Taken back for good by these changes: what it said is gone.
    case redacted(by: [ChangeID])
    /// Its body hasn't come.
    case absent
  }

  public let author: Authorship
  public let space: SpaceID
  public let seq: UInt64
  public let dot: Dot
  public let kind: Kind
}

/// Which changes to walk through. Logs that hold none of them aren't looked at.
public struct HistoryFilter: Sendable {
  /// Only those by these devices; nil for all.
  public var devices: Set<DeviceID>?
  /// Only those in these spaces; nil for all.
  public var spaces: Set<SpaceID>?
  /// Only those stamped at or after this, in milliseconds since 1970.
  public var since: UInt64 = 0
  /// Only those that belong to this moment; nil for all.
  public var horizon: Horizon?

  public init() {}

  /// Whether a change is one of them.
  public func takes(_ entry: HistoryEntry) -> Bool {
    (devices?.contains(entry.author.device) ?? true) && (spaces?.contains(entry.space) ?? true)
      && entry.author.stamp >= since && (horizon?.covers(entry.dot) ?? true)
  }

  func takes(_ row: LogRow) -> Bool {
    (devices?.contains(DeviceID.device(signing: row.author)) ?? true) && (spaces?.contains(row.space.id) ?? true)
  }

  func last(of row: LogRow, in log: LogStore) throws -> Dot? {
    guard let horizon else { return try log.tip(of: row.number)?.dot }
    let seq = horizon.changes[row.number]
    return seq == 0 ? nil : Dot(log: row.number, seq: seq)
  }
}

extension HistoryEntry {
  /// Whether it has an op on the record that counts.
  fileprivate func touches(_ id: RecordID) -> Bool {
    guard case .content(let parts, _) = kind else { return false }
    return parts.contains { $0.record == id }
  }
}

extension Replica {
  /// The changes that touched a record, oldest first.
  public func history(of id: RecordID) throws -> [HistoryEntry] {
    try database.read {
      for space in graph.resolve().spaces(readBy: deviceID) {
        guard let row = try log.space(space.id(in: network)),
          let record = try records.find(id, in: [row.number])
        else { continue }
        return try records.touches(of: record.rid).compactMap { try log.change($0) }
          .sorted { ($0.stamp, $0.id) < ($1.stamp, $1.id) }.map { try entry($0) }
          .filter { $0.touches(id) }
      }
      return []
    }
  }

  /// Changes of all spaces, governance included, newest first by stamp, until `visit` says false.
  public func eachChangeBackwards(
    _ filter: HistoryFilter = HistoryFilter(), _ visit: (HistoryEntry) throws -> Bool
  ) throws {
    try database.read {
      var cursors = try log.allLogs().filter(filter.takes).compactMap { row in
        try filter.last(of: row, in: log).flatMap { try log.change($0) }
      }
      while let latest = cursors.indices.max(by: { isBefore(cursors[$0], cursors[$1]) }) {
        let change = cursors[latest]
        guard change.stamp >= filter.since, try visit(try entry(change)) else { return }
        if let previous = try log.change(Dot(rawValue: change.dot.rawValue - 1)) {
          cursors[latest] = previous
        } else {
          cursors.remove(at: latest)
        }
      }
    }
  }

  private func isBefore(_ one: StoredChange, _ other: StoredChange) -> Bool {
    (one.stamp, one.id) < (other.stamp, other.id)
  }

  /// The change of this id with what it did; nil if it isn't stored.
  public func entry(_ id: ChangeID) throws -> HistoryEntry? {
    try database.read {
      guard let dot = try log.dot(of: id), let change = try log.change(dot) else { return nil }
      return try entry(change)
    }
  }

  /// The stored changes whose ids begin with these hexadecimal digits; at most `limit`.
  public func changeIDs(hexPrefix: String, limit: Int = 8) throws -> [ChangeID] {
    let digits = hexPrefix.lowercased().filter(\.isHexDigit)
    guard digits.count == hexPrefix.count, digits.count <= 64,
      let low = ChangeID(hex: digits + String(repeating: "0", count: 64 - digits.count)),
      let high = ChangeID(hex: digits + String(repeating: "f", count: 64 - digits.count))
    else { return [] }
    return try database.read {
      let query = try database.connection.statement("SELECT id FROM change WHERE id >= ? AND id <= ? ORDER BY id LIMIT ?")
        .bind(1, low.bytes).bind(2, high.bytes).bind(3, Int64(limit))
      defer { query.reset() }
      var ids: [ChangeID] = []
      while try query.step() { ids.append(try query.id32(0)) }
      return ids
    }
  }

  /// The change exactly as it was signed; nil if it isn't stored.
  public func signedChange(_ id: ChangeID) throws -> Change? {
    try database.read {
      guard let dot = try log.dot(of: id), let stored = try log.change(dot) else { return nil }
      return try change(stored, in: try log.log(number: dot.log))
    }
  }

  private func entry(_ change: StoredChange) throws -> HistoryEntry {
    let row = try log.log(number: change.dot.log)
    var content: Content?
    let kind = try kind(of: change, in: row, content: &content)
    return HistoryEntry(
      author: try authorship(of: change, content: content), space: row.space.id, seq: change.dot.seq,
      dot: change.dot, kind: kind)
  }

  private func kind(of change: StoredChange, in row: LogRow, content: inout Content?) throws -> HistoryEntry.Kind {
    switch change.state {
    case .uncounted: return .uncounted
    case .held:
      let effect = try self.content(of: change, h0: try header(of: change, in: row).encoded())
      guard case .content(let opened) = effect else { return .held([]) }
      content = opened
      return .held(opened.operations(changeID: change.id, dot: change.dot))
    case .unreadable: return .sealed
    case .strange: return .strange
    case .redacted: return .redacted(by: try Redactions(self).redactions(of: change.dot).map { try knownID(of: $0) })
    case .absent: return .absent
    case .applied: break
    }
    switch change.kind {
    case .keys: return .keys
    case .redaction: return .redaction(try RedactionBody(decoding: change.body).targets)
    case .governance: return .governance(try GovernanceBody(decoding: change.body).ops)
    case .unknown: return .strange
    case .content:
      let effect = try self.content(of: change, h0: try header(of: change, in: row).encoded())
      guard case .content(let opened) = effect else { return .strange }
      content = opened
      let parts = opened.operations(changeID: change.id, dot: change.dot)
      let counted = parts.filter { mayTouch($0.record, author: row.author, space: row.space.id) }
      return counted.isEmpty && !parts.isEmpty ? .uncounted : .content(counted, undoes: opened.undoes)
    }
  }
}

extension Replica {
  /// The body of a stored change in plain: opened for content, as it is for the other kinds. Nil if it isn't
  /// stored or its key isn't here.
  public func plainBody(of id: ChangeID) throws -> [UInt8]? {
    try database.read {
      guard let dot = try log.dot(of: id), let stored = try log.change(dot) else { return nil }
      guard stored.kind == .content else { return stored.body }
      guard let ciphertext = stored.ciphertext else { return nil }
      let h0 = try header(of: stored, in: try log.log(number: dot.log)).encoded()
      guard let epoch = try epochs.id(of: stored.epoch), let secret = try epochs.secret(of: epoch) else { return nil }
      return try? ContentSeal.open(ciphertext, h0: h0, nonce: stored.nonce, epochSecret: secret)
    }
  }

  /// Logs of which two histories are known.
  public func forkCount() throws -> Int {
    try database.read { Set(try log.allLogs().filter { $0.branch != nil }.map(\.id)).count }
  }

  /// How many changes are held, by the device whose log has two histories.
  public func heldChanges() throws -> [DeviceID: Int] {
    try database.read {
      let extents = try log.allExtents()
      var held: [DeviceID: Int] = [:]
      for row in try log.allLogs() {
        guard let extent = extents[row.number] else { continue }
        let query = try database.connection.statement("SELECT count(*) FROM change WHERE dot > ? AND dot < ? AND state=?")
          .bind(1, Dot(log: row.number, seq: extent).rawValue).bind(2, Dot(log: row.number + 1, seq: 0).rawValue)
          .bind(3, ChangeState.held.rawValue)
        defer { query.reset() }
        if try query.step(), query.int(0) > 0 { held[.device(signing: row.author), default: 0] += Int(query.int(0)) }
      }
      return held
    }
  }
}
