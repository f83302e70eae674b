// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Exchange
import Kinds
import SyncEngine

/// What somebody answers, as it is typed.
enum AnswerChoice: String, ExpressibleByArgument, CaseIterable {
  case yes, maybe, no

  var word: Answer.Word {
    switch self {
    case .yes: .yes
    case .maybe: .maybe
    case .no: .no
    }
  }
}

extension EventCommand {
  struct RSVP: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rsvp", abstract: "Say who comes: this place, or by an alias somebody of it.",
      discussion: """
        mujawara event rsvp Cantine yes --seats 3
        mujawara event rsvp Cantine no --on 2026-12-10 --for Nour

        An answer holds for every date, unless another is given for one with --on. Each place answers for itself and \
        its people. Where more come than fit, all are shown: nobody is left out for answering late.
        """)

    @Argument(help: "Its short id or title.")
    var record: String

    @Argument(help: "yes, maybe or no.")
    var answer: AnswerChoice

    @Option(help: "The date that it is about, of an event that repeats: 2026-12-05.")
    var on: String?

    @Option(help: "How many come, whoever answers included.")
    var seats: Int64?

    @Option(name: .customLong("for"), help: "Who comes: an alias is enough, and all who read the event read it. Else the place as a whole.")
    var name: String?

    @Option(help: "A word about it.")
    var note: String?

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let desk = try Desk(global)
      let event = try desk.find(record, [.event])
      let day = try on.map { try EventDates(event, desk).day($0) }
      var editor = RecordEditor()
      editor.answer(event, try key(desk, day), try settled())
      try desk.commit(editor)
      let fresh = try desk.fresh(event.id)
      try desk.report([fresh])
      if !desk.context.isJSON { try AnswersPage(fresh, desk).say(on: day) }
      desk.hint("mujawara event show \(try desk.short(event.id)) · mujawara sync")
    }

    private func key(_ desk: Desk, _ day: CivilDate?) throws -> AnswerKey {
      guard let place = try desk.replica.placeID() else { throw AudienceError.noPlace }
      guard let key = AnswerKey(place: place, day: day, name: name) else {
        throw Failure(.usage, "--for takes a name or an alias of at most \(AnswerKey.nameLimit) bytes.")
      }
      return key
    }

    private func settled() throws -> Answer {
      guard answer != .no || seats == nil else { throw Failure(.usage, "Who doesn't come takes no seat: leave --seats out.") }
      if let note { try Titles.check(note) }
      guard let settled = Answer(answer.word, seats: seats ?? 1, note: note.flatMap { $0.isEmpty ? nil : $0 }) else {
        throw Failure(.usage, "--seats takes a number from \(Answer.seatRange.lowerBound) to \(Answer.seatRange.upperBound).")
      }
      return settled
    }
  }
}

/// Who comes to an event, in words.
struct AnswersPage {
  private let event: Record
  private let answers: Answers
  private let when: When?
  private let desk: Desk

  init(_ event: Record, _ desk: Desk) {
    self.event = event
    self.desk = desk
    answers = Answers(event)
    when = try? When(value: event.value("when"))
  }

  /// All of them: for the whole event, then the dates for which somebody answered apart.
  func print() throws {
    guard !answers.entries.isEmpty else { return }
    let names = try Kinds.Directory(desk.replica)
    let whole = answers.entries(on: nil)
    let state = event.text("status") == "cancelled" ? " (the event is CANCELLED)" : ""
    if !whole.isEmpty { desk.output.print("  \(desk.output.styled("Who comes\(state)", .bold))") }
    for entry in whole { desk.output.print("    \(line(entry, names))") }
    if when?.rule == nil || !whole.isEmpty { try warn(nil, names) }
    for day in answers.days {
      let mark = self.mark(day).map { " (\($0))" } ?? ""
      desk.output.print("  \(desk.output.styled("Who comes on \(DayText.day(day))\(mark)", .bold))")
      for entry in answers.entries where entry.key.day == day { desk.output.print("    \(line(entry, names))") }
      if let total = AnswerWords.total(answers.total(on: day)) { desk.output.print("    in all \(total)") }
      try warn(day, names)
    }
  }

  /// The count for a date or the whole event, after an answer.
  func say(on day: CivilDate?) throws {
    let date = day.map { "\(DayText.day($0))\(mark($0).map { " (\($0))" } ?? ""): " } ?? ""
    if let total = AnswerWords.total(answers.total(on: day)) { desk.output.print(date + total) }
    try warn(day, try Kinds.Directory(desk.replica))
  }

  /// What has become of a date since somebody answered for it.
  private func mark(_ day: CivilDate) -> String? {
    if let override = Agenda.overrides(of: event)[day], override != .changed {
      return override == .cancelled ? "CANCELLED" : FieldText.overrideText(override, desk)
    }
    guard let when else { return "it has no time" }
    return when.nextDay(onOrAfter: day) == day ? nil : "not one of its dates any more"
  }

  private func line(_ entry: Answers.Entry, _ names: Kinds.Directory) -> String {
    let others = entry.others.map { " (at the same time: \(desk.output.user(AnswerWords.text($0))))" }.joined()
    return "\(who(entry.key, names)): \(desk.output.user(AnswerWords.text(entry.answer)))\(others)"
  }

  private func who(_ key: AnswerKey, _ names: Kinds.Directory) -> String {
    let place = names.name(ofPlace: key.place).text
    return desk.output.user(key.name.map { "\($0), \(place)" } ?? place)
  }

  /// Names everybody where more come than fit: people settle it among themselves.
  private func warn(_ day: CivilDate?, _ names: Kinds.Directory) throws {
    let total = answers.total(on: day)
    guard total.isOver, let capacity = total.capacity else { return }
    let coming = answers.entries(on: day).filter { $0.answer.word == .yes }
    let list = coming.map { "\(who($0.key, names)) \($0.answer.seats)" }.joined(separator: "; ")
    desk.output.print("    ! over-promised: \(SessionWords.plural(Int(clamping: total.yes), "seat")) for \(capacity): \(list)")
  }
}

/// Answers in words.
enum AnswerWords {
  /// `yes, 3 seats (végétarien)`.
  static func text(_ answer: Answer) -> String {
    let seats = answer.seats > 1 ? ", \(answer.seats) seats" : ""
    return answer.word.rawValue + seats + (answer.note.map { " (\($0))" } ?? "")
  }

  /// `12 of 30 coming · 2 maybe`; nil where nobody answered.
  static func total(_ total: Answers.Total) -> String? {
    guard !total.isEmpty else { return nil }
    let coming = total.capacity.map { "\(total.yes) of \($0) coming" } ?? "\(total.yes) coming"
    return ([coming] + (total.maybe > 0 ? ["\(total.maybe) maybe"] : [])).joined(separator: " · ")
  }

  /// As `total`, with a warning where more come than fit.
  static func mark(_ total: Answers.Total) -> String? {
    self.total(total).map { total.isOver ? "! over-promised: \($0)" : $0 }
  }

  /// The person or place and the date that a key is about, without a look at names.
  static func key(_ key: AnswerKey) -> String {
    [ShortID.brief(key.place), key.name, key.day?.iso].compactMap(\.self).joined(separator: " ")
  }

  static func members(_ total: Answers.Total) -> [JSONMember] {
    [
      JSONMember("yes", .int(total.yes)), JSONMember("maybe", .int(total.maybe)), JSONMember("no", .int(Int64(total.no))),
      JSONMember("capacity", total.capacity.map(JSONValue.int) ?? .null), JSONMember("over_promised", .bool(total.isOver)),
    ]
  }
}
