// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Kinds
import SyncEngine

struct EventCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "event", abstract: "What takes place, once or again and again.",
    discussion: """
      mujawara event add "Assemblée ouverte" --when "2026-12-05 19:00" --repeat "monthly on the 5th"
      mujawara event move Assemblée --on 2027-01-05 --to "2027-01-06 19:00"
      mujawara event cancel Assemblée --on 2027-02-05
      mujawara event rsvp Assemblée yes --seats 2
      """,
    subcommands: [
      AddRecord<EventNoun>.self, ListRecords<EventNoun>.self, ShowRecord<EventNoun>.self, EditRecord<EventNoun>.self,
      RemoveRecord<EventNoun>.self, Move.self, Cancel.self, Reopen.self, RSVP.self,
    ])

  struct Move: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Move it, or one date of it, to another time.")

    @Argument(help: "Its short id or title.")
    var record: String

    @Option(help: "The date that moves, of an event that repeats: 2026-12-05.")
    var on: String?

    @Option(help: "When it is instead: a day keeps the time of day.")
    var to: String?

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let desk = try Desk(global)
      let event = try EventDates(desk.find(record, [.event]), desk)
      guard let to else { throw Failure(.usage, "Say when it is instead: give --to.") }
      guard let when = event.when else { throw Failure(.usage, "It has no time yet: mujawara event edit --when …") }
      guard let on else {
        guard when.rule == nil else { throw Failure(.usage, "It repeats (\(when.rule?.words ?? "")): say which date moves with --on, or change all of it with  mujawara event edit --when … --repeat …") }
        return try event.write(CellKey(field: EventDates.whenField), try event.moment(to, like: when.extent).value)
      }
      let day = try event.day(on)
      try event.write(event.cell(day), Override.moved(try event.moment(to, like: event.extent(on: day))).value)
    }
  }

  struct Cancel: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Call it off, or one date of it; it stays to be seen.")

    @Argument(help: "Its short id or title.")
    var record: String

    @Option(help: "The date that is called off, of an event that repeats: 2026-12-05.")
    var on: String?

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let desk = try Desk(global)
      let event = try EventDates(desk.find(record, [.event]), desk)
      if let on { return try event.write(event.cell(try event.day(on)), Override.cancelled.value) }
      try event.write(CellKey(field: EventDates.statusField), .text("cancelled"))
    }
  }

  struct Reopen: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "It takes place after all, or one date of it as it was planned.")

    @Argument(help: "Its short id or title.")
    var record: String

    @Option(help: "The date that takes place as planned, of an event that repeats.")
    var on: String?

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let desk = try Desk(global)
      let event = try EventDates(desk.find(record, [.event]), desk)
      if let on { return try event.write(event.cell(try event.day(on)), .null) }
      try event.write(CellKey(field: EventDates.statusField), .text("confirmed"))
    }
  }
}

/// The single dates of an event.
struct EventDates {
  static let whenField = Kind.event.field(named: "when")!.number
  static let overField = Kind.event.field(named: "over")!.number
  static let statusField = Kind.event.field(named: "status")!.number

  let event: Record
  let when: When?
  private let desk: Desk

  init(_ event: Record, _ desk: Desk) {
    self.event = event
    self.desk = desk
    when = try? When(value: event.value("when"))
  }

  /// A date of the event, by the day on which its rule puts it, or by the day that it was moved to; also one that the
  /// rule has no longer and that somebody answered for.
  func day(_ text: String) throws -> CivilDate {
    let read = try desk.input().when(text)
    guard case .days(let day, let last) = read.extent, day == last else {
      throw Failure(.unreadable, "--on takes a day: 2026-12-05.")
    }
    guard let when else { throw Failure(.usage, "It has no time yet: mujawara event edit --when …") }
    let overrides = Agenda.overrides(of: event)
    if overrides[day] != nil || Answers(event).days.contains(day) || when.nextDay(onOrAfter: day) == day { return day }
    let moved = overrides.filter { Self.day(movedTo: $0.value) == day }.keys.sorted()
    guard let original = moved.first else { throw noSuchDay(day, when) }
    guard moved.count == 1 else {
      let days = moved.map(\.iso).joined(separator: " and ")
      throw Failure(.usage, "Several dates were moved to \(DayText.day(day)). Name one by the day that it had: \(days).")
    }
    return original
  }

  private static func day(movedTo override: Override) -> CivilDate? {
    guard case .moved(let when) = override else { return nil }
    return when.firstDay
  }

  private func noSuchDay(_ day: CivilDate, _ when: When) -> Failure {
    let next = when.nextDay(onOrAfter: day).map { " The next is \(DayText.day($0)) (\($0.iso))." } ?? ""
    return Failure(.usage, "It isn't on \(DayText.day(day)).\(next)")
  }

  /// When the rule has it on that day.
  func extent(on day: CivilDate) -> When.Extent {
    guard let when else { return .days(first: day, last: day) }
    return occurrences(of: when, in: day...day).first { $0.original == day }?.extent ?? when.extent
  }

  /// What was typed, with the time of day, the zone and the length of the old time where it names none.
  func moment(_ text: String, like old: When.Extent) throws -> When {
    var zone: String?
    if case .moment(_, let named, _) = old { zone = named }
    let typed = try desk.input(zone: zone).when(text)
    switch (typed.extent, old) {
    case (.days(let first, let last), .moment(let start, let zone, let minutes)) where first == last:
      return try When(.moment(start: CivilDateTime(first, start.time), zone: zone, minutes: minutes))
    case (.days(let first, let last), .days(let from, let until)) where first == last:
      return try When(.days(first: first, last: first.adding(days: until.days(since: from)) ?? last))
    case (.moment(let start, let zone, nil), .moment(_, _, let minutes)):
      return try When(.moment(start: start, zone: zone, minutes: minutes))
    default: return typed
    }
  }

  func cell(_ day: CivilDate) -> CellKey { CellKey(field: Self.overField, key: day.value) }

  /// Writes one cell and tells how the event stands.
  func write(_ cell: CellKey, _ value: Value) throws {
    var editor = RecordEditor()
    let old = cell.field == Self.whenField ? when?.rule : nil
    var value = value
    if let old, let moved = try? When(value: value) { value = try moved.repeating(old).value }
    editor.set(editor.edit(event), cell, to: value)
    try desk.commit(editor)
    try desk.report([try desk.fresh(event.id)])
    if cell.field == Self.overField, !desk.context.isJSON { try say(cell) }
    desk.hint("mujawara undo · mujawara sync")
  }

  private func say(_ cell: CellKey) throws {
    let fresh = try desk.fresh(event.id)
    guard let key = cell.key, let day = try? CivilDate(value: key) else { return }
    let words = Agenda.overrides(of: fresh)[day].map { FieldText.overrideText($0, desk) } ?? "as planned"
    desk.output.print("\(DayText.day(day)): \(words)")
  }
}
