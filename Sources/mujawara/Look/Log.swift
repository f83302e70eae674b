// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Exchange
import Kinds
import SyncEngine

struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "The latest changes, newest first, with their authors.")

  @Option(name: .shortAndLong, help: "How many.")
  var number = 20

  @Option(help: ArgumentHelp("Only those by this place or device.", valueName: "name"))
  var author: String?

  @OptionGroup var global: GlobalOptions

  func run() throws {
    guard number > 0 else { throw Failure(.usage, "--number is at least 1.") }
    let desk = try Desk(global)
    let (context, replica) = (desk.context, desk.replica)
    let names = try Directory(replica)
    let wanted = try author.map { try devices($0, names, replica) }
    var left = number
    try replica.eachChangeBackwards { entry in
      if let wanted, !wanted.contains(entry.author.device) { return true }
      let words = ChangeWords(entry, desk)
      context.isJSON ? context.emit("change/1", try words.members) : try say(entry, names, words, context)
      left -= 1
      return left > 0
    }
  }

  private func devices(_ author: String, _ names: Directory, _ replica: Replica) throws -> Set<DeviceID> {
    let places = Set(names.places(called: author))
    let ofPlaces = try replica.membership().sortedDevices.filter { places.contains($0.place) }.map(\.id)
    let all = Set(names.devices(called: author)).union(ofPlaces)
    guard !all.isEmpty else { throw Failure(.notFound, "There is no place or device called \(author).") }
    return all
  }

  private func say(_ entry: HistoryEntry, _ names: Directory, _ words: ChangeWords, _ context: Context) throws {
    let output = context.output
    let doubt = entry.author.isClockDoubtful ? " (clock doubtful)" : ""
    let when = entry.author.wall.map { Times.local(seconds: $0) } ?? Times.local(entry.author.stamp)
    output.print(
      "\(String(entry.author.change.hex.prefix(10)))  \(when)\(doubt)  \(output.user(names.author(entry.author)))  \(try words.summary)")
  }
}
