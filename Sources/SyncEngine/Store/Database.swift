// SPDX-License-Identifier: AGPL-3.0-or-later

import Glibc
import SQLite

/// The database of one replica: one connection, one writer across processes, own commits durable.
final class Database {
  let connection: Connection
  private let lock: WriteLock?
  private let path: String
  private let volume: any Volume
  /// Changes with every commit of another process; asked at the start of each transaction.
  private(set) var generation: Int64 = -1
  /// Called when what was read is stale: another process has written since the last transaction, or (then the
  /// argument is true) a transaction of this one was undone.
  var refresh: ((_ wasUndone: Bool) throws -> Void)?
  private var wasUndone = false
  /// Set in a write transaction that drops what must not stay on the disk: the write-ahead log is then emptied too.
  var scrubs = false
  /// Whether what this connection found is known to be on the disk.
  private var isSettled = false

  static let fileName = "replica.sqlite"
  static let lockName = "lock"
  /// The write-ahead log is folded in by a writer that finds it longer than this, in bytes.
  private static let checkpointSize = 32 << 20

  /// Opens the database in `folder`, migrating it to this version's schema; `creating` makes it. Its files lie on
  /// `volume`, the lock in the folder itself.
  init(folder: String, creating: Bool = false, on volume: any Volume) throws {
    path = folder + "/" + Self.fileName
    self.volume = volume
    let writable = creating || volume.isWritable(path) && access(folder, W_OK) == 0
    if !creating {
      guard volume.exists(path) else { throw StoreError.missing(folder) }
    }
    do {
      connection = try Connection(
        path: path, mode: creating ? .create : writable ? .readWrite : .readOnly, on: volume)
      lock = writable ? try WriteLock(path: folder + "/" + Self.lockName) : nil
      try settleDoubt()
      try configure(folder, creating: creating)
    } catch let error as SQLiteError {
      throw StoreError(error)
    }
  }

  /// A commit whose sync failed may have left a transaction in the write-ahead log that can be read and that the disk
  /// doesn't have, and the system won't try again. Before anything is built on it, it is written once more. Whoever
  /// holds the lock is alive, and knows what it has committed.
  private func settleDoubt() throws {
    guard let lock, lock.isInDoubt, lock.tryAcquire() else { return }
    defer { lock.release() }
    guard volume.rewrite(path + "-wal") else { throw StoreError.io(path + "-wal") }
    lock.note(doubt: false)
  }

  private func configure(_ folder: String, creating: Bool) throws {
    if creating { chmod(path, 0o600) }
    if lock != nil {
      _ = try connection.text("PRAGMA journal_mode=WAL")
      try connection.execute("PRAGMA wal_autocheckpoint=0")
    }
    try connection.execute("PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536")
    let synchronous = try connection.scalar("PRAGMA synchronous")
    precondition(synchronous == 2, "own commits must be durable")
    let found = try connection.scalar("PRAGMA user_version")
    guard found <= Schema.version else { throw StoreError.newer(version: Int(found)) }
    guard found < Schema.version else { return }
    guard lock != nil else { throw StoreError.readOnly(path) }
    guard found > 0 || creating else { throw try emptiness(folder) }
    try write { try Schema.migrate(connection) }
  }

  /// What a database without a version is: one whose making was cut short, or something else.
  private func emptiness(_ folder: String) throws -> StoreError {
    let isEmpty = try connection.scalar("SELECT count(*) FROM sqlite_master") == 0
    return isEmpty ? .missing(folder) : .damaged("the file holds no replica")
  }

  /// Whether there is a replica's database in `folder`. One whose making was cut short holds nothing, and is none;
  /// what can't be read is one.
  static func isMade(in folder: String, on volume: any Volume) -> Bool {
    let path = folder + "/" + fileName
    guard volume.exists(path) else { return false }
    do {
      let connection = try Connection(path: path, mode: volume.isWritable(path) ? .readWrite : .readOnly, on: volume)
      let tables = try connection.scalar("SELECT count(*) FROM sqlite_master")
      let hasMeta = try connection.scalar("SELECT count(*) FROM sqlite_master WHERE name='meta'") > 0
      guard hasMeta else { return tables > 0 }
      return try connection.scalar("SELECT (SELECT count(*) FROM meta) + (SELECT count(*) FROM change)") > 0
    } catch {
      return true
    }
  }

  /// Makes durable what is read here and was written by a process that ended before it had synced it: what a commit
  /// of this one adds is durable anyway. Called before anything is given to others.
  func settleOnDisk() throws {
    guard !isSettled else { return }
    guard volume.sync(path + "-wal") else { throw StoreError.io(path + "-wal") }
    isSettled = true
  }

  var isWritable: Bool { lock != nil }

  /// Runs `body` in one transaction that sees one state and writes nothing.
  func read<T>(_ body: () throws -> T) throws -> T {
    if connection.isInTransaction { return try body() }
    return try translating {
      try connection.execute("BEGIN")
      defer { try? connection.execute("COMMIT") }
      try noticeOthers()
      return try body()
    }
  }

  /// Runs `body` as the only writer, in one transaction: all of it is durable on return, or nothing was done.
  func write<T>(_ body: () throws -> T) throws -> T {
    precondition(!connection.isInTransaction, "a write transaction inside a transaction")
    guard let lock else { throw StoreError.readOnly(path) }
    try lock.acquire()
    defer { lock.release() }
    return try translating {
      try checkpointIfLong()
      try connection.execute("BEGIN IMMEDIATE")
      do {
        try noticeOthers()
        let result = try body()
        try commit(under: lock)
        scrub()
        return result
      } catch {
        if connection.isInTransaction { try? connection.execute("ROLLBACK") }
        generation = -1
        wasUndone = true
        throw error
      }
    }
  }

  /// What a commit that goes well adds to the log takes the place of what a failed one left there.
  private func commit(under lock: WriteLock) throws {
    do { try connection.execute("COMMIT") } catch {
      lock.note(doubt: true)
      throw error
    }
    if lock.isInDoubt { lock.note(doubt: false) }
  }

  /// The transaction stands whatever becomes of this: what can't be emptied now is at the next one.
  private func scrub() {
    guard scrubs, (try? connection.truncateLog()) != nil else { return }
    scrubs = false
  }

  /// Of a row that the transaction read, the caches are right unless another connection committed since.
  private func noticeOthers() throws {
    let now = try connection.scalar("PRAGMA data_version")
    guard now != generation else { return }
    try refresh?(wasUndone)
    generation = now
    wasUndone = false
  }

  /// Removes all files of the database in `folder`.
  static func remove(from folder: String, on volume: any Volume) {
    for suffix in ["", "-wal", "-shm", "-journal"] { volume.remove(folder + "/" + fileName + suffix) }
  }

  private func checkpointIfLong() throws {
    guard volume.size(of: path + "-wal") > Self.checkpointSize else { return }
    try connection.checkpoint()
  }

  private func translating<T>(_ body: () throws -> T) throws -> T {
    do { return try body() } catch let error as SQLiteError { throw StoreError(error) }
  }
}
