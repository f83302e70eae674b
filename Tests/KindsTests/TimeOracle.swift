// SPDX-License-Identifier: AGPL-3.0-or-later
import Kinds

/// The slow, obvious expansion: walk from the start day by day and ask of each whether it matches.
/// Shares nothing with the room but the calendar itself.
struct WalkingOracle {
  let rule: Repeat
  let start: CivilDate

  func dates(through last: CivilDate) -> [CivilDate] {
    var found: [CivilDate] = []
    var day = start
    var weeks = 0
    while day <= last {
      if day != start && day.weekday == rule.weekStart { weeks += 1 }
      if case .until(let until) = rule.end, day > until { break }
      if isInPeriod(day, weeks) && isMonth(day) && isDay(day) { found.append(day) }
      if case .count(let count) = rule.end, found.count == count { break }
      guard let next = day.adding(days: 1) else { break }
      day = next
    }
    return found
  }

  private func isInPeriod(_ day: CivilDate, _ weeks: Int) -> Bool {
    let passed =
      switch rule.frequency {
      case .daily: day.dayNumber - start.dayNumber
      case .weekly: weeks
      case .monthly: (day.year * 12 + day.month) - (start.year * 12 + start.month)
      case .yearly: day.year - start.year
      }
    return passed % rule.interval == 0
  }

  private var saysNoDay: Bool { rule.weekdays.isEmpty && rule.monthDays.isEmpty }

  private func isMonth(_ day: CivilDate) -> Bool {
    if !rule.months.isEmpty { return rule.months.contains(day.month) }
    return rule.frequency == .yearly && saysNoDay ? day.month == start.month : true
  }

  private func isDay(_ day: CivilDate) -> Bool {
    if saysNoDay {
      switch rule.frequency {
      case .daily: return true
      case .weekly: return day.weekday == start.weekday
      case .monthly, .yearly: return day.day == start.day
      }
    }
    let fromEnd = day.day - CivilDate.daysIn(month: day.month, of: day.year) - 1
    let isMonthDay = rule.monthDays.contains(day.day) || rule.monthDays.contains(fromEnd)
    return (rule.monthDays.isEmpty || isMonthDay)
      && (rule.weekdays.isEmpty || rule.weekdays.contains { isWeekday(day, $0) })
  }

  private func isWeekday(_ day: CivilDate, _ wanted: Repeat.Day) -> Bool {
    guard day.weekday == wanted.weekday else { return false }
    guard let nth = wanted.ordinal else { return true }
    return count(from: day, step: nth > 0 ? -7 : 7) == abs(nth)
  }

  /// How many such weekdays up to the edge of the month, or of the year, this one included.
  private func count(from day: CivilDate, step: Int) -> Int {
    let inYear = rule.frequency == .yearly && rule.months.isEmpty
    var count = 0
    var other: CivilDate? = day
    while let date = other, date.year == day.year, inYear || date.month == day.month {
      count += 1
      other = date.adding(days: step)
    }
    return count
  }
}
