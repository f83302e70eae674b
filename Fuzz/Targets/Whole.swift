// SPDX-License-Identifier: AGPL-3.0-or-later
import Exchange
import Kinds
import SyncEngine

/// A whole replica under attack.
extension FuzzTarget {
  static let whole = [
    FuzzTarget("ingest", longest: 8_192, ingest),
    FuzzTarget("session", longest: 8_192, session),
    FuzzTarget("link", longest: 8_192, link),
    FuzzTarget("bundle", longest: 16_384, bundle),
    FuzzTarget("import-csv", importCSV),
    FuzzTarget("import-jsonl", importLines),
  ]

  private static func input(for place: FuzzPlace) throws -> FieldInput {
    FieldInput(today: try CivilDate(year: 2026, month: 11, day: 21), zone: "Europe/Paris", language: "fr")
  }

  /// A spreadsheet of any kind of record. Imported again it changes nothing.
  private static func importCSV(_ bytes: [UInt8]) throws -> Bool {
    var input = Input(bytes)
    let target = [ImportTarget.events, .organisations, .list(title: "L")][Int(input.byte() % 3)]
    guard let table = try? CSVReader().read(input.remainder()) else { return false }
    let place = try FuzzPlace(.b)
    let options = ImportCSV.Options(source: "s", input: try self.input(for: place))
    let mapping = target.guess(table)
    let plan = try ImportCSV(table, as: target, mapping: mapping, options, into: place.replica)
    do { try plan.commit(to: place.replica, partial: true) } catch is ContentError { return false }
    let again = try ImportCSV(table, as: target, mapping: mapping, options, into: place.replica)
    try require(again.count(.create) == 0, "a row makes a record each time: \(again.planned)")
    try require(again.count(.update) == 0, "a row changes a record each time: \(again.planned)")
    try require(again.problems == plan.problems, "the problems became \(again.problems)")
    try place.requireSound()
    return !plan.planned.isEmpty
  }

  /// An export that somebody wrote. Imported again it changes nothing; what is exported then can be read.
  private static func importLines(_ bytes: [UInt8]) throws -> Bool {
    let place = try FuzzPlace(.b)
    let plan = try ImportJSONL(bytes, into: place.replica)
    guard !plan.planned.isEmpty else { return false }
    do { try plan.commit(to: place.replica) } catch is ContentError { return false }
    let again = try ImportJSONL(bytes, into: place.replica)
    let changed = again.planned.filter { $0.action == .create || $0.action == .update }
    try require(changed.isEmpty, "a line changes a record each time: \(changed)")
    let export = try ExportJSONL.text(of: place.replica)
    let own = try ImportJSONL(Array(export.utf8), into: place.replica)
    try require(own.problems.isEmpty, "its own export isn't read: \(own.problems)")
    let moved = own.planned.filter { $0.action == .create || $0.action == .update }
    try require(moved.isEmpty, "its own export changes it: \(moved)")
    try place.requireSound()
    return true
  }
}
