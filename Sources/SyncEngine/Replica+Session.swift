// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto

/// What sessions and bundles read and write of a replica.
extension Replica: SessionStore {
  public func epochSecrets(of space: SpaceID) throws -> [SecretBytes] {
    try database.read {
      guard let row = try log.space(space) else { return [] }
      return try epochs.held(in: row).compactMap { try epochs.secret(of: $0) }
    }
  }

  public func invitationKeys() throws -> [InvitationKeys] {
    try database.read {
      try graph.resolve().invites.reversed().prefix(64).compactMap { invite in
        guard let secret = try epochs.secret(of: invite.description.epoch),
          let keys = try? InvitationCode.open(
            sealed: invite.description.sealed, id: invite.id.bytes, epochSecret: secret)
        else { return nil }
        return InvitationKeys(invite: invite.id, psk: keys.psk, fileKey: keys.fileKey)
      }
    }
  }

  public func snapshot(of space: SpaceID) throws -> SpaceSnapshot {
    try database.read {
      try database.settleOnDisk()
      let gaps = try log.gaps()
      let entries = try log.logs(in: space).compactMap { row in
        try tip(of: row, before: gaps[row.number]).map {
          Frontier.Entry(log: row.id, author: row.author, seq: $0.dot.seq, tip: $0.id)
        }
      }
      guard space != .zero else { return SpaceSnapshot(frontier: Frontier(entries), digest: nil) }
      let digest = try log.space(space).map { try records.digest(of: $0.number) } ?? .empty
      return SpaceSnapshot(frontier: Frontier(entries), digest: digest.bytes)
    }
  }

  /// A log's last change of which, and of all before it, the body is held or lawfully absent.
  private func tip(of row: LogRow, before gap: UInt64?) throws -> StoredChange? {
    guard let gap else { return try log.tip(of: row.number) }
    return gap > 1 ? try log.change(Dot(log: row.number, seq: gap - 1)) : nil
  }

  public func id(of id: LogID, at seq: UInt64) throws -> ChangeID? {
    try database.read {
      guard seq > 0, seq <= Limits.seq, let row = try log.log(id) else { return nil }
      return try log.id(of: Dot(log: row.number, seq: seq))
    }
  }

  public func base(of id: LogID, at seq: UInt64) throws -> RunBase? {
    try database.read {
      guard seq <= Limits.seq, let row = try log.log(id) else { return nil }
      return try base(of: row, at: seq)
    }
  }

  func base(of row: LogRow, at seq: UInt64) throws -> RunBase? {
    guard seq > 0, let change = try log.change(Dot(log: row.number, seq: seq)) else { return nil }
    return RunBase(
      prev: change.id, stamp: change.stamp, cum: change.cum, epoch: try epochs.id(of: change.epoch),
      gov: try log.gov(change.gov))
  }

  public func openSender(space: SpaceID, held: [LogID: UInt64], skipping: Set<LogID>) throws -> any RunSource {
    try database.read {
      try database.settleOnDisk()
      return try OutgoingChanges(self, space: space, held: held, skipping: skipping)
    }
  }

  public func shareDueKeys() throws -> Int { try settle() ? 1 : 0 }

  public func peerHolds(_ device: DeviceID, space: SpaceID, upTo seqs: [LogID: UInt64]) throws {
    try database.write {
      var unknown = Int(try database.connection.scalar(
        "SELECT count(*) FROM held WHERE device=x'\(device.hex)' AND log NOT IN (SELECT id FROM log)"))
      for (id, seq) in seqs.sorted(by: { $0.key < $1.key }) where seq <= Limits.seq {
        if try log.log(id) == nil {
          unknown += 1
          guard unknown <= Self.unknownLogs else { continue }
        }
        try database.connection.statement(
          """
          INSERT INTO held(device, log, seq, seen) VALUES(?,?,?,?) ON CONFLICT DO UPDATE
          SET seq=max(seq, excluded.seq), seen=excluded.seen
          """).bind(1, device.bytes).bind(2, id.bytes).bind(3, seq).bind(4, clock()).run()
      }
    }
  }

  /// Logs that a device says it holds and that aren't here, of which note is taken.
  static let unknownLogs = 1_024

  /// What a device was last known to hold, by log, and when that was (milliseconds since 1970).
  public func known(of device: DeviceID) throws -> (seqs: [LogID: UInt64], seen: UInt64) {
    try database.read {
      let query = try database.connection.statement("SELECT log, seq, seen FROM held WHERE device=? ORDER BY log")
        .bind(1, device.bytes)
      defer { query.reset() }
      var seqs: [LogID: UInt64] = [:]
      var seen: UInt64 = 0
      while try query.step() {
        seqs[try query.id16(0)] = min(try query.number(1), Limits.seq)
        seen = max(seen, try query.number(2))
      }
      return (seqs, seen)
    }
  }
}
