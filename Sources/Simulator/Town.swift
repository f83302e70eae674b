// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import FaultDisk
import MujawaraCrypto
@_spi(Simulation) import MujawaraCrypto
import SyncEngine

/// The network that every run begins with, made once: ten devices of six places, of which each run takes as many
/// as it wants. The others are members who are never heard of.
///
/// It grew from the replicas kept in `Tests/Fixtures/v1`. One of them is still as the first version left it: its
/// people haven't opened it since, and it knows nothing of what the others did.
struct Town: Sendable {
  struct Resident: Sendable {
    let name: String
    let keys: DeviceKeys
    let master: SecretBytes
    /// The files of its database, by the endings of their names.
    let files: [String: [UInt8]]
    /// Whether nobody has opened it since the first version.
    let isAsleep: Bool

    /// Its disk, as it is found in a folder.
    func image(in folder: String) -> FaultDisk.Image {
      FaultDisk.Image(files: Dictionary(uniqueKeysWithValues: files.map { (Town.database(in: folder) + $0, $1) }))
    }
  }

  /// Those who keep to the protocol, in the order in which runs take them.
  let honest: [Resident]
  let villains: [Resident]

  /// Milliseconds since 1970, after all that the fixtures hold.
  static let start: UInt64 = 1_800_001_020_000

  static func database(in folder: String) -> String { folder + "/replica.sqlite" }

  static let shared: Town = SeededRandomness.draw(from: 2026) {
    do { return try Town() } catch { fatalError("the simulated town can't be made: \(error)") }
  }

  private init() throws {
    let folder = Folders.make()
    defer { Folders.remove(folder) }
    let builder = try Builder(folder)
    defer { builder.remove() }
    let c1 = try builder.admitPlace("c1", role: 2)
    let a2 = try builder.admitDevice("a2", of: builder.founder, role: 2)
    let d1 = try builder.admitPlace("d1", role: 3)
    let c2 = try builder.admitDevice("c2", of: c1, role: 1)
    let e1 = try builder.admitPlace("e1", role: 1)
    let d2 = try builder.admitDevice("d2", of: d1, role: 2)
    let wicked = [try builder.admitPlace("m1", role: 2), try builder.admitPlace("x1", role: 2)]
    try builder.exchange()
    honest = [builder.founder, c1, a2].map(\.resident) + [try builder.sleeper()] + [d1, c2, e1, d2].map(\.resident)
    villains = wicked.map(\.resident)
  }
}

/// Makes the town: all replicas open, and everything exchanged between them.
private final class Builder {
  final class Member {
    let name: String
    let folder: String
    let keys: DeviceKeys
    let master: SecretBytes
    let disk: FaultDisk
    let replica: Replica

    init(
      _ name: String, in folder: String, _ secrets: (keys: DeviceKeys, master: SecretBytes), on disk: FaultDisk,
      _ replica: Replica
    ) {
      (self.name, self.folder, self.disk, self.replica) = (name, folder, disk, replica)
      (keys, master) = secrets
    }

    var resident: Town.Resident {
      let start = Town.database(in: folder)
      let files = disk.image.files.map { (String($0.key.dropFirst(start.count)), $0.value) }
      return Town.Resident(
        name: name, keys: keys, master: master, files: Dictionary(uniqueKeysWithValues: files), isAsleep: false)
    }
  }

  let founder: Member
  private let folder: String
  private var members: [Member] = []
  private static let clock: @Sendable () -> UInt64 = { Town.start }
  private static let fixtures =
    #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/Tests/Fixtures/v1"

  init(_ folder: String) throws {
    self.folder = folder
    let home = folder + "/a1"
    Folders.make(home)
    let disk = FaultDisk(.init(files: [Town.database(in: home): Folders.read(Self.fixtures + "/a/database")]))
    let secrets = try Self.secrets(of: "a")
    founder = Member(
      "a1", in: home, secrets, on: disk,
      try Replica.open(home, keys: secrets.keys, master: secrets.master, on: disk, clock: Self.clock))
    members = [founder]
  }

  /// The kept replica that nobody opens.
  func sleeper() throws -> Town.Resident {
    let (keys, master) = try Self.secrets(of: "b")
    return Town.Resident(
      name: "b1", keys: keys, master: master, files: ["": Folders.read(Self.fixtures + "/b/database")], isAsleep: true)
  }

  /// What the keys of the kept replicas are under is no secret.
  private static func secrets(of name: String) throws -> (keys: DeviceKeys, master: SecretBytes) {
    try Replica.keys(in: "\(fixtures)/\(name)") { SecretBytes(copying: Array("bocal tempête lundi".utf8)) }
  }

  func remove() { for member in members { Folders.remove(member.folder) } }

  func admitPlace(_ name: String, role: UInt64) throws -> Member {
    try admit(name, by: founder, place: name) { .placeAdmit(card: $0, role: role, invite: nil, countersign: nil) }
  }

  func admitDevice(_ name: String, of host: Member, role: UInt64) throws -> Member {
    guard let place = try host.replica.placeID() else { preconditionFailure("a host belongs to a place") }
    return try admit(name, by: host, place: nil) {
      .deviceAdmit(card: $0, role: role, place: place, invite: nil, countersign: nil)
    }
  }

  private func admit(
    _ name: String, by host: Member, place: String?, _ op: (Card) -> GovernanceOp
  ) throws -> Member {
    let home = folder + "/" + name
    let secrets = try Replica.prepare(home, passphrase: nil)
    try host.replica.commitGovernance([op(secrets.keys.card)])
    try host.replica.settle()
    let disk = FaultDisk()
    let replica = try Replica.join(
      in: home, keys: secrets.keys, master: secrets.master, names: .init(place: place, device: name),
      network: host.replica.network, anchor: host.replica.anchor,
      governance: try Raw.changes(of: host.replica, in: .zero), on: disk, clock: Self.clock)
    members.append(Member(name, in: home, secrets, on: disk, replica))
    try exchange()
    return members[members.count - 1]
  }

  /// Everyone takes from everyone until nothing new comes.
  func exchange() throws {
    var isDone = false
    while !isDone {
      isDone = true
      for one in members {
        for other in members where one !== other {
          for space in try one.replica.readableSpaces() + [.zero] {
            let report = try one.replica.ingest(try Raw.changes(of: other.replica, in: space))
            if report.new > 0 { isDone = false }
          }
        }
        if try one.replica.settle() { isDone = false }
      }
    }
  }
}
