// SPDX-License-Identifier: AGPL-3.0-or-later

extension DatePiece {
  /// `piece` is a stretch of the characters of `text`.
  static func read(
    _ piece: ArraySlice<Character>, in text: String, _ now: DateInput.Now
  ) throws(TimeError) -> DatePiece {
    var reader = DateReader(piece, in: text, now)
    return try reader.read()
  }
}

/// Reads the words of one piece in any order, then finds the day that they mean.
struct DateReader {
  let text: String
  let at: Int
  let now: DateInput.Now
  var words: Words

  var part: (value: PartialDate, at: Int)?
  var weekday: (value: Weekday, at: Int)?
  var day: (value: Int, at: Int)?
  var month: (value: Int, at: Int)?
  var year: (value: Int, at: Int)?
  var clock: ClockSpan?
  private var isAbout = false

  init(_ piece: ArraySlice<Character>, in text: String, _ now: DateInput.Now) {
    self.text = text
    at = piece.startIndex + piece.prefix(while: \.isWhitespace).count
    self.now = now
    // Blanks in front keep the places of words as they are in the whole text.
    words = Words(String(repeating: " ", count: piece.startIndex) + String(piece))
    words.glueClocks()
  }

  mutating func read() throws(TimeError) -> DatePiece {
    while !words.isAtEnd { try word() }
    let isClockAlone =
      part == nil && weekday == nil && day == nil && month == nil && year == nil
    return DatePiece(
      text: text, at: at, part: try settle(), clock: clock, isAbout: isAbout,
      isClockAlone: isClockAlone)
  }

  private mutating func word() throws(TimeError) {
    let start = words.at
    if words.skip("~") {
      isAbout = true
    } else if words.skip(
      ",", "le", "la", "el", "du", "de", "del", "on", "at", "the", "of", "a", "las", "في", "يوم",
      "الساعة")
    {
      return
    } else if let days = relativeDay() {
      try set(days: days, at: start)
    } else if try named() {
      return
    } else if let step = try StepReader.read(&words, in: text) {
      try set(step, at: start)
    } else if let span = try ClockReader.read(words.peek ?? "", at: start, in: text) {
      words.advance()
      try set(span, at: start)
    } else {
      try number()
    }
  }

  private mutating func named() throws(TimeError) -> Bool {
    let start = words.at
    do {
      if let named = try words.month() {
        try set(&month, named, start)
      } else if let named = try words.weekday() {
        try set(&weekday, named, start)
      } else {
        return false
      }
      return true
    } catch .ambiguous(_, let at, let write) {
      throw .ambiguous(text, at: at, write: write)
    }
  }

  /// `today`, `demain`, `بعد غد`: two words before one.
  private mutating func relativeDay() -> Int? {
    guard let first = words.peek else { return nil }
    if let second = words.peek(1), let days = Self.days["\(first) \(second)"] {
      words.advance(2)
      return days
    }
    guard let days = Self.days[first] else { return nil }
    words.advance()
    return days
  }

  private static let days: [String: Int] = {
    let names: [(Int, [String])] = [
      (-1, ["yesterday", "hier", "ayer", "أمس"]),
      (0, ["today", "aujourd'hui", "hoy", "اليوم"]),
      (1, ["tomorrow", "demain", "mañana", "غدا"]),
      (2, ["après-demain", "pasado mañana", "بعد غد"]),
    ]
    var table: [String: Int] = [:]
    for (days, words) in names {
      for word in words { table[Fold.word(word)] = days }
    }
    return table
  }()
}

// MARK: - What was found

extension DateReader {
  mutating func set(days: Int, at: Int) throws(TimeError) {
    guard let date = now.date.adding(days: days) else { throw outside(at) }
    try set(&part, PartialDate(date), at)
  }

  mutating func set(_ step: StepReader.Step, at: Int) throws(TimeError) {
    switch step {
    case .days(let days): try set(days: days, at: at)
    case .months(let months):
      guard let date = now.date.adding(months: months) else { throw outside(at) }
      try set(&part, PartialDate(date), at)
    case .minutes(let minutes):
      guard let later = CivilDateTime(now.date, now.time).adding(minutes: minutes) else {
        throw outside(at)
      }
      try set(&part, PartialDate(later.date), at)
      try set(ClockSpan(start: later.time, minutes: nil), at: at)
    }
  }

  mutating func set(_ span: ClockSpan, at: Int) throws(TimeError) {
    guard clock == nil else { throw unreadable(at, "one time only") }
    clock = span
  }

  func set<T>(_ slot: inout (value: T, at: Int)?, _ value: T, _ at: Int) throws(TimeError) {
    guard slot == nil else { throw unreadable(at, "one date only") }
    slot = (value, at)
  }

  func unreadable(_ at: Int, _ expected: String) -> TimeError {
    .unreadable(text, at: at, expected: expected)
  }

  func outside(_ at: Int) -> TimeError {
    .impossible(text, at: at, because: .outsideCalendar)
  }
}
