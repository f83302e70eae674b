// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Foundation
import SQLite
import SyncEngine
import Testing

/// One value of the database is changed behind the program's back: whatever is asked of the replica then, it
/// answers or says that the database is damaged.
@Suite("A damaged value in the database") struct DamagedValueTests {
  private static let columns: [(table: String, column: String)] = [
    ("meta", "value"), ("space", "id"), ("log", "log"), ("log", "id"), ("log", "author"), ("log", "incarnation"),
    ("log", "space"), ("govset", "ids"), ("change", "dot"), ("change", "id"), ("change", "kind"), ("change", "stamp"),
    ("change", "cum"), ("change", "flags"), ("change", "state"), ("change", "vector"), ("change", "heads"),
    ("change", "gov"), ("change", "epoch"), ("change", "nonce"), ("change", "extra"), ("change", "body"),
    ("change", "signature"), ("head", "dot"), ("vector", "dots"), ("epoch", "id"), ("epoch", "sealed"),
    ("epoch", "space"), ("roster", "device"), ("standing", "log"), ("standing", "gov"), ("identity", "id"), ("identity", "rid"),
    ("identity", "shelf"), ("identity", "space"), ("record", "state"), ("record", "shelf"), ("touch", "dot"),
    ("tally", "shelf"), ("tally", "visible"), ("digest", "sum"),
    ("text", "rid"), ("text", "field"), ("text", "key"), ("text", "weight"), ("text", "tip"), ("text", "plain"),
    ("texthistory", "first"), ("texthistory", "changes"),
  ]
  private static let values = [
    "x''", "x'9bffffffffffffffff'", "zeroblob(64)", "-1", "9223372036854775807",
  ]

  @Test(arguments: columns) func `is an answer or an error, never the end of the program`(
    _ place: (table: String, column: String)
  ) throws {
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    let need = ContentEntry(.new(.number(12)), [FieldEdits(4, .text("soup")), FieldEdits(16, [.text([.insert(at: 0, "x")])])])
    try a.replica.commit(to: a.replica.id(of: .commons), [need])
    try b.replica.commit(to: b.replica.id(of: .commons), [need])
    try exchange([a, b])
    for value in Self.values {
      let damaged = try? TestPlace(copyOf: a) { folder in
        let connection = try Connection(path: folder + "/replica.sqlite", mode: .readWrite)
        try? connection.execute("UPDATE OR REPLACE \(place.table) SET \(place.column)=\(value)")
      }
      if let damaged { use(damaged, with: b) }
    }
  }

  /// All that a command may ask; errors are fine.
  private func use(_ a: TestPlace, with b: TestPlace) {
    let commons = a.replica.id(of: .commons)
    _ = try? a.replica.records(kind: .int(12))
    _ = try? a.replica.snapshot(of: commons)
    _ = try? a.replica.check(full: true)
    _ = try? a.changes(in: .commons)
    _ = try? a.changes(in: .governance)
    _ = try? a.replica.epochSecrets(of: commons)
    _ = try? a.replica.settle()
    _ = try? a.replica.commit(to: commons, [ContentEntry(.new(.number(12)), [FieldEdits(4, .text("more"))])])
    for record in (try? a.replica.records(kind: .int(12))) ?? [] {
      _ = try? a.replica.textSpans(CellKey(field: 16), of: record.id, in: commons)
      let edits = FieldEdits(16, [.text([.insert(at: 0, "y")])])
      _ = try? a.replica.commit(to: commons, [ContentEntry(.existing(record.id), [edits])])
    }
    for id in (try? b.replica.records(kind: .int(12)).map(\.id)) ?? [] {
      let edits = FieldEdits(16, [.text([.insert(at: 0, "z")])])
      _ = try? b.replica.commit(to: commons, [ContentEntry(.existing(id), [edits])])
    }
    _ = try? a.take(from: b)
    _ = try? a.replica.rebuild()
  }
}
