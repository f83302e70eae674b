// SPDX-License-Identifier: AGPL-3.0-or-later

/// Reads a rule in plain words; the grammar is shown in Repeat+Words.swift, other languages' words in `RepeatNames`.
/// How often may also come last: `le 5 de chaque mois`.
struct RepeatReader {
  private var words: Words
  private var parts = RepeatParts(frequency: .daily)
  private var isFrequencyKnown = false
  /// "if" was read: the weekdays that follow narrow the days of the month.
  private var isNarrowing = false
  /// Several weekdays were named as such: les jeudis, los jueves.
  private var isPlural = false

  init(_ text: String) { words = Words(text) }

  mutating func read() throws(TimeError) -> Repeat {
    guard try frequency() || isDayAhead() else {
      throw words.unreadable("daily, weekly, monthly, yearly or every …")
    }
    while !words.isAtEnd {
      if !isFrequencyKnown, try frequency() { continue }
      try clause()
    }
    if !isFrequencyKnown { try settleFrequency() }
    return try words.checked(from: 0, parts.rule)
  }

  // MARK: How often

  /// False where no word says it here.
  private mutating func frequency() throws(TimeError) -> Bool {
    guard let word = words.peek else { return false }
    if let frequency = RepeatNames.frequencies[word] {
      words.advance()
      set(frequency)
    } else if skip(RepeatNames.every) {
      try every()
    } else if !parts.isEmpty, let unit = RepeatNames.units[word], unit == .monthly || unit == .yearly {
      words.advance()
      set(unit)
    } else {
      return false
    }
    return true
  }

  private mutating func set(_ frequency: Repeat.Frequency) {
    parts.frequency = frequency
    isFrequencyKnown = true
  }

  /// Whether the rule begins with its days, and says later how often.
  private func isDayAhead() -> Bool {
    guard let word = words.peek else { return false }
    return RepeatNames.articles.contains(word) || weekday(named: word) != nil || RepeatNames.ordinals[word] != nil
  }

  /// Several weekdays come again each week; one alone might be a date.
  private mutating func settleFrequency() throws(TimeError) {
    guard isPlural, !parts.weekdays.isEmpty, parts.monthDays.isEmpty, parts.months.isEmpty else {
      throw words.unreadable("how often: each month, each year …")
    }
    set(.weekly)
  }

  private mutating func every() throws(TimeError) {
    _ = skip(RepeatNames.plurals)
    if let weekday = try weekday() {
      set(.weekly)
      return parts.weekdays.append(.init(weekday))
    }
    if let word = words.peek, RepeatNames.ordinals[word] != nil { return set(.monthly) }
    if let pair = words.peek.flatMap({ RepeatNames.pairs[$0] }) {
      words.advance()
      parts.interval = 2
      return set(pair)
    }
    try interval()
    guard let unit = words.peek.flatMap({ RepeatNames.units[$0] }) else {
      throw words.unreadable("days, weeks, months, years or a weekday")
    }
    words.advance()
    set(unit)
  }

  private mutating func interval() throws(TimeError) {
    guard let word = words.peek else { return }
    guard let number = Int(word) ?? RepeatNames.counts[word] ?? (word == "other" ? 2 : nil) else { return }
    guard (1...999).contains(number) else {
      throw .impossible(words.text, at: words.at, because: .intervalOutOfRange(number))
    }
    words.advance()
    parts.interval = number
  }

  // MARK: On which days, until when

  private mutating func clause() throws(TimeError) {
    if let word = words.peek, RepeatNames.plurals.contains(word) { isPlural = true }
    if skip(RepeatNames.links) || skipOwnUnit() { return }
    if skip(RepeatNames.conditions) {
      guard !parts.monthDays.isEmpty else { throw words.unreadable("a day of the month before if") }
      isNarrowing = true
    } else if skip(RepeatNames.until) {
      try until()
    } else if words.skip("with") {
      try weekStart()
    } else if words.skip("once") {
      try end(.count(1), at: words.at)
    } else if let month = try words.month() {
      parts.months.append(month)
    } else if let weekday = try weekday() {
      try add(.init(weekday, ordinal: ordinalBehind()))
    } else {
      try counted()
    }
  }

  /// `du mois`, `of the month`, in a rule that is monthly anyhow.
  private mutating func skipOwnUnit() -> Bool {
    guard isFrequencyKnown, parts.frequency == .monthly || parts.frequency == .yearly else { return false }
    guard let word = words.peek, RepeatNames.units[word] == parts.frequency else { return false }
    words.advance()
    return true
  }

  /// What begins with a number: a day of the month, the nth weekday, or how many times.
  private mutating func counted() throws(TimeError) {
    let at = words.at
    guard var nth = number() else { throw words.unreadable("a day, a month, until or times") }
    if skip(RepeatNames.times) { return try end(.count(nth), at: at) }
    if nth > 0 && words.skip("last") { nth = -nth }
    if skip(RepeatNames.day) { return try add(monthDay: nth, at: at) }
    if let weekday = try weekday() { return try add(.init(weekday, ordinal: nth), at: at) }
    guard nth > 0 else { throw words.unreadable("day or a weekday after last") }
    try add(monthDay: nth, at: at)
  }

  private mutating func number() -> Int? {
    guard let word = words.peek else { return nil }
    var number = RepeatNames.ordinals[word]
    if number == nil {
      let digits = word.prefix { $0.isASCII && $0.isNumber }
      guard RepeatNames.ordinalEnds.contains(String(word.dropFirst(digits.count))) else { return nil }
      number = Int(digits)
    }
    if number != nil { words.advance() }
    return number
  }

  private mutating func ordinalBehind() -> Int? {
    guard let nth = words.peek.flatMap({ RepeatNames.ordinalsBehind[$0] }) else { return nil }
    words.advance()
    return nth
  }

  // MARK: Words

  private mutating func skip(_ choices: Set<String>) -> Bool {
    guard let word = words.peek, choices.contains(word) else { return false }
    words.advance()
    return true
  }

  /// A weekday, also in the plural, or behind the Arabic "and".
  private mutating func weekday() throws(TimeError) -> Weekday? {
    if let day = try words.weekday() { return day }
    guard let word = words.peek, let day = weekday(named: word) else { return nil }
    if word.last == "s" { isPlural = true }
    words.advance()
    return day
  }

  private func weekday(named word: String) -> Weekday? {
    let names = CalendarNames.weekdays
    if let day = names[word] { return day }
    if word.last == "s", let day = names[String(word.dropLast())] { return day }
    return word.first == "و" ? names[String(word.dropFirst())] : nil
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
    _ = skip(RepeatNames.articles)
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
    guard words.skip("weeks"), words.skip("from"), let day = try weekday() else {
      throw words.unreadable("weeks from a weekday")
    }
    parts.weekStart = day
  }
}
