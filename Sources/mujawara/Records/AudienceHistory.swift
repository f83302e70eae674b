// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Kinds
import SyncEngine

/// A record that changes its audience is written in two spaces, so in two changes. Taking back one of them alone
/// would double the record, or lose it.
struct AudienceHistory {
  private let desk: Desk
  private var replica: Replica { desk.replica }

  init(_ desk: Desk) { self.desk = desk }

  /// The changes that have to be taken back together, in an order in which nothing is lost on the way: the record
  /// where it was comes back first.
  func group(of id: ChangeID) throws -> [ChangeID] {
    guard let entry = try replica.entry(id), case .content(let parts, let undoes) = entry.kind else { return [id] }
    if let undoes {
      let undone = try group(of: undoes)
      guard undone.count > 1 else { return [id] }
      return try undone.reversed().compactMap { try $0 == undoes ? id : latest(undoing: $0) }
    }
    let copies = try Self.targets(parts).compactMap(making)
    if !copies.isEmpty { return [id] + Set(copies).subtracting([id]).sorted() }
    return Set(try leavings(for: parts)).subtracting([id]).sorted() + [id]
  }

  /// The records that others became in this change.
  private static func targets(_ parts: [RecordOperations]) -> [RecordID] {
    parts.flatMap(\.ops).compactMap { op in
      guard op.cell.field == SystemField.moved, case .set(.reference(let id)) = op.edit else { return nil }
      return id
    }
  }

  /// This device's change that made the record.
  private func making(_ id: RecordID) throws -> ChangeID? {
    try replica.history(of: id).first { $0.author.device == replica.deviceID }?.author.change
  }

  /// This device's changes in which records left for those that this change makes.
  private func leavings(for parts: [RecordOperations]) throws -> [ChangeID] {
    let made = Set(parts.filter { !$0.isNew && Self.makes($0) }.map(\.record))
    guard !made.isEmpty else { return [] }
    var missing = made
    var found: [ChangeID] = []
    try replica.eachChangeBackwards { entry in
      guard entry.author.device == replica.deviceID, case .content(let parts, nil) = entry.kind else { return true }
      let targets = missing.intersection(Self.targets(parts))
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
    try replica.eachChangeBackwards { entry in
      guard entry.author.device == replica.deviceID, case .content(_, id) = entry.kind else { return true }
      found = entry.author.change
      return false
    }
    return found
  }
}
