// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Foundation
import MujawaraCrypto
import SyncEngine
import Testing

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
  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}

/// A device's folder with a real replica in it, gone with the value. A replica belongs to one thread, so every
/// thread opens its own.
final class Place: @unchecked Sendable {
  let folder: String
  let keys: DeviceKeys
  private let master: SecretBytes

  private init(keys: (keys: DeviceKeys, master: SecretBytes), folder: String) {
    self.folder = folder
    (self.keys, master) = keys
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  static let clock: @Sendable () -> UInt64 = { UInt64(Date().timeIntervalSince1970 * 1000) }

  /// A device that belongs nowhere yet.
  static func unborn(beneath path: String = "") throws -> Place {
    let folder = NSTemporaryDirectory() + "mjw-" + UUID().uuidString + path
    return Place(keys: try Replica.prepare(folder, passphrase: nil), folder: folder)
  }

  /// Founds a network.
  static func founding(_ name: String = "Aardvark", beneath path: String = "") throws -> Place {
    let place = try unborn(beneath: path)
    _ = try Replica.found(
      in: place.folder, keys: place.keys, master: place.master, names: .init(place: name, device: name + "-1"),
      clock: clock)
    return place
  }

  /// A place that `self` has admitted, with what it holds so far; not yet synced back.
  func admitting(_ name: String = "Buffalo") throws -> Place {
    let place = try Place.unborn()
    let mine = try open()
    try mine.commitGovernance([.placeAdmit(card: place.keys.card, role: 2, invite: nil, countersign: nil)])
    try mine.settle()
    let theirs = try Replica.join(
      in: place.folder, keys: place.keys, master: place.master, names: .init(place: name, device: name + "-1"),
      network: mine.network, anchor: mine.anchor, governance: try changes(.governance), clock: Place.clock)
    _ = try theirs.ingest(try changes(.commons))
    try theirs.settle()
    return place
  }

  /// The code of a new invitation of a place by a live link.
  func invite() throws -> InvitationCode {
    let replica = try open()
    let code = InvitationCode.generate()
    let epoch = try #require(try replica.currentEpoch(of: .commons))
    try replica.commitGovernance([
      .inviteCreate(
        InviteDescription(
          id: try #require(InviteID(code.id)), key: try #require(PublicKey(code.signingKey.publicKey)), role: 2,
          purpose: InviteDescription.Purpose.place, medium: InviteDescription.Medium.live, epoch: epoch.id,
          sealed: code.sealed(epochSecret: epoch.secret)))
    ])
    return code
  }

  /// Makes the replica of a device that was let in.
  func join(_ result: JoinResult) throws -> Replica {
    try Replica.join(
      in: folder, keys: keys, master: master, names: .init(place: "J", device: "J-1"), network: result.network,
      anchor: result.anchor, governance: result.changes, clock: Place.clock)
  }

  /// One more view of the replica.
  func open() throws -> Replica { try Replica.open(folder, keys: keys, master: master, clock: Place.clock) }

  func changes(_ space: Space) throws -> [Change] {
    let replica = try open()
    let source = try replica.openSender(space: replica.id(of: space), held: [:], skipping: [])
    var changes: [Change] = []
    while let run = try source.next(maxBytes: 1 << 20, maxChanges: 10_000) { changes += run.changes }
    return changes
  }

  /// Writes so many changes, each a record with a text of its own of some bytes.
  func write(_ count: Int, bytes: Int = 20, to space: Space = .commons) throws {
    let replica = try open()
    for _ in 0..<count {
      let text = UUID().uuidString + String(repeating: "x", count: bytes)
      try replica.commit(
        to: replica.id(of: space), [ContentEntry(.new(.number(12)), [FieldEdits(16, .text(text))])])
    }
  }

  /// What two replicas that hold the same have in common.
  func frontiers() throws -> [SpaceID: Frontier] {
    let replica = try open()
    let spaces = [replica.id(of: .governance), replica.id(of: .commons)]
    return Dictionary(uniqueKeysWithValues: try spaces.map { ($0, try replica.snapshot(of: $0).frontier) })
  }

  func digest() throws -> [UInt8] {
    let replica = try open()
    return try #require(try replica.snapshot(of: replica.id(of: .commons)).digest)
  }

  /// Whether both hold the same changes and show the same records.
  func isEqual(to other: Place) throws -> Bool {
    try frontiers() == other.frontiers() && digest() == other.digest()
  }

  /// What a full check finds wrong.
  func damage() throws -> [String] { try open().check(full: true).damage }
}

/// Looks every few milliseconds whether something has come true; false if it hasn't in time.
func wait(_ seconds: Double = 30, until condition: () throws -> Bool) rethrows -> Bool {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while try !condition() {
    if ContinuousClock.now > deadline { return false }
    usleep(2_000)
  }
  return true
}
