// SPDX-License-Identifier: AGPL-3.0-or-later

/// What happens to one date of a repeating event.
public enum Override: Hashable, Sendable {
  /// It takes place at another time; a rule inside is ignored.
  case moved(When)
  case cancelled
  /// Something else about it differs, such as the title; its time stays.
  case changed
}

/// One time at which an event takes place, or would have.
public struct Occurrence: Hashable, Sendable {
  /// The day on which the rule put it, whatever became of it: its name among the occurrences.
  public let original: CivilDate
  /// When it really is.
  public let extent: When.Extent
  public let isMoved: Bool
  public let isCancelled: Bool
  /// The event's rule no longer yields this date, yet something was said about it.
  public let isDetached: Bool

  public var start: CivilDateTime { extent.start }
  /// As `When.Extent.end`: no longer part of it.
  public var end: CivilDateTime { extent.end }
}

/// The occurrences of an event that touch the days of `range`, by start.
///
/// Pure calendar arithmetic, the same on every machine: no locale, no zone rules. Overrides are
/// keyed by the day on which the rule puts, or once put, the occurrence. Cancelled ones are listed
/// (a calendar on a phone must hear of them) and count for a rule that ends by count.
public func occurrences(
  of when: When, overrides: [CivilDate: Override] = [:], in range: ClosedRange<CivilDate>
) -> [Occurrence] {
  let series = Series(when)
  let plain = series.dates(touching: range).filter { overrides[$0] == nil }
    .compactMap { series.occurrence(on: $0, nil, detached: false) }
  let known = series.yielded(among: overrides.keys.sorted())
  let special = overrides.keys.sorted()
    .compactMap { series.occurrence(on: $0, overrides[$0], detached: !known.contains($0)) }
  return (plain + special).filter { touches($0.extent, range) }.sorted {
    ($0.start, $0.original) < ($1.start, $1.original)
  }
}

private func touches(_ extent: When.Extent, _ range: ClosedRange<CivilDate>) -> Bool {
  extent.firstDay <= range.upperBound && (extent.lastDay ?? .latest) >= range.lowerBound
}

extension When {
  /// The rule's first day on or after `day`, overrides aside; the first day itself, if not past,
  /// where nothing repeats. For "next on …", and to find that a start doesn't fit its rule.
  public func nextDay(onOrAfter day: CivilDate) -> CivilDate? {
    guard let rule else { return firstDay >= day ? firstDay : nil }
    return Expansion(rule, from: firstDay).next(onOrAfter: day)
  }
}

/// An event's dates before overrides.
private struct Series {
  let extent: When.Extent
  let expansion: Expansion?

  init(_ when: When) {
    extent = when.extent
    expansion = when.rule.map { Expansion($0, from: when.firstDay) }
  }

  /// Days on which an occurrence starts that reaches into the range.
  func dates(touching range: ClosedRange<CivilDate>) -> [CivilDate] {
    guard let expansion else { return [extent.firstDay] }
    let length = (extent.lastDay ?? extent.firstDay).days(since: extent.firstDay)
    let first = range.lowerBound.adding(days: -length) ?? .earliest
    return expansion.dates(in: first...range.upperBound)
  }

  /// Those of some ascending days that the rule yields.
  func yielded(among days: [CivilDate]) -> Set<CivilDate> {
    guard let first = days.first, let last = days.last else { return [] }
    guard let expansion else { return [extent.firstDay] }
    if case .count = expansion.rule.end { return Set(expansion.dates(in: first...last)) }
    return Set(days.filter { !expansion.dates(in: $0...$0).isEmpty })
  }

  /// Nil where the occurrence would leave the calendar.
  func occurrence(on day: CivilDate, _ override: Override?, detached: Bool) -> Occurrence? {
    var moved: When.Extent?
    if case .moved(let when) = override { moved = when.extent }
    guard let extent = moved ?? shifted(to: day) else { return nil }
    return Occurrence(
      original: day, extent: extent, isMoved: moved != nil, isCancelled: override == .cancelled,
      isDetached: detached)
  }

  private func shifted(to day: CivilDate) -> When.Extent? {
    switch extent {
    case .moment(let start, let zone, let minutes):
      let start = CivilDateTime(day, start.time)
      guard start.adding(minutes: minutes ?? 0) != nil else { return nil }
      return .moment(start: start, zone: zone, minutes: minutes)
    case .days(let first, let last):
      guard let last = day.adding(days: last.days(since: first)) else { return nil }
      return .days(first: day, last: last)
    case .vague:
      return day == extent.firstDay ? extent : .days(first: day, last: day)
    }
  }
}
