// SPDX-License-Identifier: AGPL-3.0-or-later

extension DateReader {
  /// The day, month or year that the words mean together.
  func settle() throws(TimeError) -> PartialDate {
    if let part {
      guard day == nil, month == nil, year == nil else { throw unreadable(part.at, "one date only") }
      return try agreeing(part.value)
    }
    if let month { return try agreeing(try settle(month: month.value, at: month.at)) }
    if let day { throw unreadable(day.at, "a month with the day, such as 5 december") }
    if let year {
      return try checked(year.at) { () throws(TimeError) in
        try PartialDate(year: year.value)
      }
    }
    return PartialDate(try nextDay())
  }

  private func settle(month: Int, at: Int) throws(TimeError) -> PartialDate {
    guard let day else {
      let upcoming = month < now.date.month ? now.date.year + 1 : now.date.year
      return try checked(at) { () throws(TimeError) in
        try PartialDate(year: year?.value ?? upcoming, month: month)
      }
    }
    if let year {
      return try checked(day.at) { () throws(TimeError) in
        PartialDate(try CivilDate(year: year.value, month: month, day: day.value))
      }
    }
    return PartialDate(try nextDay(month: month, day: day.value, at: day.at))
  }

  /// The next such day from today on; 29 February may be eight years away.
  private func nextDay(month: Int, day: Int, at: Int) throws(TimeError) -> CivilDate {
    for year in now.date.year...now.date.year + 8 {
      if let date = try? CivilDate(year: year, month: month, day: day), date >= now.date {
        return date
      }
    }
    throw .impossible(
      text, at: at, because: .noSuchDay(year: now.date.year, month: month, day: day))
  }

  /// The next such weekday or time of day, from now on.
  private func nextDay() throws(TimeError) -> CivilDate {
    guard weekday != nil || clock != nil else { throw unreadable(at, Self.examples) }
    let wait = weekday.map { $0.value.days(after: now.date.weekday) } ?? 0
    let isPast = wait == 0 && clock.map { $0.start < now.time } ?? false
    let days = isPast ? (weekday == nil ? 1 : 7) : wait
    guard let date = now.date.adding(days: days) else { throw outside(at) }
    return date
  }

  /// A weekday beside a date is a check of it.
  private func agreeing(_ part: PartialDate) throws(TimeError) -> PartialDate {
    guard let weekday else { return part }
    guard let date = part.date else { throw unreadable(weekday.at, "a day with the weekday") }
    guard date.weekday == weekday.value else {
      let name = CalendarNames.englishWeekdays[date.weekday.rawValue - 1].lowercased()
      throw unreadable(weekday.at, "\(name), on which \(date.iso) falls")
    }
    return part
  }

  private func checked<T>(_ at: Int, _ body: () throws(TimeError) -> T) throws(TimeError) -> T {
    do { return try body() } catch { throw .impossible(text, at: at, because: error) }
  }
}
