// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto

/// Why a replica won't do what it was asked.
public enum ReplicaError: Error, Equatable, Sendable {
  /// The key file is another device's than the database.
  case foreignKeys
  /// This device isn't, or is no longer, part of the network.
  case notMember
  /// The device's role doesn't allow it.
  case notAllowed(needs: Roles)
  /// Governance holds ops of a newer program: until this one is updated it neither writes nor admits.
  case frozen
  /// It isn't a change of content that this replica holds.
  case unknownChange(ChangeID)
  /// The key of the space hasn't come yet.
  case noKey
  /// The device has written as much in this space as the network allows.
  case quota
  /// What was to be written is over a limit of protocol.md section 4 or 6.
  case tooLarge(String)
  /// Another process has written a text since it was read.
  case textChanged
  /// An op of governance would have no effect: this device may not do it, or it is done already.
  case ineffective(Objection)
  /// The joined network's governance doesn't hold together, or doesn't admit this device.
  case badAdmission(String)
}

/// One device's whole copy of a network: the façade over store, governance and keys.
///
/// It belongs to one thread. Other processes may read and write the same folder meanwhile; each transaction
/// sees one state. `Commit` and `Ingest` are the two ways in which anything comes to be.
public final class Replica {
  public let folder: String
  public let network: NetworkID
  public let keys: DeviceKeys
  public let deviceID: DeviceID
  /// The wall clock, in milliseconds since 1970.
  public let clock: () -> UInt64

  let database: Database
  let log: LogStore
  let records: RecordStore
  let pending: PendingStore
  let epochs: EpochStore
  let meta: MetaStore
  /// Eight random bytes in the ids of this device's logs; see `renewIncarnation`.
  private(set) var incarnation: UInt64
  /// Whether the change being made is a merge for one with too many heads.
  var isMerging = false
  /// The stamp of the genesis change, which every space counts from.
  let creation: UInt64
  var graph: GovernanceGraph
  /// Standings already judged, by (log, set of governance heads, kind).
  var standings: [Standing: Bool] = [:]

  struct Standing: Hashable { let log: UInt32, gov: Int64, kind: UInt64 }

  /// No network's first change is stamped before this: 2026-11-01, in milliseconds since 1970.
  public static let buildDate: UInt64 = 1_793_491_200_000

  init(
    folder: String, database: Database, keys: DeviceKeys, master: SecretBytes, graph: GovernanceGraph,
    creation: UInt64, clock: @escaping () -> UInt64
  ) throws {
    self.folder = folder
    self.database = database
    self.keys = keys
    self.clock = clock
    self.creation = creation
    self.graph = graph
    network = graph.network
    deviceID = keys.card.device
    log = LogStore(database.connection)
    records = RecordStore(database.connection, log: log)
    pending = PendingStore(database.connection)
    epochs = EpochStore(database.connection, master: master)
    meta = MetaStore(connection: database.connection)
    guard try meta.get(MetaKey.device) == keys.card.sign else { throw ReplicaError.foreignKeys }
    incarnation = try Self.incarnation(in: meta)
    database.refresh = { [unowned self] in try self.forget(wasUndone: $0) }
  }

  enum MetaKey {
    static let network = "network"
    static let anchor = "anchor"
    static let device = "device"
    static let incarnation = "incarnation"
    static let placeName = "name.place"
    static let deviceName = "name.device"
    /// There while everything derived must be made anew: after a change of schema.
    static let rebuild = "rebuild"
  }

  private static func incarnation(in meta: MetaStore) throws -> UInt64 {
    guard let bytes = try meta.get(MetaKey.incarnation), bytes.count == 8 else { throw ReplicaError.foreignKeys }
    return readBigEndian(bytes, at: 0)
  }

  /// Begins new logs: those so far have changes that weren't made here, so this device can't be sure of their ends.
  func renewIncarnation() throws {
    let bytes = SecureRandom.bytes(8)
    try meta.set(MetaKey.incarnation, bytes)
    incarnation = readBigEndian(bytes, at: 0)
  }

  /// Drops everything cached: another process may have written, or a transaction was undone.
  private func forget(wasUndone: Bool) throws {
    log.forget()
    records.forget()
    pending.forget()
    epochs.forget()
    standings = [:]
    incarnation = try Self.incarnation(in: meta)
    if wasUndone { graph = try Self.firstGraph(log, network: network, anchor: graph.anchor).graph }
    try catchUpGovernance()
  }

  // MARK: Who belongs

  public var anchor: [ChangeID] { graph.anchor }
  public var anchorID: ID32 { graph.anchorID }

  /// Everyone who belongs by all governance that this replica holds.
  public func membership() throws -> Membership {
    try database.read { graph.resolve() }
  }

  public func governance() throws -> GovernanceGraph {
    try database.read { graph }
  }

  /// The place that this device belongs to, if it is (still) present.
  public func placeID() throws -> PlaceID? { try membership().place(of: deviceID) }

  /// The spaces that this device reads, governance aside, ascending by id.
  public func readableSpaces() throws -> [SpaceID] {
    try membership().spaces(readBy: deviceID).map { $0.id(in: network) }
  }

  public func id(of space: Space) -> SpaceID { space.id(in: network) }
}
