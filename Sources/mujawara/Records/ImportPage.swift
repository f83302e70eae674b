// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Exchange
import Kinds
import SyncEngine

/// What an import is about to do, for the person who decides.
struct ImportPage {
  private let table: CSVTable
  private let mapping: Mapping
  private let plan: ImportCSV
  private let desk: Desk
  private static let previewed = 10

  init(_ table: CSVTable, _ mapping: Mapping, _ plan: ImportCSV, _ desk: Desk) {
    self.table = table
    self.mapping = mapping
    self.plan = plan
    self.desk = desk
  }

  func say() throws {
    if !desk.context.isJSON {
      sayShape()
      sayMapping()
      try sayRows()
    }
    for problem in plan.problems { desk.output.fail(ImportWords.sentence(problem)) }
  }

  private func sayShape() {
    let delimiter =
      switch table.delimiter {
      case .comma: "commas"
      case .semicolon: "semicolons"
      case .tab: "tabs"
      case .bar: "bars"
      }
    desk.output.print("\(SessionWords.plural(table.rows.count, "row")), \(delimiter), \(table.encoding.rawValue)")
  }

  private func sayMapping() {
    for column in table.columns.indices {
      let name = desk.output.user(mapping.name(of: column))
      desk.output.print("  \(name) → \(mapping[column]?.description ?? "(left out)")")
    }
  }

  private func sayRows() throws {
    let shown = plan.planned.filter { $0.action != .unchanged }
    for row in shown.prefix(Self.previewed) {
      let word = Self.word(row.action)
      desk.output.print("  line \(row.line)  \(word)  \(desk.output.user(row.title))\(try changes(row))")
    }
    if shown.count > Self.previewed { desk.output.print("  … and \(shown.count - Self.previewed) more") }
  }

  private static func word(_ action: ImportCSV.Planned.Action) -> String {
    switch action {
    case .create: "new"
    case .update: "updated"
    case .unchanged: "unchanged"
    case .gone: "deleted here, stays so"
    }
  }

  /// Of a new event its time, of an update what it changes.
  private func changes(_ row: ImportCSV.Planned) throws -> String {
    let told = row.changes.filter { row.action == .update || $0.field == "when" }
    let words = try told.map { change in
      let field = Kind.event.field(named: change.field)
      let new = try FieldText.text(change.new, field, desk)
      guard row.action == .update else { return new }
      return "\(change.field): \(try FieldText.text(change.old, field, desk)) → \(new)"
    }
    return words.isEmpty ? "" : " · " + words.map(desk.output.user).joined(separator: " · ")
  }

  var refusal: Failure { ImportWords.refusal(plan.problems.count) }

  /// What would be done.
  func sayDry() {
    desk.context.isJSON ? emit(written: false) : desk.note("Nothing was written: --dry-run.")
  }

  private func emit(written: Bool) {
    let count = { (action: ImportCSV.Planned.Action) in JSONValue.int(Int64(plan.count(action))) }
    desk.context.emit(
      "import/1",
      [
        JSONMember("new", count(.create)), JSONMember("updated", count(.update)),
        JSONMember("unchanged", count(.unchanged)), JSONMember("gone", count(.gone)),
        JSONMember("bad", .int(Int64(plan.problems.count))), JSONMember("written", .bool(written)),
      ])
  }

  /// What was done, in one line; exit 3 if rows were left out.
  func sum() throws {
    if desk.context.isJSON {
      emit(written: true)
    } else {
      desk.output.print("\(plan.count(.create)) new, \(plan.count(.update)) updated, \(plan.count(.unchanged)) unchanged.")
      if plan.count(.gone) > 0 { desk.output.print("\(plan.count(.gone)) were deleted here and stay so: --restore brings them back.") }
      if let list = plan.list { desk.hint("mujawara list show \(try desk.short(list))") }
    }
    if !plan.problems.isEmpty { throw ImportWords.partly(plan.problems.count) }
  }
}

/// What is wrong with rows and lines, in words.
enum ImportWords {
  static func refusal(_ count: Int) -> Failure {
    let rows = count == 1 ? "1 row can't be read" : "\(count) rows can't be read"
    return Failure(.unreadable, "\(rows), so nothing was written. Mend the file, or take the good rows with --partial.")
  }

  static func partly(_ count: Int) -> Failure {
    Failure(.partly, "\(SessionWords.plural(count, "row")) left out, the others are written.")
  }

  static func sentence(_ problem: ImportProblem) -> String {
    let column = problem.column.map { ", column \($0)" } ?? ""
    return "line \(problem.line)\(column): \(sentence(problem.reason))"
  }

  private static func sentence(_ reason: ImportProblem.Reason) -> String {
    switch reason {
    case .row(let reason): sentence(reason)
    case .field(let name, let text, let reason): FieldWords.sentence(FieldError(field: name, text: text, reason: reason), isNamed: false)
    case .noTitle: "nothing says what to call the record"
    case .noTime: "nothing says when the event is: name the column with --map COLUMN=when, or give the row the status draft"
    case .titleTooLong(let limit): "its title has more than \(limit) characters"
    case .repeatedID(let id): "another row has the same external id, \(id)"
    }
  }

  static func sentence(_ reason: CSVProblem.Reason) -> String {
    switch reason {
    case .unclosedQuote: "a quotation mark opens and never closes"
    case .textAfterQuote: "something stands between a closing quotation mark and the next delimiter"
    case .fieldCount(let found, let expected): "\(SessionWords.plural(found, "field")), and the header has \(expected)"
    case .tooManyFields(let limit): "more than \(limit) fields"
    case .fieldTooLong(let limit): "a field of more than \(limit) bytes"
    case .controlCharacter(let code): "a control character (U+\(String(code, radix: 16, uppercase: true)))"
    case .unreadableBytes: "bytes that mean nothing in the file's encoding; name another with --encoding"
    case .repeatedColumn(let name): "two columns are called \(name)"
    }
  }

  static func sentence(_ problem: JSONLProblem) -> String {
    let what =
      switch problem.reason {
      case .json(let reason): sentence(reason)
      case .schema: "it is no record of mujawara (schema \(RecordJSON.schema))"
      case .member(let name): "“\(name)” is missing or isn't what it should be"
      case .field(let name): "the field \(name) isn't one, or holds no such value"
      case .twice: "the record stands in the file twice"
      }
    return "line \(problem.line): \(what)"
  }

  static func sentence(_ reason: JSONError.Reason) -> String {
    switch reason {
    case .tooLarge(let limit): "more than \(limit) bytes"
    case .tooDeep(let limit): "nested deeper than \(limit)"
    case .notUTF8: "not UTF-8"
    case .endsEarly: "it ends too early"
    case .expected(let what): "expected \(what)"
    case .leftover: "something follows the value"
    case .badNumber: "a number that JSON doesn't write like this"
    case .badEscape: "an escape that JSON doesn't know"
    case .bareControlCharacter: "a control character that isn't escaped"
    case .repeatedName(let name): "the name \(name) stands twice"
    }
  }
}
