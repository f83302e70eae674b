// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Kinds
import SyncEngine

struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search", abstract: "Find records by their words, whatever their kind.",
    discussion: "All words must be there, without regard to case and accents; \"words in quotes\" stand together.")

  @Argument(help: "What to look for.")
  var text: [String]

  @OptionGroup var past: PastOption
  @OptionGroup var global: GlobalOptions

  func run() throws {
    let search = Search(text.joined(separator: " "))
    guard !search.isEmpty else { throw Failure(.usage, "There is no word in that to look for.") }
    let desk = try Desk(global)
    let hits = try search.find(in: try past.records([], desk), prose: desk.replica.proses)
    try Listing.print(hits.map(\.record), desk, isMixed: true)
  }
}
