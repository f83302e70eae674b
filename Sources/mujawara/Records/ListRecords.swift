// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Kinds
import SyncEngine

struct ListRecords<N: Noun>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "ls", abstract: "List them; those that are over only with --all.")
  }

  @Argument(help: N.word == "dir" ? "Only these: person, organisation, venue, medium or contact." : "Only with these words.")
  var words: [String] = []

  @Option(help: "Only with this tag. May be given several times.")
  var tag: [String] = []

  @Flag(name: .shortAndLong, help: "Also what is done, withdrawn, closed or archived.")
  var all = false

  @Flag(help: "Only those with a translation whose source changed since.")
  var outdated = false

  @OptionGroup var past: PastOption
  @OptionGroup var global: GlobalOptions

  func run() throws {
    let desk = try Desk(global)
    let (kinds, words) = try DirKinds.split(words, N.kinds)
    let past = try past.records(kinds, desk)
    let found = try outdated ? past.filter { try !Translations($0, in: desk.replica).outdated.isEmpty } : past
    let tagged = found.filter { record in tag.allSatisfy { Set(record.members("tags").map(SearchText.folded)).contains(SearchText.folded($0)) } }
    let wanted = words.isEmpty ? tagged : try Search(words.joined(separator: " ")).find(in: tagged, prose: desk.replica.proses).map(\.record)
    let shown = Listing.sorted(wanted.filter { self.all || !N.isOver($0) }, desk)
    try Listing.print(shown, hidden: wanted.count - shown.count, desk, isMixed: kinds.count > 1)
    if found.isEmpty { desk.hint("mujawara \(N.word) add") }
  }
}

/// Records one below the other.
enum Listing {
  /// Events by their first day, all else by title.
  static func sorted(_ records: [Record], _ desk: Desk) -> [Record] {
    let keyed = records.map { (key: key($0, desk), record: $0) }
    return keyed.sorted { ($0.key, $0.record.id) < ($1.key, $1.record.id) }.map(\.record)
  }

  private static func key(_ record: Record, _ desk: Desk) -> String {
    let title = SearchText.folded(desk.title(record))
    guard record.kind == .event else { return "\(record.kind?.number ?? 99) \(title)" }
    let when = try? When(value: record.value("when"))
    return "\(when?.extent.start.iso ?? "9999") \(title)"
  }

  static func print(_ records: [Record], hidden: Int = 0, _ desk: Desk, isMixed: Bool = false) throws {
    if desk.context.isJSON {
      for record in records { try desk.emit(record) }
      return
    }
    var table = Table([.init("ID"), .init("WHAT", minimum: 12), .init("DETAILS", minimum: 10), .init("READ BY")])
    for record in records {
      let line = RecordLine(record, desk)
      let title = (isMixed ? "\(record.kindName) " : "") + desk.title(record)
      table.add(
        .own(try desk.short(record.id), .cyan), .user(title), .user(try line.details.joined(separator: " · ")),
        .own(line.audience))
    }
    if !records.isEmpty { table.print(to: desk.output) }
    guard !desk.output.options.plain else { return }
    if records.isEmpty { desk.output.print("Nothing here.") }
    if hidden > 0 { desk.hint("\(hidden) more with --all") }
  }
}

/// The directory's kinds, as people call them.
enum DirKinds {
  static func named(_ word: String) -> Kind? {
    switch SearchText.folded(word) {
    case "person", "persons", "people": .person
    case "organisation", "organisations", "organization", "organizations", "org": .organisation
    case "venue", "venues": .venue
    case "medium", "media": .medium
    case "contact", "contacts": .contact
    default: nil
    }
  }

  /// Words that name kinds of the directory are taken as such at the front.
  static func split(_ words: [String], _ kinds: [Kind]) throws -> (kinds: [Kind], words: [String]) {
    guard kinds.count > 1, let first = words.first, let kind = named(first) else { return (kinds, words) }
    return ([kind], Array(words.dropFirst()))
  }
}
