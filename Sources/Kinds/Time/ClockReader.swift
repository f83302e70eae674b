// SPDX-License-Identifier: AGPL-3.0-or-later

/// A start by the clock and, where an end was typed, how long until then.
struct ClockSpan: Equatable {
  let start: CivilTime
  /// Up to 24 hours; an end before the start is on the next day, and at most 12 hours after it.
  let minutes: Int?
}

/// One word of clock: `19:00`, `19h`, `19h30`, `7pm`, `7:30pm`, `19:00-21:00`, `22h-24h`.
enum ClockReader {
  /// Nil where the word isn't a clock's. `at` is its place in `text`, for errors.
  static func read(_ word: String, at: Int, in text: String) throws(TimeError) -> ClockSpan? {
    let sides = word.split(separator: "-", omittingEmptySubsequences: false)
    guard sides.count <= 2, let start = try minutes(sides[0], at, text) else { return nil }
    guard start < 1440 else { throw .impossible(text, at: at, because: .hourOutOfRange(24)) }
    let time = CivilTime(minuteOfDay: start)
    guard sides.count == 2 else { return ClockSpan(start: time, minutes: nil) }
    let endAt = at + sides[0].count + 1
    guard let end = try minutes(sides[1], endAt, text) else {
      throw .unreadable(text, at: endAt, expected: "a time such as 21:00")
    }
    return ClockSpan(start: time, minutes: try length(from: start, to: end, at, text))
  }

  /// Longest time that an end before its start makes a night of, rather than a mistake.
  static let nightMax = 720

  private static func length(from start: Int, to end: Int, _ at: Int, _ text: String) throws(TimeError) -> Int {
    guard end < start else { return end - start }
    guard end + 1440 - start <= nightMax else {
      let (start, end) = (CivilTime(minuteOfDay: start), CivilTime(minuteOfDay: end))
      throw .impossible(text, at: at, because: .endBeforeStart(start: start.iso, end: end.iso))
    }
    return end + 1440 - start
  }

  /// Minutes since midnight, up to 1440 for 24:00.
  private static func minutes(
    _ word: Substring, _ at: Int, _ text: String
  ) throws(TimeError) -> Int? {
    guard let (hour, minute, half) = shape(word) else { return nil }
    guard minute < 60 else { throw .impossible(text, at: at, because: .minuteOutOfRange(minute)) }
    guard let half else {
      guard hour < 24 || (hour == 24 && minute == 0) else {
        throw .impossible(text, at: at, because: .hourOutOfRange(hour))
      }
      return hour * 60 + minute
    }
    guard (1...12).contains(hour) else {
      throw .impossible(text, at: at, because: .hourOutOfRange(hour))
    }
    return (hour % 12 + half) * 60 + minute
  }

  /// Hour, minute and, on a clock of twelve hours, the hours to add.
  private static func shape(_ word: Substring) -> (Int, Int, half: Int?)? {
    let hours = word.prefix { Fold.digit($0) != nil }
    guard (1...2).contains(hours.count), let hour = Int(hours) else { return nil }
    var rest = word.dropFirst(hours.count)
    var minute = 0
    let mark = rest.first
    if mark == ":" || mark == "h" {
      let digits = rest.dropFirst().prefix { Fold.digit($0) != nil }
      guard digits.count == 2 || (digits.isEmpty && mark == "h") else { return nil }
      minute = Int(digits) ?? 0
      rest = rest.dropFirst(1 + digits.count)
    }
    if let half = halves[String(rest)] { return (hour, minute, half) }
    return rest.isEmpty && mark != nil ? (hour, minute, nil) : nil
  }

  /// Words for the halves of the day and the hours they add.
  static let halves = ["am": 0, "a.m.": 0, "ص": 0, "pm": 12, "p.m.": 12, "م": 12]
}
