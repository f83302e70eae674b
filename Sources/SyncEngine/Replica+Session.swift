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
      let rows = try log.logs(in: space)
      let shown = try shownTips(of: rows)
      let missing = try log.missingBodies().filter { dot in rows.contains { $0.number == dot.log } }
      let beyond = Set(try rows.compactMap { try log.tip(of: $0.number)?.dot }).subtracting(shown).union(missing)
      var snapshot = SpaceSnapshot(
        frontier: Frontier(try shown.map(entry(of:))), beyond: Frontier(try beyond.map(entry(of:))), digest: nil)
      guard space != .zero else { return snapshot }
      snapshot.digest = (try log.space(space).map { try records.digest(of: $0.number) } ?? .empty).bytes
      return snapshot
    }
  }

  /// The last change of a branch of which, and of all before it in its log, the body is held or lawfully absent.
  private func shownTip(of row: LogRow, _ gaps: [UInt32: UInt64]) throws -> Dot? {
    var tip = try log.tip(of: row.number)?.dot
    for dot in try tip.map(log.chain) ?? [] {
      guard let gap = gaps[dot.log], gap <= dot.seq else { continue }
      tip = try log.previous(of: Dot(log: dot.log, seq: gap))
    }
    return tip
  }

  /// These tips, each once.
  private func shownTips(of rows: [LogRow]) throws -> Set<Dot> {
    let gaps = try log.gaps()
    return Set(try rows.compactMap { try shownTip(of: $0, gaps) })
  }

  private func entry(of dot: Dot) throws -> Frontier.Entry {
    let row = try log.log(number: dot.log)
    return Frontier.Entry(log: row.id, author: row.author, seq: dot.seq, tip: try knownID(of: dot))
  }

  public func ids(of id: LogID, at seq: UInt64) throws -> [ChangeID] {
    try database.read { try log.dots(of: id, at: seq).map(knownID) }
  }

  public func bases(of id: LogID, at seq: UInt64) throws -> [RunBase] {
    try database.read { try log.dots(of: id, at: seq).compactMap(base) }
  }

  func base(at dot: Dot) throws -> RunBase? {
    guard let change = try log.change(dot) else { return nil }
    return RunBase(
      prev: change.id, stamp: change.stamp, cum: change.cum, epoch: try epochs.id(of: change.epoch),
      gov: try log.gov(change.gov))
  }

  public func ladder(of id: LogID) throws -> [Frontier.Entry] {
    try database.read {
      var dots: Set<Dot> = []
      for tip in try shownTips(of: log.branches(of: id)) {
        let chain = try log.chain(to: tip)
        var step: UInt64 = 1
        while step < tip.seq {
          dots.insert(on(chain, at: tip.seq - step))
          step *= 2
        }
        dots.insert(on(chain, at: 1))
      }
      return try dots.map(entry(of:))
    }
  }

  /// The change of this seq on the way to the chain's first dot.
  private func on(_ chain: [Dot], at seq: UInt64) -> Dot {
    let place = chain.indices.first { $0 + 1 == chain.count || chain[$0 + 1].seq < seq }!
    return Dot(log: chain[place].log, seq: seq)
  }

  public func openSender(space: SpaceID, held: Held, skipping: Set<LogID>) throws -> any RunSource {
    try database.read {
      try database.settleOnDisk()
      return try OutgoingChanges(self, space: space, held: held, skipping: skipping)
    }
  }

  public func lacking(of space: SpaceID, held: Held) throws -> [(log: LogID, first: UInt64, last: UInt64)] {
    try database.read {
      let reach = try log.reach(of: held, in: space)
      var ranges: [(log: LogID, first: UInt64, last: UInt64)] = []
      for row in try log.logs(in: space) {
        let first = (reach[row.number] ?? 0) + 1
        guard let last = try log.tip(of: row.number)?.dot.seq, first <= last else { continue }
        ranges.append((row.id, first, last))
      }
      return ranges.sorted { one, other in
        if one.log != other.log { return one.log < other.log }
        return one.first != other.first ? one.first < other.first : one.last < other.last
      }
    }
  }

  public func shareDueKeys() throws -> Int { try settle() ? 1 : 0 }

  public func peerHolds(_ device: DeviceID, space: SpaceID, _ held: Held) throws {
    try database.write {
      var unknown = Int(try database.connection.scalar(
        "SELECT count(*) FROM held WHERE device=x'\(device.hex)' AND log NOT IN (SELECT id FROM log)"))
      for (id, seq) in held.seqs.sorted(by: { $0.key < $1.key }) where seq <= Limits.seq {
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
      try noteBranches(of: device, held.tips)
    }
  }

  /// Of logs with several branches a seq tells too little: the changes themselves are kept, the last of each branch.
  private func noteBranches(of device: DeviceID, _ tips: Set<ChangeID>) throws {
    var byLog: [LogID: Set<Dot>] = [:]
    for id in tips {
      guard let dot = try log.dot(of: id) else { continue }
      let family = try log.log(number: dot.log).id
      if try log.isForked(family) { byLog[family, default: []].insert(dot) }
    }
    for (family, dots) in byLog.sorted(by: { $0.key < $1.key }) {
      let all = dots.union(try branchTips(of: device, in: family).compactMap { try log.dot(of: $0) })
      let before = Set(try all.flatMap { try log.chain(to: $0).dropFirst() })
      try database.connection.statement("DELETE FROM held_branch WHERE device=? AND log=?")
        .bind(1, device.bytes).bind(2, family.bytes).run()
      for dot in all where !isBefore(dot, some: all, before) {
        try database.connection.statement("INSERT INTO held_branch(device, log, id) VALUES(?,?,?)")
          .bind(1, device.bytes).bind(2, family.bytes).bind(3, try knownID(of: dot).bytes).run()
      }
    }
  }

  private func isBefore(_ dot: Dot, some all: Set<Dot>, _ left: Set<Dot>) -> Bool {
    all.contains { $0.log == dot.log && $0.seq > dot.seq } || left.contains { $0.log == dot.log && $0.seq >= dot.seq }
  }

  private func branchTips(of device: DeviceID, in family: LogID?) throws -> Set<ChangeID> {
    let query = try database.connection.statement("SELECT id FROM held_branch WHERE device=?1 AND (?2 IS NULL OR log=?2)")
      .bind(1, device.bytes).bind(2, family?.bytes)
    defer { query.reset() }
    var ids: Set<ChangeID> = []
    while try query.step() { ids.insert(try query.id32(0)) }
    return ids
  }

  /// Logs that a device says it holds and that aren't here, of which note is taken.
  static let unknownLogs = 1_024

  /// What a device was last known to hold, and when that was (milliseconds since 1970).
  public func known(of device: DeviceID) throws -> (held: Held, seen: UInt64) {
    try database.read {
      let query = try database.connection.statement("SELECT log, seq, seen FROM held WHERE device=? ORDER BY log")
        .bind(1, device.bytes)
      var seqs: [LogID: UInt64] = [:]
      var seen: UInt64 = 0
      while try query.step() {
        seqs[try query.id16(0)] = min(try query.number(1), Limits.seq)
        seen = max(seen, try query.number(2))
      }
      query.reset()
      return (Held(seqs: seqs, tips: try branchTips(of: device, in: nil)), seen)
    }
  }
}
