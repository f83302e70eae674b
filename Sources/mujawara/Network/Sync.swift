// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Exchange
import Kinds
import SyncEngine
import Transport

struct Sync: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Exchange with the neighbours, both ways.",
    discussion: """
      Without a name it calls every neighbour noted by peer add. A broken link loses nothing: the next sync goes \
      on from there. "Equal" is said only when both sides hold the same.
      """)

  @Argument(help: "A neighbour's name, or host:port.")
  var peer: String?

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let context = Context(global)
    let replica = try context.open()
    try replica.settle()
    let notes = try wanted(replica)
    guard !notes.isEmpty else {
      throw Failure(.usage, "No neighbour is noted. Note one:  mujawara peer add NAME HOST:PORT")
    }
    var failures: [Failure] = []
    for note in notes {
      do {
        try sync(note, replica, context)
      } catch {
        guard let failure = Failure.failure(for: error) else { throw error }
        failures.append(failure)
        if notes.count > 1 || context.isJSON { tell(note, failure, context) }
      }
    }
    if notes.count == 1, let failure = failures.first { throw failure }
    if failures.count == notes.count { throw Failure(failures[0].status, "None of the \(notes.count) neighbours was done.") }
    if notes.count > 1, !context.isJSON {
      context.output.print("\(notes.count - failures.count) of \(notes.count) neighbours done.")
    }
    if !failures.isEmpty { throw Failure(.partly, "Not all neighbours were reached.") }
  }

  /// The neighbours to call; an address that isn't noted is called all the same.
  private func wanted(_ replica: Replica) throws -> [PeerNote] {
    let all = try replica.peers()
    guard let peer else { return all }
    if let note = all.first(where: { $0.name == peer || $0.address == peer }) { return [note] }
    guard peer.contains(":") || peer.contains(".") else {
      throw Failure(.notFound, "There is no neighbour called \(peer). Note it:  mujawara peer add \(peer) HOST:PORT")
    }
    return [PeerNote(name: "", address: try Addresses.parse(peer).description)]
  }

  private func sync(_ note: PeerNote, _ replica: Replica, _ context: Context) throws {
    var note = note
    let address = try Addresses.parse(note.address)
    do {
      let report = try Dialer.sync(replica, with: address, device: note.device, program: Version.program)
      Peers.mark(&note, report, now: Context.wallClock())
      if note.name.isEmpty, report.peer != nil { note.name = try Peers.name(for: report.peer, address, replica) }
      if !note.name.isEmpty { try replica.note(note) }
      try SessionWords.tell(report, called: note.name.isEmpty ? note.address : note.name, replica, context)
      if let problem = report.problem { throw problem }
    } catch let error as DialError {
      note.tried = Context.wallClock()
      note.problem = Failure(error).sentence
      if !note.name.isEmpty { try replica.note(note) }
      throw error
    }
  }

  private func tell(_ note: PeerNote, _ failure: Failure, _ context: Context) {
    let name = note.name.isEmpty ? note.address : note.name
    if context.isJSON {
      context.emit(
        "sync-failed/1",
        [
          JSONMember("peer", .string(name)), JSONMember("exit", .int(Int64(failure.status.rawValue))),
          JSONMember("message", .string(failure.sentence)),
        ])
    } else {
      context.output.print("\(context.output.user(name)): \(failure.sentence)")
    }
  }
}

/// The report of a session, for people and for programs.
enum SessionWords {
  static func tell(_ report: SessionReport, called name: String?, _ replica: Replica, _ context: Context) throws {
    if context.isJSON { return context.emit("sync/1", members(report, called: name)) }
    let names = try Directory(replica)
    let output = context.output
    let who = report.peer.map { "\(names.name(ofDevice: $0).text)" + (report.peerPlace.map { ", \(names.name(ofPlace: $0).text)" } ?? "") }
    output.print("\(output.user(name ?? who ?? "Somebody"))\(name != nil && who != nil ? "  \(output.user(who!))" : "")")
    output.print("  received \(received(report.received)) · sent \(plural(report.sent, "change"))")
    for line in remarks(report) { output.print("  " + line) }
    if report.converged { output.print("  equal: both hold the same") }
  }

  static func received(_ report: IngestReport) -> String {
    var parts: [String] = []
    if report.recordsNew > 0 { parts.append("\(report.recordsNew) new") }
    if report.recordsChanged > 0 { parts.append("\(report.recordsChanged) changed") }
    if report.recordsRemoved > 0 { parts.append("\(report.recordsRemoved) removed") }
    let changes = plural(report.new, "change")
    return parts.isEmpty ? changes : "\(changes): records \(parts.joined(separator: ", "))"
  }

  private static func remarks(_ report: SessionReport) -> [String] {
    var lines: [String] = []
    if report.received.waiting > 0 { lines.append("\(plural(report.received.waiting, "change")) can't be used yet: earlier ones are missing; a sync or a bundle brings them") }
    if report.received.uncounted > 0 { lines.append("\(plural(report.received.uncounted, "change")) kept without effect: their authors may not write there") }
    if report.received.unreadable > 0 { lines.append("\(plural(report.received.unreadable, "change")) kept sealed: their key hasn't come") }
    if !report.received.refused.isEmpty { lines.append("\(plural(report.received.refused.count, "change")) refused: \(reasons(report.received))") }
    if !report.forks.isEmpty { lines.append("\(plural(report.forks.count, "log")) with two histories: a restored or cloned device. Both are kept") }
    if report.received.ownLogGrew { lines.append(HeldWords.ownLogGrew) }
    return lines
  }

  static func reasons(_ report: IngestReport) -> String {
    Set(report.refused.map { RefusalWords.reason($0.reason) }).sorted().joined(separator: ", ")
  }

  static func plural(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }

  static func members(_ report: SessionReport, called name: String?) -> [JSONMember] {
    [
      JSONMember("peer", name.map(JSONValue.string) ?? .null),
      JSONMember("device", report.peer.map { .string($0.hex) } ?? .null),
      JSONMember("place", report.peerPlace.map { .string($0.hex) } ?? .null),
      JSONMember("received", .object(members(report.received))), JSONMember("sent", .int(Int64(report.sent))),
      JSONMember("bytes_in", .int(Int64(report.bytesIn))), JSONMember("bytes_out", .int(Int64(report.bytesOut))),
      JSONMember("rounds", .int(Int64(report.rounds))), JSONMember("converged", .bool(report.converged)),
      JSONMember("forks", .int(Int64(report.forks.count))),
      JSONMember("problem", report.problem.map { .string(Failure(about: $0).sentence) } ?? .null),
    ]
  }

  static func members(_ report: IngestReport) -> [JSONMember] {
    [
      JSONMember("new", .int(Int64(report.new))), JSONMember("known", .int(Int64(report.known))),
      JSONMember("waiting", .int(Int64(report.waiting))), JSONMember("refused", .int(Int64(report.refused.count))),
      JSONMember("uncounted", .int(Int64(report.uncounted))), JSONMember("unreadable", .int(Int64(report.unreadable))),
      JSONMember("own_log_grew", .bool(report.ownLogGrew)), JSONMember("records_new", .int(Int64(report.recordsNew))),
      JSONMember("records_changed", .int(Int64(report.recordsChanged))),
      JSONMember("records_removed", .int(Int64(report.recordsRemoved))),
    ]
  }
}
