// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Exchange
import Kinds
import MujawaraCrypto
import SyncEngine
import Transport

struct Invite: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Invite a place, or a further device of yours; admit who asks by stick.",
    subcommands: [Make.self, Admit.self, Ls.self, Withdraw.self], defaultSubcommand: Make.self)

  enum Role: String, ExpressibleByArgument, CaseIterable {
    case reader, writer, admin
    var number: UInt64 { self == .reader ? 1 : self == .writer ? 2 : 3 }
  }

  struct Make: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "new", abstract: "Make a code for one newcomer.",
      discussion: """
        The code is good once: for 24 hours over the network, for 60 days with --stick. Say it or write it down; \
        never put it on the stick. Without --listen the newcomer joins at a mujawara serve that runs here, or at any \
        member that has synced since. Without --device it is for a new place.

        Examples:
          mujawara invite --listen 0.0.0.0:7410     wait here until they have joined
          mujawara invite --stick                   for somebody without a connection
          mujawara invite --device                  one more device of this place
        """)

    @Option(help: "What they may do: read; read and write; or also invite and let in places.")
    var role: Role = .writer

    @Flag(help: "For a further device of this place.")
    var device = false

    @Flag(help: "For joining by stick: request and admission files.")
    var stick = false

    @Option(help: ArgumentHelp("Wait at this address for the newcomer.", valueName: "host:port"))
    var listen: String?

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let context = Context(global)
      if device, role == .admin { throw Failure(.usage, "A further device is a reader or a writer.") }
      let address = try listen.map(Addresses.parse)
      let replica = try context.open()
      let code = InvitationCode.generate()
      try Invitations.publish(
        code, role: role.number, purpose: device ? InviteDescription.Purpose.device : InviteDescription.Purpose.place,
        medium: stick ? InviteDescription.Medium.stick : InviteDescription.Medium.live, in: replica)
      Nudge.send(folder: context.folder)
      show(code, context)
      if let address { try wait(at: address, replica, context) }
    }

    private func show(_ code: InvitationCode, _ context: Context) {
      if context.isJSON {
        return context.emit(
          "invitation/1",
          [
            JSONMember("code", .string(code.text)), JSONMember("invite", .string(Hex.encode(code.id))),
            JSONMember("role", .string(role.rawValue)), JSONMember("purpose", .string(device ? "device" : "place")),
            JSONMember("medium", .string(stick ? "stick" : "live")),
          ])
      }
      let output = context.output
      let name = device ? "--device NAME" : "--name THEIR-PLACE"
      output.print("Code (one use, \(stick ? "60 days" : "24 hours")):  \(output.styled(code.text, .bold))")
      if stick {
        output.print("They run:  mujawara join CODE --request /media/stick/request \(name)")
        output.print("You then:  mujawara invite admit /media/stick/request /media/stick/admission")
      } else if listen == nil {
        output.print("They run:  mujawara join CODE --at HOST:PORT \(name)")
        output.print("At HOST:PORT a mujawara serve of a member has to run until they have joined: this computer's, or another's that has synced since.")
      }
    }

    private func wait(at address: Address, _ replica: Replica, _ context: Context) throws {
      var settings = Server.Settings(address: address)
      settings.callsNeighbours = false
      settings.stopsAfterAdmission = true
      var admitted = false
      let server = Server(replica, settings: settings, program: Version.program) { event in
        switch event {
        case .listening(let address):
          context.isJSON
            ? context.emit("listening/1", [JSONMember("address", .string(address.description))])
            : context.output.print("Waiting at \(address). Stop with Ctrl-C; the code stays good.")
          context.output.flush()
        case .session(let report, _):
          if Invitations.tell(report, context) { admitted = true }
        case .unreachable, .stopping: break
        }
      }
      try server.run()
      if !admitted { throw Failure(.interrupted, "Stopped before anybody joined. The code stays good until it expires.") }
    }
  }

  struct Admit: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Answer a request that came by stick with an admission file.")

    @Argument(help: "The request that they wrote.")
    var request: String

    @Argument(help: "The admission to write.")
    var admission: String

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let context = Context(global)
      let replica = try context.open()
      let (join, invite) = try BundleReader.request(request, keys: try BundleKey.all(of: replica))
      guard let keys = try replica.invitationKeys().first(where: { $0.invite == invite }) else {
        throw Failure(.wrongCode, "The request is of an invitation that isn't known here.")
      }
      let newcomer: Newcomer
      switch try Admitting.admit(join, by: invite, into: replica) {
      case .refused(let reason): throw Failure(.wrongCode, Invitations.sentence(reason))
      case .admitted(let admitted): newcomer = admitted
      }
      Nudge.send(folder: context.folder)
      let info = try BundleWriter.writeAdmission(
        to: admission, from: replica, newcomer: newcomer.device,
        fileKey: BundleKey(origin: .invitation(invite), secret: keys.fileKey))
      if context.isJSON {
        context.emit(
          "admission/1",
          [
            JSONMember("device", .string(newcomer.device.hex)), JSONMember("place", .string(newcomer.place.hex)),
            JSONMember("name", .string(newcomer.name)), JSONMember("changes", .int(Int64(info.changes))),
            JSONMember("bytes", .int(Int64(info.size))), JSONMember("file", .string(admission)),
          ])
      } else {
        context.output.print(
          "\(context.output.user(newcomer.name)) (\(ShortID.brief(newcomer.place))) is admitted. "
            + "\(context.output.user(admission)) holds \(info.changes) changes, written and read back.")
        context.output.print("They run:  mujawara join CODE --admission \(context.output.user(admission))")
      }
    }
  }

  struct Ls: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List invitations.")

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let context = Context(global)
      let replica = try context.open()
      let names = try Directory(replica)
      var table = Table([
        .init("INVITE"), .init("FOR"), .init("ROLE"), .init("STATE"), .init("EXPIRES"), .init("BY", minimum: 8),
      ])
      for invite in try replica.membership().invites {
        let state = Invitations.state(invite, now: Context.wallClock())
        if context.isJSON {
          context.emit("invite/1", Invitations.members(invite, state: state))
        } else {
          table.add(
            .own(ShortID.brief(invite.id)), .own(Invitations.purpose(invite)),
            .own(Invitations.role(invite.description.role)), .own(state), .own(Times.local(Invitations.expiry(invite))),
            .user(names.name(ofDevice: invite.author).text))
        }
      }
      if !context.isJSON { table.print(to: context.output) }
    }
  }

  struct Withdraw: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make an invitation useless.")

    @Argument(help: "The invitation, as invite ls shows it.")
    var invite: String

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let context = Context(global)
      let replica = try context.open()
      let found = try replica.membership().invites.filter { ShortID.text($0.id).hasPrefix(invite.lowercased()) }
      guard let one = found.first, found.count == 1, invite.count >= ShortID.shortest else {
        throw Failure(.notFound, "There is no one invitation \(invite).")
      }
      guard one.state == .open else { throw Failure(.wrongCode, "That invitation is \(Invitations.state(one, now: Context.wallClock())) already.") }
      try replica.commitGovernance([.inviteClose(one.id)])
      Nudge.send(folder: context.folder)
      context.isJSON
        ? context.emit("invite/1", Invitations.members(one, state: "withdrawn"))
        : context.output.print("Withdrawn. Whoever comes with its code is turned away by all who have heard of this.")
    }
  }
}
