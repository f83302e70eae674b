// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine

/// What one row says.
struct RowContent {
  var cells: [(CellKey, Value)] = []
  var title = ""
  /// The texts by which the row is known again where the file gives it no id.
  var identity: [String] = []
  var externalID: String?
  var problems: [ImportProblem] = []
}

/// Turns the fields of a row into cells.
struct RowReader {
  let kind: Kind
  let mapping: Mapping
  let input: FieldInput

  func read(_ row: CSVRow) -> RowContent {
    var content = RowContent()
    for entry in mapping.entries {
      let text = row.fields[entry.column].trimmed
      guard !text.isEmpty, !Self.parts.contains(entry.target.name) else { continue }
      do {
        try read(text, as: entry.target, row, &content)
      } catch let error as FieldError {
        content.problems.append(problem(row, entry.column, error))
      } catch {
        preconditionFailure("a field's text is refused by a FieldError")
      }
    }
    readTimeInWords(row, &content)
    identify(row, &content)
    return content
  }

  /// Columns that are read together with another.
  private static let parts: Set<String> = ["when_text", "unit"]

  private func read(_ text: String, as target: FieldTarget, _ row: CSVRow, _ content: inout RowContent) throws
  {
    if target.name == Field.externalID.name { content.externalID = text }
    if target.name == "repeat", kind == .event { return }
    guard let field = kind.field(named: target.name) else { return }
    switch field.shape {
    case .when:
      let when = try input.when(
        text, repeat: self.text(of: "repeat", row), source: self.text(of: "when_text", row), field: field)
      content.cells.append((CellKey(field: field.number), when.value))
    case .quantity:
      let unit = self.text(of: "unit", row).map { " " + $0 } ?? ""
      content.cells.append((CellKey(field: field.number), Quantity(text + unit).value))
    case .set:
      for member in members(of: text, field) {
        let (cell, value) = try input.edit(field, text: member)
        if !content.cells.contains(where: { $0.0 == cell }) { content.cells.append((cell, value)) }
      }
    default:
      content.cells.append(try input.edit(field, key: target.language, text: text))
    }
  }

  /// Where no column has the time for programs, the words may do.
  private func readTimeInWords(_ row: CSVRow, _ content: inout RowContent) {
    guard let field = kind.field(named: "when"), text(of: "when", row) == nil,
      let words = text(of: "when_text", row),
      let column = column("when_text")
    else { return }
    do {
      let when = try input.when(words, repeat: text(of: "repeat", row), source: words, field: field)
      content.cells.append((CellKey(field: field.number), when.value))
    } catch let error as FieldError {
      content.problems.append(problem(row, column, error))
    } catch {
      preconditionFailure("a time's text is refused by a FieldError")
    }
  }

  private func identify(_ row: CSVRow, _ content: inout RowContent) {
    let titles = content.cells.filter { $0.0.field == Field.title.number }.sorted { $0.0 < $1.0 }
    let texts = titles.compactMap { if case .text(let text) = $0.1 { text } else { nil } }
    content.title = texts.first ?? ""
    content.identity = texts + [text(of: "section", row) ?? ""]
    if texts.isEmpty, content.problems.isEmpty {
      content.problems.append(ImportProblem(line: row.line, column: nil, reason: .noTitle))
    }
  }

  private func members(of text: String, _ field: Field) -> [String] {
    let isSeparator: (Character) -> Bool =
      field.number == Field.links.number ? { $0.isWhitespace } : { ",;،؛|\n".contains($0) }
    return text.split(whereSeparator: isSeparator).map { String($0).trimmed }.filter { !$0.isEmpty }
  }

  private func column(_ field: String) -> Int? { mapping.entries.first { $0.target.name == field }?.column }

  private func text(of field: String, _ row: CSVRow) -> String? {
    guard let column = column(field) else { return nil }
    let text = row.fields[column].trimmed
    return text.isEmpty ? nil : text
  }

  private func problem(_ row: CSVRow, _ column: Int, _ error: FieldError) -> ImportProblem {
    ImportProblem(
      line: row.line, column: mapping.name(of: column),
      reason: .field(name: error.field, text: error.text, error.reason))
  }
}
