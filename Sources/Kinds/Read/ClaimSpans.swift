// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

/// Times of claims on one clock, in minutes, the same on every replica: rules of zones differ from computer to
/// computer, so none is asked. Wall clocks are compared as they stand where all name the same zone or none. Where
/// they name several, each clock time is widened by half of the most that two clocks can be apart: claims that
/// might overlap then do.
struct ClaimSpans {
  private static let minutesADay = 1440
  private static let slack: Int64 = 13 * 60
  static let always = Int64.min..<Int64.max

  private let isMixed: Bool

  /// - Parameter times: of all claims that are compared.
  init(_ times: [When]) { isMixed = Set(times.compactMap(Self.zone)).count > 1 }

  private static func zone(_ when: When) -> String? {
    if case .moment(_, let zone, _) = when.extent { zone } else { nil }
  }

  /// A time with a rule is taken from its first day on, for it has no other end that all would agree on.
  func span(_ when: When?) -> Range<Int64> {
    guard let when else { return Self.always }
    if when.rule != nil { return Self.minutes(CivilDateTime(when.firstDay))..<Int64.max }
    switch when.extent {
    case .moment(let start, _, let minutes):
      let slack = isMixed ? Self.slack : 0
      let end = minutes.map { start.adding(minutes: max($0, 1)) ?? .latest }
      let first = Self.minutes(start)
      return (first - slack)..<(max(Self.minutes(end ?? Self.midnight(after: start.date)), first + 1) + slack)
    case .days(let first, let last):
      return Self.minutes(CivilDateTime(first))..<Self.minutes(Self.midnight(after: last))
    case .vague(let vague):
      let last = vague.lastDay.map { Self.minutes(Self.midnight(after: $0)) }
      return Self.minutes(CivilDateTime(vague.firstDay))..<(last ?? Int64.max)
    }
  }

  /// The last minute of the calendar is the end of what would end after it.
  private static func midnight(after day: CivilDate) -> CivilDateTime {
    day.adding(days: 1).map { CivilDateTime($0) } ?? .latest
  }

  private static func minutes(_ time: CivilDateTime) -> Int64 {
    Int64(time.date.dayNumber * minutesADay + time.time.minuteOfDay)
  }
}
