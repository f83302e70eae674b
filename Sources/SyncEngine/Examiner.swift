// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// Holds a received change against the log that it says it continues: chain, parents, stamp, totals.
/// Signatures come after, bodies last; nothing here writes.
struct Examiner {
  let replica: Replica
  /// The local number that the log has, or would get.
  let log: UInt32
  private var store: LogStore { replica.log }

  init(replica: Replica, log: UInt32) {
    self.replica = replica
    self.log = log
  }

  func examine(_ change: Change, after tip: StoredChange?) throws -> Ingestion.Finding {
    let header = change.header
    let next = (tip?.dot.seq ?? 0) + 1
    if header.seq < next {
      return try store.id(of: Dot(log: log, seq: header.seq)) == change.id ? .known : .refused(.fork)
    }
    if header.seq > next {
      return try store.dot(of: header.prev!) == nil ? .waits(for: [header.prev!]) : .refused(.seq)
    }
    if header.prev != tip?.id { return .refused(.fork) }
    if let refusal = try refusal(header, change, after: tip) { return .refused(refusal) }
    var missing: [ChangeID] = []
    let heads = try resolve(header.heads, missing: &missing)
    let gov = try effectiveGovernance(header, after: tip, missing: &missing)
    guard missing.isEmpty else { return .waits(for: missing) }
    guard try heads.allSatisfy({ try isOther($0, of: header.space) }) else { return .refused(.heads) }
    let bounds = try replica.stampBounds(author: header.author, tip: tip, heads: heads)
    guard bounds.isValid(header.stamp) else { return .refused(.stamp) }
    return .good(
      try stored(change, heads: heads, gov: gov, others: bounds.othersStamp, after: tip))
  }

  /// What can be judged by the change and its log alone.
  private func refusal(_ header: ChangeHeader, _ change: Change, after tip: StoredChange?) throws -> Refusal? {
    if header.cum != (tip?.cum ?? 0) + header.ctLength { return .total }
    if header.cum > replica.graph.policy.quota { return .quota }
    if header.ctLength > Limits.ciphertext { return .body }
    if change.ciphertext == nil, header.kind != .content { return .body }
    let isGovernance = header.space == .zero
    if header.kind == .governance || header.kind == .content || header.kind == .keys {
      if (header.kind == .governance) != isGovernance { return .kind }
    }
    if isGovernance, header.gov != nil { return .governanceHeads }
    if isGovernance, header.prev == nil, header.heads.isEmpty { return .rootless }
    if !isGovernance, tip == nil, header.gov == nil { return .governanceHeads }
    if header.kind == .content, header.epoch == nil, (tip?.epoch ?? 0) == 0 { return .kind }
    if tip == nil, try opensTooMany(header) { return .incarnations }
    return nil
  }

  private func opensTooMany(_ header: ChangeHeader) throws -> Bool {
    try store.logs(in: header.space).filter { $0.author == header.author }.count >= 64
  }

  private func resolve(_ heads: [ChangeID], missing: inout [ChangeID]) throws -> [Dot] {
    try heads.compactMap { id in
      if let dot = try store.dot(of: id) { return dot }
      missing.append(id)
      return nil
    }
  }

  private func isOther(_ head: Dot, of space: SpaceID) throws -> Bool {
    try head.log != log && store.log(number: head.log).space.id == space
  }

  /// The number of the set of governance heads in force for the change.
  private func effectiveGovernance(
    _ header: ChangeHeader, after tip: StoredChange?, missing: inout [ChangeID]
  ) throws -> Int64 {
    if header.space == .zero { return 0 }
    guard let ids = header.gov else { return tip?.gov ?? 0 }
    let unknown = ids.filter { !replica.graph.contains($0) }
    missing += unknown
    return unknown.isEmpty ? try store.govNumber(ids) : 0
  }

  private func stored(_ change: Change, heads: [Dot], gov: Int64, others: UInt64, after tip: StoredChange?) throws
    -> StoredChange
  {
    let header = change.header
    let dot = Dot(log: log, seq: header.seq)
    var flags: StoredChange.Flags = []
    if header.gov != nil { flags.insert(.ownGov) }
    if change.ciphertext == nil { flags.insert(.bodyless) }
    var epoch = tip?.epoch ?? 0
    if let named = header.epoch {
      flags.insert(.ownEpoch)
      epoch = try replica.epochs.number(of: named, in: try store.makeSpace(header.space))
    }
    return StoredChange(
      dot: dot, id: change.id, kind: header.kind, stamp: header.stamp, others: others, cum: header.cum, flags: flags,
      state: .applied, vector: heads.isEmpty ? tip?.vector ?? Dot(rawValue: 0) : dot, heads: heads, gov: gov,
      epoch: epoch, nonce: header.nonce ?? [], extra: header.extraKeys(), 
      body: change.ciphertext ?? StoredChange.trace(ofHash: change.ctHash, length: header.ctLength),
      signature: change.signature)
  }
}
