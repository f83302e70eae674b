// SPDX-License-Identifier: AGPL-3.0-or-later
import FaultDisk
import SQLite
import SyncEngine

/// Looks at what a power cut could not take from a replica: a database of its own, of the disk's synced state alone.
final class Auditor {
  private let disk: FaultDisk
  private let path: String
  /// A canary: it never looks again.
  private let isLate: Bool
  private var connection: Connection?
  /// The disk's steps when it last looked.
  private var seen = -1
  private var durable: Set<ChangeID> = []

  init(_ disk: FaultDisk, _ path: String, isLate: Bool) {
    (self.disk, self.path, self.isLate) = (disk, path, isLate)
  }

  /// Whether the change is safe.
  func holds(_ change: ChangeID) throws -> Bool {
    if durable.contains(change) { return true }
    guard try isThere("SELECT 1 FROM change WHERE id=?", change) else { return false }
    durable.insert(change)
    return true
  }

  /// Whether the change is safe among those that wait.
  func isWaiting(_ change: ChangeID) throws -> Bool { try isThere("SELECT 1 FROM pending WHERE id=?", change) }

  /// The changes that wait.
  func waiting() throws -> [(id: ChangeID, envelope: [UInt8])] {
    let query = try look().prepare("SELECT id, envelope FROM pending ORDER BY id")
    var all: [(ChangeID, [UInt8])] = []
    while try query.step() {
      guard let id = ChangeID(query.bytes(0)) else { throw StoreError.damaged("an id of a wrong size") }
      all.append((id, query.bytes(1)))
    }
    return all
  }

  private func isThere(_ sql: String, _ change: ChangeID) throws -> Bool {
    let query = try look().statement(sql).bind(1, change.bytes)
    defer { query.reset() }
    return try query.step()
  }

  private func look() throws -> Connection {
    if let connection, isLate || seen == disk.steps { return connection }
    seen = disk.steps
    let copy = try Connection(path: path, mode: .readWrite, on: FaultDisk(disk.syncedImage))
    connection = copy
    return copy
  }
}
