// SPDX-License-Identifier: AGPL-3.0-or-later

extension Repeat {
  /// The rule as RFC 5545 writes it after `RRULE:` (section 3.3.10), with the week's start always
  /// told. `until` takes the form that the event's start has: a date, or that date's last second
  /// by the wall clock; a start with a zone wants UTC there, which the caller computes.
  public func rrule(until: (CivilDate) -> String = Repeat.basic) -> String {
    let frequencies = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
    var parts = ["FREQ=\(frequencies[frequency.rawValue])"]
    if interval != 1 { parts.append("INTERVAL=\(interval)") }
    if !months.isEmpty { parts.append("BYMONTH=\(list(months))") }
    if !monthDays.isEmpty { parts.append("BYMONTHDAY=\(list(monthDays))") }
    if !weekdays.isEmpty {
      let days = weekdays.map { ($0.ordinal.map(String.init) ?? "") + Self.code($0.weekday) }
      parts.append("BYDAY=\(days.joined(separator: ","))")
    }
    switch end {
    case .never: break
    case .count(let count): parts.append("COUNT=\(count)")
    case .until(let day): parts.append("UNTIL=\(until(day))")
    }
    return (parts + ["WKST=\(Self.code(weekStart))"]).joined(separator: ";")
  }

  /// `20261205`
  public static func basic(_ day: CivilDate) -> String { day.iso.filter { $0 != "-" } }

  private func list(_ numbers: [Int]) -> String {
    numbers.map(String.init).joined(separator: ",")
  }

  private static func code(_ day: Weekday) -> String {
    CalendarNames.englishWeekdays[day.rawValue - 1].prefix(2).uppercased()
  }
}
