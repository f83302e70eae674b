// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Exchange
import Kinds
import SyncEngine

/// Who wrote and when, for people and for programs.
struct AuthorWords {
  private let names: Kinds.Directory
  private let output: Output

  init(_ desk: Desk) throws {
    names = try Kinds.Directory(desk.replica)
    output = desk.output
  }

  /// `2026-11-20 18:02  laptop, Cantine`, with a mark where the clock is doubtful.
  func text(_ author: Authorship) -> String { "\(time(author))  \(output.user(name(author)))" }

  func time(_ author: Authorship) -> String {
    let time = author.wall.map { Times.local(seconds: $0) } ?? Times.local(author.stamp)
    return time + (author.isClockDoubtful ? " (clock doubtful)" : "")
  }

  /// Not yet safe for a terminal.
  func name(_ author: Authorship) -> String { names.author(author) }

  func members(_ author: Authorship) -> [JSONMember] {
    [
      JSONMember("by", .string(name(author))), JSONMember("device", .string(author.device.hex)),
      JSONMember("change", .string(author.change.hex)), JSONMember("stamp", .int(Int64(author.stamp))),
      JSONMember("clock_doubtful", .bool(author.isClockDoubtful)),
    ]
  }
}

/// Cells in JSON objects.
enum FieldJSON {
  /// `field`: a name, or the number of an unknown one; `key` where there is one.
  static func members(_ cell: CellKey, of record: Record?) -> [JSONMember] {
    [JSONMember("field", name(cell.field, of: record))] + (cell.key.map { [JSONMember("key", JSONValue($0))] } ?? [])
  }

  private static func name(_ field: UInt64, of record: Record?) -> JSONValue {
    if field == SystemField.kind { return "kind" }
    return record?.field(field).map { .string($0.name) } ?? .int(Int64(field))
  }

  /// What a cell says; a counter's total.
  static func value(_ cell: CellReading?) -> JSONValue {
    cell?.sum.map { .int($0) } ?? JSONValue(cell?.value ?? .null)
  }
}
