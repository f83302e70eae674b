// SPDX-License-Identifier: AGPL-3.0-or-later

/// What can be wrong with a date, a time, a repeat rule or the words that describe one.
public enum TimeError: Error, Equatable, Sendable {
  /// Years run from 1 to 9999.
  case yearOutOfRange(Int)
  /// Months run from 1 to 12.
  case monthOutOfRange(Int)
  /// The month exists, the day doesn't: 30 February.
  case noSuchDay(year: Int, month: Int, day: Int)
  /// Hours run from 0 to 23.
  case hourOutOfRange(Int)
  /// Minutes run from 0 to 59.
  case minuteOutOfRange(Int)
  /// A moment lasts from 0 minutes to 366 days.
  case durationOutOfRange(minutes: Int)
  /// A span ends before it starts, both in ISO 8601.
  case endBeforeStart(start: String, end: String)
  /// A sum of dates leaves the years 1…9999.
  case outsideCalendar
  /// A rule ends before the first day of what it repeats.
  case untilBeforeStart(until: CivilDate, start: CivilDate)
  /// Rules step by 1…999 days, weeks, months or years.
  case intervalOutOfRange(Int)
  /// Rules end after 1…99 999 occurrences.
  case countOutOfRange(Int)
  /// Ordinals of weekdays are 1…5 and, from the end, -1…-5.
  case ordinalOutOfRange(Int)
  /// Days of the month are 1…31 and, from the end, -1…-31.
  case monthDayOutOfRange(Int)
  /// "The first Thursday" needs a month or a year to count in.
  case ordinalNeedsMonth
  /// A weekly rule knows no days of the month (RFC 5545, section 3.3.10).
  case monthDayInWeekly
  /// Only what has a day can repeat.
  case vagueCannotRepeat
  /// What repeats lasts at most 366 days.
  case tooLongToRepeat(days: Int)
  /// Not the shape of an IANA time zone name.
  case notAZoneName(String)
  /// A stored value that isn't what this version writes for a time or an override.
  case notATimeValue
  /// Words that can't be read, from the character at `at` (counted from 0).
  case unreadable(String, at: Int, expected: String)
  /// Words with two readings; `write` lists what to write instead.
  case ambiguous(String, at: Int, write: [String])
  /// Words that can be read and mean something impossible, from the character at `at`.
  indirect case impossible(String, at: Int, because: TimeError)
}
