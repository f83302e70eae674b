// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Exchange
import Kinds
import SyncEngine

/// When a thing is wanted, from the options that people give.
enum ClaimTime {
  /// Nil: always.
  static func read(from: String?, until: String?, when: String?, _ desk: Desk) throws -> When? {
    guard when == nil || (from == nil && until == nil) else {
      throw Failure(.usage, "Give --when, or --from and --until, not both.")
    }
    if let when { return try desk.input().when(when) }
    guard from != nil || until != nil else { return nil }
    let first = try from.map { try day($0, "--from", desk) } ?? desk.today
    guard let until else { return try When(.vague(.from(PartialDate(first)))) }
    return try When(.days(first: first, last: try day(until, "--until", desk)))
  }

  private static func day(_ text: String, _ flag: String, _ desk: Desk) throws -> CivilDate {
    let extent = try desk.input().when(text).extent
    guard case .days(let day, let last) = extent, day == last else {
      throw Failure(.unreadable, "\(flag) takes a day: 2026-12-05, thu or +3d. For hours there is --when.")
    }
    return day
  }
}

/// Somebody's wish to have a thing: what is known to stand against it, and what can't be known.
struct ClaimWish {
  let thing: Record
  let when: When?
  let quantity: Int64
  let desk: Desk

  /// What this place is called.
  var ownName: String {
    get throws {
      guard let place = try desk.replica.placeID() else { throw AudienceError.noPlace }
      return try desk.replica.read(RecordID(place))?.text("name") ?? ShortID.brief(place)
    }
  }

  /// Throws what is known to stand against it.
  func refuse() throws {
    guard let reason = try objection else { return }
    throw Failure(.usage, "\(reason) Nothing was written. To claim it all the same:  --anyway")
  }

  private var objection: String? {
    get throws {
      let title = desk.title(thing)
      if let reason = thing.text("retired") { return "\(title) isn't lent any more: \(reason)." }
      if thing.value("broken") == .bool(true) { return "\(title) is broken." }
      if let last = when?.extent.lastDay, last < desk.today { return "\(DayText.day(last)) is past." }
      if let limit = tooLong { return "\(title) is lent for \(SessionWords.plural(limit, "day")) at most." }
      let lending = try desk.lending(thing)
      guard let obstacles = lending.obstacles(to: quantity, when: when) else { return nil }
      let words = LendingWords(lending, desk)
      guard !obstacles.isEmpty else { return "There \(lending.capacity == 1 ? "is one" : "are \(lending.capacity)") of \(title)." }
      let claims = obstacles.map { entry in
        ([words.name(entry)] + words.words(of: entry).compactMap(\.self)).joined(separator: ", ")
      }
      return "\(title) is taken: \(claims.joined(separator: "; "))."
    }
  }

  /// The most days, if it is wanted for more.
  private var tooLong: Int? {
    guard case .int(let limit) = thing.value("max_days"), let when else { return nil }
    guard let last = when.extent.lastDay else { return Int(limit) }
    return last.days(since: when.extent.firstDay) + 1 > limit ? Int(limit) : nil
  }

  /// How the new claim stands, and from whom nothing was heard of late.
  func tell(_ claim: RecordID) throws {
    let unheard = try Unheard(thing, desk)
    if desk.context.isJSON {
      let lending = try desk.lending(thing)
      if let entry = lending.entry(claim) { ScarcePage(thing, desk).emit(entry) }
      return unheard.emit()
    }
    unheard.say()
    desk.hint("mujawara thing show \(try desk.short(thing.id)) · mujawara sync")
  }
}

/// The other places from which nothing was heard today: what they did since can't be known here.
struct Unheard {
  private struct Silence {
    let name: String
    let hearing: Hearing
  }

  private static let day: UInt64 = 86_400_000
  private let places: [Silence]
  private let desk: Desk

  /// Those who read the record too.
  init(_ record: Record, _ desk: Desk) throws {
    self.desk = desk
    let now = max(Context.wallClock(), Self.day)
    let names = try Kinds.Directory(desk.replica)
    let isShared = record.space == desk.replica.id(of: .commons)
    let hearings = try isShared ? desk.replica.lastHeard() : []
    places = hearings.filter { ($0.heard ?? 0) < now - Self.day }
      .map { Silence(name: names.name(ofPlace: $0.place).text, hearing: $0) }
  }

  func say() {
    guard !places.isEmpty else { return }
    let told = places.map { one in
      let since = one.hearing.heard.map { "since \(Times.weekday($0))" } ?? "ever"
      return "\(desk.output.user(one.name)) \(since)"
    }
    desk.note("Not heard from \(told.joined(separator: ", ")). What they claimed since can't be known here.")
  }

  func emit() {
    for one in places {
      desk.context.emit(
        "unheard/1",
        [
          JSONMember("place", .string(one.hearing.place.hex)), JSONMember("name", .string(one.name)),
          JSONMember("since", one.hearing.heard.map { .int(Int64($0)) } ?? .null),
        ])
    }
  }
}

extension Times {
  /// `Tuesday 24 November 2026`, by this computer's zone, of milliseconds since 1970.
  static func weekday(_ milliseconds: UInt64) -> String {
    let text = local(milliseconds)
    guard let day = try? CivilDate(iso: String(text.prefix(10))) else { return text }
    return DayText.day(day)
  }
}
