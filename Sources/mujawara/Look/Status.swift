// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Exchange
import Kinds
import SyncEngine

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "How things stand here and with the neighbours.")

  @OptionGroup var global: GlobalOptions

  func run() throws { try Self.print(Context(global)) }

  static func print(_ context: Context) throws {
    let replica = try context.open()
    let standing = try replica.reading { try Standing(replica, context.output) }
    context.isJSON ? emit(standing, context) : say(standing, context)
  }

  /// What is told, read in one go.
  private struct Standing {
    let place: String?
    let placeID: PlaceID?
    let network: NetworkID
    let places: Int
    let devices: Int
    let records: Int
    let changes: Int
    let waiting: Int
    let conflicts: Int
    let forks: Int
    let held: [(device: DeviceID, changes: Int)]
    let heldLines: [String]
    let isFrozen: Bool
    let digest: String
    let peers: [(note: PeerNote, lag: Lag?)]

    init(_ replica: Replica, _ output: Output) throws {
      let members = try replica.membership()
      placeID = members.place(of: replica.deviceID)
      place = try placeID.flatMap { try replica.read(RecordID($0))?.text("name") }
      network = replica.network
      places = members.places.count
      devices = members.devices.count
      records = try replica.tallies().reduce(0) { $0 + $1.visible }
      changes = try replica.sizes().changes
      waiting = try replica.waiting().count
      let today = ZoneRules.now().date
      conflicts = try Conflicts.count(in: replica) + Contests.count(in: replica, today: today)
      forks = try replica.forkCount()
      held = try replica.held()
      heldLines = try HeldWords.lines(held, replica, output)
      isFrozen = try replica.governance().frozen != nil
      digest = Hex.encode(try replica.snapshot(of: replica.id(of: .commons)).digest ?? [])
      peers = try replica.peers().map { note in (note, try note.device.map { try replica.lag(of: $0) }) }
    }
  }

  private static func say(_ standing: Standing, _ context: Context) {
    let output = context.output
    let name = standing.place ?? standing.placeID.map { ShortID.brief($0) } ?? "This device"
    output.print(
      "\(output.styled(output.user(name), .bold))  \(SessionWords.plural(standing.places, "place")), \(SessionWords.plural(standing.devices, "device")) · "
        + "\(SessionWords.plural(standing.records, "record")) · \(SessionWords.plural(standing.conflicts, "conflict"))")
    if standing.placeID == nil { output.print("! This device isn't part of the network (any more): it can read what it has, and write nothing.") }
    if standing.isFrozen { output.print("! The network uses what a newer mujawara knows. Until it is updated here, this one writes nothing.") }
    if standing.conflicts > 0 { output.print("! \(SessionWords.plural(standing.conflicts, "conflict"))      mujawara conflicts") }
    if standing.waiting > 0 { output.print("! \(SessionWords.plural(standing.waiting, "change")) can't be used yet: earlier ones are missing; a sync or a bundle brings them") }
    for line in standing.heldLines { output.print("! \(line)") }
    if standing.forks > 0 { output.print("! \(SessionWords.plural(standing.forks, "log")) with two histories      mujawara check") }
    for (note, lag) in standing.peers { output.print(line(note, lag, output)) }
    if standing.peers.isEmpty { output.print("No neighbour is noted: mujawara peer add NAME HOST:PORT, or carry bundles.") }
  }

  private static func line(_ note: PeerNote, _ lag: Lag?, _ output: Output) -> String {
    var line = "\(output.user(note.name))  "
    if let lag, lag.since != nil {
      line += lag.theyLack == 0 && lag.weLack == 0
        ? "equal, \(Times.ago(note.converged ?? lag.since))"
        : "they lack \(lag.theyLack) of ours · we lack \(lag.weLack) of theirs (as of \(Times.ago(lag.since)))"
    } else {
      line += "never reached"
    }
    if let problem = note.problem { line += " · last call \(Times.ago(note.tried)): \(output.user(problem))" }
    return line
  }

  private static func emit(_ standing: Standing, _ context: Context) {
    context.emit(
      "status/1",
      [
        JSONMember("network", .string(standing.network.hex)), JSONMember("place", standing.place.map(JSONValue.string) ?? .null),
        JSONMember("place_id", standing.placeID.map { .string($0.hex) } ?? .null),
        JSONMember("places", .int(Int64(standing.places))), JSONMember("devices", .int(Int64(standing.devices))),
        JSONMember("records", .int(Int64(standing.records))), JSONMember("changes", .int(Int64(standing.changes))),
        JSONMember("waiting", .int(Int64(standing.waiting))), JSONMember("conflicts", .int(Int64(standing.conflicts))),
        JSONMember("forks", .int(Int64(standing.forks))), JSONMember("held", HeldWords.json(standing.held)),
        JSONMember("frozen", .bool(standing.isFrozen)),
        JSONMember("digest", .string(standing.digest)),
        JSONMember(
          "peers",
          .array(
            standing.peers.map { note, lag in
              .object(
                PeerCommand.members(note) + [
                  JSONMember("they_lack", lag.map { .int(Int64($0.theyLack)) } ?? .null),
                  JSONMember("we_lack", lag.map { .int(Int64($0.weLack)) } ?? .null),
                ])
            })),
      ])
  }
}
