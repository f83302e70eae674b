// SPDX-License-Identifier: AGPL-3.0-or-later

// A rule in plain words, for people and spreadsheets:
//
//   daily · weekly on Monday and Thursday · every 2 weeks · monthly on the 5th and the last day
//   monthly on the first Thursday · monthly on the 13th if Friday · yearly on 20 December
//   yearly on the last Friday in May · daily in July and August
//   … with weeks from Sunday · … until 2027-01-31 · … 10 times
//
// Printed in English; read also with the words of RepeatNames.swift, and with how often at the end.

extension Repeat: CustomStringConvertible {
  public var description: String { words }

  /// One form for each rule; `init(words:)` reads it back.
  public var words: String {
    let dated =
      frequency == .yearly && !months.isEmpty && monthDays.contains { $0 > 0 }
      && monthDays.allSatisfy { $0 > 0 }
    var words = frequencyWords
    if dated {
      words += " on \(list(monthDays.map(String.init))) \(list(months.map(Self.name(ofMonth:))))"
    } else if !monthDays.isEmpty {
      words += " on \(list(monthDays.map(Self.name(ofMonthDay:))))"
    }
    if !weekdays.isEmpty {
      let days = weekdays.map(Self.name(of:))
      words += monthDays.isEmpty ? " on \(list(days))" : " if \(list(days, "or"))"
    }
    if !dated && !months.isEmpty { words += " in \(list(months.map(Self.name(ofMonth:))))" }
    return words + weekStartWords + endWords
  }

  private var frequencyWords: String {
    if interval == 1 { return ["daily", "weekly", "monthly", "yearly"][frequency.rawValue] }
    return "every \(interval) \(["days", "weeks", "months", "years"][frequency.rawValue])"
  }

  private var weekStartWords: String {
    weekStart == .monday ? "" : " with weeks from \(Self.name(of: Day(weekStart)))"
  }

  private var endWords: String {
    switch end {
    case .never: ""
    case .count(let count): count == 1 ? " once" : " \(count) times"
    case .until(let day): " until \(day.iso)"
    }
  }

  private func list(_ items: [String], _ last: String = "and") -> String {
    guard items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " \(last) " + items[items.count - 1]
  }

  private static func name(ofMonth month: Int) -> String { CalendarNames.englishMonths[month - 1] }

  private static func name(of day: Day) -> String {
    let name = CalendarNames.englishWeekdays[day.weekday.rawValue - 1]
    guard let nth = day.ordinal else { return name }
    let counted = nth == -1 ? "last" : ordinals[abs(nth) - 1] + (nth < 0 ? " last" : "")
    return "the \(counted) \(name)"
  }

  private static func name(ofMonthDay day: Int) -> String {
    if day > 0 { return "the \(counted(day))" }
    return day == -1 ? "the last day" : "the \(counted(-day)) last day"
  }

  static let ordinals = ["first", "second", "third", "fourth", "fifth"]

  private static func counted(_ n: Int) -> String {
    switch (n % 10, n / 10) {
    case (_, 1): "\(n)th"
    case (1, _): "\(n)st"
    case (2, _): "\(n)nd"
    case (3, _): "\(n)rd"
    default: "\(n)th"
    }
  }
}

extension Repeat {
  /// Reads plain words, or the short form for a command line.
  public init(_ text: String) throws(TimeError) {
    let isShort = text.contains { ":;=".contains($0) }
    self = isShort ? try Repeat(short: text) : try Repeat(words: text)
  }

  /// Reads the words above, also in another order, and in English, French, Spanish or Arabic:
  /// `tous les jeudis`, `le 5 de chaque mois`, `cada 2 semanas`, `كل خميس`. Throws `TimeError`, saying where.
  public init(words text: String) throws(TimeError) {
    var reader = RepeatReader(text)
    self = try reader.read()
  }
}

/// The parts of a rule as they come in.
struct RepeatParts {
  var frequency: Repeat.Frequency
  var interval = 1
  var weekdays: [Repeat.Day] = []
  var monthDays: [Int] = []
  var months: [Int] = []
  var end: Repeat.End?
  var weekStart = Weekday.monday

  /// Whether no day was named.
  var isEmpty: Bool { weekdays.isEmpty && monthDays.isEmpty && months.isEmpty }

  func rule() throws(TimeError) -> Repeat {
    try Repeat(
      frequency, interval: interval, weekdays: weekdays, monthDays: monthDays, months: months,
      end: end ?? .never, weekStart: weekStart)
  }
}
