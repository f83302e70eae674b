// SPDX-License-Identifier: AGPL-3.0-or-later
import Kinds
import Testing

@Suite("Occurrences of repeating events") struct TimeOccurrenceTests {
  private func originals(
    _ edtf: String, _ rule: String, _ first: String, _ last: String,
    overrides: [CivilDate: Override] = [:]
  ) throws -> [CivilDate] {
    let when = try When(edtf: edtf, rule: Repeat(rule))
    return occurrences(of: when, overrides: overrides, in: day(first)...day(last)).map(\.original)
  }

  @Test func `29 February comes in leap years only, and not in 2100`() throws {
    #expect(
      try originals("2024-02-29", "yearly", "2024-01-01", "2040-12-31")
        == days("2024-02-29", "2028-02-29", "2032-02-29", "2036-02-29", "2040-02-29"))
    #expect(
      try originals("2096-02-29", "yearly", "2096-01-01", "2107-12-31")
        == days("2096-02-29", "2104-02-29"))
  }

  @Test func `the 31st skips shorter months, the last day doesn't`() throws {
    #expect(
      try originals("2026-01-31", "monthly", "2026-01-01", "2026-06-30")
        == days("2026-01-31", "2026-03-31", "2026-05-31"))
    #expect(
      try originals("2026-01-31", "monthly on the last day", "2026-01-01", "2026-04-30")
        == days("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"))
  }

  @Test func `the last Friday, the fifth Monday, Friday the 13th`() throws {
    #expect(
      try originals("2026-01-01", "monthly on the last Friday", "2026-01-01", "2026-04-30")
        == days("2026-01-30", "2026-02-27", "2026-03-27", "2026-04-24"))
    #expect(
      try originals("2026-01-01", "monthly on the fifth Monday", "2026-01-01", "2026-09-30")
        == days("2026-03-30", "2026-06-29", "2026-08-31"))
    #expect(
      try originals("2026-01-01", "monthly on the 13th if Friday", "2026-01-01", "2026-12-31")
        == days("2026-02-13", "2026-03-13", "2026-11-13"))
    #expect(
      try originals("2026-01-01", "yearly on the last Monday", "2026-01-01", "2027-12-31")
        == days("2026-12-28", "2027-12-27"))
  }

  @Test func `plain and counted weekdays together mean either`() throws {
    #expect(
      try originals("2026-06-01", "monthly:mon=1,sun", "2026-06-01", "2026-06-30")
        == days("2026-06-01", "2026-06-07", "2026-06-14", "2026-06-21", "2026-06-28"))
  }

  @Test func `a start that doesn't match waits for the first match`() throws {
    let when = try When(edtf: "2026-11-30", rule: Repeat("weekly on Thursday"))
    #expect(when.nextDay(onOrAfter: day("2026-11-30")) == day("2026-12-03"))
    #expect(
      try originals("2026-11-30", "weekly on Thursday", "2026-11-01", "2026-12-10")
        == days("2026-12-03", "2026-12-10"))
  }

  @Test func `every second week depends on where weeks begin`() throws {
    // The example of RFC 5545, section 3.8.5.3.
    #expect(
      try originals("1997-08-05", "weekly:tue,sun;interval=2;count=4", "1997-08-01", "1997-12-31")
        == days("1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"))
    #expect(
      try originals(
        "1997-08-05", "weekly:tue,sun;interval=2;count=4;weekstart=sun", "1997-08-01", "1997-12-31")
        == days("1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"))
  }

  @Test func `until includes its day`() throws {
    #expect(
      try originals("2026-12-01", "daily until 2026-12-03", "2026-01-01", "2027-12-31")
        == days("2026-12-01", "2026-12-02", "2026-12-03"))
  }

  @Test func `cancelled dates are listed, and count`() throws {
    let when = try When(edtf: "2026-12-03T19:00", rule: Repeat("weekly on Thursday 3 times"))
    let range = day("2026-12-01")...day("2027-12-31")
    let all = occurrences(of: when, overrides: [day("2026-12-10"): .cancelled], in: range)
    #expect(all.map(\.original) == days("2026-12-03", "2026-12-10", "2026-12-17"))
    #expect(all.map(\.isCancelled) == [false, true, false])
    #expect(all.allSatisfy { !$0.isDetached && !$0.isMoved })
  }

  @Test func `a moved date is shown where it moved to, and only there`() throws {
    let when = try When(
      edtf: "2026-12-03T19:00/2026-12-03T21:00[Europe/Paris]", rule: Repeat("weekly"))
    let elsewhere = try When(edtf: "2027-01-15T18:00[Europe/Paris]", rule: Repeat("daily"))
    let overrides: [CivilDate: Override] = [day("2026-12-10"): .moved(elsewhere)]
    let december = occurrences(
      of: when, overrides: overrides, in: day("2026-12-01")...day("2026-12-20"))
    #expect(december.map(\.original) == days("2026-12-03", "2026-12-17"))
    let january = occurrences(
      of: when, overrides: overrides, in: day("2027-01-15")...day("2027-01-15"))
    #expect(january.map(\.original) == days("2026-12-10"))
    #expect(january.map(\.start.iso) == ["2027-01-15T18:00"])
    #expect(january.map(\.isMoved) == [true])
    #expect(december.map(\.end.iso) == ["2026-12-03T21:00", "2026-12-17T21:00"])
  }

  @Test func `a changed title leaves the time alone`() throws {
    let when = try When(edtf: "2026-12-03T19:00", rule: Repeat("weekly"))
    let range = day("2026-12-10")...day("2026-12-10")
    let plain = occurrences(of: when, in: range)
    #expect(occurrences(of: when, overrides: [day("2026-12-10"): .changed], in: range) == plain)
    #expect(plain.count == 1)
  }

  @Test func `what was said about a date that the rule left is kept, detached`() throws {
    let when = try When(edtf: "2026-12-03T19:00", rule: Repeat("weekly on Friday 2 times"))
    let moved = try When(edtf: "2026-12-12T19:00")
    let overrides: [CivilDate: Override] = [
      day("2026-12-10"): .moved(moved), day("2026-12-17"): .cancelled, day("2026-12-18"): .changed,
      day("2026-12-11"): .changed, day("2026-11-27"): .changed,
    ]
    let all = occurrences(of: when, overrides: overrides, in: day("2026-11-01")...day("2027-12-31"))
    #expect(all.filter { !$0.isDetached }.map(\.original) == days("2026-12-04", "2026-12-11"))
    #expect(
      all.filter(\.isDetached).map(\.original)
        == days("2026-11-27", "2026-12-10", "2026-12-17", "2026-12-18"))
    #expect(all.map(\.start) == all.map(\.start).sorted())
  }

  @Test func `what doesn't repeat occurs once, and can be moved`() throws {
    let when = try When(edtf: "2026-12-03")
    let range = day("2026-12-01")...day("2026-12-31")
    #expect(occurrences(of: when, in: range).map(\.original) == days("2026-12-03"))
    let moved = try When(edtf: "2026-12-05")
    let all = occurrences(
      of: when, overrides: [day("2026-12-03"): .moved(moved), day("2026-12-04"): .cancelled],
      in: range)
    #expect(all.map(\.start.iso) == ["2026-12-04T00:00", "2026-12-05T00:00"])
    #expect(all.map(\.isDetached) == [true, false])
  }

  @Test func `whole days keep their length, and show while they last`() throws {
    let when = try When(edtf: "2026-10-14/2026-10-22", rule: Repeat("yearly"))
    let all = occurrences(of: when, in: day("2028-10-22")...day("2029-10-14"))
    #expect(all.map(\.start.iso) == ["2028-10-14T00:00", "2029-10-14T00:00"])
    #expect(all.map(\.end.iso) == ["2028-10-23T00:00", "2029-10-23T00:00"])
  }

  @Test func `a night shows on both its days, unless it ends at midnight`() throws {
    let night = try When(edtf: "2026-12-03T22:00/2026-12-04T02:00", rule: Repeat("weekly"))
    #expect(occurrences(of: night, in: day("2026-12-11")...day("2026-12-11")).count == 1)
    let evening = try When(edtf: "2026-12-03T22:00/2026-12-04T00:00", rule: Repeat("weekly"))
    #expect(occurrences(of: evening, in: day("2026-12-11")...day("2026-12-11")).isEmpty)
  }

  @Test(arguments: [
    "yearly on 30 February", "monthly:day=31,month=2,month=4", "daily:day=30,month=2",
    "yearly:day=30,month=2;count=5", "daily:day=30,month=2;count=99999", "monthly:day=6,mon=5",
    "daily:thu;interval=7",
  ])
  func `a rule that never matches ends`(rule: String) throws {
    let start = rule.hasPrefix("daily") ? "9000-01-01" : "0001-01-01"
    let when = try When(edtf: start, rule: Repeat(rule))
    #expect(when.nextDay(onOrAfter: .earliest) == nil)
    #expect(occurrences(of: when, in: .earliest ... .latest).isEmpty)
  }

  @Test func `a far range is reached, and the calendar's end too`() throws {
    #expect(
      try originals("0001-01-04", "weekly on Thursday", "9999-12-20", "9999-12-31")
        == days("9999-12-23", "9999-12-30"))
    #expect(
      try originals("9999-12-30/9999-12-31", "daily", "9999-12-01", "9999-12-31")
        == days("9999-12-30"))
    #expect(
      try originals("0001-01-01", "every 2 weeks with weeks from Sunday", "0001-01-01", "0001-01-31")
        == days("0001-01-01", "0001-01-15", "0001-01-29"))
  }
}
