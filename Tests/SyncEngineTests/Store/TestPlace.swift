// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Foundation
import MujawaraCrypto
import SQLite
import SyncEngine

/// Reproducible randomness: SplitMix64.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
  mutating func below(_ n: Int) -> Int { Int(next() % UInt64(n)) }
}

/// A clock that a test sets.
final class TestClock: @unchecked Sendable {
  var now: UInt64 = 1_800_000_000_000
}

/// A real replica in a folder of its own, gone with the value.
final class TestPlace {
  let folder: String
  let clock = TestClock()
  private(set) var replica: Replica
  private let keys: DeviceKeys
  private let master: SecretBytes
  /// Whether the folder is this value's own, and goes with it.
  private var isOwner = true

  static func freshFolder() -> String {
    NSTemporaryDirectory() + "mujawara-test-" + UUID().uuidString
  }

  /// The founder of a network.
  init(named name: String = "A", on volume: any Volume = SystemVolume()) throws {
    folder = Self.freshFolder()
    (keys, master) = try Replica.prepare(folder, passphrase: nil)
    let clock = clock
    replica = try Replica.found(
      in: folder, keys: keys, master: master, names: .init(place: name, device: name + "-1"), on: volume,
      clock: { clock.now })
  }

  /// Joins the network of `host`, who admits the place (or, with `device`, one more device of its own place).
  init(
    joining host: TestPlace, named name: String = "B", role: UInt64 = 2, asDevice: Bool = false,
    on volume: any Volume = SystemVolume()
  ) throws {
    folder = Self.freshFolder()
    (keys, master) = try Replica.prepare(folder, passphrase: nil)
    let op: GovernanceOp =
      asDevice
      ? .deviceAdmit(card: keys.card, role: role, place: try host.replica.placeID()!, invite: nil, countersign: nil)
      : .placeAdmit(card: keys.card, role: role, invite: nil, countersign: nil)
    try host.replica.commitGovernance([op])
    try host.replica.settle()
    let clock = clock
    replica = try Replica.join(
      in: folder, keys: keys, master: master, names: .init(place: asDevice ? nil : name, device: name + "-1"),
      network: host.replica.network, anchor: host.replica.anchor,
      governance: try host.changes(in: .governance), on: volume, clock: { clock.now })
    try take(from: host)
    try replica.settle()
  }

  /// A place that was admitted and has the governance and the keys, but no content yet.
  init(lateDeviceOf host: TestPlace) throws {
    folder = Self.freshFolder()
    (keys, master) = try Replica.prepare(folder, passphrase: nil)
    try host.replica.commitGovernance([.placeAdmit(card: keys.card, role: 2, invite: nil, countersign: nil)])
    let clock = clock
    replica = try Replica.join(
      in: folder, keys: keys, master: master, names: .init(place: nil, device: "late"),
      network: host.replica.network, anchor: host.replica.anchor,
      governance: try host.changes(in: .governance), clock: { clock.now })
  }

  /// The same device once more, as a copy of its folder that something has happened to: with damage, mostly.
  init(copyOf other: TestPlace, after happening: (_ folder: String) throws -> Void) throws {
    folder = Self.freshFolder()
    (keys, master) = (other.keys, other.master)
    try FileManager.default.copyItem(atPath: other.folder, toPath: folder)
    do {
      try happening(folder)
      let clock = clock
      replica = try Replica.open(folder, keys: keys, master: master, clock: { clock.now })
    } catch {
      try? FileManager.default.removeItem(atPath: folder)
      throw error
    }
  }

  /// The same device with the database that lies on `volume`: what is found there after a crash, or a backup.
  init(_ other: TestPlace, on volume: any Volume) throws {
    folder = other.folder
    (keys, master) = (other.keys, other.master)
    isOwner = false
    clock.now = other.clock.now
    let clock = clock
    replica = try Replica.open(folder, keys: keys, master: master, on: volume, clock: { clock.now })
  }

  deinit { if isOwner { try? FileManager.default.removeItem(atPath: folder) } }

  func reopen(on volume: any Volume = SystemVolume()) throws {
    let clock = clock
    replica = try Replica.open(folder, keys: keys, master: master, on: volume, clock: { clock.now })
  }

  /// All changes of a space, in causal order.
  func changes(in space: Space, held: Held = Held()) throws -> [Change] {
    let source = try replica.openSender(space: replica.id(of: space), held: held, skipping: [])
    var changes: [Change] = []
    while let run = try source.next(maxBytes: 1 << 20, maxChanges: 10_000) { changes += run.changes }
    return changes
  }

  /// Takes everything that `other` holds in governance and in the spaces that both read.
  @discardableResult
  func take(from other: TestPlace) throws -> IngestReport {
    var report = try replica.ingest(try other.changes(in: .governance))
    for space in try replica.membership().spaces(readBy: replica.deviceID) {
      guard try other.replica.membership().mayRead(other.replica.deviceID, space) else { continue }
      report += try replica.ingest(try other.changes(in: space))
    }
    return report
  }

  func digest(_ space: Space = .commons) throws -> [UInt8] {
    try replica.snapshot(of: replica.id(of: space)).digest!
  }
}

/// Takes from each other until nothing new comes.
func exchange(_ places: [TestPlace]) throws {
  for _ in 0..<10 {
    var new = 0
    for one in places { for other in places where one !== other { new += try one.take(from: other).new } }
    for place in places where try place.replica.settle() { new += 1 }
    if new == 0 { return }
  }
}
