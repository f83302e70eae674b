// SPDX-License-Identifier: AGPL-3.0-or-later

import Kinds

/// Times as people read them: always with the weekday and the month's name, so that a mistyped date is seen.
enum DayText {
  private static let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]

  /// `Saturday 5 December 2026`.
  static func day(_ day: CivilDate) -> String { "\(weekdays[day.weekday.rawValue - 1]) \(plain(day))" }

  /// `Sat 5 Dec`.
  static func brief(_ day: CivilDate) -> String {
    "\(weekdays[day.weekday.rawValue - 1].prefix(3)) \(day.day) \(months[day.month - 1].prefix(3))"
  }

  /// `December 2026`.
  static func month(_ day: CivilDate) -> String { "\(months[day.month - 1]) \(day.year)" }

  private static func plain(_ day: CivilDate) -> String { "\(day.day) \(month(day))" }

  /// A time with its rule: `Saturday 5 December 2026, 19:00 · monthly on the 5th`.
  static func when(_ when: When, reader: String?) -> String {
    extent(when.extent, reader: reader) + (when.rule.map { " · \($0.words)" } ?? "")
  }

  /// - Parameter reader: the zone that needs no saying.
  static func extent(_ extent: When.Extent, reader: String?) -> String {
    switch extent {
    case .moment(let start, let zone, _):
      return "\(day(start.date)), \(clock(extent))" + (zone == nil || zone == reader ? "" : " \(zone ?? "")")
    case .days(let first, let last): return days(first, last)
    case .vague(let vague): return words(vague)
    }
  }

  /// `19:00`, `19:00–21:00`, `22:00–Sun 02:00`; nothing for whole days.
  static func clock(_ extent: When.Extent) -> String {
    guard case .moment(let start, _, let minutes) = extent else { return "" }
    guard let minutes, minutes > 0, let end = start.adding(minutes: minutes) else { return start.time.iso }
    let isOver = end.date != start.date
    return "\(start.time.iso)–" + (isOver ? "\(brief(end.date)) " : "") + end.time.iso
  }

  private static func days(_ first: CivilDate, _ last: CivilDate) -> String {
    first == last ? day(first) : "\(day(first)) to \(day(last))"
  }

  private static func words(_ vague: Vague) -> String {
    switch vague {
    case .about(let part): "about \(partial(part))"
    case .from(let part): "from \(partial(part)) on"
    case .between(let first, let last): "between \(partial(first)) and \(partial(last))"
    }
  }

  private static func partial(_ part: PartialDate) -> String {
    if let date = part.date { return day(date) }
    return part.month == nil ? String(part.year) : month(part.firstDay)
  }
}
