// SPDX-License-Identifier: AGPL-3.0-or-later
import Exchange
import Kinds
import SyncEngine

/// The files of others, in `Exchange`.
extension FuzzTarget {
  static let exchange = [
    FuzzTarget("csv", table),
    FuzzTarget("csv-mapping", longest: 1_024, mapping),
    printing(
      "json", longest: 2_048, refusedBy: JSONError.self, read: { try JSONValue(parsing: $0) }, print: \.text),
    FuzzTarget("json-lines", longest: 2_048) { bytes in
      let values: [JSONValue]
      do { values = try JSONLines.parse(bytes).map(\.value) } catch { return false }
      let again = try JSONLines.parse(Array(JSONLines.text(values).utf8)).map(\.value)
      try require(again == values, "the lines came back as \(again)")
      return !values.isEmpty
    },
  ]

  /// What is read is written, and read again as it was, whatever delimiter is guessed.
  private static func table(_ bytes: [UInt8]) throws -> Bool {
    let table: CSVTable
    do { table = try CSVReader().read(bytes) } catch { return false }
    // A header without a name is written as a row without content, which readers pass over.
    guard table.columns.contains(where: { !$0.isEmpty }) else { return true }
    try require(table.rows.allSatisfy { $0.fields.count == table.columns.count }, "a row isn't as wide as its header")
    var writer = CSVWriter()
    writer.row(table.columns)
    for row in table.rows { writer.row(row.fields) }
    let again: CSVTable
    do { again = try CSVReader().read(Array(writer.text.utf8)) } catch {
      throw BrokenLaw("written as “\(writer.text)”, which is refused: \(error)")
    }
    try require(again.problems.allSatisfy(isOfHeader), "written as “\(writer.text)”, with \(again.problems)")
    try require(again.columns == table.columns, "the header \(table.columns) came back as \(again.columns)")
    try require(again.rows.map(\.fields) == table.rows.map(\.fields), "rows came back as \(again.rows)")
    return true
  }

  /// Two columns may have one name: that is said each time.
  private static func isOfHeader(_ problem: CSVProblem) -> Bool {
    if case .repeatedColumn = problem.reason { true } else { false }
  }

  /// A guess, then the pairs that somebody typed on lines of their own, put on it: what is remembered of the
  /// mapping reads back as it was.
  private static func mapping(_ bytes: [UInt8]) throws -> Bool {
    var input = Input(bytes)
    let target = [ImportTarget.events, .organisations, .list(title: "L")][Int(input.byte() % 3)]
    let (header, pairs) = (input.piece(), String(decoding: input.remainder(), as: UTF8.self))
    let table: CSVTable
    do { table = try CSVReader().read(header) } catch { return false }
    var mapping = target.guess(table)
    for pair in pairs.split(separator: "\n") {
      do throws(MappingError) { try mapping.apply(String(pair), fields: target.fields) } catch { continue }
    }
    let again: Mapping
    do throws(MappingError) {
      again = try Mapping(text: mapping.text, columns: table.columns, fields: target.fields)
    } catch { throw BrokenLaw("“\(mapping.text)” is refused: \(error)") }
    try require(again == mapping, "“\(mapping.text)” came back as “\(again.text)”")
    return true
  }
}
