// SPDX-License-Identifier: AGPL-3.0-or-later

/// Reads a rule in plain words; the grammar is shown in Repeat+Words.swift.
struct RepeatReader {
  private var words: Words
  private var parts = RepeatParts(frequency: .daily)
  /// "if" was read: the weekdays that follow narrow the days of the month.
  private var isNarrowing = false

  init(_ text: String) { words = Words(text) }

  mutating func read() throws(TimeError) -> Repeat {
    try frequency()
    while !words.isAtEnd { try clause() }
    return try words.checked(from: 0, parts.rule)
  }

  // MARK: How often

  private mutating func frequency() throws(TimeError) {
    let names: [String: Repeat.Frequency] = [
      "daily": .daily, "weekly": .weekly, "monthly": .monthly, "yearly": .yearly,
    ]
    if let word = words.peek, let frequency = names[word] {
      words.advance()
      parts.frequency = frequency
    } else if words.skip("every", "each") {
      try every()
    } else {
      throw words.unreadable("daily, weekly, monthly, yearly or every …")
    }
  }

  private mutating func every() throws(TimeError) {
    if let weekday = try words.weekday() {
      parts.frequency = .weekly
      parts.weekdays = [.init(weekday)]
      return
    }
    if words.skip("other") {
      parts.interval = 2
    } else if let number = words.peek.flatMap(Int.init) {
      let at = words.at
      guard (1...999).contains(number) else {
        throw .impossible(words.text, at: at, because: .intervalOutOfRange(number))
      }
      words.advance()
      parts.interval = number
    }
    try unit()
  }

  private mutating func unit() throws(TimeError) {
    if words.skip("day", "days") {
      parts.frequency = .daily
    } else if words.skip("week", "weeks") {
      parts.frequency = .weekly
    } else if words.skip("month", "months") {
      parts.frequency = .monthly
    } else if words.skip("year", "years") {
      parts.frequency = .yearly
    } else {
      throw words.unreadable("days, weeks, months, years or a weekday")
    }
  }

  // MARK: On which days, until when

  private mutating func clause() throws(TimeError) {
    if words.skip(",", "and", "or", "on", "the", "in", "of", "for") { return }
    if words.skip("if", "when") {
      guard !parts.monthDays.isEmpty else { throw words.unreadable("a day of the month before if") }
      isNarrowing = true
    } else if words.skip("until") {
      try until()
    } else if words.skip("with") {
      try weekStart()
    } else if words.skip("once") {
      try end(.count(1), at: words.at)
    } else if let month = try words.month() {
      parts.months.append(month)
    } else if let weekday = try words.weekday() {
      try add(.init(weekday))
    } else {
      try counted()
    }
  }

  /// What begins with a number: a day of the month, the nth weekday, or how many times.
  private mutating func counted() throws(TimeError) {
    let at = words.at
    guard var nth = number() else { throw words.unreadable("a day, a month, until or times") }
    if words.skip("times", "time") { return try end(.count(nth), at: at) }
    if nth > 0 && words.skip("last") { nth = -nth }
    if words.skip("day") { return try add(monthDay: nth, at: at) }
    if let weekday = try words.weekday() { return try add(.init(weekday, ordinal: nth), at: at) }
    guard nth > 0 else { throw words.unreadable("day or a weekday after last") }
    try add(monthDay: nth, at: at)
  }

  private mutating func number() -> Int? {
    guard let word = words.peek else { return nil }
    var number = word == "last" ? -1 : Repeat.ordinals.firstIndex(of: word).map { $0 + 1 }
    if number == nil {
      let digits = word.prefix { $0.isASCII && $0.isNumber }
      guard ["", "st", "nd", "rd", "th"].contains(word.dropFirst(digits.count)) else { return nil }
      number = Int(digits)
    }
    if number != nil { words.advance() }
    return number
  }

  private mutating func add(_ day: Repeat.Day, at: Int? = nil) throws(TimeError) {
    guard parts.monthDays.isEmpty || isNarrowing else {
      throw words.unreadable("if before a weekday that narrows days of the month")
    }
    if let nth = day.ordinal, !(1...5).contains(abs(nth)) {
      throw .impossible(words.text, at: at ?? 0, because: .ordinalOutOfRange(nth))
    }
    parts.weekdays.append(day)
  }

  private mutating func add(monthDay day: Int, at: Int) throws(TimeError) {
    guard parts.weekdays.isEmpty else {
      throw .unreadable(words.text, at: at, expected: "days of the month before weekdays")
    }
    guard (1...31).contains(abs(day)) else {
      throw .impossible(words.text, at: at, because: .monthDayOutOfRange(day))
    }
    parts.monthDays.append(day)
  }

  private mutating func until() throws(TimeError) {
    let at = words.at
    guard let word = words.peek else { throw words.unreadable("a date such as 2027-01-31") }
    var scanner = TextScanner(word)
    guard let day = try? scanner.date(), scanner.isAtEnd else {
      throw words.unreadable("a date such as 2027-01-31")
    }
    words.advance()
    try end(.until(day), at: at)
  }

  private mutating func end(_ end: Repeat.End, at: Int) throws(TimeError) {
    guard parts.end == nil else { throw .unreadable(words.text, at: at, expected: "one end only") }
    if case .count(let count) = end, !(1...99_999).contains(count) {
      throw .impossible(words.text, at: at, because: .countOutOfRange(count))
    }
    parts.end = end
  }

  private mutating func weekStart() throws(TimeError) {
    guard words.skip("weeks"), words.skip("from"), let day = try words.weekday() else {
      throw words.unreadable("weeks from a weekday")
    }
    parts.weekStart = day
  }
}
