// SPDX-License-Identifier: AGPL-3.0-or-later

/// A day of the proleptic Gregorian calendar, year 1…9999, without clock or place.
///
/// Written as in ISO 8601: `2026-12-05`.
public struct CivilDate: Hashable, Comparable, Sendable {
  /// 1…9999
  public let year: Int
  /// 1…12
  public let month: Int
  /// 1…31, a day that the month has
  public let day: Int

  /// Throws when the calendar has no such day.
  public init(year: Int, month: Int, day: Int) throws(TimeError) {
    guard (1...9999).contains(year) else { throw .yearOutOfRange(year) }
    guard (1...12).contains(month) else { throw .monthOutOfRange(month) }
    guard day >= 1, day <= Self.daysIn(month: month, of: year) else {
      throw .noSuchDay(year: year, month: month, day: day)
    }
    self.init(unchecked: year, month, day)
  }

  init(unchecked year: Int, _ month: Int, _ day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// The first and the last day that exist here.
  public static let earliest = CivilDate(unchecked: 1, 1, 1)
  public static let latest = CivilDate(unchecked: 9999, 12, 31)

  public static func < (a: CivilDate, b: CivilDate) -> Bool {
    (a.year, a.month, a.day) < (b.year, b.month, b.day)
  }
}

extension CivilDate {
  public static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  /// 28…31. The month must be 1…12.
  public static func daysIn(month: Int, of year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days from 0001-01-01 (0) to 1 January of a year.
  static func daysBefore(year: Int) -> Int {
    let past = year - 1
    return 365 * past + past / 4 - past / 100 + past / 400
  }

  /// Days from 1 January to the first of a month.
  static func daysBefore(month: Int, of year: Int) -> Int {
    let common = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
    return common[month - 1] + (month > 2 && isLeap(year) ? 1 : 0)
  }

  /// Days since 0001-01-01, which is 0 and a Monday.
  var ordinal: Int {
    Self.daysBefore(year: year) + Self.daysBefore(month: month, of: year) + day - 1
  }

  /// Nil outside the years 1…9999.
  init?(ordinal: Int) {
    guard ordinal >= 0, ordinal <= CivilDate.latest.ordinal else { return nil }
    // 400 years have 146 097 days; the estimate is at most one year off.
    var year = ordinal * 400 / 146_097 + 1
    if Self.daysBefore(year: year) > ordinal { year -= 1 }
    if Self.daysBefore(year: year + 1) <= ordinal { year += 1 }
    var rest = ordinal - Self.daysBefore(year: year)
    var month = 1
    while rest >= Self.daysIn(month: month, of: year) {
      rest -= Self.daysIn(month: month, of: year)
      month += 1
    }
    self.init(unchecked: year, month, rest + 1)
  }

  /// Days since 1970-01-01, negative before it.
  public var dayNumber: Int { ordinal - Self.epoch }

  /// The day `dayNumber` days after 1970-01-01; nil outside the years 1…9999.
  public init?(dayNumber: Int) {
    let (ordinal, overflow) = dayNumber.addingReportingOverflow(Self.epoch)
    guard !overflow else { return nil }
    self.init(ordinal: ordinal)
  }

  private static let epoch = 719_162

  public var weekday: Weekday { Weekday(rawValue: ordinal % 7 + 1)! }

  /// Nil when the sum leaves the calendar.
  public func adding(days: Int) -> CivilDate? {
    let (sum, overflow) = ordinal.addingReportingOverflow(days)
    return overflow ? nil : CivilDate(ordinal: sum)
  }

  /// The same day of another month, or that month's last day if it is shorter:
  /// 31 January plus one month is 28 or 29 February. Nil when the sum leaves the calendar.
  public func adding(months: Int) -> CivilDate? {
    let (sum, overflow) = (year * 12 + month - 1).addingReportingOverflow(months)
    guard !overflow, sum >= 12, sum < 10_000 * 12 else { return nil }
    let (year, month) = (sum / 12, sum % 12 + 1)
    return CivilDate(unchecked: year, month, min(day, Self.daysIn(month: month, of: year)))
  }

  /// As `adding(months:)`, twelve a year.
  public func adding(years: Int) -> CivilDate? {
    let (months, overflow) = years.multipliedReportingOverflow(by: 12)
    return overflow ? nil : adding(months: months)
  }

  /// Days from `other` to this day.
  public func days(since other: CivilDate) -> Int { ordinal - other.ordinal }
}
