// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto

/// Group keys: taking in what key changes bring, and writing them (protocol.md section 9).
extension Replica {
  /// The current epoch of a space with its secret; nil if this device holds none.
  public func currentEpoch(of space: Space) throws -> (id: EpochID, secret: SecretBytes)? {
    try database.read {
      guard let row = try log.space(space.id(in: network)), let id = try epochs.held(in: row).first,
        let secret = try epochs.secret(of: id)
      else { return nil }
      return (id, secret)
    }
  }

  private func context(_ epoch: EpochID, in row: SpaceRow) throws -> Wraps.Context {
    try Wraps.Context(network: network.bytes, space: row.id.bytes, epoch: epoch.bytes)
  }

  /// Takes the secret of a key change, if one of its wraps is for this device. The epoch's local number if it
  /// is new here. The id of an epoch commits to its secret, so it matters little who brings it.
  func adopt(_ body: KeyChangeBody, in row: SpaceRow) throws -> Int64? {
    guard try epochs.secret(of: body.epoch) == nil else { return nil }
    let context = try context(body.epoch, in: row)
    guard
      let found = try? Wraps.open(body.wraps, eph: body.eph.bytes, in: context, agree: keys.agree),
      try epochs.adopt(body.epoch, secret: found, in: row)
    else { return nil }
    return try epochs.number(of: body.epoch, in: row)
  }

  /// Takes all that a key change says: its secret, who else got it, and the epochs before it.
  /// Gives the local numbers of the epochs that are new here.
  func learn(_ body: KeyChangeBody, stamp: UInt64, in row: SpaceRow) throws -> [Int64] {
    var learned = try adopt(body, in: row).map { [$0] } ?? []
    guard let secret = try epochs.secret(of: body.epoch) else { return [] }
    let opened = try? KeyChangeSeal.open(
      body.sealed, in: try context(body.epoch, in: row), eph: body.eph.bytes, wraps: body.wraps, epochSecret: secret)
    guard let opened, let roster = try? opened.withArray({ try KeyRoster(decoding: $0) }) else { return learned }
    var followed: [EpochID] = []
    for parent in roster.parents {
      let id = Epoch.id(network: network.bytes, space: row.id.bytes, secret: parent.secret)
      guard id == parent.epoch.bytes else { continue }
      followed.append(parent.epoch)
      if try epochs.adopt(parent.epoch, secret: parent.secret, in: row) {
        learned.append(try epochs.number(of: parent.epoch, in: row))
      }
    }
    try epochs.note(
      body.epoch, in: row, stamp: body.op == .rotate ? stamp : nil, roster: roster.devices,
      parents: body.op == .rotate ? followed : [])
    return learned
  }

  /// Begins an epoch of the space for all who read it now, following those that this device holds.
  func rotate(_ space: Space, _ ingestion: Ingestion) throws {
    let row = try log.makeSpace(space.id(in: network))
    let secret = Epoch.newSecret()
    let id = ID32(Epoch.id(network: network.bytes, space: row.id.bytes, secret: secret), at: 0)
    let parents = try epochs.held(in: row).prefix(Limits.epochParents).compactMap { epoch in
      try epochs.secret(of: epoch).map { KeyRoster.Parent(epoch: epoch, secret: $0) }
    }
    try writeKeys(
      .rotate, id, secret, for: graph.resolve().readers(of: space), parents.sorted { $0.epoch < $1.epoch }, in: row,
      ingestion)
  }

  /// Gives the current epoch of the space to those who read it and haven't got it. True if there were any.
  func share(_ space: Space, _ ingestion: Ingestion) throws -> Bool {
    let row = try log.makeSpace(space.id(in: network))
    guard let epoch = try epochs.held(in: row).first, let secret = try epochs.secret(of: epoch) else { return false }
    let served = try epochs.roster(of: epoch)
    let due = graph.resolve().readers(of: space).filter { !served.contains($0.id) }
    guard !due.isEmpty else { return false }
    try writeKeys(.share, epoch, secret, for: due, [], in: row, ingestion)
    return true
  }

  private func writeKeys(
    _ op: KeyChangeBody.Op, _ epoch: EpochID, _ secret: SecretBytes, for readers: [DeviceFacts],
    _ parents: [KeyRoster.Parent], in row: SpaceRow, _ ingestion: Ingestion
  ) throws {
    let context = try context(epoch, in: row)
    let (eph, wraps) = try Wraps.make(secret: secret, in: context, recipients: readers.map(\.card.agree))
    var roster = KeyRoster(devices: readers.map(\.id).sorted(), parents: parents).encoded()
    defer { roster.wipe() }
    let sealed = KeyChangeSeal.seal(cbor: roster, in: context, eph: eph, wraps: wraps, epochSecret: secret)
    let body = KeyChangeBody(op: op, epoch: epoch, eph: ID32(eph, at: 0), wraps: wraps, sealed: sealed)
    _ = try author(keys: body, in: row, ingestion)
  }
}
