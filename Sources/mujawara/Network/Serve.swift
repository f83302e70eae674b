// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Exchange
import SyncEngine
import Transport

struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer neighbours and newcomers, and call the neighbours, until stopped.",
    discussion: """
      Other commands can be used meanwhile; what they write goes to the neighbours at once. It answers members and \
      those who bring an invitation; to everybody else it stays silent. Ctrl-C or SIGTERM stops it.

      Example:
        mujawara serve --listen 0.0.0.0:7410     at every address of this computer
      """)

  @Option(help: ArgumentHelp("Where to listen. Nothing is announced.", valueName: "host:port"))
  var listen = "0.0.0.0:\(Address.defaultPort)"

  @Flag(help: "Only answer; call nobody.")
  var quiet = false

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let context = Context(global)
    let address = try Addresses.parse(listen)
    let replica = try context.open()
    var settings = Server.Settings(address: address)
    let calls = !quiet
    let server = Server(
      replica, settings: settings, program: Version.program,
      neighbours: { calls ? try Self.neighbours(replica) : [] },
      event: { Self.tell($0, replica, context) })
    settings.address = address
    try server.run()
  }

  private static func neighbours(_ replica: Replica) throws -> [Neighbour] {
    try replica.settle()
    return try replica.peers().compactMap { note in
      (try? Address(parsing: note.address)).map { Neighbour(name: note.name, address: $0, device: note.device) }
    }
  }

  /// Counts and short names only: a log is read by others.
  private static func tell(_ event: ServerEvent, _ replica: Replica, _ context: Context) {
    switch event {
    case .listening(let address): say("listening/1", "Listening at \(address).", [JSONMember("address", .string(address.description))], context)
    case .stopping: say("stopping/1", "Stopping.", [], context)
    case .unreachable(let name, let why):
      note(name, replica) { $0.tried = Context.wallClock(); $0.problem = why }
      say("unreachable/1", "\(context.output.user(name)) can't be reached: \(why).", [JSONMember("peer", .string(name)), JSONMember("message", .string(why))], context)
    case .session(let report, let name):
      if Invitations.tell(report, context) { return }
      guard report.peer != nil || name != nil else { return }
      if let name { note(name, replica) { Peers.mark(&$0, report, now: Context.wallClock()) } }
      try? SessionWords.tell(report, called: name, replica, context)
      if let problem = report.problem, !context.isJSON { context.output.print("  " + Failure(about: problem).sentence) }
    }
    context.output.flush()
  }

  private static func say(_ schema: String, _ line: String, _ members: [JSONMember], _ context: Context) {
    context.isJSON ? context.emit(schema, members) : context.output.print(line)
    context.output.flush()
  }

  private static func note(_ name: String, _ replica: Replica, _ change: (inout PeerNote) -> Void) {
    guard var note = try? replica.peers().first(where: { $0.name == name }) else { return }
    change(&note)
    try? replica.note(note)
  }
}
