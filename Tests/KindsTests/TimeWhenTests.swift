// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Foundation
import Kinds
import Testing

@Suite("When an event is") struct TimeWhenTests {
  @Test(arguments: [
    "2017-09-21", "2017-09-18/2017-10-10", "2017-10/..", "2017-12~", "2018-02/2018-03", "2018~",
    "2018/..", "2018/2019", "2017-12-05~", "2017-12-05/..", "2017-12-05/2018-01", "2017/2018-01",
    "2026-12-05T19:00", "2026-12-05T19:00/2026-12-05T21:00", "2026-12-05T22:00/2026-12-06T02:00",
    "2026-12-05T19:00[Europe/Paris]", "2026-12-05T19:00/2026-12-05T21:00[Europe/Paris]",
    "2026-12-05T19:00/2026-12-05T19:00",
  ])
  func `a text form reads and prints as itself`(text: String) throws {
    #expect(try When(edtf: text).edtf == text)
  }

  @Test(arguments: UInt64(0)..<400)
  func `every time survives its text form and its value`(seed: UInt64) throws {
    var draw = TimeGenerator(seed: seed)
    let when = draw.when()
    #expect(try When(edtf: when.edtf, rule: when.rule, source: when.source) == when)
    #expect(try When(value: when.value) == when)
  }

  @Test func `what a text form means`() throws {
    #expect(try When(edtf: "2017-09-21") == .days(day("2017-09-21")))
    #expect(
      try When(edtf: "2026-12-05T22:00/2026-12-06T02:00[Europe/Paris]")
        == .moment(
          CivilDateTime(day("2026-12-05"), CivilTime(hour: 22, minute: 0)), zone: "Europe/Paris",
          minutes: 240))
    let december = try PartialDate(year: 2017, month: 12)
    #expect(try When(edtf: "2017-12~") == .vague(.about(december)))
    #expect(try When(edtf: "2017-12") == .vague(.about(december)))
    #expect(try When(edtf: "2017-12/..") == .vague(.from(december)))
  }

  @Test func `two whole days are days however they are made`() throws {
    let between = Vague.between(PartialDate(day("2026-01-01")), PartialDate(day("2026-01-03")))
    #expect(try When.vague(between) == .days(day("2026-01-01"), day("2026-01-03")))
  }

  @Test(arguments: [
    "", "2017-13", "2017-02-30", "2017-10-10/2017-09-18", "2018-03/2018-02", "2017-12~~", "../2018",
    "2017-12-05/2017-12-06T10:00", "2017-12-05T10:00/2017-12-05", "2017-12-05T25:00",
    "2017-12-05T10:00[]", "2017-12-05T10:00[Europe/Paris", "2017-12-05T10:00[Eu rope]",
    "2017-12-05T10:00/2017-12-05T09:00", "2017-12-05T10:00/2019-12-05T09:00", "2017-12-05T10:00Z",
    "2017-21", "20171205", "2017-12-05 ", "2017-12?", "0000-01",
  ])
  func `what isn't a text form is refused`(text: String) {
    #expect(throws: TimeError.self) { try When(edtf: text) }
  }

  @Test func `only what has a day repeats, and not for longer than a year`() throws {
    let daily = try Repeat(.daily)
    #expect(throws: TimeError.vagueCannotRepeat) { try When(edtf: "2017-12~", rule: daily) }
    #expect(throws: TimeError.tooLongToRepeat(days: 367)) {
      try When(edtf: "2017-01-01/2018-01-02", rule: daily)
    }
    #expect(throws: Never.self) { try When(edtf: "2017-01-01/2018-01-01", rule: daily) }
    let until = try daily.ending(.until(day("2017-01-31")))
    #expect(
      throws: TimeError.untilBeforeStart(until: day("2017-01-31"), start: day("2017-02-01"))
    ) { try When(edtf: "2017-02-01", rule: until) }
    #expect(throws: TimeError.durationOutOfRange(minutes: -1)) {
      try When.moment(CivilDateTime(day("2017-02-01")), minutes: -1)
    }
    #expect(throws: TimeError.outsideCalendar) {
      try When.moment(.latest, minutes: 1)
    }
  }

  @Test func `an end is no longer part of it, the last day is`() throws {
    func ends(_ text: String) throws -> [String] {
      let extent = try When(edtf: text).extent
      return [extent.start.iso, extent.end.iso, extent.lastDay?.iso ?? "open"]
    }
    #expect(
      try ends("2017-10-02/2017-10-14")
        == ["2017-10-02T00:00", "2017-10-15T00:00", "2017-10-14"])
    #expect(
      try ends("2017-10-02T20:00/2017-10-03T00:00")
        == ["2017-10-02T20:00", "2017-10-03T00:00", "2017-10-02"])
    #expect(try ends("2017-10-02T20:00")[1...] == ["2017-10-02T20:00", "2017-10-02"])
    #expect(try ends("2018-02~") == ["2018-02-01T00:00", "2018-03-01T00:00", "2018-02-28"])
    #expect(try ends("2017-10/..") == ["2017-10-01T00:00", "9999-12-31T23:59", "open"])
    #expect(try ends("9999-12-31")[1] == "9999-12-31T23:59")
  }

  @Test func `a value that isn't ours is refused`() throws {
    let good = try When(edtf: "2017-12~", source: "Décembre").value
    #expect(good == .tuple(1, [.text("2017-12~"), .null, .text("Décembre")]))
    let bad: [Value] = [
      .null, .text("2017-12~"), .tuple(1, []), .tuple(2, [.text("2017-12~"), .null, .null]),
      .tuple(1, [.text("2017-12"), .null, .null]), .tuple(1, [.text("2017-12~"), .int(1), .null]),
      .tuple(1, [.text("٢٠١٧-١٢-٠٥"), .null, .null]),
      .tuple(1, [.text("2017-12-05"), .text("weekly:thu,mon"), .null]),
      .tuple(1, [.text("2017-12~"), .null, .null, .null]),
    ]
    for value in bad { #expect(throws: TimeError.self) { try When(value: value) } }
  }

  @Test func `overrides and days survive their values`() throws {
    let moved = Override.moved(try When(edtf: "2017-12-05T10:00"))
    for override in [moved, .cancelled, .changed] {
      #expect(try Override(value: override.value) == override)
    }
    #expect(throws: TimeError.notATimeValue) { try Override(value: .text("gone")) }
    #expect(try CivilDate(value: day("2017-12-05").value) == day("2017-12-05"))
    #expect(throws: TimeError.notATimeValue) { try CivilDate(value: .text("٢٠١٧-١٢-٠٥")) }
  }
}

@Suite("The calendar of 2017") struct TimeCalendar2017Tests {
  struct Row: Sendable, CustomTestStringConvertible {
    let when, edtf, rule: String
    var testDescription: String { when }
  }

  static let rows: [Row] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Examples/calendar-2017.csv")
    let lines = try! String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst()
    return lines.map { line in
      let cells = line.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
      return Row(when: cells[0], edtf: cells[1], rule: cells[2])
    }
  }()

  @Test func `has 25 events, three of them monthly, weekly and one yearly`() {
    #expect(Self.rows.count == 25)
    #expect(
      Self.rows.map(\.rule).filter { !$0.isEmpty } == [
        "monthly on the 16th", "monthly on the 5th", "weekly on Thursday", "yearly on 20 December",
      ])
  }

  @Test(arguments: rows) func `each row reads and prints as itself`(row: Row) throws {
    let rule = row.rule.isEmpty ? nil : try Repeat(words: row.rule)
    let when = try When(edtf: row.edtf, rule: rule, source: row.when)
    #expect(when.edtf == row.edtf)
    #expect(when.rule?.words ?? "" == row.rule)
    #expect(when.source == row.when)
    #expect(try When(value: when.value) == when)
  }

  @Test func `October 2017 as people would see it`() throws {
    let october = day("2017-10-01")...day("2017-10-31")
    let thursdays = try When(edtf: "2017-09-21", rule: Repeat("weekly on Thursday"))
    #expect(
      occurrences(of: thursdays, in: october).map(\.original)
        == days("2017-10-05", "2017-10-12", "2017-10-19", "2017-10-26"))
    let posters = try When(edtf: "2017-09-18/2017-10-10")
    #expect(occurrences(of: posters, in: october).map(\.original) == days("2017-09-18"))
    let mobilisation = try When(edtf: "2017-10/..")
    #expect(occurrences(of: mobilisation, in: october).count == 1)
    #expect(occurrences(of: mobilisation, in: day("2026-01-01")...day("2026-01-02")).count == 1)
    let december = try When(edtf: "2017-12~")
    #expect(occurrences(of: december, in: october).isEmpty)
  }
}
