// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Kinds
import SyncEngine

/// What commands take that can look back.
struct PastOption: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("As it was then: at a time, or when a change had been written.", valueName: "time|change"))
  var at: String?

  /// The moment, if one was named.
  func moment(_ desk: Desk) throws -> NamedMoment? { try at.map { try MomentReader(desk).moment($0) } }

  /// The visible records of some kinds, of all if none is named, at the moment that was named; says which it is.
  func records(_ kinds: [Kind], _ desk: Desk) throws -> [Record] {
    let replica = desk.replica
    guard let moment = try moment(desk) else {
      return try replica.reading { try kinds.isEmpty ? replica.readAll() : kinds.flatMap { try replica.read($0) } }
    }
    if !desk.output.options.plain { MomentWords(moment, desk).say() }
    return try replica.readAll(at: moment.horizon).filter { record in kinds.isEmpty || record.kind.map(kinds.contains) ?? false }
  }
}

/// A moment with the words that say which it is.
struct NamedMoment {
  let horizon: Horizon
  let words: String
}

/// Moments as people type them: a time by this computer's clock, `now`, or the beginning of a change's id. After an
/// id `^` means what its author had seen; commas stand between several ids.
///
/// A day is taken whole, as is a minute: what was written in it is in it. Words for days mean the last such day.
struct MomentReader {
  private let desk: Desk

  init(_ desk: Desk) { self.desk = desk }

  func moment(_ text: String) throws -> NamedMoment {
    let replica = desk.replica
    if text == "now" { return NamedMoment(horizon: try replica.horizon(.now), words: "now") }
    if let change = try change(text, isSure: true) { return change }
    do {
      let stamp = try lastStamp(of: try extent(text))
      return NamedMoment(horizon: try replica.horizon(.stamp(stamp)), words: Times.local(stamp))
    } catch let error as TimeError {
      if let change = try change(text, isSure: false) { return change }
      throw Failure(.unreadable, "\(TimeWords.sentence(error)), now, or the beginning of a change's id.")
    }
  }

  // MARK: Changes

  /// - Parameter isSure: takes only what is too long to be a time by chance.
  private func change(_ text: String, isSure: Bool) throws -> NamedMoment? {
    let isBefore = text.last == "^"
    let names = (isBefore ? text.dropLast() : text[...]).split(separator: ",").map(String.init)
    guard !names.isEmpty, names.allSatisfy({ isSure ? $0.count > 8 : $0.count >= ShortID.shortest }) else { return nil }
    var ids: [ChangeID] = []
    for name in names {
      guard let id = try ChangeName(desk).find(name) else { return nil }
      ids.append(id)
    }
    let words = ids.map { "change \($0.hex.prefix(10))" }.joined(separator: ", ")
    return NamedMoment(
      horizon: try desk.replica.horizon(isBefore ? .before(ids) : .changes(ids)),
      words: isBefore ? "what its author had seen before \(words)" : words)
  }

  // MARK: Times

  /// The first moment of what was typed, in milliseconds since 1970.
  func since(_ text: String) throws -> UInt64 {
    let extent = try extent(text)
    return stamp(of: extent.start, extent)
  }

  /// The last moment of what was typed.
  func until(_ text: String) throws -> UInt64 { try lastStamp(of: try extent(text)) }

  private func extent(_ text: String) throws -> When.Extent {
    let extent = try DateInput.parsePast(text, now: desk.now, zone: desk.zone)
    if case .moment(_, let zone?, _) = extent, !ZoneRules.isKnown(zone) { throw TimeError.notAZoneName(zone) }
    return extent
  }

  private func lastStamp(of extent: When.Extent) throws -> UInt64 {
    if case .moment(let start, _, nil) = extent { return stamp(of: start, extent) + 59_999 }
    guard extent.lastDay != nil else { throw Failure(.usage, "That has no end: name a day, a month or a time.") }
    return stamp(of: extent.end, extent) - 1
  }

  private func stamp(of local: CivilDateTime, _ extent: When.Extent) -> UInt64 {
    let zone: String? = if case .moment(_, let named, _) = extent { named } else { nil }
    return UInt64(max(1, ZoneRules.instant(of: local, in: zone, reader: desk.zone).seconds)) * 1000
  }
}

/// Changes by the beginnings of their ids.
struct ChangeName {
  private let desk: Desk

  init(_ desk: Desk) { self.desk = desk }

  /// Nil where there is none; exit 64 where there are several.
  func find(_ text: String) throws -> ChangeID? {
    let found = try desk.replica.changeIDs(hexPrefix: text)
    guard found.count < 2 else { throw Failure(.usage, "\(text) begins several changes: write more of it.") }
    return found.first
  }

  func must(_ text: String) throws -> ChangeID {
    guard let id = try find(text) else { throw Failure(.notFound, "There is no change \(text). The changes:  mujawara log") }
    return id
  }
}
