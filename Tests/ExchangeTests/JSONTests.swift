// SPDX-License-Identifier: AGPL-3.0-or-later
import Exchange
import Testing

private func error(_ text: String) -> JSONError? {
  do throws(JSONError) {
    _ = try JSONValue(parsing: text)
    return nil
  } catch { return error }
}

@Suite("JSON keeps order and never rounds")
struct JSONTests {
  @Test("values are written on one line in the order given")
  func writing() {
    let value: JSONValue = ["z": 1, "a": [true, nil, "x\n\"é\""], "m": [:], "n": .int(.min)]
    #expect(value.text == #"{"z":1,"a":[true,null,"x\n\"é\""],"m":{},"n":-9223372036854775808}"#)
  }

  @Test("what could act on a terminal is escaped and reads back")
  func terminal() throws {
    let text = "\u{0}\u{1B}[31m\u{7F}\u{9B}\u{2028}\u{202E}\u{2066}\u{200F}\u{61C}\u{FEFF}"
    let written = JSONValue.string(text).text
    #expect(written.unicodeScalars.allSatisfy { (0x20..<0x7F).contains($0.value) })
    #expect(try JSONValue(parsing: written).string.map { Array($0.utf8) } == Array(text.utf8))
  }

  @Test("numbers: Int64 exactly, all others as they were written", arguments: [
    "0", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1.10", "1e400",
    "-0", "0.1E-7",
  ])
  func numbers(_ text: String) throws {
    let value = try JSONValue(parsing: text)
    #expect(value.text == text)
    #expect(value.int == (text == "-0" ? nil : Int64(text)))
  }

  @Test("what decodes re-encodes to the same members in the same order")
  func order() throws {
    let text = #"{"b":{"y":[],"x":[{},[1,2]]},"a":"أرز","":false}"#
    let value = try JSONValue(parsing: " \n" + text + "\r\n\t")
    #expect(value.text == text)
    #expect(value["b"]?["x"]?.array?.count == 2 && value["a"]?.string == "أرز" && value[""]?.bool == false)
  }

  @Test("escapes, and pairs of surrogates")
  func escapes() throws {
    let value = try JSONValue(parsing: #""\b\f\n\r\t\/\\\"\u00e9\uD83D\uDE00""#)
    #expect(value.string == "\u{08}\u{0C}\n\r\t/\\\"é😀")
  }

  @Test("faults are found where they stand", arguments: [
    ("", 1, 1, JSONError.Reason.endsEarly), ("{", 1, 2, .endsEarly), ("[1,", 1, 4, .endsEarly),
    ("[1,]", 1, 4, .expected("a value")), ("{\"a\":1,}", 1, 8, .expected("a name in quotes")),
    ("{\"é\"\n :\n  x}", 3, 3, .expected("a value")), ("[1 2]", 1, 4, .expected(", or ]")),
    ("1 2", 1, 3, .leftover), ("01", 1, 3, .badNumber), ("1.", 1, 3, .badNumber), ("-", 1, 2, .badNumber),
    ("+1", 1, 1, .expected("a value")), ("1e", 1, 3, .badNumber), ("NaN", 1, 1, .expected("a value")),
    ("\"a\u{1}\"", 1, 3, .bareControlCharacter), ("\"a\nb\"", 1, 3, .bareControlCharacter),
    (#""\x""#, 1, 2, .badEscape), (#""\uD800""#, 1, 2, .badEscape), (#""\uDC00""#, 1, 2, .badEscape),
    (#""\uDC00\uDC00""#, 1, 2, .badEscape), (#""\uD800\u0041""#, 1, 2, .badEscape),
    (#""\u12g4""#, 1, 2, .badEscape), ("\"abc", 1, 5, .endsEarly),
    (#"{"a":1,"a":2}"#, 1, 8, .repeatedName("a")), ("tru", 1, 1, .expected("a value")),
    ("// x", 1, 1, .expected("a value")), ("'a'", 1, 1, .expected("a value")),
  ])
  func faults(text: String, line: Int, column: Int, reason: JSONError.Reason) {
    #expect(error(text) == JSONError(line: line, column: column, reason: reason))
  }

  @Test("bounds: depth, size, UTF-8")
  func bounds() throws {
    let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(error(deep) == nil)
    #expect(error("[" + deep + "]") == JSONError(line: 1, column: 65, reason: .tooDeep(limit: 64)))
    var limits = JSONLimits()
    limits.bytes = 2
    #expect(throws: JSONError(line: 1, column: 1, reason: .tooLarge(limit: 2))) {
      try JSONValue(parsing: "[1]", limits: limits)
    }
    #expect(throws: JSONError(line: 1, column: 3, reason: .notUTF8)) {
      try JSONValue(parsing: [0x22, 0x61, 0xC3, 0x28, 0x22])
    }
    #expect(try JSONValue(parsing: [0xEF, 0xBB, 0xBF, 0x31]) == 1)
  }

  @Test("a decimal is a number as JSON writes it")
  func decimals() {
    #expect(JSONDecimal("48.8566")?.text == "48.8566")
    for bad in ["", "1.", ".5", "01", "1e", "0x1", " 1", "١"] { #expect(JSONDecimal(bad) == nil) }
  }

  @Test("JSON Lines: one value a line, errors by the file's line")
  func lines() throws {
    let text = JSONLines.text([["a": 1], "x\ny"])
    #expect(text == "{\"a\":1}\n\"x\\ny\"\n")
    let parsed = try JSONLines.parse(Array("\r\n{\"a\":1}\r\n\n2".utf8))
    #expect(parsed.map(\.number) == [2, 4] && parsed.map(\.value) == [["a": 1], 2])
    #expect(throws: JSONError(line: 3, column: 2, reason: .endsEarly)) {
      try JSONLines.parse(Array("1\n2\n[\n4".utf8))
    }
  }
}
