// SPDX-License-Identifier: AGPL-3.0-or-later
import Exchange
import Testing

@Suite("CSV is read in the encodings that spreadsheets write")
struct CSVEncodingTests {
  private let text = "nom;où\nÉcole « œ » €;ñ\n"

  private func read(_ bytes: [UInt8], as encoding: TextEncoding? = nil) throws -> CSVTable {
    try CSVReader(encoding: encoding).read(bytes)
  }

  private func utf16(_ text: String, high: Int) -> [UInt8] {
    ("\u{FEFF}" + text).utf16.flatMap { unit in
      let pair = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
      return high == 0 ? pair : pair.reversed()
    }
  }

  private func check(_ table: CSVTable, _ encoding: TextEncoding) {
    #expect(table.encoding == encoding)
    #expect(table.columns == ["nom", "où"])
    #expect(table.rows == [CSVRow(line: 2, fields: ["École « œ » €", "ñ"])])
    #expect(table.problems == [])
  }

  @Test("UTF-8, with and without a byte order mark")
  func utf8() throws {
    check(try read(Array(text.utf8)), .utf8)
    check(try read([0xEF, 0xBB, 0xBF] + Array(text.utf8)), .utf8WithMark)
  }

  @Test("UTF-16 by its byte order mark")
  func utf16() throws {
    check(try read(utf16(text, high: 1)), .utf16LittleEndian)
    check(try read(utf16(text, high: 0)), .utf16BigEndian)
    let arabic = try read(utf16("اسم\n👩‍🌾 أرز\n", high: 1))
    #expect(arabic.rows.map(\.fields) == [["👩‍🌾 أرز"]])
  }

  @Test("what is no UTF-8 is Windows-1252")
  func windows1252() throws {
    let bytes: [UInt8] =
      Array("nom;o".utf8) + [0xF9, 0x0A, 0xC9] + Array("cole ".utf8)
      + [0xAB, 0x20, 0x9C, 0x20, 0xBB, 0x20, 0x80, 0x3B, 0xF1, 0x0A]
    check(try read(bytes), .windows1252)
  }

  @Test("a pair of bytes that happens to be UTF-8 doesn't make a file UTF-8")
  func chance() throws {
    let table = try read(Array("a,b\n".utf8) + [0xE9, 0x2C, 0xE8, 0x0A, 0xE0, 0x2C, 0xC3, 0xA9, 0x0A])
    #expect(table.encoding == .windows1252)
    #expect(table.rows.map(\.fields) == [["é", "è"], ["à", "Ã©"]])
  }

  @Test("bytes without a meaning in Windows-1252 are Latin-1's control characters, and reported")
  func latin1() throws {
    let table = try read(Array("a,b\n".utf8) + [0xE9, 0x81, 0x2C, 0x31, 0x0A, 0xE9, 0x2C, 0x32])
    #expect(table.encoding == .latin1)
    #expect(table.problems == [CSVProblem(line: 2, field: 1, reason: .controlCharacter(0x81))])
    #expect(table.rows == [CSVRow(line: 3, fields: ["é", "2"])])
  }

  @Test("Arabic Windows when it is named")
  func windows1256() throws {
    let table = try read([0xC7, 0xD3, 0xE3, 0x0A, 0xC3, 0xD1, 0xD2, 0x0A], as: .windows1256)
    #expect(table.columns == ["اسم"] && table.rows.map(\.fields) == [["أرز"]])
  }

  @Test("damaged UTF-8 stays UTF-8 and says on which line")
  func damaged() throws {
    let table = try read(Array("où,né\né,è\nx".utf8) + [0xFF] + Array(",y\nç,à\n".utf8))
    #expect(table.encoding == .utf8)
    #expect(table.problems == [CSVProblem(line: 3, reason: .unreadableBytes)])
    #expect(table.rows.map(\.line) == [2, 4])
  }

  @Test("half a UTF-16 unit and half a surrogate pair are damage")
  func brokenUTF16() throws {
    let lone: [UInt8] = [0x00, 0xD8]
    let table = try read([0xFF, 0xFE] + Array("a\0\n\0".utf8) + lone + Array("\n\0b\0\n\0c".utf8))
    #expect(table.problems.map(\.line) == [2, 4])
    #expect(table.rows == [CSVRow(line: 3, fields: ["b"])])
  }
}
