// SPDX-License-Identifier: AGPL-3.0-or-later

import Foundation
import SQLite
import Testing

@Suite("A connection") struct ConnectionTests {
  private let path = NSTemporaryDirectory() + "mujawara-sqlite-" + UUID().uuidString

  private func withDatabase(_ body: (Connection) throws -> Void) throws {
    defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
    try body(try Connection(path: path, mode: .create))
  }

  @Test func `gives back every type of value as it was bound`() throws {
    try withDatabase { db in
      try db.execute("CREATE TABLE t(a, b, c, d, e)")
      let long = "خبز \u{0301} 🍞"
      try db.statement("INSERT INTO t VALUES(?,?,?,?,?)").bind(1, Int64.min).bind(2, [UInt8]()).bind(3, [0, 255] as [UInt8])
        .bind(4, long).bindNull(5).run()
      let row = try db.statement("SELECT * FROM t")
      #expect(try row.step())
      #expect(row.int(0) == .min)
      #expect(row.optionalBytes(1) == [])
      #expect(row.bytes(2) == [0, 255])
      #expect(row.text(3) == long)
      #expect(row.isNull(4) && row.optionalBytes(4) == nil)
      #expect(try !row.step())
    }
  }

  @Test func `keeps the top bit of an unsigned number`() throws {
    try withDatabase { db in
      try db.execute("CREATE TABLE t(a)")
      try db.statement("INSERT INTO t VALUES(?)").bind(1, UInt64.max).run()
      let row = try db.statement("SELECT a FROM t")
      #expect(try row.step() && row.uint(0) == .max)
      row.reset()
    }
  }

  @Test func `says which kind of failure it met`() throws {
    #expect(throws: SQLiteError.self) { try Connection(path: "/nonexistent/folder/file", mode: .readWrite) }
    try withDatabase { db in
      try db.execute("CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES(1)")
      let failure = #expect(throws: SQLiteError.self) { try db.statement("INSERT INTO t VALUES(1)").run() }
      guard case .constraint? = failure else {
        Issue.record("a second 1 is a broken constraint, not \(String(describing: failure))")
        return
      }
      try db.statement("INSERT INTO t VALUES(?)").bind(1, Int64(2)).run()
      #expect(try db.scalar("SELECT count(*) FROM t") == 2)
    }
  }

  @Test func `calls a file that is no database damaged`() throws {
    try Data((0..<4096).map { _ in UInt8.random(in: 0...255) }).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let db = try Connection(path: path, mode: .readWrite)
    let failure = #expect(throws: SQLiteError.self) { try db.scalar("SELECT count(*) FROM sqlite_master") }
    guard case .damaged? = failure else {
      Issue.record("noise is damage, not \(String(describing: failure))")
      return
    }
  }

  @Test func `reuses a statement reset and without its old bindings`() throws {
    try withDatabase { db in
      let sql = "SELECT ?1"
      _ = try db.statement(sql).bind(1, "x").step()
      let again = try db.statement(sql)
      #expect(try again.step() && again.isNull(0))
      again.reset()
    }
  }

  @Test func `leaves the write-ahead log to its caller`() throws {
    try withDatabase { db in
      _ = try db.text("PRAGMA journal_mode=WAL")
      try db.execute("CREATE TABLE t(a); INSERT INTO t VALUES(1)")
      #expect(FileManager.default.fileExists(atPath: path + "-wal"))
      try db.checkpoint()
      #expect(try Connection(path: path, mode: .readOnly).scalar("SELECT a FROM t") == 1)
    }
  }
}
