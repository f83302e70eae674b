// SPDX-License-Identifier: AGPL-3.0-or-later

/// When an event is: one value, replaced as a whole, so that no merge makes a time nobody wrote.
public struct When: Hashable, Sendable {
  /// The event's time, or its first time where it repeats.
  public enum Extent: Hashable, Sendable {
    /// A wall-clock start. `zone` is an IANA name, nil where the clock is whoever reads it
    /// (floating). `minutes` are minutes of that clock, nil where no end is known.
    case moment(start: CivilDateTime, zone: String?, minutes: Int?)
    /// Whole days, both ends included.
    case days(first: CivilDate, last: CivilDate)
    case vague(Vague)
  }

  public let extent: Extent
  public let rule: Repeat?
  /// The words as people wrote them.
  public let source: String?

  /// Throws when the span is reversed or too long, the zone's name has a strange shape, or the
  /// rule doesn't fit: before the start, or over a vague or very long time.
  public init(_ extent: Extent, rule: Repeat? = nil, source: String? = nil) throws(TimeError) {
    try Self.check(extent)
    self.extent = Self.settled(extent)
    if let rule { try rule.check(repeating: self.extent) }
    self.rule = rule
    self.source = source
  }

  public static func moment(
    _ start: CivilDateTime, zone: String? = nil, minutes: Int? = nil, rule: Repeat? = nil
  ) throws(TimeError) -> When {
    try When(.moment(start: start, zone: zone, minutes: minutes), rule: rule)
  }

  public static func days(
    _ first: CivilDate, _ last: CivilDate? = nil, rule: Repeat? = nil
  ) throws(TimeError) -> When {
    try When(.days(first: first, last: last ?? first), rule: rule)
  }

  public static func vague(_ vague: Vague) throws(TimeError) -> When {
    try When(.vague(vague))
  }

  /// The same time with another rule.
  public func repeating(_ rule: Repeat?) throws(TimeError) -> When {
    try When(extent, rule: rule, source: source)
  }

  /// The same time with the words that people wrote.
  public func written(_ source: String?) -> When {
    When(trusted: extent, rule, source)
  }

  private init(trusted extent: Extent, _ rule: Repeat?, _ source: String?) {
    self.extent = extent
    self.rule = rule
    self.source = source
  }
}

extension When {
  /// The longest moment, and the longest time that can repeat.
  public static let daysMax = 366

  public var firstDay: CivilDate { extent.firstDay }

  private static func check(_ extent: Extent) throws(TimeError) {
    switch extent {
    case .moment(let start, let zone, let minutes):
      try check(start, zone, minutes)
    case .days(let first, let last):
      guard first <= last else { throw .endBeforeStart(start: first.iso, end: last.iso) }
    case .vague(.between(let first, let last)):
      guard first.firstDay <= last.lastDay else {
        throw .endBeforeStart(start: first.iso, end: last.iso)
      }
    case .vague:
      break
    }
  }

  private static func check(
    _ start: CivilDateTime, _ zone: String?, _ minutes: Int?
  ) throws(TimeError) {
    if let zone { try ZoneName.check(zone) }
    guard let minutes else { return }
    guard (0...daysMax * 1440).contains(minutes) else {
      throw .durationOutOfRange(minutes: minutes)
    }
    guard start.adding(minutes: minutes) != nil else { throw .outsideCalendar }
  }

  /// Two whole days are days, not something vague: one value has one form.
  private static func settled(_ extent: Extent) -> Extent {
    guard case .vague(.between(let first, let last)) = extent,
      let first = first.date, let last = last.date
    else { return extent }
    return .days(first: first, last: last)
  }
}

extension When.Extent {
  public var firstDay: CivilDate {
    switch self {
    case .moment(let start, _, _): start.date
    case .days(let first, _): first
    case .vague(let vague): vague.firstDay
    }
  }

  /// The last day touched, nil when open. A moment that ends at midnight doesn't touch the new day.
  public var lastDay: CivilDate? {
    switch self {
    case .moment(let start, _, let minutes):
      start.adding(minutes: max(0, (minutes ?? 0) - 1))?.date ?? .latest
    case .days(_, let last): last
    case .vague(let vague): vague.lastDay
    }
  }

  /// The wall clock at the start; midnight where there is no clock.
  public var start: CivilDateTime {
    if case .moment(let start, _, _) = self { start } else { CivilDateTime(firstDay) }
  }

  /// The wall clock at the end, which is no longer part of it: midnight after the last day where
  /// there is no clock, the start where no end is known. What would run past the calendar, and
  /// what is open, ends at `CivilDateTime.latest`.
  public var end: CivilDateTime {
    switch self {
    case .moment(let start, _, let minutes):
      return start.adding(minutes: minutes ?? 0) ?? .latest
    case .days, .vague:
      guard let next = lastDay?.adding(days: 1) else { return .latest }
      return CivilDateTime(next)
    }
  }
}

/// The shape of an IANA time zone name: `Europe/Paris`, `UTC`, `America/Argentina/Ushuaia`.
enum ZoneName {
  static func check(_ name: String) throws(TimeError) {
    let length = name.utf8.count
    guard (1...64).contains(length), name.utf8.allSatisfy(isAllowed),
      name.utf8.first != 0x2F, name.utf8.last != 0x2F
    else { throw .notAZoneName(name) }
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true  // 0-9 A-Z a-z
    case 0x2B, 0x2D, 0x2F, 0x5F: true  // + - / _
    default: false
    }
  }
}
