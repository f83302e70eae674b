// SPDX-License-Identifier: AGPL-3.0-or-later

/// A rule by which an event repeats: a subset of RFC 5545's RRULE (section 3.3.10) that means
/// the same on every machine. Lists are sorted and hold nothing twice.
///
/// Parts left empty follow the day on which the event starts, as in RFC 5545. Dates that don't
/// exist (30 February) are skipped.
public struct Repeat: Hashable, Sendable {
  public enum Frequency: Int, CaseIterable, Sendable {
    case daily, weekly, monthly, yearly
  }

  public enum End: Hashable, Sendable {
    case never
    /// 1…99 999 occurrences; cancelled ones count.
    case count(Int)
    /// That day included.
    case until(CivilDate)
  }

  /// A weekday, or the nth of a month (or of a year that names no months); -1 is the last.
  public struct Day: Hashable, Comparable, Sendable {
    public let weekday: Weekday
    public let ordinal: Int?

    public init(_ weekday: Weekday, ordinal: Int? = nil) {
      self.weekday = weekday
      self.ordinal = ordinal
    }

    public static func < (a: Day, b: Day) -> Bool {
      (fromStart(a.ordinal ?? 0, 5), a.weekday) < (fromStart(b.ordinal ?? 0, 5), b.weekday)
    }
  }

  public let frequency: Frequency
  /// 1…999
  public let interval: Int
  public let weekdays: [Day]
  /// 1…31, or -1…-31 from the month's end
  public let monthDays: [Int]
  /// 1…12
  public let months: [Int]
  public let end: End
  /// Where a week begins, for rules that skip weeks. Stored, never taken from the reader's locale.
  public let weekStart: Weekday

  /// Throws on a value out of range, an ordinal without a month to count in, or days of the month
  /// in a weekly rule. Order and repetitions in the lists don't matter.
  public init(
    _ frequency: Frequency, interval: Int = 1, weekdays: [Day] = [], monthDays: [Int] = [],
    months: [Int] = [], end: End = .never, weekStart: Weekday = .monday
  ) throws(TimeError) {
    guard (1...999).contains(interval) else { throw .intervalOutOfRange(interval) }
    try Self.check(frequency, weekdays, monthDays, months, end)
    self.frequency = frequency
    self.interval = interval
    self.weekdays = Set(weekdays).sorted()
    self.monthDays = Set(monthDays).sorted { fromStart($0, 31) < fromStart($1, 31) }
    self.months = Set(months).sorted()
    self.end = end
    self.weekStart = weekStart
  }

  private static func check(
    _ frequency: Frequency, _ weekdays: [Day], _ monthDays: [Int], _ months: [Int], _ end: End
  ) throws(TimeError) {
    for ordinal in weekdays.compactMap(\.ordinal) {
      guard ordinal != 0, (-5...5).contains(ordinal) else { throw .ordinalOutOfRange(ordinal) }
      guard frequency == .monthly || frequency == .yearly else { throw .ordinalNeedsMonth }
    }
    for day in monthDays {
      guard day != 0, (-31...31).contains(day) else { throw .monthDayOutOfRange(day) }
      guard frequency != .weekly else { throw .monthDayInWeekly }
    }
    for month in months where !(1...12).contains(month) { throw .monthOutOfRange(month) }
    if case .count(let count) = end, !(1...99_999).contains(count) { throw .countOutOfRange(count) }
  }

  /// The same rule with another end.
  public func ending(_ end: End) throws(TimeError) -> Repeat {
    try Repeat(
      frequency, interval: interval, weekdays: weekdays, monthDays: monthDays, months: months,
      end: end, weekStart: weekStart)
  }

  /// Throws where this rule doesn't fit what it repeats.
  func check(repeating extent: When.Extent) throws(TimeError) {
    if case .vague = extent { throw .vagueCannotRepeat }
    let first = extent.firstDay
    if case .until(let until) = end, until < first {
      throw .untilBeforeStart(until: until, start: first)
    }
    let days = (extent.lastDay ?? first).days(since: first) + 1
    guard days <= When.daysMax else { throw .tooLongToRepeat(days: days) }
  }
}

/// Sorts what counts from the end behind what counts from the start: 1, 2 … -2, -1.
private func fromStart(_ n: Int, _ count: Int) -> Int { n < 0 ? 2 * count + 1 + n : n }
