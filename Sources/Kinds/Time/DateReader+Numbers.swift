// SPDX-License-Identifier: AGPL-3.0-or-later

extension DateReader {
  static let examples = "a date such as 2026-12-05, 5 december, thu 19:00, +3d or ~december"

  /// A word that begins with digits: a date in numbers, a year, or a day of the month.
  mutating func number() throws(TimeError) {
    let at = words.at
    guard let word = words.peek else { throw unreadable(at, Self.examples) }
    let digits = word.prefix { Fold.digit($0) != nil }
    let rest = word.dropFirst(digits.count)
    words.advance()
    if digits.count == 4, rest.isEmpty {
      return try set(&year, Int(digits) ?? 0, at)
    }
    if digits.count == 4, let separator = rest.first, "-/".contains(separator) {
      return try isoDate(word, at)
    }
    if (1...2).contains(digits.count), ["", "st", "nd", "rd", "th", "er", "."].contains(rest) {
      return try set(&day, Int(digits) ?? 0, at)
    }
    let numbers = word.split(omittingEmptySubsequences: false) { "/.-".contains($0) }
    guard numbers.count == 3, (1...2).contains(digits.count) else {
      throw unreadable(at, Self.examples)
    }
    try numericDate(numbers.map { Int($0) }, at)
  }

  /// `2026-12`, `2026-12-05`, `2026/12/05`, `2026-12-05T19:00-21:00`.
  private mutating func isoDate(_ word: String, _ at: Int) throws(TimeError) {
    let halves = word.split(separator: "t", maxSplits: 1, omittingEmptySubsequences: false)
    let date = String(halves[0].map { $0 == "/" ? "-" : $0 })
    let read: PartialDate
    do { read = try PartialDate(iso: date) } catch { throw located(error, at: at) }
    try set(&part, read, at)
    guard halves.count == 2 else { return }
    let clockAt = at + date.count + 1
    guard let span = try ClockReader.read(String(halves[1]), at: clockAt, in: text) else {
      throw unreadable(clockAt, "a time such as 19:00")
    }
    try set(span, at: clockAt)
  }

  private func located(_ error: TimeError, at: Int) -> TimeError {
    switch error {
    case .unreadable(_, let place, let expected): unreadable(at + place, expected)
    case .impossible(_, let place, let cause):
      .impossible(text, at: at + place, because: cause)
    default: error
    }
  }

  /// `25/12/2026` can only be read one way; `05/06/2026` is refused.
  private mutating func numericDate(_ numbers: [Int?], _ at: Int) throws(TimeError) {
    guard let a = numbers[0], let b = numbers[1], let year = numbers[2], year >= 1000 else {
      throw unreadable(at, "a date with its year in full, such as 2026-12-05")
    }
    let dayFirst = try? CivilDate(year: year, month: b, day: a)
    let monthFirst = try? CivilDate(year: year, month: a, day: b)
    if let dayFirst, let monthFirst, dayFirst != monthFirst {
      throw .ambiguous(text, at: at, write: [dayFirst.iso, monthFirst.iso])
    }
    guard let date = dayFirst ?? monthFirst else {
      throw .impossible(text, at: at, because: .noSuchDay(year: year, month: b, day: a))
    }
    try set(&part, PartialDate(date), at)
  }
}

/// `+3d`, `-2w`, `+1 month`, `+2h`, `+30min`.
enum StepReader {
  enum Step: Equatable {
    case days(Int)
    case months(Int)
    case minutes(Int)
  }

  /// Nil, and nothing read, where no step stands.
  static func read(_ words: inout Words, in text: String) throws(TimeError) -> Step? {
    guard let word = words.peek, let sign = word.first, "+-".contains(sign) else { return nil }
    let digits = word.dropFirst().prefix { Fold.digit($0) != nil }
    guard !digits.isEmpty, digits.count <= 5, let number = Int(digits) else { return nil }
    let at = words.at
    var unit = String(word.dropFirst(1 + digits.count))
    words.advance()
    if unit.isEmpty, let next = words.peek {
      unit = next
      words.advance()
    }
    if unit == "m" {
      throw .ambiguous(text, at: at, write: ["\(sign)\(digits)month", "\(sign)\(digits)min"])
    }
    guard let step = step(sign == "-" ? -number : number, unit) else {
      throw .unreadable(text, at: at, expected: "a number of d, w, month, year, h or min")
    }
    return step
  }

  private static func step(_ number: Int, _ unit: String) -> Step? {
    switch unit {
    case "d", "day", "days", "j", "jour", "jours", "dia", "dias", "يوم", "ايام": .days(number)
    case "w", "week", "weeks", "semaine", "semaines", "semana", "semanas", "اسبوع", "اسابيع":
      .days(number * 7)
    case "mo", "month", "months", "mois", "mes", "meses", "شهر", "اشهر": .months(number)
    case "y", "year", "years", "an", "ans", "ano", "anos", "سنة", "سنوات": .months(number * 12)
    case "h", "hour", "hours", "heure", "heures", "hora", "horas", "ساعة", "ساعات":
      .minutes(number * 60)
    case "min", "minute", "minutes", "minuto", "minutos", "دقيقة", "دقائق": .minutes(number)
    default: nil
    }
  }
}
