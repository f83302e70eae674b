// SPDX-License-Identifier: AGPL-3.0-or-later
import Foundation
import Kinds
import Testing

@Suite("Repeat rules against other opinions") struct TimeOracleTests {
  private static func drawn(_ seed: UInt64) -> (rule: Repeat, start: CivilDate) {
    var draw = TimeGenerator(seed: seed)
    let start = draw.date()
    return (draw.rule(endingAfter: start), start)
  }

  @Test(arguments: UInt64(0)..<40)
  func `a walk from day to day finds the same dates`(block: UInt64) throws {
    for seed in (block * 20)..<(block * 20 + 20) {
      let (rule, start) = Self.drawn(seed)
      let last = start.adding(years: 7)!
      let when = try When.days(start, rule: rule)
      let ours = occurrences(of: when, in: start...last).map(\.original)
      #expect(ours == WalkingOracle(rule: rule, start: start).dates(through: last), "\(seed) \(rule)")
    }
  }

  @Test(arguments: UInt64(0)..<300)
  func `a window shows what the whole shows there`(seed: UInt64) throws {
    let (rule, start) = Self.drawn(seed)
    var draw = TimeGenerator(seed: ~seed)
    let when = try When.days(start, rule: rule)
    let last = start.adding(years: 15)!
    let whole = occurrences(of: when, in: start...last).map(\.original)
    let first = start.adding(days: draw.int(-400...365 * 10))!
    let window = first...first.adding(days: draw.int(0...1500))!
    let part = occurrences(of: when, in: window).map(\.original)
    #expect(part == whole.filter(window.contains), "\(seed) \(rule)")
    let next = whole.first { $0 >= first }
    if next != nil { #expect(when.nextDay(onOrAfter: first) == next, "\(seed) \(rule)") }
  }

  // MARK: python-dateutil

  private struct Question: Encodable {
    let start, through, frequency: String
    let interval: Int
    let weekdays: [[Int]]
    let monthDays, months: [Int]
    let count: Int?
    let weekStart: Int

    init(_ rule: Repeat, _ start: CivilDate, through last: CivilDate) {
      var last = last
      if case .until(let until) = rule.end { last = min(last, until) }
      self.start = start.iso
      through = last.iso
      frequency = "\(rule.frequency)"
      interval = rule.interval
      weekdays = rule.weekdays.map { [$0.weekday.rawValue, $0.ordinal ?? 0] }
      monthDays = rule.monthDays
      months = rule.months
      if case .count(let number) = rule.end { count = number } else { count = nil }
      weekStart = rule.weekStart.rawValue
    }
  }

  /// Left out are rules with both plain and counted weekdays, where RFC 5545 means either and
  /// dateutil both, and rules that (almost) never match, where dateutil searches to the year 9999.
  private static func isAskable(_ rule: Repeat, from start: CivilDate) throws -> Bool {
    guard Set(rule.weekdays.map { $0.ordinal == nil }).count < 2 else { return false }
    let endless = try When.days(start, rule: rule.ending(.never))
    let years = rule.frequency == .daily || rule.frequency == .weekly ? 8 : 60
    let later = start.adding(years: 5)!...start.adding(years: years)!
    return !occurrences(of: endless, in: later).isEmpty
  }

  @Test(.enabled(if: Python.path != nil, "set MUJAWARA_PYTHON to a python that can import dateutil"))
  func `python-dateutil finds the same dates of 4000 rules`() throws {
    let drawn = try (UInt64(10_000)..<16_000).map(Self.drawn)
      .filter { try Self.isAskable($0.rule, from: $0.start) }.prefix(4000)
    #expect(drawn.count == 4000)
    let windows = drawn.map { $0.start...$0.start.adding(years: $0.rule.frequency == .daily ? 1 : 5)! }
    let questions = zip(drawn, windows).map { Question($0.rule, $0.start, through: $1.upperBound) }
    let answers: [[String]] = try Python.ask("repeat_oracle.py", questions)
    #expect(answers.count == drawn.count)
    var total = 0
    for ((rule, start), (window, theirs)) in zip(drawn, zip(windows, answers)) {
      let ours = try occurrences(of: .days(start, rule: rule), in: window).map(\.original.iso)
      #expect(ours == theirs, "\(rule) from \(start)")
      total += ours.count
    }
    #expect(total > 50_000)
  }
}
