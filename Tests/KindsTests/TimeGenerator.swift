// SPDX-License-Identifier: AGPL-3.0-or-later
import Kinds

/// Times and rules drawn from a seed, so that what failed once can be drawn again.
struct TimeGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64 (Steele, Lea, Flood 2014).
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func int(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.count))
  }

  mutating func chance(_ percent: Int) -> Bool { int(1...100) <= percent }

  mutating func pick<T>(_ items: [T]) -> T { items[int(0...items.count - 1)] }

  mutating func list<T>(_ count: ClosedRange<Int>, _ item: (inout TimeGenerator) -> T) -> [T] {
    (0..<int(count)).map { _ in item(&self) }
  }

  mutating func date(_ years: ClosedRange<Int> = 2016...2032) -> CivilDate {
    let first = try! CivilDate(year: years.lowerBound, month: 1, day: 1)
    let last = try! CivilDate(year: years.upperBound, month: 12, day: 31)
    return first.adding(days: int(0...last.days(since: first)))!
  }

  mutating func time() -> CivilTime {
    try! CivilTime(hour: int(0...23), minute: int(0...59))
  }

  // MARK: Rules

  /// Any rule that the room accepts, common shapes more often than odd ones.
  mutating func rule(endingAfter start: CivilDate) -> Repeat {
    let frequency = pick(Repeat.Frequency.allCases)
    let dated = frequency == .monthly || frequency == .yearly
    let weekdays = chance(50) ? list(1...3) { $0.day(ordinals: dated) } : []
    let monthDays = frequency != .weekly && chance(40) ? list(1...3) { $0.monthDay() } : []
    let months = chance(30) ? list(1...3) { $0.int(1...12) } : []
    let interval = chance(60) ? 1 : chance(90) ? int(2...13) : int(14...999)
    return try! Repeat(
      frequency, interval: interval, weekdays: weekdays, monthDays: monthDays, months: months,
      end: end(after: start), weekStart: chance(70) ? .monday : pick(Weekday.allCases))
  }

  private mutating func day(ordinals: Bool) -> Repeat.Day {
    let weekday = pick(Weekday.allCases)
    guard ordinals, chance(60) else { return .init(weekday) }
    return .init(weekday, ordinal: chance(60) ? int(1...5) : -int(1...5))
  }

  private mutating func monthDay() -> Int {
    if chance(30) { return pick([28, 29, 30, 31, -1]) }
    return chance(80) ? int(1...31) : -int(1...31)
  }

  private mutating func end(after start: CivilDate) -> Repeat.End {
    switch int(0...3) {
    case 0: .count(chance(80) ? int(1...40) : int(41...99_999))
    case 1: .until(start.adding(days: int(0...4000))!)
    default: .never
    }
  }

  // MARK: Times

  mutating func extent() -> When.Extent {
    switch int(0...5) {
    case 0, 1: moment()
    case 2: days()
    case 3: .vague(.about(part()))
    case 4: .vague(.from(part()))
    default: .vague(between())
    }
  }

  private mutating func moment() -> When.Extent {
    let zone = pick([nil, "Europe/Paris", "America/Argentina/Ushuaia", "UTC", "Nowhere/At_all"])
    let minutes = chance(60) ? int(0...366 * 1440) : nil
    return .moment(start: CivilDateTime(date(1...9000), time()), zone: zone, minutes: minutes)
  }

  private mutating func days() -> When.Extent {
    let first = date(1...9000)
    return .days(first: first, last: first.adding(days: chance(50) ? 0 : int(1...366))!)
  }

  mutating func part() -> PartialDate {
    switch int(0...2) {
    case 0: try! PartialDate(year: int(1...9999))
    case 1: try! PartialDate(year: int(1...9999), month: int(1...12))
    default: PartialDate(date(1...9999))
    }
  }

  private mutating func between() -> Vague {
    let (a, b) = (part(), part())
    return a.firstDay <= b.lastDay ? .between(a, b) : .between(b, a)
  }

  mutating func when() -> When {
    let extent = extent()
    let source = chance(30) ? pick(["Les jeudis", "À partir d'octobre", "كل خميس"]) : nil
    if case .vague = extent { return try! When(extent, source: source) }
    let repeats = chance(50) ? rule(endingAfter: extent.firstDay) : nil
    return try! When(extent, rule: repeats, source: source)
  }
}

/// A day from its ISO form, in tests that know it to exist.
func day(_ iso: String) -> CivilDate { try! CivilDate(iso: iso) }

func days(_ isos: String...) -> [CivilDate] { isos.map(day) }
