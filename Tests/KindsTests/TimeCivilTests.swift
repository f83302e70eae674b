// SPDX-License-Identifier: AGPL-3.0-or-later
import Kinds
import Testing

@Suite("Civil dates and times") struct TimeCivilTests {
  /// Each day of the calendar after the other, by the rules that people learn: the months' lengths,
  /// a leap day every 4 years, not every 100, but every 400.
  @Test func `days count on without a gap from year 1 to year 9999`() {
    var (year, month, dayOfMonth, number, weekday) = (1, 1, 1, -719_162, 1)
    var wrong: [CivilDate] = []
    while year <= 9999 {
      let date = try! CivilDate(year: year, month: month, day: dayOfMonth)
      if date.dayNumber != number || CivilDate(dayNumber: number) != date
        || date.weekday.rawValue != weekday
      {
        wrong.append(date)
      }
      number += 1
      weekday = weekday % 7 + 1
      dayOfMonth += 1
      let leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
      if dayOfMonth > [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] {
        (month, dayOfMonth) = (month + 1, 1)
      }
      if month > 12 { (year, month) = (year + 1, 1) }
    }
    #expect(wrong.isEmpty)
  }

  @Test func `known days fall on known weekdays`() {
    #expect(day("1970-01-01").weekday == .thursday)
    #expect(day("1970-01-01").dayNumber == 0)
    #expect(day("2017-09-21").weekday == .thursday)
    #expect(day("2000-02-29").weekday == .tuesday)
  }

  @Test func `the calendar begins and ends`() {
    #expect(CivilDate.earliest.adding(days: -1) == nil)
    #expect(CivilDate.latest.adding(days: 1) == nil)
    #expect(CivilDate.latest.adding(days: .max) == nil)
    #expect(CivilDate(dayNumber: .min) == nil)
    #expect(CivilDate.latest.adding(months: 1) == nil)
    #expect(CivilDate.earliest.adding(years: -1) == nil)
    #expect(CivilDate.earliest.adding(years: .max) == nil)
    #expect(CivilDateTime.latest.adding(minutes: 1) == nil)
    #expect(CivilDateTime(.earliest).adding(minutes: -1) == nil)
    #expect(CivilDateTime(.earliest).adding(minutes: .max) == nil)
  }

  @Test func `a month further is never beyond the month's end`() {
    #expect(day("2026-01-31").adding(months: 1) == day("2026-02-28"))
    #expect(day("2028-01-31").adding(months: 1) == day("2028-02-29"))
    #expect(day("2028-02-29").adding(years: 1) == day("2029-02-28"))
    #expect(day("2026-03-15").adding(months: -15) == day("2024-12-15"))
  }

  @Test func `what doesn't exist is refused by name`() {
    #expect(throws: TimeError.yearOutOfRange(0)) { try CivilDate(year: 0, month: 1, day: 1) }
    #expect(throws: TimeError.yearOutOfRange(10_000)) {
      try CivilDate(year: 10_000, month: 1, day: 1)
    }
    #expect(throws: TimeError.monthOutOfRange(13)) { try CivilDate(year: 2026, month: 13, day: 1) }
    #expect(throws: TimeError.noSuchDay(year: 2026, month: 2, day: 29)) {
      try CivilDate(year: 2026, month: 2, day: 29)
    }
    #expect(throws: TimeError.noSuchDay(year: 1900, month: 2, day: 29)) {
      try CivilDate(year: 1900, month: 2, day: 29)
    }
    #expect(throws: TimeError.hourOutOfRange(24)) { try CivilTime(hour: 24, minute: 0) }
    #expect(throws: TimeError.minuteOutOfRange(60)) { try CivilTime(hour: 23, minute: 60) }
  }

  @Test(arguments: ["2026-12-05", "0001-01-01", "9999-12-31", "2028-02-29"])
  func `a day is written as ISO 8601 has it`(text: String) throws {
    #expect(try CivilDate(iso: text).iso == text)
  }

  @Test func `Arabic-Indic and Persian digits are digits`() throws {
    #expect(try CivilDate(iso: "٢٠٢٦-١٢-٠٥") == day("2026-12-05"))
    #expect(try CivilDate(iso: "۲۰۲۶-۱۲-۰۵") == day("2026-12-05"))
    #expect(try CivilTime(iso: "١٩:٣٠").minuteOfDay == 19 * 60 + 30)
  }

  @Test(arguments: [
    ("2026-12-5", 8), ("2026-12", 7), ("2026", 4), ("26-12-05", 0), ("2026-12-05 ", 10), ("", 0),
    ("2026/12/05", 4), ("+2026-12-05", 0), ("2026-1२-05", 5),
  ])
  func `anything else is refused, saying where`(text: String, place: Int) {
    #expect { try CivilDate(iso: text) } throws: { error in
      guard case .unreadable(text, at: place, _)? = error as? TimeError else { return false }
      return true
    }
  }

  @Test func `an impossible day is told apart from an unreadable one`() {
    let cause = TimeError.noSuchDay(year: 2026, month: 2, day: 30)
    #expect(throws: TimeError.impossible("2026-02-30", at: 0, because: cause)) {
      try CivilDate(iso: "2026-02-30")
    }
    #expect(throws: TimeError.impossible("25:00", at: 0, because: .hourOutOfRange(25))) {
      try CivilTime(iso: "25:00")
    }
  }

  @Test func `minutes run over midnight, months and years`() throws {
    let start = try CivilDateTime(iso: "2026-12-31T22:30")
    #expect(start.adding(minutes: 120)?.iso == "2027-01-01T00:30")
    #expect(start.adding(minutes: -1440)?.iso == "2026-12-30T22:30")
    #expect(try CivilDateTime(iso: "2027-01-01T00:30").minutes(since: start) == 120)
  }
}
