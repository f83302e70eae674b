// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import SyncEngine

/// A replica as sessions and bundles meet it, with an eye on what goes out: nothing is sent that isn't durable.
class Watch: SessionStore {
  let base: Replica
  private unowned let host: Host
  private unowned let world: World

  init(_ base: Replica, of host: Host, in world: World) {
    self.base = base
    self.host = host
    self.world = world
  }

  var network: NetworkID { base.network }
  var anchor: [ChangeID] { base.anchor }
  var anchorID: ID32 { base.anchorID }
  var keys: DeviceKeys { base.keys }
  var clock: () -> UInt64 { base.clock }
  func membership() throws -> Membership { try base.membership() }
  func readableSpaces() throws -> [SpaceID] { try base.readableSpaces() }
  func epochSecrets(of space: SpaceID) throws -> [SecretBytes] { try base.epochSecrets(of: space) }
  func invitationKeys() throws -> [InvitationKeys] { try base.invitationKeys() }
  func ids(of log: LogID, at seq: UInt64) throws -> [ChangeID] { try base.ids(of: log, at: seq) }
  func bases(of log: LogID, at seq: UInt64) throws -> [RunBase] { try base.bases(of: log, at: seq) }
  func lacking(of space: SpaceID, held: Held) throws -> [(log: LogID, first: UInt64, last: UInt64)] {
    try base.lacking(of: space, held: held)
  }
  func commitGovernance(_ ops: [GovernanceOp]) throws -> ChangeID { try base.commitGovernance(ops) }
  func peerHolds(_ device: DeviceID, space: SpaceID, _ held: Held) throws {
    try base.peerHolds(device, space: space, held)
  }
  func shareDueKeys() throws -> Int { try base.shareDueKeys() }

  func snapshot(of space: SpaceID) throws -> SpaceSnapshot {
    let snapshot = try base.snapshot(of: space)
    try demandDurable(snapshot.frontier.entries.map(\.tip), "names")
    return snapshot
  }

  func ladder(of log: LogID) throws -> [Frontier.Entry] {
    let rungs = try base.ladder(of: log)
    try demandDurable(rungs.map(\.tip), "names")
    return rungs
  }

  func openSender(space: SpaceID, held: Held, skipping: Set<LogID>) throws -> any RunSource {
    WatchedSource(try base.openSender(space: space, held: held, skipping: skipping), self)
  }

  func ingest(_ changes: [Change]) throws -> IngestReport {
    let kept = world.canary == .lostChange && host.index == 0 ? Self.withoutOne(changes) : changes
    let report = try base.ingest(kept)
    world.tally.changesTaken += report.new
    world.tally.refuse(report.refused.map(\.reason))
    world.trace.note("\(host.name) takes \(report.new) new, \(report.known) known, \(report.waiting) waiting")
    return report
  }

  /// A canary: the last change of a batch of content is lost.
  private static func withoutOne(_ changes: [Change]) -> [Change] {
    changes.last?.header.kind == .content ? changes.dropLast() : changes
  }

  fileprivate func demandDurable(_ ids: [ChangeID], _ verb: String) throws {
    guard let auditor = host.auditor else { preconditionFailure("a process that sends has a disk") }
    for id in ids where try !auditor.holds(id) {
      throw Failure(.sentIsDurable, "\(host.name) \(verb) \(id), which a power loss could take from it")
    }
    world.tally.audited += ids.count
  }
}

/// Gives what the engine gives, once it has been seen on the disk.
private final class WatchedSource: RunSource {
  private let base: any RunSource
  private let watch: Watch

  init(_ base: any RunSource, _ watch: Watch) {
    self.base = base
    self.watch = watch
  }

  func next(maxBytes: Int, maxChanges: Int) throws -> OutgoingRun? {
    guard let run = try base.next(maxBytes: maxBytes, maxChanges: maxChanges) else { return nil }
    try watch.demandDurable(run.changes.map(\.id), "sends")
    return run
  }
}
