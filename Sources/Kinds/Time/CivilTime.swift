// SPDX-License-Identifier: AGPL-3.0-or-later

/// A time of the day by the clock on the wall, to the minute. Written `19:00`.
public struct CivilTime: Hashable, Comparable, Sendable {
  /// 0…23
  public let hour: Int
  /// 0…59
  public let minute: Int

  public init(hour: Int, minute: Int) throws(TimeError) {
    guard (0...23).contains(hour) else { throw .hourOutOfRange(hour) }
    guard (0...59).contains(minute) else { throw .minuteOutOfRange(minute) }
    self.hour = hour
    self.minute = minute
  }

  /// The minute of the day must be 0…1439.
  init(minuteOfDay: Int) {
    precondition((0..<1440).contains(minuteOfDay), "a day has 1440 minutes")
    hour = minuteOfDay / 60
    minute = minuteOfDay % 60
  }

  public static let midnight = CivilTime(minuteOfDay: 0)

  /// Minutes since midnight, 0…1439.
  public var minuteOfDay: Int { hour * 60 + minute }

  public static func < (a: CivilTime, b: CivilTime) -> Bool { a.minuteOfDay < b.minuteOfDay }
}

/// A day and a time by the clock on the wall. Written `2026-12-05T19:00`.
public struct CivilDateTime: Hashable, Comparable, Sendable {
  public let date: CivilDate
  public let time: CivilTime

  public init(_ date: CivilDate, _ time: CivilTime = .midnight) {
    self.date = date
    self.time = time
  }

  /// The last minute that exists here: 9999-12-31T23:59.
  public static let latest = CivilDateTime(.latest, CivilTime(minuteOfDay: 1439))

  public static func < (a: CivilDateTime, b: CivilDateTime) -> Bool {
    (a.date, a.time) < (b.date, b.time)
  }

  /// Minutes by the clock on the wall, a day counting 1440. Nil when the sum leaves the calendar.
  public func adding(minutes: Int) -> CivilDateTime? {
    let (sum, overflow) = wallMinutes.addingReportingOverflow(minutes)
    guard !overflow, sum >= 0, let date = CivilDate(ordinal: sum / 1440) else { return nil }
    return CivilDateTime(date, CivilTime(minuteOfDay: sum % 1440))
  }

  /// Minutes by the clock on the wall from `other` to this.
  public func minutes(since other: CivilDateTime) -> Int { wallMinutes - other.wallMinutes }

  private var wallMinutes: Int { date.ordinal * 1440 + time.minuteOfDay }
}
