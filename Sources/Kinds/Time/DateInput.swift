// SPDX-License-Identifier: AGPL-3.0-or-later

/// Reads dates and times as people type them on a command line.
///
/// | typed | read as |
/// |---|---|
/// | `2026-12-05`, `5 december`, `5 ديسمبر`, `sam 5 déc 2026` | a day |
/// | `today`, `tomorrow`, `demain`, `غدا`, `thu`, `+3d`, `+2w`, `+1month` | a day counted from today |
/// | `thu 19:00`, `demain 19h30`, `7:30pm`, `+2h`, `2026-12-05T19:00` | a moment |
/// | `2026-12-05 19:00-21:00`, `thu 22:00-02:00` | a moment with its end |
/// | `2026-12-05..2026-12-09`, `5..9 december` | days, both included |
/// | `2026-12`, `~december`, `~2026`, `december 2026` | about then |
/// | `2026-10..`, `october..` | from then on |
/// | `2026-12..2027-01` | within |
///
/// and every form of `When.edtf`. Digits may be Latin, Arabic-Indic or Persian. What has no year is
/// the next one from today on; what has no day is the next such time from now on. Numbers that
/// read two ways (`05/06/2026`) are refused.
public enum DateInput {
  /// - Parameters:
  ///   - now: the time of day, for what has a clock but no day.
  ///   - zone: given to moments that name none, as `[Europe/Paris]` at the end does.
  /// - Throws: `TimeError.unreadable`, `.ambiguous` or `.impossible`, each with the text and place.
  public static func parse(
    _ text: String, today: CivilDate, now: CivilTime = .midnight, zone: String? = nil
  ) throws(TimeError) -> When {
    let characters = text.map(Fold.character)
    let (body, named) = try splitZone(characters[...], text)
    do {
      let extent = try extent(of: body, in: text, Now(date: today, time: now))
      guard case .moment(let start, _, let minutes) = extent else { return try When(extent) }
      return try .moment(start, zone: named ?? zone, minutes: minutes)
    } catch {
      throw located(error, in: text)
    }
  }

  struct Now {
    var date: CivilDate
    var time: CivilTime
  }

  private static func located(_ error: TimeError, in text: String) -> TimeError {
    switch error {
    case .unreadable, .ambiguous, .impossible: error
    default: .impossible(text, at: 0, because: error)
    }
  }

  /// Takes a zone in brackets off the end.
  private static func splitZone(
    _ characters: ArraySlice<Character>, _ text: String
  ) throws(TimeError) -> (body: ArraySlice<Character>, zone: String?) {
    let end = (characters.lastIndex { !$0.isWhitespace } ?? -1) + 1
    let body = characters[..<end]
    guard body.last == "]", let open = body.lastIndex(of: "[") else { return (body, nil) }
    let zone = String(body[(open + 1)..<(end - 1)])
    do { try ZoneName.check(zone) } catch {
      throw .impossible(text, at: open + 1, because: error)
    }
    return (body[..<open], zone)
  }

  private static func extent(
    of body: ArraySlice<Character>, in text: String, _ now: Now
  ) throws(TimeError) -> When.Extent {
    if let extent = try interchange(body, text) { return extent }
    guard let dots = body.indices.dropLast().first(where: { body[$0] == "." && body[$0 + 1] == "." })
    else { return try DatePiece.read(body, in: text, now).extent() }
    return try range(body[..<dots], body[(dots + 2)...], in: text, now)
  }

  /// The text form that programs exchange. What begins like an interval of it must be one.
  private static func interchange(
    _ body: ArraySlice<Character>, _ text: String
  ) throws(TimeError) -> When.Extent? {
    let trimmed = body.drop(while: \.isWhitespace)
    do { return try When(edtf: String(trimmed)).extent } catch {
      let sides = trimmed.split(separator: "/", maxSplits: 1)
      guard sides.count == 2, sides.allSatisfy({ $0.prefix(4).count(where: isDigit) == 4 }) else {
        return nil
      }
      throw moved(error, by: trimmed.startIndex, to: text)
    }
  }

  private static func isDigit(_ character: Character) -> Bool { Fold.digit(character) != nil }

  private static func moved(_ error: TimeError, by offset: Int, to text: String) -> TimeError {
    switch error {
    case .unreadable(_, let at, let expected):
      .unreadable(text, at: at + offset, expected: expected)
    case .impossible(_, let at, let cause): .impossible(text, at: at + offset, because: cause)
    default: .impossible(text, at: offset, because: error)
    }
  }

  private static func range(
    _ left: ArraySlice<Character>, _ right: ArraySlice<Character>, in text: String, _ now: Now
  ) throws(TimeError) -> When.Extent {
    if right.allSatisfy(\.isWhitespace) {
      return try DatePiece.read(left, in: text, now).from()
    }
    if let day = bareDay(left) {
      let last = try DatePiece.read(right, in: text, now)
      return try last.sameMonth(day: day, at: left.startIndex).range(to: last)
    }
    let first = try DatePiece.read(left, in: text, now)
    let later = Now(date: first.part.firstDay, time: .midnight)
    return try first.range(to: try DatePiece.read(right, in: text, later))
  }

  /// `5` of `5..9 december`.
  private static func bareDay(_ text: ArraySlice<Character>) -> Int? {
    let digits = text.filter { !$0.isWhitespace }
    guard (1...2).contains(digits.count), digits.allSatisfy(isDigit) else { return nil }
    return Int(String(digits))
  }
}
