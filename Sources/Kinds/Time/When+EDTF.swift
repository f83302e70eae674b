// SPDX-License-Identifier: AGPL-3.0-or-later

// The text form of a time, after the extended date and time format (EDTF, ISO 8601-2):
//
//   2026-12-05                            a day
//   2026-12-05/2026-12-09                 days, both included
//   2026-12~   2026~   2026-12-05~        about then
//   2026-10/..                            from then on
//   2026-12/2027-01                       within
//   2026-12-05T19:00                      a moment
//   2026-12-05T19:00/2026-12-05T21:00     with its end
//   …T19:00[Europe/Paris]                 in a zone, after the whole (as RFC 9557 writes zones)
//
// A year or month without `~` is read as "about", and printed with it.

extension When {
  /// Without the rule, which has its own text forms.
  public var edtf: String { extent.edtf }

  /// Reads the forms above and nothing else. Throws `TimeError`.
  public init(
    edtf text: String, rule: Repeat? = nil, source: String? = nil
  ) throws(TimeError) {
    var scanner = TextScanner(text)
    let extent = try scanner.extent()
    try scanner.expectEnd()
    do {
      try self.init(extent, rule: rule, source: source)
    } catch .endBeforeStart(let start, let end) {
      throw .impossible(text, at: 0, because: .endBeforeStart(start: start, end: end))
    }
  }
}

extension When.Extent {
  public var edtf: String {
    switch self {
    case .moment(let start, let zone, let minutes):
      let end = minutes.flatMap(start.adding(minutes:)).map { "/\($0.iso)" } ?? ""
      return start.iso + end + (zone.map { "[\($0)]" } ?? "")
    case .days(let first, let last):
      return first == last ? first.iso : "\(first.iso)/\(last.iso)"
    case .vague(.about(let part)):
      return "\(part.iso)~"
    case .vague(.from(let part)):
      return "\(part.iso)/.."
    case .vague(.between(let first, let last)):
      return "\(first.iso)/\(last.iso)"
    }
  }
}

extension TextScanner {
  fileprivate mutating func extent() throws(TimeError) -> When.Extent {
    let part = try partialDate()
    if let date = part.date {
      if skip("T") { return try moment(CivilDateTime(date, try time())) }
      if isAtEnd { return .days(first: date, last: date) }
    }
    if isAtEnd || skip("~") { return .vague(.about(part)) }
    try expect("/", "~ or /")
    if skip("..") { return .vague(.from(part)) }
    return .vague(.between(part, try partialDate()))
  }

  private mutating func moment(_ start: CivilDateTime) throws(TimeError) -> When.Extent {
    var minutes: Int?
    if skip("/") {
      let end = try dateTime()
      guard end >= start else { throw .endBeforeStart(start: start.iso, end: end.iso) }
      minutes = end.minutes(since: start)
    }
    guard skip("[") else { return .moment(start: start, zone: nil, minutes: minutes) }
    guard let zone = take(upTo: "]") else { throw unreadable("]") }
    return .moment(start: start, zone: zone, minutes: minutes)
  }
}
