// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Exchange
import Kinds
import SyncEngine

struct AgendaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agenda", abstract: "What takes place in the next 30 days, or in the days that you name.",
    discussion: """
      mujawara agenda --month 2017-10
      mujawara agenda --from monday --to +2w
      """)

  @Option(help: "A month: 2017-10, october, 'octobre 2017'.")
  var month: String?

  @Option(help: "The first day.")
  var from: String?

  @Option(help: "The last day.")
  var to: String?

  @OptionGroup var past: PastOption
  @OptionGroup var global: GlobalOptions

  func run() throws {
    guard month == nil || (from == nil && to == nil) else {
      throw Failure(.usage, "Name a month, or the first and last day, not both.")
    }
    let desk = try Desk(global)
    let range = try days(desk)
    let agenda = Agenda(try past.records([.event], desk), in: range, zone: desk.zone)
    let page = AgendaPage(agenda, range, desk)
    try desk.context.isJSON ? page.emit() : page.print()
    guard past.at == nil else { return }
    let returns = try DueBack(range, desk)
    try desk.context.isJSON ? returns.emit() : returns.print()
  }

  private func days(_ desk: Desk) throws -> ClosedRange<CivilDate> {
    if let month { return try span(of: month, desk) }
    let first = try from.map { try span(of: $0, desk).lowerBound } ?? desk.today
    let last = try to.map { try span(of: $0, desk).upperBound } ?? first.adding(days: 30) ?? .latest
    guard first <= last else { throw Failure(.usage, "The last day, \(DayText.day(last)), is before the first, \(DayText.day(first)).") }
    return first...last
  }

  /// All days of what was typed.
  private func span(of text: String, _ desk: Desk) throws -> ClosedRange<CivilDate> {
    let extent = try desk.input().when(text).extent
    return extent.firstDay...(extent.lastDay ?? .latest)
  }
}

/// An agenda, day by day, with what isn't settled to the day after it.
struct AgendaPage {
  private let agenda: Agenda
  private let range: ClosedRange<CivilDate>
  private let desk: Desk
  private var output: Output { desk.output }

  init(_ agenda: Agenda, _ range: ClosedRange<CivilDate>, _ desk: Desk) {
    self.agenda = agenda
    self.range = range
    self.desk = desk
  }

  // MARK: For people

  func print() throws {
    if output.options.plain { return try plain() }
    output.print("\(DayText.day(range.lowerBound)) to \(DayText.day(range.upperBound))")
    var day: CivilDate?
    for entry in agenda.dated {
      let shown = max(entry.local.date, range.lowerBound)
      if shown != day { output.print(output.styled(DayText.day(shown), .bold)) }
      day = shown
      output.print(try line(entry))
    }
    if !agenda.vague.isEmpty { output.print(output.styled("Not settled to the day", .bold)) }
    for entry in agenda.vague { output.print(try line(entry)) }
    if agenda.dated.isEmpty, agenda.vague.isEmpty { output.print("Nothing is planned.") }
    for event in agenda.unreadable { output.print("! Its time is of a newer version: \(try RecordLine(event, desk).text)") }
  }

  private func line(_ entry: Agenda.Entry) throws -> String {
    let title = output.user(desk.title(entry.event))
    let parts = [title] + (try place(entry)) + marks(entry)
    let time = self.time(entry)
    return "  \(time.isEmpty ? "" : time + "  ")\(output.styled(try desk.short(entry.event.id), .cyan))  \(parts.joined(separator: " · "))"
  }

  /// The event's clock, its days if there are several, or its vague words; nothing for a single whole day.
  private func time(_ entry: Agenda.Entry) -> String {
    switch entry.occurrence.extent {
    case .moment(let start, let zone, _):
      let clock = DayText.clock(entry.occurrence.extent)
      guard let zone, entry.local != start else { return clock }
      return "\(entry.local.time.iso) (\(clock) \(zone))"
    case .days(let first, let last): return first == last ? "" : "\(DayText.brief(first)) – \(DayText.brief(last))"
    case .vague: return DayText.extent(entry.occurrence.extent, reader: desk.zone)
    }
  }

  private func place(_ entry: Agenda.Entry) throws -> [String] {
    let words = entry.event.text("place").map(output.user)
    let venue = try entry.event.reference("venue").map { output.user(try desk.reference($0)) }
    return [words, venue].compactMap(\.self)
  }

  private func marks(_ entry: Agenda.Entry) -> [String] {
    var marks: [String] = []
    if entry.isCancelled { marks.append("CANCELLED") }
    if entry.isMoved { marks.append("moved from \(DayText.day(entry.occurrence.original))") }
    if entry.event.text("status") == "tentative" { marks.append("tentative") }
    if entry.event.text("status") == "draft" { marks.append("draft") }
    if let total = AnswerWords.mark(Answers(entry.event).total(on: entry.occurrence.original)) { marks.append(total) }
    if entry.isContested { marks.append("! several times were given: mujawara conflicts") }
    if entry.isUnknownZone { marks.append("! its zone isn't known here") }
    return marks
  }

  // MARK: For programs

  /// Day, time, id and title between tabs.
  private func plain() throws {
    for entry in agenda.dated + agenda.vague {
      let extent = entry.occurrence.extent
      let cells = [
        When.text(extent), try desk.short(entry.event.id), output.user(desk.title(entry.event)),
        output.user(entry.event.text("place") ?? ""), entry.isCancelled ? "cancelled" : "",
      ]
      output.print(cells.joined(separator: "\t"))
    }
  }

  func emit() throws {
    for entry in agenda.dated + agenda.vague { desk.context.emit("occurrence/1", members(entry)) }
  }

  private func members(_ entry: Agenda.Entry) -> [JSONMember] {
    let extent = entry.occurrence.extent
    let isVague = if case .vague = extent { true } else { false }
    let instant: JSONValue = if case .moment = extent { .int(entry.instant) } else { .null }
    return [
      JSONMember("event", .string(ID16(entry.event.id).hex)), JSONMember("title", desk.titleJSON(entry.event)),
      JSONMember("when", .string(When.text(extent))), JSONMember("original", .string(entry.occurrence.original.iso)),
      JSONMember("instant", instant), JSONMember("place", entry.event.text("place").map(JSONValue.string) ?? .null),
      JSONMember("vague", .bool(isVague)), JSONMember("cancelled", .bool(entry.isCancelled)),
      JSONMember("moved", .bool(entry.isMoved)), JSONMember("contested", .bool(entry.isContested)),
      JSONMember("answers", .object(AnswerWords.members(Answers(entry.event).total(on: entry.occurrence.original)))),
    ]
  }
}

extension When {
  /// An extent in the text form that programs exchange.
  static func text(_ extent: Extent) -> String { (try? When(extent).edtf) ?? "" }
}
