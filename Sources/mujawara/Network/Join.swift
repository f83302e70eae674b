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
      Over a link:   mujawara join CODE --at HOST:PORT --name Steki
      By stick:      mujawara join CODE --request /media/stick/request --name Steki
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

  @Option(help: "What your place calls itself. A further device of a place needs none.")
  var name: String?

  @Option(help: "What this device calls itself. Else the computer's name.")
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
    if context.hasReplica { throw StoreError.exists(context.folder) }
    let device = try Names.checked(device ?? Names.computer)
    let place = try name.map(Names.checked)
    let (keys, master) = try openOrMakeKeys(context)
    if let address {
      let joined = try joinLive(code, keys, address, context, name: place ?? device)
      let replica = try make(joined, keys, master, place: place, device: device, context)
      firstSync(replica, with: address, context)
      try report(replica, context)
    } else if let request {
      try writeRequest(code, keys, to: request, name: place ?? device, place: place, device: device, context)
    } else if let admission {
      let joined = try BundleReader.admission(admission, code: code, card: keys.card)
      let kept = JoinNotes.read(context.folder)
      let replica = try make(
        joined, keys, master, place: place ?? kept?.place, device: self.device ?? kept?.device ?? device, context)
      _ = try BundleReader.read(
        admission, into: replica, keys: [BundleKey(code)], takingIntactPart: false, progress: { _ in })
      try replica.settle()
      JoinNotes.remove(context.folder)
      try report(replica, context)
    }
  }

  /// The keys of a joining that was begun in this folder, or new ones: they are kept before anything is sent, so
  /// that a joining that broke off can be repeated.
  private func openOrMakeKeys(_ context: Context) throws -> (keys: DeviceKeys, master: SecretBytes) {
    if access(context.folder + "/keys", F_OK) == 0 {
      return try Replica.keys(in: context.folder, passphrase: context.passphrase)
    }
    if admission != nil {
      throw Failure(.noReplica, "No request was made from \(context.folder): begin with join CODE --request FILE.")
    }
    return try Replica.prepare(context.folder, passphrase: try context.newPassphrase(none: noPassphrase))
  }

  private func joinLive(
    _ code: InvitationCode, _ keys: DeviceKeys, _ address: Address, _ context: Context, name: String
  ) throws -> JoinResult {
    let report = try Dialer.join(code, keys: keys, name: name, at: address, program: Version.program)
    if let joined = report.joined { return joined }
    switch report.problem {
    case .refused(let reason): throw Failure(.wrongCode, Invitations.sentence(reason))
    case .silence, .handshake:
      throw Failure(
        .wrongCode,
        "\(address) doesn't answer to this code: it isn't of this network, hasn't heard of the invitation, or isn't mujawara.")
    case .some(let problem): throw problem
    case nil: throw Failure(.unreachable, "\(address) broke off. Try again: the same code is still good.")
    }
  }

  private func make(
    _ joined: JoinResult, _ keys: DeviceKeys, _ master: SecretBytes, place: String?, device: String, _ context: Context
  ) throws -> Replica {
    let me = joined.membership.device(forSigning: PublicKey(keys.card.sign)!)
    let isFirst = me.map { joined.membership.places[$0.place]?.firstDevice == $0.id } ?? false
    return try Replica.join(
      in: context.folder, keys: keys, master: master, names: .init(place: isFirst ? place ?? device : nil, device: device),
      network: joined.network, anchor: joined.anchor, governance: joined.changes, clock: Context.wallClock)
  }

  /// The newcomer's first session. It has joined whatever comes of it.
  private func firstSync(_ replica: Replica, with address: Address, _ context: Context) {
    do {
      let host = try replica.membership().sortedDevices.filter { $0.id != replica.deviceID }
      let report = try Dialer.sync(
        replica, with: address, device: host.count == 1 ? host[0].id : nil, program: Version.program)
      try replica.settle()
      var note = PeerNote(name: try Peers.name(for: report.peer, address, replica), address: address.description, device: report.peer)
      Peers.mark(&note, report, now: Context.wallClock())
      try replica.note(note)
      if try replica.settle() || report.received.new > 0 {
        _ = try Dialer.sync(replica, with: address, device: report.peer, program: Version.program)
      }
    } catch {
      let why = Failure.failure(for: error)?.sentence ?? "\(error)"
      if !context.isJSON { context.output.print("Joined, but the first exchange didn't finish: \(why)") }
    }
  }

  private func writeRequest(
    _ code: InvitationCode, _ keys: DeviceKeys, to path: String, name: String, place: String?, device: String,
    _ context: Context
  ) throws {
    let info = try BundleWriter.writeRequest(to: path, card: keys.card, code: code, name: name, now: Context.wallClock())
    try JoinNotes(place: place, device: device).write(to: context.folder)
    if context.isJSON {
      return context.emit(
        "request/1", [JSONMember("file", .string(path)), JSONMember("bytes", .int(Int64(info.size)))])
    }
    context.output.print("\(context.output.user(path)) written and read back. Carry it to a member; not the code with it.")
    context.output.print("When the admission comes back:  mujawara join CODE --admission FILE")
  }

  private func report(_ replica: Replica, _ context: Context) throws {
    let members = try replica.membership()
    let records = try replica.tallies().reduce(0) { $0 + $1.visible }
    if context.isJSON {
      return context.emit(
        "join/1",
        [
          JSONMember("network", .string(replica.network.hex)), JSONMember("place", .string(try replica.placeID()!.hex)),
          JSONMember("device", .string(replica.deviceID.hex)), JSONMember("places", .int(Int64(members.places.count))),
          JSONMember("records", .int(Int64(records))), JSONMember("folder", .string(context.folder)),
        ])
    }
    context.output.print("Joined a network of \(members.places.count) places. \(records) records are here.")
    context.output.print("Next: mujawara status · mujawara agenda · mujawara need add")
  }
}

/// What a joiner by stick said of itself when it wrote the request: kept until the admission comes.
struct JoinNotes {
  var place: String?
  var device: String

  private static func path(_ folder: String) -> String { folder + "/joining" }

  func write(to folder: String) throws {
    let value = JSONValue.object([
      JSONMember("place", place.map(JSONValue.string) ?? .null), JSONMember("device", .string(device)),
    ])
    try SafeFile.write(Array(value.text.utf8), to: Self.path(folder))
  }

  static func read(_ folder: String) -> JoinNotes? {
    guard let bytes = try? SafeFile.read(path(folder), limit: 4_096), let value = try? JSONValue(parsing: bytes),
      let device = value["device"]?.string
    else { return nil }
    return JoinNotes(place: value["place"]?.string, device: device)
  }

  static func remove(_ folder: String) { unlink(path(folder)) }
}
