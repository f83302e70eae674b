// SPDX-License-Identifier: AGPL-3.0-or-later

/// A year, a month or a day: `2018`, `2018-02`, `2018-02-14`.
public struct PartialDate: Hashable, Sendable {
  public let year: Int
  public let month: Int?
  /// Only with a month.
  public let day: Int?

  /// Throws when the calendar has no such year, month or day.
  public init(year: Int, month: Int? = nil) throws(TimeError) {
    let first = try CivilDate(year: year, month: month ?? 1, day: 1)
    self.year = first.year
    self.month = month
    day = nil
  }

  public init(_ date: CivilDate) {
    year = date.year
    month = date.month
    day = date.day
  }

  /// The whole day, where it is one.
  public var date: CivilDate? {
    guard let month, let day else { return nil }
    return CivilDate(unchecked: year, month, day)
  }

  public var firstDay: CivilDate { CivilDate(unchecked: year, month ?? 1, day ?? 1) }

  public var lastDay: CivilDate {
    let month = month ?? 12
    return CivilDate(unchecked: year, month, day ?? CivilDate.daysIn(month: month, of: year))
  }
}

/// A time that isn't settled to the day (ISO 8601-2, extended date and time format).
public enum Vague: Hashable, Sendable {
  /// Some time in or around it: `2017-12~`, `2018~`, `2017-12-05~`
  case about(PartialDate)
  /// From then on, end unknown: `2017-10/..`
  case from(PartialDate)
  /// `2018-02/2018-03`; one of the two may be a day, never both
  case between(PartialDate, PartialDate)

  public var firstDay: CivilDate {
    switch self {
    case .about(let part), .from(let part), .between(let part, _): part.firstDay
    }
  }

  /// Nil when open.
  public var lastDay: CivilDate? {
    switch self {
    case .about(let part), .between(_, let part): part.lastDay
    case .from: nil
    }
  }
}
