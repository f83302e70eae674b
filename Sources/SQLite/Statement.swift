// SPDX-License-Identifier: AGPL-3.0-or-later

private import CSQLite

/// A prepared statement: bind, step, read, reset. Parameters count from 1, columns from 0.
///
/// It borrows its connection and must not outlive it.
@safe
public final class Statement {
  private let handle: OpaquePointer
  private unowned let connection: Connection

  init(_ handle: OpaquePointer, of connection: Connection) {
    unsafe self.handle = handle
    self.connection = connection
  }

  deinit { unsafe sqlite3_finalize(handle) }

  /// Steps to the next row. False when there is none; the statement is then reset.
  @discardableResult
  public func step() throws(SQLiteError) -> Bool {
    switch unsafe sqlite3_step(handle) {
    case SQLITE_ROW:
      return true
    case SQLITE_DONE:
      unsafe sqlite3_reset(handle)
      return false
    case let code:
      defer { unsafe sqlite3_reset(handle) }
      try connection.check(code)
      return false
    }
  }

  /// Steps a statement that gives no row.
  public func run() throws(SQLiteError) {
    while try step() {}
  }

  public func reset() {
    unsafe sqlite3_reset(handle)
    unsafe sqlite3_clear_bindings(handle)
  }

  @discardableResult
  public func bind(_ index: Int32, _ value: Int64) -> Statement {
    bound(unsafe sqlite3_bind_int64(handle, index, value))
  }

  @discardableResult
  public func bind(_ index: Int32, _ value: Int64?) -> Statement {
    value.map { bind(index, $0) } ?? bindNull(index)
  }

  @discardableResult
  public func bind(_ index: Int32, _ value: UInt64) -> Statement {
    bind(index, Int64(bitPattern: value))
  }

  @discardableResult
  public func bind(_ index: Int32, _ bytes: [UInt8]) -> Statement {
    let code = unsafe bytes.withUnsafeBytes { buffer in
      // A null address would bind NULL, so nothing is bound from the address of something.
      unsafe buffer.baseAddress.map {
        unsafe mujawara_bind_blob(handle, index, $0, UInt64(buffer.count))
      } ?? mujawara_bind_nothing(handle, index)
    }
    return bound(code)
  }

  @discardableResult
  public func bind(_ index: Int32, _ bytes: [UInt8]?) -> Statement {
    bytes.map { bind(index, $0) } ?? bindNull(index)
  }

  @discardableResult
  public func bind(_ index: Int32, _ text: String) -> Statement {
    bound(unsafe mujawara_bind_text(handle, index, text, UInt64(text.utf8.count)))
  }

  @discardableResult
  public func bindNull(_ index: Int32) -> Statement {
    bound(unsafe sqlite3_bind_null(handle, index))
  }

  private func bound(_ code: Int32) -> Statement {
    precondition(code == SQLITE_OK, "a statement was bound wrongly: SQLite said \(code)")
    return self
  }

  public func isNull(_ column: Int32) -> Bool {
    unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
  }

  public func int(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }
  public func uint(_ column: Int32) -> UInt64 { UInt64(bitPattern: int(column)) }
  public func optionalInt(_ column: Int32) -> Int64? { isNull(column) ? nil : int(column) }

  public func bytes(_ column: Int32) -> [UInt8] {
    guard let start = unsafe sqlite3_column_blob(handle, column) else { return [] }
    let count = Int(unsafe sqlite3_column_bytes(handle, column))
    return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  public func optionalBytes(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : bytes(column) }

  public func text(_ column: Int32) -> String {
    guard let start = unsafe sqlite3_column_text(handle, column) else { return "" }
    return unsafe String(cString: start)
  }
}
