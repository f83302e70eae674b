// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Exchange
import Kinds
import SyncEngine
import Transport

/// Addresses as people type them.
enum Addresses {
  static func parse(_ text: String) throws -> Address {
    do {
      return try Address(parsing: text)
    } catch {
      throw Failure(.usage, "\(text) is no address: write host:port, for example 192.168.1.20:7410 or [fe80::1]:7410.")
    }
  }
}

extension Addresses {
  /// Says that a port was chosen where nobody named one.
  static func portNote(_ typed: String, _ address: Address) -> String {
    typed.hasSuffix(":\(address.port)") ? "" : " (no port was given, so the usual one)"
  }
}

/// The words for what keeps a listener from its address.
enum ListenWords {
  /// The resolver's own words are for programmers.
  static func sentence(_ why: String) -> String {
    let isName = ["unknown(host", "NIOConnectionError", "getaddrinfo", "SocketAddressError"].contains { why.contains($0) }
    return isName ? "this computer knows no such host; 0.0.0.0:7410 is every address that it has" : why
  }
}

/// Steps that the commands about neighbours share.
enum Peers {
  /// A name that isn't taken yet: the place's, the short id, or the host.
  static func name(for device: DeviceID?, _ address: Address, _ replica: Replica) throws -> String {
    let names = try Directory(replica)
    let place = device.flatMap { names.place(of: $0) }.map { names.name(ofPlace: $0).text }
    let wish = place ?? address.host
    let taken = Set(try replica.peers().map(\.name))
    if !taken.contains(wish) { return wish }
    return (2...).lazy.map { "\(wish)-\($0)" }.first { !taken.contains($0) }!
  }

  /// Writes down how a call went.
  static func mark(_ note: inout PeerNote, _ report: SessionReport, now: UInt64) {
    note.tried = now
    if let peer = report.peer {
      note.device = peer
      note.reached = now
    }
    if report.converged { note.converged = now }
    note.problem = report.problem.map { Failure(about: $0).sentence }
  }
}

struct PeerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peer", abstract: "The neighbours that this device calls.", subcommands: [Add.self, Ls.self, Rm.self])

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Note a neighbour and where it listens.")

    @Argument(help: "Your name for it.")
    var name: String

    @Argument(help: ArgumentHelp("Where it listens.", valueName: "host:port"))
    var address: String

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let context = Context(global)
      let typed = address
      let address = try Addresses.parse(typed)
      let name = try Names.checked(name)
      let replica = try context.open()
      var note = try replica.peers().first { $0.name == name } ?? PeerNote(name: name, address: "")
      note.address = address.description
      try replica.note(note)
      Nudge.send(folder: context.folder)
      context.isJSON
        ? context.emit("peer/1", PeerCommand.members(note))
        : context.output.print("\(context.output.user(name)) is at \(address)\(Addresses.portNote(typed, address)). Next: mujawara sync \(context.output.user(name))")
    }
  }

  struct Ls: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List neighbours and how the last calls went.")

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let context = Context(global)
      let replica = try context.open()
      var table = Table([.init("PEER", minimum: 8), .init("ADDRESS"), .init("EQUAL", minimum: 6), .init("LAST CALL", minimum: 10)])
      for peer in try replica.peers() {
        if context.isJSON { context.emit("peer/1", PeerCommand.members(peer)); continue }
        table.add(
          .user(peer.name), .user(peer.address), .own(Times.ago(peer.converged)),
          .user(peer.problem ?? (peer.tried == nil ? "not called yet" : "well, \(Times.ago(peer.tried))")))
      }
      if !context.isJSON { table.print(to: context.output) }
    }
  }

  struct Rm: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Forget a neighbour. It stays in the network.")

    @Argument(help: "Its name, as peer ls shows it.")
    var name: String

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let context = Context(global)
      guard try context.open().forgetPeer(name) else { throw Failure(.notFound, "There is no neighbour called \(name).") }
      if !context.isJSON { context.output.print("Forgotten. Nothing was said to it; it is still in the network.") }
    }
  }

  static func members(_ peer: PeerNote) -> [JSONMember] {
    func time(_ value: UInt64?) -> JSONValue { value.map { .int(Int64($0)) } ?? .null }
    return [
      JSONMember("name", .string(peer.name)), JSONMember("address", .string(peer.address)),
      JSONMember("device", peer.device.map { .string($0.hex) } ?? .null), JSONMember("tried", time(peer.tried)),
      JSONMember("reached", time(peer.reached)), JSONMember("converged", time(peer.converged)),
      JSONMember("problem", peer.problem.map(JSONValue.string) ?? .null),
    ]
  }
}
