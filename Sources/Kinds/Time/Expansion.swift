// SPDX-License-Identifier: AGPL-3.0-or-later

/// The days that a rule yields from a start, computed for any range without walking there.
///
/// A rule repeats in periods: days, weeks, months or years. Period 0 holds the start; only every
/// `interval`th counts. A period's days are listed directly, so the cost of a range is its number
/// of periods. Only a rule that ends by count has to be walked from its start.
struct Expansion {
  let start: CivilDate
  let rule: Repeat
  private let weekdays: [Repeat.Day]
  private let monthDays: [Int]
  private let months: [Int]

  /// Empty parts are taken from the start, as RFC 5545 does.
  init(_ rule: Repeat, from start: CivilDate) {
    self.start = start
    self.rule = rule
    let dayless = rule.weekdays.isEmpty && rule.monthDays.isEmpty
    weekdays = dayless && rule.frequency == .weekly ? [.init(start.weekday)] : rule.weekdays
    let dated = rule.frequency == .monthly || rule.frequency == .yearly
    monthDays = dayless && dated ? [start.day] : rule.monthDays
    let monthless = rule.months.isEmpty && dayless && rule.frequency == .yearly
    months = monthless ? [start.month] : rule.months
  }

  /// The days inside `range`, ascending.
  func dates(in range: ClosedRange<CivilDate>) -> [CivilDate] {
    let last = min(range.upperBound, lastPossible)
    let first = max(range.lowerBound, start)
    guard first <= last, isPossible else { return [] }
    if case .count(let count) = rule.end {
      return Array(walk(from: start, to: last, limit: count).drop { $0 < first })
    }
    return walk(from: first, to: last, limit: .max)
  }

  /// The first day on or after `day`; nil when the rule has ended or never matches.
  func next(onOrAfter day: CivilDate) -> CivilDate? {
    guard max(day, start) <= lastPossible, isPossible else { return nil }
    if case .count(let count) = rule.end {
      return walk(from: start, to: .latest, limit: count).first { $0 >= day }
    }
    return walk(from: max(day, start), to: lastPossible, limit: 1).first
  }

  /// False for 30 February and the like, which needn't be looked for up to the year 9999.
  private var isPossible: Bool {
    monthDays.isEmpty
      || (months.isEmpty ? Array(1...12) : months).contains { month in
        monthDays.contains { abs($0) <= CivilDate.daysIn(month: month, of: 2000) }
      }
  }

  private var lastPossible: CivilDate {
    if case .until(let day) = rule.end { day } else { .latest }
  }

  private func walk(from first: CivilDate, to last: CivilDate, limit: Int) -> [CivilDate] {
    var found: [CivilDate] = []
    var period = self.period(of: first) / rule.interval * rule.interval
    let end = self.period(of: last)
    while period <= end {
      for day in days(inPeriod: period) where day >= first && day <= last {
        found.append(day)
        if found.count == limit { return found }
      }
      period += rule.interval
    }
    return found
  }
}

// MARK: - Periods

extension Expansion {
  /// The period that holds a day on or after the start's.
  private func period(of day: CivilDate) -> Int {
    switch rule.frequency {
    case .daily: day.ordinal - start.ordinal
    case .weekly: (day.ordinal - weekOfStart) / 7
    case .monthly: (day.year - start.year) * 12 + day.month - start.month
    case .yearly: day.year - start.year
    }
  }

  /// The day on which the start's week begins; may lie before the calendar.
  private var weekOfStart: Int {
    start.ordinal - start.weekday.days(after: rule.weekStart)
  }

  private func days(inPeriod period: Int) -> [CivilDate] {
    switch rule.frequency {
    case .daily:
      let day = CivilDate(ordinal: start.ordinal + period)
      return day.map { matches($0) ? [$0] : [] } ?? []
    case .weekly:
      let first = weekOfStart + period * 7
      return (first..<first + 7).compactMap(CivilDate.init(ordinal:)).filter(matches)
    case .monthly:
      let month = start.year * 12 + start.month - 1 + period
      return days(ofMonth: month % 12 + 1, of: month / 12)
    case .yearly:
      return days(ofYear: start.year + period)
    }
  }

  /// For days and weeks, where every part only narrows.
  private func matches(_ day: CivilDate) -> Bool {
    if !months.isEmpty && !months.contains(day.month) { return false }
    if !weekdays.isEmpty && !weekdays.contains(.init(day.weekday)) { return false }
    let length = CivilDate.daysIn(month: day.month, of: day.year)
    return monthDays.isEmpty || monthDays.contains(day.day)
      || monthDays.contains(day.day - length - 1)
  }
}

// MARK: - Months and years

extension Expansion {
  private func days(ofMonth month: Int, of year: Int) -> [CivilDate] {
    guard months.isEmpty || months.contains(month) else { return [] }
    return days(in: frame(month: month, of: year), of: [(year, month)])
  }

  private func days(ofYear year: Int) -> [CivilDate] {
    if months.isEmpty {
      let first = CivilDate.daysBefore(year: year)
      let frame = first..<CivilDate.daysBefore(year: year + 1)
      return days(in: frame, of: (1...12).map { (year, $0) })
    }
    return months.flatMap { days(in: frame(month: $0, of: year), of: [(year, $0)]) }
  }

  private func frame(month: Int, of year: Int) -> Range<Int> {
    let first = CivilDate(unchecked: year, month, 1).ordinal
    return first..<first + CivilDate.daysIn(month: month, of: year)
  }

  /// `frame` is the stretch in which ordinals count; `months` are the months in it.
  private func days(in frame: Range<Int>, of months: [(year: Int, month: Int)]) -> [CivilDate] {
    if monthDays.isEmpty {
      return onWeekdays(in: frame).compactMap(CivilDate.init(ordinal:))
    }
    let named = months.flatMap { onMonthDays(of: $0.month, $0.year) }
    if weekdays.isEmpty { return named }
    let allowed = Set(onWeekdays(in: frame))
    return named.filter { allowed.contains($0.ordinal) }
  }

  private func onMonthDays(of month: Int, _ year: Int) -> [CivilDate] {
    let length = CivilDate.daysIn(month: month, of: year)
    let days = monthDays.map { $0 < 0 ? length + 1 + $0 : $0 }
    return Set(days.filter { (1...length).contains($0) }).sorted()
      .map { CivilDate(unchecked: year, month, $0) }
  }

  private func onWeekdays(in frame: Range<Int>) -> [Int] {
    Set(weekdays.flatMap { ordinals(of: $0, in: frame) }).sorted()
  }

  private func ordinals(of day: Repeat.Day, in frame: Range<Int>) -> [Int] {
    let target = day.weekday.rawValue - 1
    let first = frame.lowerBound + (target - frame.lowerBound % 7 + 7) % 7
    let all = Array(stride(from: first, to: frame.upperBound, by: 7))
    guard let nth = day.ordinal else { return all }
    let index = nth > 0 ? nth - 1 : all.count + nth
    return all.indices.contains(index) ? [all[index]] : []
  }
}
