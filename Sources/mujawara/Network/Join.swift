// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Exchange
import Glibc
import Kinds
import MujawaraCrypto
import SyncEngine
import Transport

struct Join: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Join a network that you were invited to.",
    discussion: """
      A new place, at a member who listens:
        mujawara join CODE --at 192.168.1.20:7410 --name Steki
      One more device of a place (invite --device):
        mujawara join CODE --at 192.168.1.20:7410 --device phone
      By stick:
        mujawara join CODE --request /media/stick/request --name Steki
        … carry it there and the admission back …
        mujawara join CODE --admission /media/stick/admission
      """)

  @Argument(help: "The invitation: 35 digits, grouped as you like.")
  var code: String

  @Option(help: ArgumentHelp("Where a member listens.", valueName: "host:port"))
  var at: String?

  @Option(help: "Write a request to carry there.")
  var request: String?

  @Option(help: "Read the admission that came back.")
  var admission: String?

  @Option(help: "What your place calls itself. A further device of a place that belongs already gives --device alone.")
  var name: String?

  @Option(help: "What this device calls itself. Else the place's name with -1.")
  var device: String?

  @Flag(help: "Protect the keys by nothing but the file's permissions.")
  var noPassphrase = false

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard [at, request, admission].filter({ $0 != nil }).count == 1 else {
      throw ValidationError("Say one of --at HOST:PORT, --request FILE, --admission FILE.")
    }
  }

  func run() throws {
    let context = Context(global)
    let code = try InvitationCode(parsing: code)
    let address = try at.map(Addresses.parse)
    if context.hasReplica {
      guard let admission, let names = JoinNotes.read(context.folder), names.invite == InviteID(code.id) else {
        throw StoreError.exists(context.folder)
      }
      return try finish(context.open(), admission, code, names, context)
    }
    let names = try names(code, context)
    let beginning = try begin(names, context)
    if let address {
      try join(code, at: address, beginning, names, context)
    } else if let request {
      try undoing(beginning) { try writeRequest(code, beginning.keys, to: request, names, context) }
    } else if let admission {
      let joined = try BundleReader.admission(admission, code: code, card: beginning.keys.card)
      try finish(make(joined, beginning, names, context), admission, code, names, context)
    }
  }

  /// What the admission brings beside the membership. The notes stay until all of it is here: until then the same
  /// command goes on where it broke off.
  private func finish(
    _ replica: Replica, _ admission: String, _ code: InvitationCode, _ names: JoinNotes, _ context: Context
  ) throws {
    _ = try BundleReader.read(
      admission, into: replica, keys: [BundleKey(code)], takingIntactPart: false, progress: { _ in })
    try replica.settle()
    JoinNotes.remove(context.folder)
    try report(replica, names, context)
  }

  private func join(
    _ code: InvitationCode, at address: Address, _ beginning: Beginning, _ names: JoinNotes, _ context: Context
  ) throws {
    let joined = try joinLive(code, beginning, address, name: names.place ?? names.device)
    let replica = try make(joined, beginning, names, context)
    JoinNotes.remove(context.folder)
    let problem = firstSync(replica, with: address)
    try report(replica, names, context)
    if let problem {
      throw Failure(problem.status, "It has joined, but the first exchange didn't finish: \(problem.sentence) Go on with  mujawara sync")
    }
  }

  /// As the arguments say, as they said when the request was written, or as the person types.
  private func names(_ code: InvitationCode, _ context: Context) throws -> JoinNotes {
    let begun = JoinNotes.read(context.folder)
    let invite = InviteID(code.id)!
    if let begun, begun.invite != invite, Beginning.isIn(context.folder) {
      throw Failure(.failed, "A joining by another code was begun in \(context.folder). Finish it with that code, name another folder with --replica, or give it up: delete the files keys and joining there.")
    }
    let kept = admission == nil ? nil : begun
    var place = try name.map(Names.checked) ?? kept?.place
    if place == nil, device == nil, kept == nil {
      guard context.prompt.canAsk else {
        throw Failure(.usage, "Say what your place calls itself: give --name NAME. For a further device of a place that belongs already, give --device NAME.")
      }
      let typed = try context.prompt.line(
        "What does your place call itself? (Only Return: this is a further device of a place that belongs already.)", flag: "--name")
      place = typed.isEmpty ? nil : try Names.checked(typed)
    }
    return JoinNotes(
      invite: invite, place: place, device: try Names.device(device ?? kept?.device, of: place, context))
  }

  /// The keys of a joining that was begun in this folder, or new ones: they are kept before anything is sent, so
  /// that a joining that broke off can be repeated.
  private func begin(_ names: JoinNotes, _ context: Context) throws -> Beginning {
    if Beginning.isIn(context.folder) {
      return try Beginning.found(context.folder, passphrase: context.passphrase)
    }
    if admission != nil {
      throw Failure(.noReplica, "No request was made from \(context.folder): begin with join CODE --request FILE.")
    }
    return try Beginning.make(
      context.folder, passphrase: try context.newPassphrase(none: noPassphrase), notes: names)
  }

  /// Runs a step; where it fails, what this command made goes again.
  private func undoing<T>(_ beginning: Beginning, _ step: () throws -> T) throws -> T {
    do {
      return try step()
    } catch {
      beginning.takeBack()
      throw error
    }
  }

  /// The keys stay only where the other side may have let this device in: then the same code is good for them
  /// alone.
  private func joinLive(
    _ code: InvitationCode, _ beginning: Beginning, _ address: Address, name: String
  ) throws -> JoinResult {
    let report = try undoing(beginning) {
      try Dialer.join(code, keys: beginning.keys, name: name, at: address, program: Version.program)
    }
    if let joined = report.joined { return joined }
    switch report.problem {
    case .refused(let reason):
      beginning.takeBack()
      throw Failure(.wrongCode, Invitations.sentence(reason))
    case .silence, .handshake:
      beginning.takeBack()
      throw Failure(
        .wrongCode,
        "\(address) doesn't answer to this code: it isn't of this network, hasn't heard of the invitation, or isn't mujawara.")
    case .newerVersion:
      beginning.takeBack()
      throw Failure(about: .newerVersion)
    case .cut, .stalled:
      throw Failure(.unreachable, "The link to \(address) broke. Try the same command again: the code is still good for this device.")
    case .some(let problem):
      let failure = Failure(about: problem)
      throw Failure(failure.status, "\(failure.sentence) Try the same command again: the code is still good for this device.")
    case nil: throw Failure(.unreachable, "\(address) broke off. Try the same command again: the code is still good for this device.")
    }
  }

  private func make(
    _ joined: JoinResult, _ beginning: Beginning, _ names: JoinNotes, _ context: Context
  ) throws -> Replica {
    guard let key = PublicKey(beginning.keys.card.sign), let me = joined.membership.device(forSigning: key) else {
      throw ReplicaError.notMember
    }
    let isFirst = joined.membership.places[me.place]?.firstDevice == me.id
    return try Replica.join(
      in: context.folder, keys: beginning.keys, master: beginning.master,
      names: .init(place: isFirst ? names.place : nil, device: names.device),
      network: joined.network, anchor: joined.anchor, governance: joined.changes, clock: Context.wallClock)
  }

  /// The newcomer's first session, and what kept it from its end. It has joined whatever comes of it.
  private func firstSync(_ replica: Replica, with address: Address) -> Failure? {
    do {
      let host = try replica.membership().sortedDevices.filter { $0.id != replica.deviceID }
      var report = try Dialer.sync(
        replica, with: address, device: host.count == 1 ? host[0].id : nil, program: Version.program)
      let wrote = try replica.settle()
      var note = PeerNote(name: try Peers.name(for: report.peer, address, replica), address: address.description, device: report.peer)
      if wrote || report.received.new > 0 {
        report = try Dialer.sync(replica, with: address, device: report.peer, program: Version.program)
      }
      Peers.mark(&note, report, now: Context.wallClock())
      try replica.note(note)
      return report.problem.map { Failure(about: $0) }
    } catch {
      return Failure.failure(for: error) ?? Failure(.failed, "\(error).")
    }
  }

  private func writeRequest(
    _ code: InvitationCode, _ keys: DeviceKeys, to path: String, _ names: JoinNotes, _ context: Context
  ) throws {
    let info = try BundleWriter.writeRequest(
      to: path, card: keys.card, code: code, name: names.place ?? names.device, now: Context.wallClock())
    try names.write(to: context.folder)
    if context.isJSON {
      return context.emit(
        "request/1", [JSONMember("file", .string(path)), JSONMember("bytes", .int(Int64(info.size)))])
    }
    context.output.print("\(context.output.user(path)) written and read back. Carry it to a member; not the code with it.")
    context.output.print("When the admission comes back:  mujawara join CODE --admission FILE")
  }

  private func report(_ replica: Replica, _ names: JoinNotes, _ context: Context) throws {
    let members = try replica.membership()
    let records = try replica.tallies().reduce(0) { $0 + $1.visible }
    guard let place = try replica.placeID() else { throw ReplicaError.notMember }
    if context.isJSON {
      return context.emit(
        "join/1",
        [
          JSONMember("network", .string(replica.network.hex)), JSONMember("place", .string(place.hex)),
          JSONMember("device", .string(replica.deviceID.hex)), JSONMember("places", .int(Int64(members.places.count))),
          JSONMember("records", .int(Int64(records))), JSONMember("folder", .string(context.folder)),
        ])
    }
    context.output.print("Joined a network of \(members.places.count) places. \(records) records are here.")
    if let own = members.places[place], own.firstDevice != replica.deviceID {
      let called = try Kinds.Directory(replica).name(ofPlace: place).text
      context.output.print("This is a further device of \(context.output.user(called)): it reads what that place keeps to itself.")
    }
    if names.place == nil, members.places[place]?.firstDevice == replica.deviceID {
      context.output.print("Your place has no name yet:  mujawara place rename NAME")
    }
    context.output.print("Next: mujawara status · mujawara agenda · mujawara need add")
  }
}
