// SPDX-License-Identifier: AGPL-3.0-or-later

private import CSQLite

/// One connection to one database file. It belongs to one thread at a time.
///
/// Nothing checkpoints by itself: two connections that checkpoint a write-ahead log at once can damage
/// it in the versions that Debian ships, so `checkpoint()` is called under the replica's write lock.
@safe
public final class Connection: @unchecked Sendable {
  public enum Mode: Sendable { case readWrite, create, readOnly }

  private let handle: OpaquePointer
  private var kept: [String: Statement] = [:]

  /// Opens `path` on `volume`. Throws `SQLiteError.cannotOpen`, `.damaged` or `.readOnly`.
  public init(path: String, mode: Mode, on volume: any Volume = SystemVolume()) throws(SQLiteError) {
    let access =
      switch mode {
      case .readWrite: SQLITE_OPEN_READWRITE
      case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      case .readOnly: SQLITE_OPEN_READONLY
      }
    var opened: OpaquePointer?
    let code = unsafe sqlite3_open_v2(path, &opened, access | SQLITE_OPEN_NOMUTEX, volume.vfs)
    guard code == SQLITE_OK, let opened = unsafe opened else {
      let text = unsafe opened.map { unsafe String(cString: sqlite3_errmsg($0)) } ?? "no memory"
      unsafe sqlite3_close_v2(opened)
      throw code == SQLITE_CANTOPEN ? .cannotOpen(text) : Connection.error(code, text)
    }
    unsafe handle = opened
    unsafe sqlite3_extended_result_codes(opened, 1)
    unsafe sqlite3_busy_timeout(opened, 5000)
    _ = unsafe mujawara_no_checkpoint_on_close(opened)
  }

  deinit {
    kept.removeAll()
    unsafe sqlite3_close_v2(handle)
  }

  /// Runs statements that give no rows and take no arguments, separated by semicolons.
  public func execute(_ sql: String) throws(SQLiteError) {
    try check(unsafe sqlite3_exec(handle, sql, nil, nil, nil))
  }

  /// A prepared statement, kept and reused by its text. It comes reset and without bindings.
  public func statement(_ sql: String) throws(SQLiteError) -> Statement {
    if let statement = kept[sql] {
      statement.reset()
      return statement
    }
    let statement = try prepare(sql)
    kept[sql] = statement
    return statement
  }

  /// A prepared statement of one's own, for loops in which the same text may run meanwhile.
  public func prepare(_ sql: String) throws(SQLiteError) -> Statement {
    var prepared: OpaquePointer?
    try check(unsafe sqlite3_prepare_v2(handle, sql, -1, &prepared, nil))
    guard let prepared = unsafe prepared else { preconditionFailure("empty statement: \(sql)") }
    return unsafe Statement(prepared, of: self)
  }

  /// The first column of the first row as an integer; 0 if there is no row.
  public func scalar(_ sql: String) throws(SQLiteError) -> Int64 {
    let query = try statement(sql)
    defer { query.reset() }
    return try query.step() ? query.int(0) : 0
  }

  /// The first column of the first row as text; empty if there is no row.
  public func text(_ sql: String) throws(SQLiteError) -> String {
    let query = try statement(sql)
    defer { query.reset() }
    return try query.step() ? query.text(0) : ""
  }

  public var lastInsertRowID: Int64 { unsafe sqlite3_last_insert_rowid(handle) }
  public var changes: Int { Int(unsafe sqlite3_changes(handle)) }
  public var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

  /// Moves what it can of the write-ahead log into the database file.
  public func checkpoint() throws(SQLiteError) {
    let code = unsafe sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    if code & 0xff != SQLITE_BUSY { try check(code) }
  }

  /// Moves the whole write-ahead log into the database file and empties it. Throws if a reader holds it up.
  public func truncateLog() throws(SQLiteError) {
    try check(unsafe sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil))
  }

  func check(_ code: Int32) throws(SQLiteError) {
    guard code != SQLITE_OK else { return }
    throw Connection.error(code, unsafe String(cString: sqlite3_errmsg(handle)))
  }

  private static func error(_ code: Int32, _ text: String) -> SQLiteError {
    switch code & 0xff {
    case SQLITE_CANTOPEN: .cannotOpen(text)
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: .readOnly(text)
    case SQLITE_FULL: .full(text)
    case SQLITE_IOERR: .io("\(text) (\(code))")
    case SQLITE_CORRUPT, SQLITE_NOTADB: .damaged(text)
    case SQLITE_BUSY, SQLITE_LOCKED: .busy(text)
    case SQLITE_CONSTRAINT: .constraint(text)
    default: .other(code: code, text)
    }
  }
}
