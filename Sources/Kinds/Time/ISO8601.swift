// SPDX-License-Identifier: AGPL-3.0-or-later

// Dates and times as ISO 8601 writes them in full: four digits of year, two of all else.

extension CivilDate: CustomStringConvertible {
  /// `2026-12-05`
  public var iso: String { "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))" }
  public var description: String { iso }

  /// Reads `2026-12-05` and nothing else. Throws `TimeError.unreadable` or `.impossible`.
  public init(iso text: String) throws(TimeError) {
    var scanner = TextScanner(text)
    self = try scanner.date()
    try scanner.expectEnd()
  }
}

extension CivilTime: CustomStringConvertible {
  /// `19:00`
  public var iso: String { "\(digits(hour, 2)):\(digits(minute, 2))" }
  public var description: String { iso }

  /// Reads `19:00` and nothing else.
  public init(iso text: String) throws(TimeError) {
    var scanner = TextScanner(text)
    self = try scanner.time()
    try scanner.expectEnd()
  }
}

extension CivilDateTime: CustomStringConvertible {
  /// `2026-12-05T19:00`
  public var iso: String { "\(date.iso)T\(time.iso)" }
  public var description: String { iso }

  /// Reads `2026-12-05T19:00` and nothing else.
  public init(iso text: String) throws(TimeError) {
    var scanner = TextScanner(text)
    self = try scanner.dateTime()
    try scanner.expectEnd()
  }
}

extension PartialDate: CustomStringConvertible {
  /// `2018`, `2018-02` or `2018-02-14`
  public var iso: String {
    if let date { return date.iso }
    guard let month else { return digits(year, 4) }
    return "\(digits(year, 4))-\(digits(month, 2))"
  }
  public var description: String { iso }

  /// Reads `2018`, `2018-02` or `2018-02-14` and nothing else.
  public init(iso text: String) throws(TimeError) {
    var scanner = TextScanner(text)
    self = try scanner.partialDate()
    try scanner.expectEnd()
  }
}

private func digits(_ number: Int, _ count: Int) -> String {
  let plain = String(number)
  return String(repeating: "0", count: max(0, count - plain.count)) + plain
}

extension TextScanner {
  mutating func date() throws(TimeError) -> CivilDate {
    let start = position
    let part = try partialDate()
    guard let date = part.date else {
      throw part.month == nil
        ? .unreadable(text, at: start + 4, expected: "-MM-DD")
        : .unreadable(text, at: start + 7, expected: "-DD")
    }
    return date
  }

  mutating func partialDate() throws(TimeError) -> PartialDate {
    let start = position
    let year = try number(digits: 4, "a year of four digits")
    guard skip("-") else {
      return try checked(from: start) { () throws(TimeError) in try PartialDate(year: year) }
    }
    let month = try number(digits: 2, "a month of two digits")
    guard skip("-") else {
      return try checked(from: start) { () throws(TimeError) in
        try PartialDate(year: year, month: month)
      }
    }
    let day = try number(digits: 2, "a day of two digits")
    return try checked(from: start) { () throws(TimeError) in
      PartialDate(try CivilDate(year: year, month: month, day: day))
    }
  }

  mutating func time() throws(TimeError) -> CivilTime {
    let start = position
    let hour = try number(digits: 2, "an hour of two digits")
    try expect(":", "a colon")
    let minute = try number(digits: 2, "minutes of two digits")
    return try checked(from: start) { () throws(TimeError) in
      try CivilTime(hour: hour, minute: minute)
    }
  }

  mutating func dateTime() throws(TimeError) -> CivilDateTime {
    let date = try date()
    try expect("T", "T and a time")
    return CivilDateTime(date, try time())
  }
}
