// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// Changes that have to be taken back together.
///
/// A record that changes its audience is written in two spaces, so in two changes: one of them alone taken back
/// would double the record, or lose it. And what a change takes back may need several changes.
struct ChangeGroup {
  private let replica: Replica

  init(_ replica: Replica) { self.replica = replica }

  /// In an order in which nothing is lost on the way: a record that moved comes back where it was first.
  func group(of id: ChangeID) throws -> [ChangeID] {
    guard let entry = try replica.entry(id), case .content(let parts, let undoes) = entry.kind else { return [id] }
    if let undoes {
      let undone = try group(of: undoes)
      guard undone.count > 1 else { return try siblings(of: entry, undoing: undoes) }
      return try undone.reversed().compactMap { try $0 == undoes ? id : latest(undoing: $0) }
    }
    let copies = try Self.moves(parts).values.compactMap(making)
    if !copies.isEmpty { return [id] + Set(copies).subtracting([id]).sorted() }
    return Set(try leavings(for: parts)).subtracting([id]).sorted() + [id]
  }

  /// The changes that follow each other in a log and take back the same one, the last of them first.
  private func siblings(of entry: HistoryEntry, undoing id: ChangeID) throws -> [ChangeID] {
    let earlier = try siblings(of: entry.dot, undoing: id) { $0.rawValue - 1 }
    let later = try siblings(of: entry.dot, undoing: id) { $0.rawValue + 1 }
    return later.reversed() + [entry.author.change] + earlier
  }

  private func siblings(of dot: Dot, undoing id: ChangeID, step: (Dot) -> UInt64) throws -> [ChangeID] {
    var found: [ChangeID] = []
    var next = Dot(rawValue: step(dot))
    while let change = try replica.log.id(of: next), case .content(_, id)? = try replica.entry(change)?.kind {
      found.append(change)
      next = Dot(rawValue: step(next))
    }
    return found
  }

  /// The records that others became in a change, by what they were.
  static func moves(_ parts: [RecordOperations]) -> [RecordID: RecordID] {
    var moves: [RecordID: RecordID] = [:]
    for part in parts {
      for op in part.ops where op.cell.field == SystemField.moved {
        if case .set(.reference(let id)) = op.edit { moves[part.record] = id }
      }
    }
    return moves
  }

  /// This device's change that made the record.
  private func making(_ id: RecordID) throws -> ChangeID? {
    try replica.history(of: id).first { $0.author.device == replica.deviceID }?.author.change
  }

  /// This device's changes in which records left for those that this change makes.
  private func leavings(for parts: [RecordOperations]) throws -> [ChangeID] {
    var missing = Set(parts.filter { !$0.isNew && Self.makes($0) }.map(\.record))
    guard !missing.isEmpty else { return [] }
    var found: [ChangeID] = []
    try replica.eachChangeBackwards(own) { entry in
      guard case .content(let parts, nil) = entry.kind else { return true }
      let targets = missing.intersection(Self.moves(parts).values)
      if !targets.isEmpty { found.append(entry.author.change) }
      missing.subtract(targets)
      return !missing.isEmpty
    }
    return found
  }

  private static func makes(_ part: RecordOperations) -> Bool {
    part.ops.contains { $0.cell.field == SystemField.kind }
  }

  /// This device's latest change that took another back.
  private func latest(undoing id: ChangeID) throws -> ChangeID? {
    var found: ChangeID?
    try replica.eachChangeBackwards(own) { entry in
      guard case .content(_, id) = entry.kind else { return true }
      found = entry.author.change
      return false
    }
    return found
  }

  private var own: HistoryFilter {
    var filter = HistoryFilter()
    filter.devices = [replica.deviceID]
    return filter
  }
}
