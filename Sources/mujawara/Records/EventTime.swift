// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Kinds
import SyncEngine

/// An event's time and rule, which are one value, from the two flags that people give.
struct EventTime {
  /// The fields that are read together.
  static let names: Set<String> = ["when", "repeat"]

  let desk: Desk
  let zone: String?

  /// Nil if nothing is said about the time. A new time keeps the rule that is there, a new rule the time.
  func settle(_ changes: [FieldChange], _ record: Record?) throws -> When? {
    let time = changes.last { $0.name == "when" }
    let rule = changes.last { $0.name == "repeat" }
    if time == nil, rule == nil, zone == nil { return nil }
    let old = record.flatMap { try? When(value: $0.value("when")) }
    if case .unset = time { throw Failure(.usage, "An event keeps its time. To call it off:  mujawara event cancel") }
    let extent = try time.map { try read($0) }?.extent ?? old.map { rezoned($0.extent) }
    guard let extent else { throw Failure(.usage, "An event needs a time first: give --when.") }
    do {
      return try fitted(When(extent, rule: try read(rule, old: old?.rule)))
    } catch let error as TimeError {
      throw FieldError(field: "repeat", text: rule.map(text) ?? old?.rule?.short ?? "", reason: .time(error))
    }
  }

  /// The same wall clock, in the zone that was named alone.
  private func rezoned(_ extent: When.Extent) -> When.Extent {
    guard let zone, case .moment(let start, _, let minutes) = extent else { return extent }
    return .moment(start: start, zone: zone, minutes: minutes)
  }

  private func read(_ change: FieldChange) throws -> When {
    try desk.input(zone: zone).when(text(change))
  }

  private func read(_ change: FieldChange?, old: Repeat?) throws -> Repeat? {
    guard let change else { return old }
    let words = text(change)
    return words.isEmpty || ["none", "never"].contains(words) ? nil : try Repeat(words)
  }

  private func text(_ change: FieldChange) -> String {
    if case .set(_, _, let text) = change { text } else { "" }
  }

  /// A rule whose first day isn't the event's: the person decides on the first day that fits.
  private func fitted(_ when: When) throws -> When {
    guard when.rule != nil, let fit = when.nextDay(onOrAfter: when.firstDay), fit != when.firstDay else { return when }
    let moved = try When(shifted(when.extent, to: fit), rule: when.rule, source: when.source)
    let said = DayText.day(when.firstDay)
    let words = when.rule?.words ?? ""
    let prompt = desk.context.prompt
    guard prompt.canAsk else {
      throw Failure(.usage, "\(said) isn't \(words). Give the first time as --when: \(DayText.extent(moved.extent, reader: nil)) (\(fit.iso)).")
    }
    let question = "\(said) isn't \(words). Start on \(DayText.extent(moved.extent, reader: nil))?"
    guard try prompt.confirms(question, standard: true, flag: "--when") else {
      throw Failure(.usage, "Then give --when with a day that fits the rule. Nothing was changed.")
    }
    return moved
  }

  private func shifted(_ extent: When.Extent, to day: CivilDate) -> When.Extent {
    switch extent {
    case .moment(let start, let zone, let minutes):
      .moment(start: CivilDateTime(day, start.time), zone: zone, minutes: minutes)
    case .days(let first, let last): .days(first: day, last: day.adding(days: last.days(since: first)) ?? last)
    case .vague: extent
    }
  }
}
