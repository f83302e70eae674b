// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Glibc
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
    let folder: String
    let keys: DeviceKeys
    let master: SecretBytes
    /// Whether nobody has opened it since the first version.
    let isAsleep: Bool
  }

  /// Those who keep to the protocol, in the order in which runs take them.
  let honest: [Resident]
  let villains: [Resident]

  /// Milliseconds since 1970, after all that the fixtures hold.
  static let start: UInt64 = 1_800_001_020_000
  /// What the keys of the kept replicas are under; they are no secret.
  private static let passphrase = "bocal tempête lundi"

  static let shared: Town = {
    atexit { Town.shared.remove() }
    return SeededRandomness.draw(from: 2026) {
      do { return try Town() } catch { fatalError("the simulated town can't be made: \(error)") }
    }
  }()

  private init() throws {
    let builder = try Builder(Folders.make(), fixtures: Self.fixtures)
    let c1 = try builder.admitPlace("c1", role: 2)
    let a2 = try builder.admitDevice("a2", of: builder.founder, role: 2)
    let d1 = try builder.admitPlace("d1", role: 3)
    let c2 = try builder.admitDevice("c2", of: c1, role: 1)
    let e1 = try builder.admitPlace("e1", role: 1)
    let d2 = try builder.admitDevice("d2", of: d1, role: 2)
    let wicked = [try builder.admitPlace("m1", role: 2), try builder.admitPlace("x1", role: 2)]
    try builder.exchange()
    honest = [builder.founder, c1, a2].map(\.resident) + [builder.sleeper] + [d1, c2, e1, d2].map(\.resident)
    villains = wicked.map(\.resident)
    folder = builder.folder
  }

  private let folder: String

  private func remove() {
    for resident in honest + villains { Folders.remove(resident.folder) }
    rmdir(folder)
  }

  private static var fixtures: String {
    #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/Tests/Fixtures/v1"
  }

  static func passphraseBytes() -> SecretBytes { SecretBytes(copying: Array(passphrase.utf8)) }
}

/// Makes the town: all replicas open, and everything exchanged between them.
private final class Builder {
  final class Member {
    let resident: Town.Resident
    let replica: Replica

    init(_ resident: Town.Resident, _ replica: Replica) {
      self.resident = resident
      self.replica = replica
    }
  }

  let folder: String
  let founder: Member
  let sleeper: Town.Resident
  private var members: [Member] = []
  private static let clock: @Sendable () -> UInt64 = { Town.start }

  init(_ folder: String, fixtures: String) throws {
    self.folder = folder
    let kept = try ["a", "b"].map { try Self.keep($0, from: fixtures, in: folder) }
    sleeper = kept[1]
    founder = Member(
      kept[0], try Replica.open(kept[0].folder, keys: kept[0].keys, master: kept[0].master, clock: Self.clock))
    members = [founder]
  }

  private static func keep(_ name: String, from fixtures: String, in folder: String) throws -> Town.Resident {
    let copy = folder + "/" + name
    Folders.make(copy)
    Folders.copyFile("\(fixtures)/\(name)/database", to: copy + "/" + Folders.database)
    Folders.copyFile("\(fixtures)/\(name)/keys", to: copy + "/keys")
    let (keys, master) = try Replica.keys(in: copy, passphrase: Town.passphraseBytes)
    return Town.Resident(
      name: name == "a" ? "a1" : "b1", folder: copy, keys: keys, master: master, isAsleep: name == "b")
  }

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
    let folder = folder + "/" + name
    let (keys, master) = try Replica.prepare(folder, passphrase: nil)
    try host.replica.commitGovernance([op(keys.card)])
    try host.replica.settle()
    let replica = try Replica.join(
      in: folder, keys: keys, master: master, names: .init(place: place, device: name),
      network: host.replica.network, anchor: host.replica.anchor,
      governance: try Raw.changes(of: host.replica, in: .zero), clock: Self.clock)
    let member = Member(
      Town.Resident(name: name, folder: folder, keys: keys, master: master, isAsleep: false), replica)
    members.append(member)
    try exchange()
    return member
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
