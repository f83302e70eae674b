// SPDX-License-Identifier: AGPL-3.0-or-later

extension DateInput {
  /// As `parse`, for what lies behind: what has no year, and names of days and times of day alone, mean the last
  /// such time until now. `tomorrow` and `+3d` stay what they are, as does what is only to come.
  ///
  /// - Throws: `TimeError.unreadable`, `.ambiguous` or `.impossible`.
  public static func parsePast(
    _ text: String, now: CivilDateTime, zone: String? = nil
  ) throws(TimeError) -> When.Extent {
    let next = try extent(text, now, zone)
    guard next.start > now, try !isCounted(text, next, now, zone) else { return next }
    for days in [1, 6, 7, 365, 366] {
      let earlier = try extent(text, back(now, days), zone)
      if earlier.start <= now { return earlier }
    }
    return next
  }

  private static func extent(_ text: String, _ now: CivilDateTime, _ zone: String?) throws(TimeError) -> When.Extent {
    try parse(text, today: now.date, now: now.time, zone: zone).extent
  }

  private static func back(_ now: CivilDateTime, _ days: Int) -> CivilDateTime {
    CivilDateTime(now.date.adding(days: -days) ?? now.date, now.time)
  }

  /// Whether a time that is to come was counted from now: a day earlier it means a day earlier, and it is no time
  /// of day alone, whose day hangs on the hour.
  private static func isCounted(
    _ text: String, _ next: When.Extent, _ now: CivilDateTime, _ zone: String?
  ) throws(TimeError) -> Bool {
    let yesterday = try extent(text, back(now, 1), zone).start
    guard yesterday == next.start.adding(minutes: -1440) else { return false }
    let morning = try extent(text, CivilDateTime(now.date), zone).start
    let evening = try extent(text, CivilDateTime(now.date, CivilTime(minuteOfDay: 1439)), zone).start
    return morning.time != next.start.time || (morning == next.start && evening == next.start)
  }
}
