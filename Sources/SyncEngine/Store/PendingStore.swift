// SPDX-License-Identifier: AGPL-3.0-or-later

import SQLite

/// Changes that wait for others, bounded: the newest of the author who fills it most goes first.
final class PendingStore {
  /// Bytes that one author's waiting changes may take, and all together.
  static let perAuthor: Int64 = 64 << 20
  static let inAll: Int64 = 256 << 20
  /// And those of authors whom no governance names yet, all together; they go first where there is no room.
  static let ofStrangers: Int64 = 4 << 20
  /// Stands for all of them.
  private static let stranger = [UInt8](repeating: 0, count: 32)

  private let connection: Connection
  private var count: Int64?
  /// Bytes that wait, by author; nil until they are read.
  private var sums: [[UInt8]: Int64]?

  init(_ connection: Connection) { self.connection = connection }

  func forget() {
    count = nil
    sums = nil
  }

  func isEmpty() throws -> Bool {
    if count == nil { count = try connection.scalar("SELECT count(*) FROM pending") }
    return count == 0
  }

  func size() throws -> Int {
    _ = try isEmpty()
    return Int(count ?? 0)
  }

  func contains(_ id: ChangeID) throws -> Bool {
    let query = try connection.statement("SELECT 1 FROM pending WHERE id=?").bind(1, id.bytes)
    defer { query.reset() }
    return try query.step()
  }

  /// Holds a change until `missing` are there. False if there was no room.
  func hold(_ change: Change, until missing: [ChangeID], isStranger: Bool) throws -> Bool {
    let envelope = change.envelope()
    let author = isStranger ? Self.stranger : change.header.author.bytes
    guard try makeRoom(for: envelope.count, by: author) else { return false }
    try connection.statement(
      "INSERT OR REPLACE INTO pending(id, author, space, size, log, seq, envelope) VALUES(?,?,?,?,?,?,?)")
      .bind(1, change.id.bytes).bind(2, author).bind(3, change.header.space.bytes)
      .bind(4, Int64(envelope.count)).bind(5, change.header.logID.bytes).bind(6, change.header.seq)
      .bind(7, envelope).run()
    for id in missing {
      try connection.statement("INSERT OR IGNORE INTO want(missing, id) VALUES(?,?)")
        .bind(1, id.bytes).bind(2, change.id.bytes).run()
    }
    count = nil
    sums![author, default: 0] += Int64(envelope.count)
    return true
  }

  private func makeRoom(for size: Int, by author: [UInt8]) throws -> Bool {
    if sums == nil { sums = try readSums() }
    let limit = author == Self.stranger ? Self.ofStrangers : Self.perAuthor
    if sums![author, default: 0] + Int64(size) > limit { return false }
    while sums!.values.reduce(0, +) + Int64(size) > Self.inAll {
      let largest = sums![Self.stranger] != nil ? Self.stranger : sums!.sorted { $0.key.lexicographicallyPrecedes($1.key) }.max { $0.value < $1.value }?.key
      guard let largest, largest != author else { return false }
      try dropNewest(of: largest)
    }
    return true
  }

  private func readSums() throws -> [[UInt8]: Int64] {
    let query = try connection.statement("SELECT author, sum(size) FROM pending GROUP BY author")
    defer { query.reset() }
    var sums: [[UInt8]: Int64] = [:]
    while try query.step() { sums[query.bytes(0)] = Int64(try query.number(1)) }
    return sums
  }

  private func dropNewest(of author: [UInt8]) throws {
    let query = try connection.statement("SELECT id, size FROM pending WHERE author=? ORDER BY seq DESC LIMIT 1")
      .bind(1, author)
    guard try query.step() else {
      sums![author] = nil
      return
    }
    let (id, size) = (try query.id32(0), Int64(try query.number(1)))
    query.reset()
    try drop(id)
    sums![author]! -= size
  }

  /// The changes that waited for this one and for nothing else any more, taken out: they are tried again, and
  /// held again if need be.
  func release(waitingFor id: ChangeID, network: NetworkID) throws -> [Change] {
    let query = try connection.statement(
      """
      SELECT p.envelope FROM want w JOIN pending p ON p.id=w.id
      WHERE w.missing=?1 AND NOT EXISTS (SELECT 1 FROM want o WHERE o.id=w.id AND o.missing<>?1) ORDER BY p.log, p.seq
      """).bind(1, id.bytes)
    var changes: [Change] = []
    while try query.step() { changes.append(try waiting(query.bytes(0), network)) }
    try connection.statement("DELETE FROM want WHERE missing=?").bind(1, id.bytes).run()
    for change in changes { try drop(change.id) }
    if !changes.isEmpty { sums = nil }
    return changes
  }

  private func waiting(_ envelope: [UInt8], _ network: NetworkID) throws -> Change {
    do { return try Change(envelope: envelope, network: network) } catch {
      throw StoreError.damaged("a change that waits can't be read")
    }
  }

  /// A change that waited has been stored, by whatever way it came.
  func forget(_ id: ChangeID) throws {
    guard try !isEmpty(), try contains(id) else { return }
    try drop(id)
    sums = nil
  }

  private func drop(_ id: ChangeID) throws {
    try connection.statement("DELETE FROM pending WHERE id=?").bind(1, id.bytes).run()
    try connection.statement("DELETE FROM want WHERE id=?").bind(1, id.bytes).run()
    count = count.map { $0 - 1 }
  }

  /// What is waited for and neither stored nor itself waiting.
  func missing(limit: Int = 100) throws -> [ChangeID] {
    let query = try connection.statement(
      """
      SELECT DISTINCT missing FROM want WHERE missing NOT IN (SELECT id FROM pending)
      AND missing NOT IN (SELECT id FROM change) ORDER BY missing LIMIT ?
      """).bind(1, Int64(limit))
    defer { query.reset() }
    var ids: [ChangeID] = []
    while try query.step() { ids.append(try query.id32(0)) }
    return ids
  }

  // MARK: Second branches as earlier versions kept them

  func hasKeptForks() throws -> Bool { try connection.scalar("SELECT count(*) FROM fork") > 0 }

  func takeKeptForks(network: NetworkID) throws -> [Change] {
    let query = try connection.statement("SELECT envelope FROM fork ORDER BY log, seq, id")
    var changes: [Change] = []
    while try query.step() { changes.append(try waiting(query.bytes(0), network)) }
    query.reset()
    try connection.execute("DELETE FROM fork")
    return changes
  }
}
