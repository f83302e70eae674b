// SPDX-License-Identifier: AGPL-3.0-or-later
import Exchange
import Testing

private struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

@Suite("CSV that is written reads back")
struct CSVWriterTests {
  @Test("quotes only where needed")
  func quotes() {
    var writer = CSVWriter()
    writer.row(["a", "b c", "d,e", "say \"x\"", "two\nlines", " edge", "edge ", "", "semi;colon"])
    let expected = #"a,b c,"d,e","say ""x""","two?lines"," edge","edge ",,"semi;colon"!"#
    #expect(writer.text == expected.replacing("?", with: "\n").replacing("!", with: "\r\n"))
  }

  @Test("cells that look like formulas get an apostrophe where asked, and only there")
  func formulas() {
    let cells = ["=1+1", "+33 6", "-5", "@x", "\tx", "x=1", "'q"]
    var guarded = CSVWriter(delimiter: .semicolon, lineEnd: .lf, guardsFormulas: true)
    guarded.row(cells)
    #expect(guarded.text == "'=1+1;'+33 6;'-5;'@x;\"'\tx\";x=1;'q\n")
    var plain = CSVWriter(lineEnd: .lf)
    plain.row(["=1+1", "-5"])
    #expect(plain.text == "=1+1,-5\n")
  }

  @Test("a byte order mark where asked")
  func mark() throws {
    var writer = CSVWriter(byteOrderMark: true)
    writer.row(["é"])
    #expect(writer.text.utf8.starts(with: [0xEF, 0xBB, 0xBF, 0xC3]))
  }

  @Test("whatever is written is read the same, its delimiter guessed", arguments: UInt64(0)..<60)
  func roundTrip(seed: UInt64) throws {
    var random = Seeded(state: seed)
    let pieces = [
      "a", "é", "أرز", ",", ";", "|", "\t", "\"", "\n", "\r\n", "\r", " ", "=", "👩‍🌾", "\u{301}", "sep=",
      "\u{FEFF}",
    ]
    let width = Int.random(in: 1...5, using: &random)
    let delimiter = CSVDelimiter.allCases.randomElement(using: &random)!
    var writer = CSVWriter(
      delimiter: delimiter, lineEnd: Bool.random(using: &random) ? .lf : .crlf,
      byteOrderMark: Bool.random(using: &random))
    writer.row((0..<width).map { "column \($0)" })
    let rows = (0..<20).map { _ in
      ["x"] + (1..<width).map { _ in
        let count = Int.random(in: 0...6, using: &random)
        return (0..<count).map { _ in pieces.randomElement(using: &random)! }.joined()
      }
    }
    for row in rows { writer.row(row.count > width ? Array(row.prefix(width)) : row) }
    let table = try CSVReader().read(Array(writer.text.utf8))
    #expect(table.problems == [])
    #expect(width == 1 || table.delimiter == delimiter)
    #expect(table.rows.map { $0.fields.map { Array($0.utf8) } } == rows.map { $0.map { Array($0.utf8) } })
  }

  @Test("no bytes whatever trap the reader, and good rows fit the header", arguments: UInt64(0)..<200)
  func hostile(seed: UInt64) {
    var random = Seeded(state: seed)
    let alphabet: [UInt8] = [0x22, 0x2C, 0x3B, 0x0A, 0x0D, 0x61, 0x00, 0xC3, 0xA9, 0xFF, 0xFE, 0x09, 0x7C]
    let bytes = (0..<300).map { _ in alphabet.randomElement(using: &random)! }
    guard let table = try? CSVReader().read(bytes) else { return }
    #expect(table.rows.allSatisfy { $0.fields.count == table.columns.count })
    let lines = table.rows.map(\.line)
    #expect(lines == lines.sorted() && Set(lines).count == lines.count)
    #expect(Set(lines).isDisjoint(with: table.problems.filter { $0.line > 1 }.map(\.line)))
  }
}
