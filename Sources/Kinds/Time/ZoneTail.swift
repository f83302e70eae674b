// SPDX-License-Identifier: AGPL-3.0-or-later

/// The rule of a zone for all years to come, in the form of POSIX's TZ: `CET-1CEST,M3.5.0,M10.5.0/3`
/// (POSIX.1-2017, section 8.3, with the wider hours of RFC 9636, section 3.3).
struct ZoneTail: Sendable {
  /// Seconds east of UTC.
  private let standard: Int64
  private let summer: Summer?

  fileprivate struct Summer {
    let offset: Int64
    let begins: Turn
    let ends: Turn
  }

  /// A moment of each year by the clock on the wall.
  fileprivate struct Turn {
    enum Day {
      /// 1…365; 29 February is never counted.
      case julian(Int)
      /// 0…365
      case ofYear(Int)
      /// Month, week (5 is the last), weekday (0 is Sunday).
      case weekday(Int, Int, Int)
    }
    let day: Day
    /// Seconds after midnight; may be negative or beyond the day.
    let time: Int64
  }

  /// Seconds east of UTC at an instant.
  func offset(at seconds: Int64) -> Int64 {
    guard let summer, let year = Self.year(at: seconds, standard) else { return standard }
    var last: (at: Int64, offset: Int64)?
    for year in max(year - 1, 1)...min(year + 1, 9999) {
      for (at, offset) in [
        (summer.begins.seconds(in: year) - standard, summer.offset), (summer.ends.seconds(in: year) - summer.offset, standard),
      ] where at <= seconds {
        if last.map({ $0.at <= at }) ?? true { last = (at, offset) }
      }
    }
    return last?.offset ?? standard
  }

  private static func year(at seconds: Int64, _ offset: Int64) -> Int? {
    let (wall, overflow) = seconds.addingReportingOverflow(offset)
    guard !overflow else { return nil }
    return CivilDate(dayNumber: Int((wall - (wall % 86_400 + 86_400) % 86_400) / 86_400))?.year
  }
}

extension ZoneTail.Turn {
  /// Seconds of the wall clock from 1970-01-01 to this moment of a year.
  func seconds(in year: Int) -> Int64 { Int64(dayNumber(in: year)) * 86_400 + time }

  private func dayNumber(in year: Int) -> Int {
    let newYear = CivilDate(unchecked: year, 1, 1)
    switch day {
    case .julian(let day): return newYear.dayNumber + day - 1 + (day > 59 && CivilDate.isLeap(year) ? 1 : 0)
    case .ofYear(let day): return newYear.dayNumber + day
    case .weekday(let month, let week, let weekday):
      let first = CivilDate(unchecked: year, month, 1)
      let ahead = (weekday - first.weekday.rawValue % 7 + 7) % 7
      var day = ahead + (week - 1) * 7
      if day >= CivilDate.daysIn(month: month, of: year) { day -= 7 }
      return first.dayNumber + day
    }
  }
}

// MARK: - Reading

extension ZoneTail {
  /// Nil for what isn't such a rule.
  init?(_ text: String) {
    var reader = Reader(rest: Substring(text))
    guard reader.name(), let west = reader.time() else { return nil }
    standard = -west
    guard !reader.rest.isEmpty else {
      summer = nil
      return
    }
    guard reader.name() else { return nil }
    let offset = reader.rest.hasPrefix(",") ? -west + 3600 : reader.time().map { -$0 }
    guard let offset, let begins = reader.turn(), let ends = reader.turn(), reader.rest.isEmpty else { return nil }
    summer = Summer(offset: offset, begins: begins, ends: ends)
  }

  private struct Reader {
    var rest: Substring

    mutating func take(_ character: Character) -> Bool {
      guard rest.first == character else { return false }
      rest.removeFirst()
      return true
    }

    /// At least three letters, or anything between `<` and `>`.
    mutating func name() -> Bool {
      if take("<") {
        rest = rest.drop { $0 != ">" }
        return take(">")
      }
      let letters = rest.prefix { $0.isASCII && $0.isLetter }
      rest = rest.dropFirst(letters.count)
      return letters.count >= 3
    }

    mutating func number(in range: ClosedRange<Int>) -> Int? {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard digits.count <= 3, let number = Int(digits), range.contains(number) else { return nil }
      rest = rest.dropFirst(digits.count)
      return number
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func time() -> Int64? {
      let isNegative = take("-")
      if !isNegative { _ = take("+") }
      guard var seconds = number(in: 0...167).map({ $0 * 3600 }) else { return nil }
      for unit in [60, 1] where take(":") {
        guard let part = number(in: 0...59) else { return nil }
        seconds += part * unit
      }
      return Int64(isNegative ? -seconds : seconds)
    }

    /// `,Mm.w.d`, `,Jn` or `,n`, and `/time` where it isn't two o'clock.
    mutating func turn() -> Turn? {
      guard take(","), let day = day() else { return nil }
      guard take("/") else { return Turn(day: day, time: 7200) }
      return time().map { Turn(day: day, time: $0) }
    }

    private mutating func day() -> Turn.Day? {
      if take("J") { return number(in: 1...365).map(Turn.Day.julian) }
      guard take("M") else { return number(in: 0...365).map(Turn.Day.ofYear) }
      guard let month = number(in: 1...12), take("."), let week = number(in: 1...5), take("."),
        let weekday = number(in: 0...6)
      else { return nil }
      return .weekday(month, week, weekday)
    }
  }
}
