// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto
import SQLite

/// The texts that several people write, derived as records are: each a row with the plain text and the end of its
/// history, and the history itself in rows that are only ever added to.
struct TextStore {
  let connection: Connection
  let log: LogStore

  /// A text as it stands.
  struct Row {
    let number: Int64
    /// That of its changes, together.
    var weight: Int
    var pages: TextPages
  }

  /// A row of history is added to until it is this long, in bytes: SQLite gives one that is longer than 1,002 a page
  /// of its own.
  private static let historyRow = 960

  // MARK: Merging

  /// Takes changes in, each after those that it has seen, and none after one that has seen it.
  func merge(_ changes: [TextChange], into name: CellKey, of rid: Int64) throws -> TextMark {
    var row = try find(name, of: rid) ?? make(name, of: rid)
    row.weight += changes.reduce(0) { $0 + $1.weight }
    guard row.weight <= TextBounds.weightMax else { return try giveUp(name, row) }
    let first = row.pages.tip.changeCount
    try translating { try row.pages.merge(changes, order: log) { try history(of: row.number) } }
    let text = Array(row.pages.text.utf8)
    try connection.statement("UPDATE text SET weight=?, tip=?, plain=? WHERE text=?")
      .bind(1, Int64(row.weight)).bind(2, row.pages.tip.packed).bind(3, text).bind(4, row.number).run()
    try append(row.pages.addition, from: first, to: row.number)
    return Self.mark(name, row.pages.tip, text)
  }

  /// How a text stands by all its changes, without a look at what is stored.
  func mark(_ name: CellKey, by changes: [TextChange]) throws -> TextMark {
    guard changes.reduce(0, { $0 + $1.weight }) <= TextBounds.weightMax else { return Self.overfull(name) }
    var pages = TextPages()
    try translating { try pages.merge(changes, order: log) { [] } }
    return Self.mark(name, pages.tip, Array(pages.text.utf8))
  }

  private static func mark(_ name: CellKey, _ tip: TextTip, _ text: [UInt8]) -> TextMark {
    TextMark(name: name, heads: tip.heads, hash: Hash.H("text", text))
  }

  private static func overfull(_ name: CellKey) -> TextMark { TextMark(name: name, heads: [], hash: []) }

  private func giveUp(_ name: CellKey, _ row: Row) throws -> TextMark {
    try connection.statement("UPDATE text SET weight=?, tip=?, plain=? WHERE text=?")
      .bind(1, Int64(row.weight)).bind(2, TextTip().packed).bind(3, []).bind(4, row.number).run()
    try connection.statement("DELETE FROM texthistory WHERE text=?").bind(1, row.number).run()
    return Self.overfull(name)
  }

  private func make(_ name: CellKey, of rid: Int64) throws -> Row {
    try connection.statement("INSERT INTO text(rid, field, key, weight, tip, plain) VALUES(?,?,?,0,?,?)")
      .bind(1, rid).bind(2, name.field).bind(3, Self.key(name)).bind(4, TextTip().packed).bind(5, []).run()
    return Row(number: connection.lastInsertRowID, weight: 0, pages: TextPages())
  }

  private func append(_ changes: [UInt8], from first: Int, to number: Int64) throws {
    guard !changes.isEmpty else { return }
    let query = try connection.statement(
      "SELECT first, changes FROM texthistory WHERE text=? ORDER BY first DESC LIMIT 1").bind(1, number)
    defer { query.reset() }
    if try query.step() {
      let (last, before) = (query.int(0), query.bytes(1))
      query.reset()
      if before.count + changes.count <= Self.historyRow {
        return try connection.statement("UPDATE texthistory SET changes=? WHERE text=? AND first=?")
          .bind(1, before + changes).bind(2, number).bind(3, last).run()
      }
    }
    try connection.statement("INSERT INTO texthistory(text, first, changes) VALUES(?,?,?)")
      .bind(1, number).bind(2, Int64(first)).bind(3, changes).run()
  }

  /// Drops all texts of a record.
  func forget(_ rid: Int64) throws {
    try connection.statement("DELETE FROM texthistory WHERE text IN (SELECT text FROM text WHERE rid=?)")
      .bind(1, rid).run()
    try connection.statement("DELETE FROM text WHERE rid=?").bind(1, rid).run()
  }

  // MARK: Reading

  func find(_ name: CellKey, of rid: Int64) throws -> Row? {
    let query = try connection.statement("SELECT text, weight, tip, plain FROM text WHERE rid=? AND field=? AND key=?")
      .bind(1, rid).bind(2, name.field).bind(3, Self.key(name))
    defer { query.reset() }
    guard try query.step() else { return nil }
    guard let plain = String(validating: query.bytes(3), as: UTF8.self) else {
      throw StoreError.damaged("a text isn't UTF-8")
    }
    let (weight, packed) = (Int(try query.number(1)), query.bytes(2))
    let pages = try translating { TextPages(tip: try TextTip(packed: packed), text: plain) }
    guard pages.tip.length == plain.unicodeScalars.count else { throw StoreError.damaged("a text has another length") }
    return Row(number: query.int(0), weight: weight, pages: pages)
  }

  /// The whole history of a text, read.
  func graph(of row: Row) throws -> TextGraph {
    try translating { try TextGraph(tip: row.pages.tip, packedChanges: try history(of: row.number)) }
  }

  private func history(of number: Int64) throws -> [UInt8] {
    let query = try connection.statement("SELECT changes FROM texthistory WHERE text=? ORDER BY first").bind(1, number)
    defer { query.reset() }
    var bytes: [UInt8] = []
    while try query.step() { bytes += query.bytes(0) }
    return bytes
  }

  private static func key(_ name: CellKey) -> [UInt8] { (name.key ?? .null).encoded() }

  /// What can't be read of a history is damage: what comes from others has no effect where it doesn't fit.
  private func translating<T>(_ body: () throws -> T) throws -> T {
    do { return try body() } catch is TextError { throw StoreError.damaged("a text's history can't be read") }
  }
}
