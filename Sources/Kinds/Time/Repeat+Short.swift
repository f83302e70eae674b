// SPDX-License-Identifier: AGPL-3.0-or-later

// A rule as one word of a command line: a frequency, days after a colon, the rest after semicolons.
//
//   daily · weekly:mon,thu · monthly:day=5 · monthly:thu=1 · monthly:fri=-1
//   yearly:day=20,month=12 · …;interval=2;until=2027-01-31 · …;count=10 · …;weekstart=sun

extension Repeat {
  /// One form for each rule; `init(short:)` reads it back.
  public var short: String {
    var items = weekdays.map { day in
      Self.short(day.weekday) + (day.ordinal.map { "=\($0)" } ?? "")
    }
    items += monthDays.map { "day=\($0)" } + months.map { "month=\($0)" }
    var text = Self.frequencies[frequency.rawValue]
    if !items.isEmpty { text += ":" + items.joined(separator: ",") }
    if interval != 1 { text += ";interval=\(interval)" }
    if case .until(let day) = end { text += ";until=\(day.iso)" }
    if case .count(let count) = end { text += ";count=\(count)" }
    if weekStart != .monday { text += ";weekstart=\(Self.short(weekStart))" }
    return text
  }

  /// Reads the form above. A number without a name continues the last: `monthly:day=5,20`.
  /// Throws `TimeError`, saying where.
  public init(short text: String) throws(TimeError) {
    var reader = ShortReader(text)
    self = try reader.read()
  }

  fileprivate static let frequencies = ["daily", "weekly", "monthly", "yearly"]

  private static func short(_ day: Weekday) -> String {
    CalendarNames.englishWeekdays[day.rawValue - 1].prefix(3).lowercased()
  }
}

private struct ShortReader {
  private var scanner: TextScanner
  private var parts = RepeatParts(frequency: .daily)
  private var lastKey = ""

  init(_ text: String) { scanner = TextScanner(text) }

  mutating func read() throws(TimeError) -> Repeat {
    guard let index = Repeat.frequencies.firstIndex(of: word()) else {
      throw .unreadable(scanner.text, at: 0, expected: "daily, weekly, monthly or yearly")
    }
    parts.frequency = Repeat.Frequency(rawValue: index)!
    if scanner.skip(":") {
      repeat { try item() } while scanner.skip(",")
    }
    while scanner.skip(";") { try option() }
    try scanner.expectEnd("a comma, a semicolon or the end")
    return try scanner.checked(from: 0, parts.rule)
  }

  private mutating func word() -> String {
    var word = ""
    while let next = scanner.peek, !":;,= ".contains(next), scanner.skip(next) {
      word.append(next)
    }
    return Fold.word(word)
  }

  private mutating func item() throws(TimeError) {
    let at = scanner.position
    let key = word()
    if let number = Int(key) { return try add(lastKey, number, at: at) }
    if !scanner.skip("=") { return try add(weekday: key, nil, at: at) }
    let valueAt = scanner.position
    let value = word()
    lastKey = key
    if key == "month", let month = CalendarNames.months[value] {
      return parts.months.append(month)
    }
    guard let number = Int(value) else {
      throw .unreadable(scanner.text, at: valueAt, expected: "a number")
    }
    try add(key, number, at: at)
  }

  private mutating func add(_ key: String, _ number: Int, at: Int) throws(TimeError) {
    switch key {
    case "day": parts.monthDays.append(number)
    case "month": parts.months.append(number)
    default: try add(weekday: key, number, at: at)
    }
  }

  private mutating func add(weekday name: String, _ nth: Int?, at: Int) throws(TimeError) {
    var words = Words(name)
    guard let day = try scanner.checked(from: at, { () throws(TimeError) in try words.weekday() })
    else {
      throw .unreadable(scanner.text, at: at, expected: "a weekday, day=… or month=…")
    }
    parts.weekdays.append(.init(day, ordinal: nth))
  }

  private mutating func option() throws(TimeError) {
    let at = scanner.position
    let key = word()
    guard scanner.skip("=") else { throw scanner.unreadable("=") }
    let valueAt = scanner.position
    switch key {
    case "interval": parts.interval = try number(word(), at: valueAt)
    case "count": try end(.count(try number(word(), at: valueAt)), at: at)
    case "until": try end(.until(try scanner.date()), at: at)
    case "weekstart": try weekStart(word(), at: valueAt)
    default:
      throw .unreadable(scanner.text, at: at, expected: "interval, count, until or weekstart")
    }
  }

  private func number(_ text: String, at: Int) throws(TimeError) -> Int {
    guard let number = Int(text) else {
      throw .unreadable(scanner.text, at: at, expected: "a number")
    }
    return number
  }

  private mutating func end(_ end: Repeat.End, at: Int) throws(TimeError) {
    guard parts.end == nil else { throw .unreadable(scanner.text, at: at, expected: "one end only") }
    parts.end = end
  }

  private mutating func weekStart(_ name: String, at: Int) throws(TimeError) {
    guard let day = CalendarNames.weekdays[name] else {
      throw .unreadable(scanner.text, at: at, expected: "a weekday")
    }
    parts.weekStart = day
  }
}
