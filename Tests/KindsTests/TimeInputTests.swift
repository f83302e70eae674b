// SPDX-License-Identifier: AGPL-3.0-or-later
import Kinds
import Testing

@Suite("Dates as people type them") struct TimeInputTests {
  /// Today is Thursday, 26 November 2026, 18:00.
  private func read(_ text: String, zone: String? = nil) throws -> String {
    try DateInput.parse(
      text, today: day("2026-11-26"), now: CivilTime(hour: 18, minute: 0), zone: zone
    ).edtf
  }

  @Test(arguments: [
    ("2026-12-05", "2026-12-05"), (" 2026-12-05 ", "2026-12-05"), ("2026/12/05", "2026-12-05"),
    ("5 december", "2026-12-05"), ("December 5", "2026-12-05"), ("5th of december", "2026-12-05"),
    ("5 dec 2027", "2027-12-05"), ("5 january", "2027-01-05"), ("26 november", "2026-11-26"),
    ("25 november", "2027-11-25"), ("29 february", "2028-02-29"), ("sat 5 dec", "2026-12-05"),
    ("25/12/2026", "2026-12-25"), ("12/25/2026", "2026-12-25"), ("5.5.2026", "2026-05-05"),
    ("le 5 décembre 2026", "2026-12-05"), ("1er janvier", "2027-01-01"),
    ("samedi 5 déc. 2026", "2026-12-05"), ("5 de diciembre de 2026", "2026-12-05"),
    ("5 ديسمبر", "2026-12-05"),
    ("٥ دجنبر ٢٠٢٦", "2026-12-05"), ("5 كانون الأول 2026", "2026-12-05"),
    ("يوم السبت ٥ كانون الأوّل", "2026-12-05"), ("14 جويلية 2027", "2027-07-14"),
    ("٢٠٢٦-١٢-٠٥", "2026-12-05"), ("5 août 2027", "2027-08-05"),
    ("5 aou\u{302}t 2027", "2027-08-05"),
  ])
  func `a day`(typed: String, edtf: String) throws {
    #expect(try read(typed) == edtf)
  }

  @Test(arguments: [
    ("thu", "2026-11-26"), ("wed", "2026-11-25"), ("fri", "2026-11-20"), ("mercredi", "2026-11-25"),
    ("25 november", "2026-11-25"), ("26 november", "2026-11-26"), ("27 november", "2025-11-27"),
    ("5 december", "2025-12-05"), ("le 5 décembre 2026", "2026-12-05"), ("2026-12-05", "2026-12-05"),
    ("yesterday", "2026-11-25"), ("today", "2026-11-26"), ("tomorrow", "2026-11-27"), ("demain", "2026-11-27"),
    ("-3d", "2026-11-23"), ("+3d", "2026-11-29"), ("17:00", "2026-11-26T17:00"), ("19:00", "2026-11-25T19:00"),
    ("thu 19:00", "2026-11-19T19:00"), ("thu 17:00", "2026-11-26T17:00"), ("yesterday 19:00", "2026-11-25T19:00"),
    ("tomorrow 19:00", "2026-11-27T19:00"), ("-2h", "2026-11-26T16:00"), ("+2h", "2026-11-26T20:00"),
    ("december", "2025-12~"), ("november", "2026-11~"), ("2026-10", "2026-10~"), ("october", "2026-10~"),
  ])
  func `what lies behind`(typed: String, edtf: String) throws {
    let now = CivilDateTime(day("2026-11-26"), try CivilTime(hour: 18, minute: 0))
    #expect(try When(try DateInput.parsePast(typed, now: now)).edtf == edtf)
  }

  @Test(arguments: [
    ("today", "2026-11-26"), ("tomorrow", "2026-11-27"), ("yesterday", "2026-11-25"),
    ("demain", "2026-11-27"), ("après-demain", "2026-11-28"), ("aujourd’hui", "2026-11-26"),
    ("mañana", "2026-11-27"), ("pasado mañana", "2026-11-28"), ("hoy", "2026-11-26"),
    ("غداً", "2026-11-27"), ("بعد غد", "2026-11-28"), ("اليوم", "2026-11-26"),
    ("thu", "2026-11-26"), ("fri", "2026-11-27"), ("mercredi", "2026-12-02"),
    ("miércoles", "2026-12-02"), ("الأربعاء", "2026-12-02"), ("+3d", "2026-11-29"),
    ("+2w", "2026-12-10"), ("-1w", "2026-11-19"), ("+1month", "2026-12-26"), ("+1 year", "2027-11-26"),
    ("+٣ d", "2026-11-29"), ("+2 semaines", "2026-12-10"),
  ])
  func `a day counted from today`(typed: String, edtf: String) throws {
    #expect(try read(typed) == edtf)
  }

  @Test(arguments: [
    ("2026-12-05T19:00", "2026-12-05T19:00"), ("2026-12-05 19:00", "2026-12-05T19:00"),
    ("thu 19:00", "2026-11-26T19:00"), ("thu 17:00", "2026-12-03T17:00"),
    ("19:00", "2026-11-26T19:00"), ("17:00", "2026-11-27T17:00"), ("demain 19h30", "2026-11-27T19:30"),
    ("demain à 19h", "2026-11-27T19:00"), ("tomorrow 7pm", "2026-11-27T19:00"),
    ("tomorrow 7:30 pm", "2026-11-27T19:30"), ("tomorrow 12am", "2026-11-27T00:00"),
    ("tomorrow 12 pm", "2026-11-27T12:00"), ("غدا الساعة ٧ م", "2026-11-27T19:00"),
    ("+3d 19:00", "2026-11-29T19:00"), ("+2h", "2026-11-26T20:00"), ("+30min", "2026-11-26T18:30"),
    ("+7h", "2026-11-27T01:00"), ("2026-12-05 19:00-21:00", "2026-12-05T19:00/2026-12-05T21:00"),
    ("2026-12-05T19:00-21:00", "2026-12-05T19:00/2026-12-05T21:00"),
    ("sat 19:00 – 21:00", "2026-11-28T19:00/2026-11-28T21:00"),
    ("sat 19:00- 21:00", "2026-11-28T19:00/2026-11-28T21:00"),
    ("sat 19:00 -21:00", "2026-11-28T19:00/2026-11-28T21:00"),
    ("thu 22:00-02:00", "2026-11-26T22:00/2026-11-27T02:00"),
    ("sat 20h-24h", "2026-11-28T20:00/2026-11-29T00:00"),
    ("2026-12-05 19:00..21:00", "2026-12-05T19:00/2026-12-05T21:00"),
    ("2026-12-05 22:00..02:00", "2026-12-05T22:00/2026-12-06T02:00"),
    ("2026-12-05 19:00..2026-12-06 02:00", "2026-12-05T19:00/2026-12-06T02:00"),
    ("19:00 5 december", "2026-12-05T19:00"),
  ])
  func `a moment`(typed: String, edtf: String) throws {
    #expect(try read(typed) == edtf)
  }

  @Test(arguments: [
    ("2026-12-05..2026-12-09", "2026-12-05/2026-12-09"), ("5..9 december", "2026-12-05/2026-12-09"),
    ("5 dec .. 9 dec", "2026-12-05/2026-12-09"), ("28 dec..3 jan", "2026-12-28/2027-01-03"),
    ("fri..sun", "2026-11-27/2026-11-29"), ("tomorrow..+3d", "2026-11-27/2026-11-30"),
    ("2026-12-05/2026-12-09", "2026-12-05/2026-12-09"),
    ("٢٠٢٦-١٢-٠٥..٢٠٢٦-١٢-٠٩", "2026-12-05/2026-12-09"),
  ])
  func `days, both included`(typed: String, edtf: String) throws {
    #expect(try read(typed) == edtf)
  }

  @Test(arguments: [
    ("2026-12", "2026-12~"), ("2026-12~", "2026-12~"), ("~2026-12", "2026-12~"), ("2027", "2027~"),
    ("~2027", "2027~"), ("~december", "2026-12~"), ("~ december", "2026-12~"), ("~november", "2026-11~"),
    ("~october", "2027-10~"), ("december", "2026-12~"), ("décembre 2027", "2027-12~"),
    ("~كانون الأول", "2026-12~"), ("شتنبر", "2027-09~"), ("~5 december", "2026-12-05~"),
    ("2026-10..", "2026-10/.."), ("2026-10/..", "2026-10/.."), ("october..", "2027-10/.."),
    ("2026-12-05..", "2026-12-05/.."), ("2026-12..2027-01", "2026-12/2027-01"),
    ("december..january", "2026-12/2027-01"), ("2026-12/2027-01", "2026-12/2027-01"),
    ("2026-12-05..2027-01", "2026-12-05/2027-01"),
  ])
  func `something vague`(typed: String, edtf: String) throws {
    #expect(try read(typed) == edtf)
  }

  @Test func `a zone goes to moments only, and a named one before the given`() throws {
    #expect(try read("thu 19:00", zone: "Europe/Paris") == "2026-11-26T19:00[Europe/Paris]")
    #expect(try read("thu 19:00 [Asia/Gaza]", zone: "Europe/Paris") == "2026-11-26T19:00[Asia/Gaza]")
    #expect(try read("2026-12-05", zone: "Europe/Paris") == "2026-12-05")
    #expect(
      try read("2026-12-05T19:00[Asia/Gaza]", zone: "Europe/Paris") == "2026-12-05T19:00[Asia/Gaza]")
    #expect(throws: TimeError.impossible("thu 19:00 [a b]", at: 11, because: .notAZoneName("a b"))) {
      try read("thu 19:00 [a b]")
    }
  }

  @Test func `numbers that read two ways are refused, with what to write instead`() {
    #expect(
      throws: TimeError.ambiguous("05/06/2026", at: 0, write: ["2026-06-05", "2026-05-06"])
    ) { try read("05/06/2026") }
    #expect(
      throws: TimeError.ambiguous("thu 5.6.2026", at: 4, write: ["2026-06-05", "2026-05-06"])
    ) { try read("thu 5.6.2026") }
    #expect(throws: TimeError.ambiguous("٠٥-٠٦-٢٠٢٦", at: 0, write: ["2026-06-05", "2026-05-06"])) {
      try read("٠٥-٠٦-٢٠٢٦")
    }
    #expect(throws: TimeError.ambiguous("5 mar", at: 2, write: ["march", "tuesday"])) {
      try read("5 mar")
    }
    #expect(throws: TimeError.ambiguous("+1m", at: 0, write: ["+1month", "+1min"])) {
      try read("+1m")
    }
  }

  @Test(arguments: [
    ("", 0), ("   ", 0), ("soon", 0), ("thu soon", 4), ("5/6/26", 0), ("5", 0), ("thu 5", 4),
    ("2026-12-05 2026-12-06", 11), ("19:00 20:00", 6), ("fri 2026-12-05", 0), ("~thu 19:00", 0),
    ("2026-12 19:00", 0), ("2026-12-05 19:00..2026-12-06", 18), ("2026-12-05..19:00", 0),
    ("..2026-12-05", 0), ("2026-12-05..~december", 0), ("+3x", 0), ("2026-12-05T", 11),
    ("2026-12-05T19", 11), ("2026-12-05 19:00+02:00", 11), ("2026-12-05/soon", 10),
    ("2026-12-05 19:00-21", 17), ("2026-1-5", 5), ("2026-12-05/2026-1", 16), ("thu mon", 4),
  ])
  func `what can't be read is refused, saying where`(typed: String, place: Int) {
    #expect { try read(typed) } throws: { error in
      guard case .unreadable(typed, at: place, _)? = error as? TimeError else { return false }
      return true
    }
  }

  @Test(arguments: [
    ("2026-02-30", 0, TimeError.noSuchDay(year: 2026, month: 2, day: 30)),
    ("2026-13-01", 0, .monthOutOfRange(13)), ("0000-01-01", 0, .yearOutOfRange(0)),
    ("30 february", 0, .noSuchDay(year: 2026, month: 2, day: 30)),
    ("thu 25:00", 4, .hourOutOfRange(25)), ("thu 24:00", 4, .hourOutOfRange(24)),
    ("thu 19:60", 4, .minuteOutOfRange(60)), ("thu 13pm", 4, .hourOutOfRange(13)),
    ("thu 19:00-25:00", 10, .hourOutOfRange(25)), ("+99999y", 0, .outsideCalendar),
    ("2026-12-05..2026-02-30", 12, .noSuchDay(year: 2026, month: 2, day: 30)),
    ("2026-12-09..2026-12-05", 12, .endBeforeStart(start: "2026-12-09", end: "2026-12-05")),
    ("31..9 november", 0, .noSuchDay(year: 2027, month: 11, day: 31)),
    ("2026-12-05/2026-13", 11, .monthOutOfRange(13)),
    ("45/13/2026", 0, .noSuchDay(year: 2026, month: 13, day: 45)),
  ])
  func `what can be read and is impossible is refused by name`(
    typed: String, place: Int, cause: TimeError
  ) {
    #expect(throws: TimeError.impossible(typed, at: place, because: cause)) { try read(typed) }
  }

  @Test func `every text form is read as it stands`() throws {
    for seed in UInt64(0)..<400 {
      var draw = TimeGenerator(seed: seed)
      let edtf = draw.when().edtf
      #expect(try read(edtf) == edtf)
    }
  }

  @Test func `no typed line makes it trap`() {
    let bits = [
      "5", "2026", "-", "..", "/", "~", "thu", "mar", "dec", "+", "3d", ":", "19", "h", "pm", " ", "[", "]",
      "T", "٥", "\u{200F}", "كانون", "ثاني", "99999999999999999999", "😀", "e\u{301}", ",", "=", ";",
    ]
    for seed in UInt64(0)..<3000 {
      var draw = TimeGenerator(seed: seed)
      let line = draw.list(0...8) { $0.pick(bits) }.joined()
      _ = try? read(line)
      _ = try? Repeat(line)
      _ = try? Repeat("weekly " + line)
      _ = try? Repeat("monthly:" + line)
      _ = try? When(edtf: line)
    }
  }
}
