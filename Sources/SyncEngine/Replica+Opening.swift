// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto
import SQLite

extension Replica {
  static let keyFileName = "keys"

  /// The keys of the replica in `folder`. `passphrase` is asked only if the key file has one.
  public static func keys(
    in folder: String, passphrase: () throws -> SecretBytes
  ) throws -> (keys: DeviceKeys, master: SecretBytes) {
    var bytes = try keyFile(in: folder)
    defer { bytes.wipe() }
    return try withoutActuallyEscaping(passphrase) { ask in
      let opened = try KeyFile.open(bytes, passphrase: ask)
      return (opened.keys, opened.masterKey)
    }
  }

  private static func keyFile(in folder: String) throws -> [UInt8] {
    do { return try SafeFile.read(folder + "/" + keyFileName, limit: 65_536) } catch StoreError.missing {
      throw StoreError.missing(folder)
    }
  }

  /// Opens the replica in `folder`.
  ///
  /// Throws `StoreError` for files that can't be used, `CryptoError` for keys that don't open.
  public static func open(
    _ folder: String, passphrase: () throws -> SecretBytes, clock: @escaping () -> UInt64
  ) throws -> Replica {
    let (keys, master) = try Replica.keys(in: folder, passphrase: passphrase)
    return try open(folder, keys: keys, master: master, clock: clock)
  }

  public static func open(
    _ folder: String, keys: DeviceKeys, master: SecretBytes, on volume: any Volume = SystemVolume(),
    clock: @escaping () -> UInt64
  ) throws -> Replica {
    let database = try Database(folder: folder, on: volume)
    let meta = MetaStore(connection: database.connection)
    let (graph, creation) = try database.read {
      guard try database.connection.scalar("SELECT (SELECT count(*) FROM meta) + (SELECT count(*) FROM change)") > 0
      else { throw StoreError.missing(folder) }
      guard let network = try meta.get(MetaKey.network).flatMap({ ID32($0) }),
        let anchor = try meta.get(MetaKey.anchor), anchor.count % 32 == 0
      else {
        throw StoreError.damaged("the replica belongs to no network")
      }
      return try firstGraph(
        LogStore(database.connection), network: network,
        anchor: stride(from: 0, to: anchor.count, by: 32).map { ID32(anchor, at: $0) })
    }
    let replica = try Replica(
      folder: folder, database: database, keys: keys, master: master, graph: graph, creation: creation,
      clock: clock)
    try replica.database.read { try replica.catchUpGovernance() }
    if try replica.database.read({ try meta.get(MetaKey.rebuild) }) != nil { try replica.rebuild() }
    try replica.adoptKeptForks()
    return replica
  }

  /// Earlier versions kept the changes of a second branch as proofs, apart from the log. They are taken in.
  private func adoptKeptForks() throws {
    guard database.isWritable, try database.read({ try pending.hasKeptForks() }) else { return }
    try database.write {
      let kept = try pending.takeKeptForks(network: network)
      let ingestion = Ingestion(self)
      try ingestion.take(kept)
      _ = try ingestion.finish()
    }
  }

  /// The governance of the genesis change alone.
  static func firstGraph(_ log: LogStore, network: NetworkID, anchor: [ChangeID]) throws
    -> (graph: GovernanceGraph, creation: UInt64)
  {
    for row in try log.logs(in: .zero) {
      guard let change = try log.change(Dot(log: row.number, seq: 1)), change.heads.isEmpty else { continue }
      let body = try GovernanceBody(decoding: change.body)
      let genesis = GovernanceChange(
        id: change.id, author: row.author, parents: [], stamp: change.stamp, ops: body.ops)
      let graph = try GovernanceGraph(genesis: genesis, anchor: anchor)
      if graph.network == network { return (graph, change.stamp) }
    }
    throw StoreError.damaged("the network's first change is missing")
  }

  /// Takes in governance changes that stand in the log and not yet in the graph.
  func catchUpGovernance() throws {
    guard let space = try log.space(.zero) else { return }
    var behind: [StoredChange] = []
    for row in try log.logs(in: .zero) {
      guard let tip = try log.tip(of: row.number), !graph.contains(tip.id) else { continue }
      try log.eachChange(of: row.number, from: 1) { change in
        if !graph.contains(change.id) { behind.append(change) }
        return true
      }
    }
    behind.sort { ($0.stamp, $0.id) < ($1.stamp, $1.id) }
    for change in behind {
      try graph.insert(try governanceChange(change, in: space))
    }
  }

  func governanceChange(_ change: StoredChange, in space: SpaceRow) throws -> GovernanceChange {
    // What this version can't read has no ops, and stands in the graph all the same for what follows it.
    let body = change.state == .applied ? try GovernanceBody(decoding: change.body) : nil
    var parents = try change.heads.map { try knownID(of: $0) }
    if let previous = try log.previous(of: change.dot) { parents.append(try knownID(of: previous)) }
    return GovernanceChange(
      id: change.id, author: try log.log(number: change.dot.log).author, parents: parents, stamp: change.stamp,
      ops: body?.ops ?? [])
  }

  func knownID(of dot: Dot) throws -> ChangeID {
    guard let id = try log.id(of: dot) else { throw StoreError.damaged("a change's parent is missing") }
    return id
  }
}
