// SPDX-License-Identifier: AGPL-3.0-or-later

/// One side of what was typed: a year, month or day, perhaps with a clock.
struct DatePiece {
  let text: String
  /// Where the piece begins in the text.
  let at: Int
  var part: PartialDate
  var clock: ClockSpan?
  var isAbout: Bool
  /// No day was typed, only a clock.
  var isClockAlone: Bool

  /// What this piece means standing alone.
  func extent() throws(TimeError) -> When.Extent {
    if let clock {
      guard let date = part.date, !isAbout else { throw unreadable("a day for the clock") }
      return .moment(
        start: CivilDateTime(date, clock.start), zone: nil, minutes: clock.minutes)
    }
    if let date = part.date, !isAbout { return .days(first: date, last: date) }
    return .vague(.about(part))
  }

  /// From this piece on, end unknown.
  func from() throws(TimeError) -> When.Extent {
    guard clock == nil, !isAbout else { throw unreadable("a year, month or day before ..") }
    return .vague(.from(part))
  }

  func range(to last: DatePiece) throws(TimeError) -> When.Extent {
    guard !isAbout, !last.isAbout else { throw unreadable("no ~ around ..") }
    guard let clock, let date = part.date else {
      guard last.clock == nil, clock == nil else { throw unreadable("a day for the clock") }
      return try days(to: last)
    }
    return try moment(from: CivilDateTime(date, clock.start), to: last)
  }

  private func moment(
    from start: CivilDateTime, to last: DatePiece
  ) throws(TimeError) -> When.Extent {
    guard clock?.minutes == nil else { throw unreadable("one end only") }
    guard let clock = last.clock, clock.minutes == nil, let day = last.part.date else {
      throw last.unreadable("a time, as before the ..")
    }
    var end = CivilDateTime(last.isClockAlone ? start.date : day, clock.start)
    if last.isClockAlone && end < start {
      let next = end.adding(minutes: 1440) ?? end
      guard next.minutes(since: start) <= ClockReader.nightMax else {
        throw last.reversed(start.time.iso, end.time.iso)
      }
      end = next
    }
    guard end >= start else { throw last.reversed(start.iso, end.iso) }
    return .moment(start: start, zone: nil, minutes: end.minutes(since: start))
  }

  private func days(to last: DatePiece) throws(TimeError) -> When.Extent {
    guard part.firstDay <= last.part.lastDay else {
      throw last.reversed(part.iso, last.part.iso)
    }
    if let first = part.date, let last = last.part.date { return .days(first: first, last: last) }
    return .vague(.between(part, last.part))
  }

  /// The piece `5` of `5..9 december`, where this is `9 december`.
  func sameMonth(day: Int, at: Int) throws(TimeError) -> DatePiece {
    guard let last = part.date, clock == nil else { throw unreadable("a day after ..") }
    do {
      let first = PartialDate(try CivilDate(year: last.year, month: last.month, day: day))
      return DatePiece(text: text, at: at, part: first, isAbout: false, isClockAlone: false)
    } catch { throw .impossible(text, at: at, because: error) }
  }

  private func reversed(_ start: String, _ end: String) -> TimeError {
    .impossible(text, at: at, because: .endBeforeStart(start: start, end: end))
  }

  private func unreadable(_ expected: String) -> TimeError {
    .unreadable(text, at: at, expected: expected)
  }
}
