// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine
import Testing

private var input: FieldInput {
  FieldInput(
    today: try! CivilDate(iso: "2026-11-21"), now: try! CivilTime(hour: 9, minute: 0), zone: "Europe/Paris",
    language: "FR")
}

private func read(_ kind: Kind, _ name: String, _ text: String, key: String? = nil) throws -> (CellKey, Value)
{
  let (cell, value) = try input.edit(kind.field(named: name)!, key: key, text: text)
  return (cell, value)
}

private func decimal(_ mantissa: Int64, _ scale: Int64) -> Value {
  .tuple(32, [.int(mantissa), .int(scale)])
}
private func amount(_ mantissa: Int64, _ scale: Int64, _ unit: String?) -> Value {
  .tuple(33, [.int(mantissa), .int(scale), unit.map(Value.text) ?? .null])
}

@Suite("Text becomes values") struct FieldInputTests {
  @Test(
    "of every shape",
    arguments: [
      ("qty", "12kg", amount(12, 0, "kg")), ("qty", "1,50 l", amount(15, 1, "l")),
      ("qty", "١٢ كغ", amount(12, 0, "كغ")),
      ("qty", "0.05", amount(5, 2, nil)), ("qty", "une caisse", .text("une caisse")),
      ("qty", "1-2", .text("1-2")),
      ("qty", "12 34", .text("12 34")), ("urgency", "3-5D", .text("3-5d")),
      ("until", "5 ديسمبر", .text("2026-12-05")),
      ("until", "+4d", .text("2026-11-25")), ("household", "٤", .int(4)), ("anonymous", "Oui", .bool(true)),
      ("anonymous", "لا", .bool(false)), ("repeat", "monthly on the 5th", .text("monthly:day=5")),
      ("state", "Promised", .text("promised")), ("area", " x ", .text(" x ")),
    ] as [(String, String, Value)])
  func shapes(name: String, text: String, value: Value) throws {
    #expect(try read(.need, name, text) == (CellKey(field: Kind.need.field(named: name)!.number), value))
  }

  @Test func `of a time, its rule and the words it was written in`() throws {
    let when = try input.when("thu 19:00", repeat: "weekly", source: "les jeudis")
    #expect(when.edtf == "2026-11-26T19:00[Europe/Paris]")
    #expect(when.rule?.short == "weekly" && when.source == "les jeudis")
    #expect(try input.when("2017-12~").zoneless)
  }

  @Test func `of a time in a zone that nobody knows`() {
    #expect(throws: FieldError.self) { try input.when("2026-12-05 19:00 [Europe/Pariss]") }
  }

  @Test func `of translations, members and single dates, under one key each`() throws {
    #expect(try read(.need, "title", "أرز", key: "AR_ma").0.key == .text("ar-MA"))
    #expect(try read(.need, "title", "riz").0.key == .text("fr"))
    #expect(try read(.need, "tags", "cafe\u{301}").0.key == .text("caf\u{E9}"))
    #expect(
      try read(.event, "over", "cancelled", key: "5 december") == (
        CellKey(field: 17, key: .text("2026-12-05")), .text("cancelled")
      ))
  }

  @Test(
    "or an error that says field, text and what is expected",
    arguments: [
      ("urgency", nil, "soon", .notOneOf(["1-2d", "3-5d", "week", "anytime"])),
      ("household", nil, "0", .notAnInteger(1...1000)), ("household", nil, "1.5", .notAnInteger(1...1000)),
      ("until", nil, "2026-12-01/2026-12-03", .notADay), ("until", nil, "thu 19:00", .notADay),
      (
        "until", nil, "05/06/2026",
        .time(.ambiguous("05/06/2026", at: 0, write: ["2026-06-05", "2026-05-06"]))
      ),
      ("anonymous", nil, "perhaps", .notABool), ("contact", nil, "b4nz", .noSuchRecord),
      ("title", "français", "riz", .notALanguage), ("area", "fr", "x", .takesNoKey),
      ("tags", "fr", "x", .takesNoKey),
      ("area", nil, "", .empty),
      ("area", nil, String(repeating: "é", count: 33_000), .tooLong(limit: FieldInput.textLimit)),
    ] as [(String, String?, String, FieldError.Reason)])
  func refused(name: String, key: String?, text: String, reason: FieldError.Reason) {
    #expect(
      throws: FieldError(
        field: name,
        text: key != nil && reason == .notALanguage || key != nil && reason == .takesNoKey && name == "area"
          ? key! : text, reason: reason)
    ) {
      try read(.need, name, text, key: key)
    }
  }

  @Test(
    "links are addresses on the web and nothing that could pass for one",
    arguments: [
      ("https://a.example/x?y#z", true), ("http://[::1]:8080/", true), ("https://ar.example/خبز", true),
      ("HTTPS://A.EXAMPLE", true), ("a.example", false), ("javascript:alert(1)", false), ("https://", false),
      ("https:///x", false), ("https://a b", false), ("https://a\u{202E}b", false), ("ftp://a", false),
      ("https://a/\u{07}", false),
    ])
  func links(text: String, isLink: Bool) {
    #expect(isLink == ((try? read(.event, "link", text)) != nil))
  }

  @Test func `fields that the program keeps to itself can't be typed`() {
    var editor = RecordEditor()
    let handle = editor.create(.number(12), in: .zero)
    for name in ["alive", "at", "moved", "nonsense"] {
      #expect(throws: FieldError.self) { try editor.set(handle, name, of: .need, to: "x", input) }
    }
  }
}

extension When {
  fileprivate var zoneless: Bool { if case .vague = extent { true } else { false } }
}

@Suite("Values have one form") struct ValueFormTests {
  @Test(
    "decimal numbers",
    arguments: [
      ("12", 12, 0), ("-1.50", -15, 1), ("0,05", 5, 2), ("٣٫٢٥", 325, 2), ("100", 100, 0), ("1.0", 1, 0),
      ("−3", -3, 0),
    ] as [(String, Int64, Int64)])
  func decimals(text: String, mantissa: Int64, scale: Int64) throws {
    let number = try #require(DecimalNumber(text))
    #expect(number.value == decimal(mantissa, scale))
    #expect(DecimalNumber(number.text) == number && DecimalNumber(value: number.value) == number)
  }

  @Test("what is no number", arguments: ["", "-", ".5", "1.", "1,2,3", "1e3", "99999999999999999999", "1 2"])
  func notDecimals(text: String) { #expect(DecimalNumber(text) == nil) }

  @Test func `another form of the same number is none`() {
    #expect(DecimalNumber(value: decimal(10, 1)) == nil)
    #expect(DecimalNumber(value: decimal(1, 19)) == nil)
    #expect(Quantity(value: amount(10, 1, nil)) == nil)
  }

  @Test(
    "language tags",
    arguments: [
      ("FR", "fr"), ("pt_br", "pt-BR"), ("SR-latn-rs", "sr-Latn-RS"), ("zh-hant", "zh-Hant"),
      ("es-419", "es-419"),
      ("en-a-BCD-ef", "en-a-bcd-ef"), ("français", nil), ("", nil), ("f", nil), ("fr-", nil), ("fr fr", nil),
    ])
  func languages(text: String, tag: String?) { #expect(LanguageTag.canonical(text) == tag) }

  @Test func `short ids name the record, and each beginning of them its neighbours`() throws {
    var random = Seeded(1)
    for _ in 0..<200 {
      let id = ID16(high: random.next(), low: random.next())
      let text = ShortID.text(id)
      #expect(text.count == 27 && !text.contains { "aeiouy01l".contains($0) })
      for length in [1, 4, 9, 27] {
        let (low, high) = try #require(ShortID.range(String(text.prefix(length)).uppercased()))
        #expect(low <= RecordID(id) && RecordID(id) <= high)
        #expect(
          ShortID.text(low).hasPrefix(text.prefix(length)) && ShortID.text(high).prefix(1) == text.prefix(1))
      }
      #expect(ShortID.range(text)!.low == RecordID(id) && ShortID.range(text)!.high == RecordID(id))
    }
    #expect(ShortID.range("alo") == nil && ShortID.range("") == nil)
    #expect(ShortID.range(String(repeating: "z", count: 27))!.low == RecordID(ID16(high: .max, low: .max)))
  }
}
