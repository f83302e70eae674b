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
    let context = Context(global)
    let replica = try context.open()
    let names = try Directory(replica)
    let wanted = try author.map { try devices($0, names, replica) }
    var left = number
    try replica.eachChangeBackwards { entry in
      if let wanted, !wanted.contains(entry.author.device) { return true }
      context.isJSON ? emit(entry, context) : say(entry, names, context)
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

  private func say(_ entry: HistoryEntry, _ names: Directory, _ context: Context) {
    let output = context.output
    let doubt = entry.author.isClockDoubtful ? " (clock doubtful)" : ""
    let when = entry.author.wall.map { Times.local(seconds: $0) } ?? Times.local(entry.author.stamp)
    output.print(
      "\(String(entry.author.change.hex.prefix(10)))  \(when)\(doubt)  \(output.user(names.author(entry.author)))  \(ChangeWords.summary(entry.kind))")
  }

  private func emit(_ entry: HistoryEntry, _ context: Context) {
    context.emit("change/1", ChangeWords.members(entry))
  }
}

/// What a change did, in few words.
enum ChangeWords {
  static func summary(_ kind: HistoryEntry.Kind) -> String {
    switch kind {
    case .content(let parts, let undoes):
      let new = parts.filter(\.isNew).count
      let edited = parts.count - new
      if parts.isEmpty { return "took in others' changes" }
      let words = [new > 0 ? "\(new) new" : nil, edited > 0 ? "\(edited) changed" : nil].compactMap(\.self)
      return (undoes == nil ? "records: " : "undo: ") + words.joined(separator: ", ")
    case .governance(let ops): return "membership: " + ops.map(name).joined(separator: ", ")
    case .keys: return "keys handed on"
    case .sealed: return "sealed: its key hasn't come"
    case .uncounted: return "without effect: its author may not write there"
    case .strange: return "of a newer version, kept"
    }
  }

  static func name(_ op: GovernanceOp) -> String {
    switch op {
    case .genesis: "the network made"
    case .placeAdmit: "a place admitted"
    case .deviceAdmit: "a device admitted"
    case .inviteCreate: "an invitation"
    case .inviteClose: "an invitation withdrawn"
    case .unknown(let code, _): "an op of a newer version (\(code))"
    }
  }

  static func members(_ entry: HistoryEntry) -> [JSONMember] {
    let (kind, records) = parts(entry.kind)
    return [
      JSONMember("change", .string(entry.author.change.hex)), JSONMember("device", .string(entry.author.device.hex)),
      JSONMember("place", entry.author.place.map { .string($0.hex) } ?? .null),
      JSONMember("space", .string(entry.space.hex)), JSONMember("seq", .int(Int64(entry.seq))),
      JSONMember("stamp", .int(Int64(entry.author.stamp))),
      JSONMember("wall", entry.author.wall.map(JSONValue.int) ?? .null),
      JSONMember("clock_doubtful", .bool(entry.author.isClockDoubtful)), JSONMember("kind", .string(kind)),
      JSONMember("records", .array(records)), JSONMember("summary", .string(summary(entry.kind))),
    ]
  }

  private static func parts(_ kind: HistoryEntry.Kind) -> (String, [JSONValue]) {
    switch kind {
    case .content(let parts, _): ("content", parts.map { .string(ID16($0.record).hex) })
    case .governance: ("governance", [])
    case .keys: ("keys", [])
    case .sealed: ("sealed", [])
    case .uncounted: ("uncounted", [])
    case .strange: ("strange", [])
    }
  }
}
