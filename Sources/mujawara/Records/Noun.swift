// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Kinds
import SyncEngine

/// One word of the command line for records of a kind, or of several: `need`, `dir`.
protocol Noun {
  associatedtype Flags: NounFlags
  /// As it is typed: `need`.
  static var word: String { get }
  static var kinds: [Kind] { get }
  /// What the help of `add` says beside the flags.
  static var examples: String { get }
  /// What an add without a title asks.
  static var question: String { get }
  /// Whether `ls` leaves a record out unless all are wanted.
  static func isOver(_ record: Record) -> Bool
  /// What to do with a new one.
  static func next(_ id: String) -> String
  /// Checks and completes what is said about a record before it is written.
  static func prepare(_ changes: [FieldChange], _ flags: Flags, _ kind: Kind, isNew: Bool, _ desk: Desk) throws -> [FieldChange]
  /// The zone that the flags name.
  static func zone(_ flags: Flags) throws -> String?
}

extension Noun {
  static func isOver(_ record: Record) -> Bool {
    record.isArchived || ["done", "withdrawn", "dropped"].contains(record.text("state") ?? "")
  }

  static func prepare(
    _ changes: [FieldChange], _ flags: Flags, _ kind: Kind, isNew: Bool, _ desk: Desk
  ) throws -> [FieldChange] { changes }

  static func zone(_ flags: Flags) throws -> String? { nil }
}

enum NeedNoun: Noun {
  typealias Flags = NeedFlags
  static let word = "need"
  static let kinds = [Kind.need]
  static let examples = """
    Examples:
      mujawara need add Riz --qty "12 kg" --urgency 3-5d --tag cantine
      mujawara need add "Un matelas" --for Nour --until 2026-12-20
    """
  static let question = "What is needed?"
  static func next(_ id: String) -> String { "mujawara need promise \(id) --by WHO · mujawara sync" }
}

enum OfferNoun: Noun {
  typealias Flags = OfferFlags
  static let word = "offer"
  static let kinds = [Kind.offer]
  static let examples = """
    Examples:
      mujawara offer add Perceuse --delivery pick-up
      mujawara offer add "Cours d'arabe" --inexhaustible --skill arabe
    """
  static let question = "What is offered?"
  static func next(_ id: String) -> String { "mujawara offer promise \(id) --to WHO · mujawara sync" }
}

enum ListNoun: Noun {
  typealias Flags = ListFlags
  static let word = "list"
  static let kinds = [Kind.list]
  static let examples = """
    Examples:
      mujawara list add Courses --purpose "pour la cantine de jeudi"
      mujawara item add Courses riz "12 kg d'oignons"
    """
  static let question = "What is the list called?"
  static func next(_ id: String) -> String { "mujawara item add \(id) TEXT…" }
}

enum ItemNoun: Noun {
  typealias Flags = ItemFlags
  static let word = "item"
  static let kinds = [Kind.item]
  static let examples = """
    Examples:
      mujawara item add Courses riz sel --due thu --assign Nour
    """
  static let question = "What is to be done?"
  static func next(_ id: String) -> String { "mujawara item done \(id)" }
}

enum EventNoun: Noun {
  typealias Flags = EventFlags
  static let word = "event"
  static let kinds = [Kind.event]
  static let examples = """
    Examples:
      mujawara event add Cantine --when "thu 19:00-21:00" --repeat weekly
      mujawara event add Fête --when "2026-12-05 22:00-02:00"       into the night
      mujawara event add Rencontres --when 2026-12-05..2026-12-09   whole days
      mujawara event add Travaux --when ~december                   some time then

    --when takes a day (2026-12-05, "5 december", thu, tomorrow, +3d), a time (19:00, 19h30, 7pm), both, or a span \
    (a..b, 19:00-21:00, "2026-10.." for from then on). An end before its start is on the next day, up to 12 hours \
    later. What has no year is the next one; 05/06/2026 is refused, since it reads two ways.
    --repeat takes words: "daily", "weekly on Monday and Thursday", "every 2 weeks on Friday", "monthly on the 5th", \
    "monthly on the first Thursday", "yearly on 20 December", with "until 2027-06-30" or "10 times"; or one word: \
    weekly:mon,thu, monthly:day=5, monthly:thu=1.
    Both also take French, Spanish and Arabic: "jeudi 19h", "le 5 de chaque mois", "cada jueves", "كل خميس".
    """
  static let question = "What is it called?"
  static func next(_ id: String) -> String { "mujawara agenda · mujawara sync" }

  /// A draft may be without a time, any other event may not.
  static func prepare(
    _ changes: [FieldChange], _ flags: EventFlags, _ kind: Kind, isNew: Bool, _ desk: Desk
  ) throws -> [FieldChange] {
    let isTimed = changes.contains { $0.name == "when" }
    guard isNew, !isTimed, flags.status != "draft" else { return changes }
    let answer = try desk.context.prompt.line("When is it?", flag: "--when, or --status draft")
    guard !answer.isEmpty else { throw Failure(.usage, "An event needs a time: give --when, or --status draft.") }
    return changes + [.set(name: "when", text: answer)]
  }

  static func zone(_ flags: EventFlags) throws -> String? {
    guard let zone = flags.zone else { return nil }
    guard ZoneRules.isKnown(zone) else { throw Failure(.unreadable, "\(zone) is no time zone that this computer knows: write for example Europe/Paris.") }
    return zone
  }
}

enum DirNoun: Noun {
  typealias Flags = DirFlags
  static let word = "dir"
  static let kinds = [Kind.organisation, .venue, .medium, .person, .contact]
  static let examples = """
    Examples:
      mujawara dir add organisation "Cantine des Pyrénées" --area "Paris 20e"
      mujawara dir add person Samir --phone "+33 6 12 34 56 78"
      mujawara dir add person Nour --privacy network --consent network

    Persons and contact points stay with this place's own devices. --privacy shares a person, as far as --consent \
    says that they agreed; --contact-privacy shares the phone numbers and addresses that are given along.
    """
  static let question = "What is it called?"
  static func isOver(_ record: Record) -> Bool { record.isArchived || record.text("status") == "closed" }
  static func next(_ id: String) -> String { "mujawara dir show \(id) · mujawara sync" }

  /// A person's consent is dated.
  static func prepare(
    _ changes: [FieldChange], _ flags: DirFlags, _ kind: Kind, isNew: Bool, _ desk: Desk
  ) throws -> [FieldChange] {
    let isConsenting = changes.contains { if case .set("consent", _, _) = $0 { true } else { false } }
    let isDated = changes.contains { $0.name == "consent_on" }
    guard kind == .person, isConsenting, !isDated else { return changes }
    return changes + [.set(name: "consent_on", text: desk.today.iso)]
  }
}
