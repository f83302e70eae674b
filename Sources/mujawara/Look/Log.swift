// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Exchange
import Kinds
import SyncEngine

struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "The latest changes, newest first, with their authors.",
    discussion: """
      mujawara log --by Steki --since monday
      mujawara log --record Riz --kind need -n 100

      Changes are dated by their stamps, a clock that all devices keep together; where an author's own clock was \
      far from it, that is said.
      """)

  @Option(name: .shortAndLong, help: "How many.")
  var number = 20

  @Option(
    name: [.customLong("by"), .customLong("author")],
    help: ArgumentHelp("Only those by this place or device.", valueName: "name"))
  var by: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Only from this time on.", valueName: "time"))
  var since: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Only until then; a day is taken whole.", valueName: "time"))
  var until: String?

  @Option(help: ArgumentHelp("Only those that touch records of this kind. May be given several times.", valueName: "kind"))
  var kind: [String] = []

  @Option(help: ArgumentHelp("Only those that touch this record, deleted or not.", valueName: "record"))
  var record: String?

  @Option(help: ArgumentHelp("Only those of one audience: commons, place, or governance (who belongs).", valueName: "space"))
  var space: String?

  @OptionGroup var global: GlobalOptions

  func run() throws {
    guard number > 0 else { throw Failure(.usage, "--number is at least 1.") }
    let desk = try Desk(global)
    let words = try AuthorWords(desk)
    let filter = try filter(desk)
    let takes = try taker(desk)
    var left = number
    func show(_ entry: HistoryEntry) throws -> Bool {
      guard try takes(entry) else { return true }
      try say(entry, words, desk)
      left -= 1
      return left > 0
    }
    guard let record else { return try desk.replica.eachChangeBackwards(filter, show) }
    try eachChange(of: try found(record, desk), filter, desk, show)
  }

  private func say(_ entry: HistoryEntry, _ author: AuthorWords, _ desk: Desk) throws {
    let words = ChangeWords(entry, desk)
    if desk.context.isJSON { return desk.context.emit("change/1", try words.members) }
    desk.output.print("\(entry.author.change.hex.prefix(10))  \(author.text(entry.author))  \(try words.summary)")
  }

  // MARK: Filters

  private func filter(_ desk: Desk) throws -> HistoryFilter {
    let reader = MomentReader(desk)
    var filter = HistoryFilter()
    filter.devices = try by.map { try devices($0, desk) }
    filter.spaces = try space.map { [try self.space($0, desk)] }
    filter.since = try since.map(reader.since) ?? 0
    filter.horizon = try until.map { try desk.replica.horizon(.stamp(try reader.until($0))) }
    return filter
  }

  private func devices(_ name: String, _ desk: Desk) throws -> Set<DeviceID> {
    let names = try Directory(desk.replica)
    let places = Set(names.places(called: name))
    let ofPlaces = try desk.replica.membership().sortedDevices.filter { places.contains($0.place) }.map(\.id)
    let all = Set(names.devices(called: name)).union(ofPlaces)
    guard !all.isEmpty else { throw Failure(.notFound, "There is no place or device called \(name).") }
    return all
  }

  private func space(_ name: String, _ desk: Desk) throws -> SpaceID {
    switch name {
    case "commons": return desk.replica.id(of: .commons)
    case "governance": return ChangeHeader.governanceSpace
    case "place": return try Audience.space(for: .place, in: desk.replica)
    default: throw Failure(.usage, "--space is commons, place or governance.")
    }
  }

  private func taker(_ desk: Desk) throws -> (HistoryEntry) throws -> Bool {
    guard !kind.isEmpty else { return { _ in true } }
    let wanted = Set(try kind.map(KindName.value))
    return { entry in
      guard case .content(let parts, _) = entry.kind else { return false }
      return try parts.contains { part in try desk.replica.record(part.record).map { wanted.contains($0.kind) } ?? false }
    }
  }

  private func found(_ name: String, _ desk: Desk) throws -> Record {
    try desk.one(name, isGoneToo: true) ?? desk.gone(name) ?? desk.find(name)
  }

  /// By the index of what touches it, so that the rest of a long log isn't walked through.
  private func eachChange(
    of record: Record, _ filter: HistoryFilter, _ desk: Desk, _ visit: (HistoryEntry) throws -> Bool
  ) throws {
    for entry in try desk.replica.history(of: record.id).reversed() where filter.takes(entry) {
      guard try visit(entry) else { return }
    }
  }
}

/// Kinds as people and programs call them.
enum KindName {
  /// What the cell `kind` holds: of a known kind, or as `log --json` has it `#77` for a numbered one.
  static func value(_ name: String) throws -> Value {
    if let kind = Kind.named(name) ?? DirKinds.named(name) { return kind.value }
    if name.first == "#", let number = Int64(name.dropFirst()) { return .int(number) }
    throw Failure(.usage, "There is no kind \(name): \(Kind.all.map(\.name).joined(separator: ", ")).")
  }
}
