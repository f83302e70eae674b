// SPDX-License-Identifier: AGPL-3.0-or-later
import Exchange
import Testing

private func read(_ text: String, _ change: (inout CSVReader) -> Void = { _ in }) throws -> CSVTable {
  var reader = CSVReader()
  change(&reader)
  return try reader.read(Array(text.utf8))
}

@Suite("CSV is read as RFC 4180 says and as spreadsheets write it")
struct CSVReaderTests {
  @Test("a header and its rows, each with the line where it starts")
  func plain() throws {
    let table = try read("a,b\r\n1,2\r\n\r\n3,4")
    #expect(table.columns == ["a", "b"])
    #expect(table.rows == [CSVRow(line: 2, fields: ["1", "2"]), CSVRow(line: 4, fields: ["3", "4"])])
    #expect(table.delimiter == .comma && table.encoding == .utf8 && table.problems == [])
  }

  @Test("quotes hold delimiters, doubled quotes and line ends; lines go on being counted", arguments: [
    "\n", "\r\n", "\r",
  ])
  func quotes(end: String) throws {
    let table = try read("a,b\(end)\"x, \"\"y\"\"\",\"one\(end)two\"\(end)5\" pipe,z\(end)")
    #expect(table.rows.map(\.fields) == [["x, \"y\"", "one\(end)two"], ["5\" pipe", "z"]])
    #expect(table.rows.map(\.line) == [2, 4])
    #expect(table.problems == [])
  }

  @Test("a ragged row is a problem with its line; empty cells beyond the header are none")
  func ragged() throws {
    let table = try read("a,b\n1\n2,3,4\n5,6,,\n7,8\n")
    #expect(table.rows.map(\.fields) == [["5", "6"], ["7", "8"]])
    #expect(table.problems == [
      CSVProblem(line: 2, reason: .fieldCount(found: 1, expected: 2)),
      CSVProblem(line: 3, reason: .fieldCount(found: 3, expected: 2)),
    ])
  }

  @Test("a quote that is never closed spoils its own line and no other")
  func unclosed() throws {
    let table = try read("a;b\n1;2\n3;\"oops\n4;5\n6;7")
    #expect(table.rows.map(\.line) == [2, 4, 5])
    #expect(table.problems == [CSVProblem(line: 3, field: 2, reason: .unclosedQuote)])
  }

  @Test("a stray opening quote that meets a later quote is found where it starts")
  func strayQuote() throws {
    let table = try read("a;b\n1;\"oops\n2;x\n3;\"fine\"\n4;\"so\" so\n5;y")
    #expect(table.rows.map(\.line) == [3, 4, 6])
    #expect(table.problems == [
      CSVProblem(line: 2, field: 2, reason: .textAfterQuote),
      CSVProblem(line: 5, field: 2, reason: .textAfterQuote),
    ])
  }

  @Test("NUL, other control characters and DEL are reported with row and field", arguments: [
    "\u{0}", "\u{1B}", "\u{0B}", "\u{7F}", "\u{85}", "\u{9B}",
  ])
  func control(_ bad: Unicode.Scalar) throws {
    let table = try read("a,b\n1,x\(bad)y\nq,r\tr\n")
    #expect(table.problems == [CSVProblem(line: 2, field: 2, reason: .controlCharacter(bad.value))])
    #expect(table.rows.map(\.fields) == [["q", "r\tr"]])
  }

  @Test("limits: bytes, rows, columns, field")
  func limits() throws {
    #expect(throws: CSVError.fileTooLarge(limit: 3)) { try read("a,b\n") { $0.limits.fileBytes = 3 } }
    #expect(throws: CSVError.tooManyRows(limit: 1)) { try read("a,b\n1,2\n3,4") { $0.limits.rows = 1 } }
    let header = CSVProblem(line: 1, reason: .tooManyFields(limit: 1))
    #expect(throws: CSVError.badHeader(header)) { try read("a,b\n1,2") { $0.limits.columns = 1 } }
    let table = try read("a,b\n1,xxxx\n1,2,3,4\n1,xxx") {
      $0.limits.fieldBytes = 3
      $0.limits.columns = 3
    }
    #expect(table.problems.map(\.reason) == [.fieldTooLong(limit: 3), .tooManyFields(limit: 3)])
    #expect(table.rows.map(\.line) == [4])
  }

  @Test("a row of very many fields is refused without being kept")
  func manyFields() throws {
    let table = try read("a,b\n" + String(repeating: ",", count: 3_000_000) + "x\n1,2")
    #expect(table.problems == [CSVProblem(line: 2, reason: .tooManyFields(limit: 1_000))])
    #expect(table.rows.count == 1)
  }

  @Test("a file without a header, and names that stand twice")
  func headers() throws {
    #expect(throws: CSVError.empty) { try read("") }
    #expect(throws: CSVError.empty) { try read("\r\n\n") }
    #expect(throws: CSVError.badHeader(CSVProblem(line: 2, field: 1, reason: .unclosedQuote))) {
      try read("\n\"a,b\n")
    }
    let table = try read(" a ,b,a,\n1,2,3,4")
    #expect(table.columns == ["a", "b", "a", ""])
    #expect(table.problems == [CSVProblem(line: 1, field: 3, reason: .repeatedColumn("a"))])
  }
}

@Suite("The delimiter is found by what makes a table")
struct CSVSnifferTests {
  @Test("each of the four, with the others inside text", arguments: CSVDelimiter.allCases)
  func each(_ delimiter: CSVDelimiter) throws {
    let others = CSVDelimiter.allCases.filter { $0 != delimiter }.map { String($0.character) }.joined()
    let row = ["Santa Cruz\(others) Valle", "\"a\(delimiter.character)b\"", "c"]
    let line = row.joined(separator: String(delimiter.character))
    let table = try read("un?deux?trois\n".replacing("?", with: String(delimiter.character))
      + String(repeating: line + "\n", count: 3))
    #expect(table.delimiter == delimiter)
    #expect(table.rows.count == 3 && table.problems == [])
  }

  @Test("commas in a column of text don't cut it")
  func single() throws {
    let table = try read("courses\nlait, pain\nsel\nriz, huile, thé\n")
    #expect(table.rows.map(\.fields) == [["lait, pain"], ["sel"], ["riz, huile, thé"]])
    #expect(try read("a").columns == ["a"])
    #expect(try read("Titre, en français\nlait\npain").columns == ["Titre, en français"])
  }

  @Test("rows cut short still speak for their delimiter")
  func short() throws {
    #expect(try read("a;b;c\n1;2\n3;4\nx, y\n").delimiter == .semicolon)
  }

  @Test("a first line sep= is obeyed", arguments: ["\r\n", "\n", "\r"])
  func told(end: String) throws {
    let table = try read("sep=|\(end)a,b|c\(end)1,2|3")
    #expect(table.columns == ["a,b", "c"])
    #expect(table.rows == [CSVRow(line: 3, fields: ["1,2", "3"])])
  }

  @Test("what the user says goes before what the file looks like")
  func named() throws {
    #expect(try read("a;b\n1;2") { $0.delimiter = .tab }.columns == ["a;b"])
  }
}
