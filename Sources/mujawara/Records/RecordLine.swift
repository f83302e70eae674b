// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Kinds
import SyncEngine

/// A record on one line: `need 7tqr  Riz · 12 kg · within 3–5 days · network`.
struct RecordLine {
  let record: Record
  let desk: Desk

  init(_ record: Record, _ desk: Desk) {
    self.record = record
    self.desk = desk
  }

  var text: String {
    get throws {
      let name = "\(SafeText.line(record.kindName)) \(desk.output.styled(try desk.short(record.id), .cyan))"
      let title = desk.output.styled(desk.output.user(desk.title(record)), .bold)
      return "\(name)  " + ([title] + (try details) + [audience]).joined(separator: " · ")
    }
  }

  /// What matters of the kind, ready to print.
  var details: [String] {
    get throws {
      let own: [String?] =
        switch record.kind {
        case .need: try need
        case .offer: try offer
        case .item: try item
        case .event: try event
        case .contact: [user("type"), try of("of")]
        case .list: [user("purpose"), try under]
        case .thing, .claim, .stock, .movement: try ScarceLine(record, desk).details
        case .note: [try day("held", "held"), try of("meeting"), state(unless: "draft")]
        default: [user("type"), user("area"), user("address"), user("link"), statusWord]
        }
      return own.compactMap(\.self) + (try marks)
    }
  }

  /// Who reads it.
  var audience: String {
    switch Audience.privacy(of: record, in: desk.replica) {
    case .place: "place only"
    case .network: "network"
    case .public: "public"
    }
  }

  // MARK: Kinds

  /// A name stands beside the state that it belongs to, and beside no other.
  private func inState(_ state: String, _ words: String?) -> String? { record.text("state") == state ? words : nil }

  private var need: [String?] {
    get throws {
      [
        user("qty"), record.text("urgency").map { desk.output.user(FieldText.urgency($0)) }, try day("until", "until"), user("area"),
        state(unless: "open"), inState("promised", user("promised_by").map { "by \($0)" }), try day("follow_up", "follow up"),
      ]
    }
  }

  private var offer: [String?] {
    get throws {
      [
        user("qty"), record.value("inexhaustible") == .bool(true) ? "as often as needed" : nil,
        try day("from", "from"), try day("until", "until"), user("area"), state(unless: "open"),
        inState("promised", user("promised_to").map { "to \($0)" }),
      ]
    }
  }

  private var item: [String?] {
    get throws {
      let assigned = record.members("assigned")
      let who = assigned.isEmpty ? nil : "for " + assigned.map(desk.output.user).joined(separator: ", ")
      let priority = record.text("priority") == "high" ? "high priority" : nil
      return [user("qty"), try day("due", "due"), priority, who, state(unless: "todo"), inState("done", user("done_by").map { "by \($0)" })]
    }
  }

  private var event: [String?] {
    get throws {
      let when = try? When(value: record.value("when"))
      let time = when.map { DayText.when($0, reader: desk.zone) } ?? (record.value("when") == .null ? "no time yet" : nil)
      let coming = when.flatMap(next)
      let next = (coming?.start.date).flatMap { $0 == when?.firstDay ? nil : $0 }
      let total = Answers(record).total(on: coming?.original ?? (when?.rule == nil ? when?.firstDay : nil))
      let status = record.text("status").flatMap { $0 == "confirmed" ? nil : $0 }
      return [
        time, next.map { "next \(DayText.day($0))" }, user("place"), try of("venue"),
        status.map { $0 == "cancelled" ? "CANCELLED" : desk.output.user($0) }, AnswerWords.mark(total),
      ]
    }
  }

  /// The next day of an event that repeats, as it really takes place.
  private func next(_ when: When) -> Occurrence? {
    guard when.rule != nil else { return nil }
    let range = desk.today...(desk.today.adding(days: 400) ?? .latest)
    let dates = occurrences(of: when, overrides: Agenda.overrides(of: record), in: range)
    return dates.first { !$0.isCancelled && $0.start.date >= desk.today }
  }

  /// What a list stands under.
  private var under: String? {
    get throws {
      guard let parent = record.position?.list, let list = try desk.replica.follow(parent), list.isVisible else { return nil }
      return "under \(desk.output.user(desk.title(list)))"
    }
  }

  private var statusWord: String? { record.text("status").flatMap { $0 == "active" ? nil : desk.output.user($0) } }

  /// What should be seen before anybody relies on the record.
  private var marks: [String] {
    get throws { ownMarks + (try elsewhere) + (try translations) }
  }

  /// Where else it was put at the same time.
  private var elsewhere: [String] {
    get throws { try record.otherParents.map { "! put into \(desk.output.user(try desk.reference($0))) at the same time" } }
  }

  private var translations: [String] {
    get throws {
      let outdated = try Translations(record, in: desk.replica).outdated
      return outdated.isEmpty ? [] : ["! outdated: \(outdated.map { FieldText.name($0.cell) }.joined(separator: ", "))"]
    }
  }

  private var ownMarks: [String] {
    var marks: [String] = []
    if case .deleted = record.view.presence { marks.append(record.movedTo == nil ? "DELETED" : "MOVED") }
    if !record.outlivedDeletions.isEmpty { marks.append("! deleted and edited at once") }
    if !record.contested.isEmpty { marks.append("! several answers: \(contestedNames)") }
    if record.isArchived { marks.append("archived") }
    return marks
  }

  private var contestedNames: String {
    let names = record.contested.map { $0.field?.name ?? "#\($0.key.field)" }
    return Set(names).sorted().joined(separator: ", ")
  }

  // MARK: Parts

  private func user(_ name: String) -> String? {
    let text = Field.text(record.value(name))
    return text.isEmpty ? nil : desk.output.user(text)
  }

  private func state(unless usual: String) -> String? {
    record.text("state").flatMap { $0 == usual ? nil : desk.output.user($0) }
  }

  private func day(_ name: String, _ word: String) throws -> String? {
    guard record.value(name) != .null else { return nil }
    guard let day = try? CivilDate(value: record.value(name)) else { return user(name).map { "\(word) \($0)" } }
    return "\(word) \(DayText.day(day))"
  }

  private func of(_ name: String) throws -> String? {
    try record.reference(name).map { desk.output.user(try desk.reference($0)) }
  }
}
