// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// Where a change stands, or would stand: what it follows in its log, and which branch it goes on with.
struct Standpoint {
  /// The local number of that branch, or the one that it would get.
  let log: UInt32
  /// Nil where the branch is there already, or the log is new.
  let branch: Branch?
  /// The change before; nil for a first one.
  let previous: StoredChange?
}

/// Holds a received change against the log that it says it continues: chain, parents, stamp, totals.
/// Signatures come after, bodies last; nothing here writes.
struct Examiner {
  let replica: Replica
  private var store: LogStore { replica.log }

  init(replica: Replica) { self.replica = replica }

  /// - Parameter last: the change that was just examined and found good, if this one follows it.
  func examine(_ change: Change, after last: (stored: StoredChange, branch: Branch?)?) throws -> Ingestion.Finding {
    let header = change.header
    if let last {
      return try examine(change, at: Standpoint(log: last.stored.dot.log, branch: last.branch, previous: last.stored))
    }
    guard let prev = header.prev else { return try examineFirst(change) }
    if let known = try store.log(header.logID), let tip = try store.tip(of: known.number), tip.id == prev {
      return try examine(change, at: Standpoint(log: known.number, branch: nil, previous: tip))
    }
    if let dot = try store.dot(of: change.id) { return .known(dot) }
    guard let dot = try store.dot(of: prev), let previous = try store.change(dot) else { return .waits(for: [prev]) }
    let row = try store.log(number: dot.log)
    guard row.id == header.logID else { return .refused(.seq) }
    if try store.tip(of: dot.log)?.dot == dot {
      return try examine(change, at: Standpoint(log: dot.log, branch: nil, previous: previous))
    }
    return try examine(change, at: try standpoint(ofBranchAt: dot, change, after: previous))
  }

  private func examineFirst(_ change: Change) throws -> Ingestion.Finding {
    guard let known = try store.log(change.header.logID) else {
      return try examine(change, at: Standpoint(log: UInt32(store.allLogs().count + 1), branch: nil, previous: nil))
    }
    guard try store.tip(of: known.number) != nil else {
      return try examine(change, at: Standpoint(log: known.number, branch: nil, previous: nil))
    }
    if let dot = try store.dot(of: change.id) { return .known(dot) }
    let start = Dot(log: known.number, seq: 0)
    return try examine(change, at: try standpoint(ofBranchAt: start, change, after: nil))
  }

  private func standpoint(ofBranchAt dot: Dot, _ change: Change, after previous: StoredChange?) throws -> Standpoint {
    Standpoint(
      log: UInt32(try store.allLogs().count + 1), branch: Branch(follows: dot, first: change.id), previous: previous)
  }

  private func examine(_ change: Change, at place: Standpoint) throws -> Ingestion.Finding {
    let header = change.header
    guard header.seq == (place.previous?.dot.seq ?? 0) + 1 else { return .refused(.seq) }
    if let refusal = try refusal(header, change, at: place) { return .refused(refusal) }
    var missing: [ChangeID] = []
    let heads = try resolve(header.heads, missing: &missing)
    let gov = try effectiveGovernance(header, after: place.previous, missing: &missing)
    guard missing.isEmpty else { return .waits(for: missing) }
    guard try heads.allSatisfy({ try isOther($0, header) }) else { return .refused(.heads) }
    if place.previous == nil, try opensTooMany(header, heads) { return .refused(.incarnations) }
    let bounds = try replica.stampBounds(author: header.author, tip: place.previous, heads: heads)
    guard bounds.isValid(header.stamp) else { return .refused(.stamp) }
    return .good(try stored(change, heads: heads, gov: gov, others: bounds.othersStamp, at: place), place.branch)
  }

  /// What can be judged by the change and its log alone.
  private func refusal(_ header: ChangeHeader, _ change: Change, at place: Standpoint) throws -> Refusal? {
    let tip = place.previous
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
    return nil
  }

  /// Whether its author has opened as many logs in the space as it may, as far as the change itself tells: by its
  /// past alone, since replicas mustn't differ by what has come to them.
  private func opensTooMany(_ header: ChangeHeader, _ heads: [Dot]) throws -> Bool {
    let own = Set(try store.logs(in: header.space).filter { $0.author == header.author }.map(\.number))
    guard own.count >= Limits.incarnations else { return false }
    var past = VersionVector()
    for head in heads { past.merge(try store.seen(by: head)) }
    let seen = try past.dots.filter { own.contains($0.log) }.map { try store.log(number: $0.log).id }
    return Set(seen).subtracting([header.logID]).count >= Limits.incarnations
  }

  private func resolve(_ heads: [ChangeID], missing: inout [ChangeID]) throws -> [Dot] {
    try heads.compactMap { id in
      if let dot = try store.dot(of: id) { return dot }
      missing.append(id)
      return nil
    }
  }

  private func isOther(_ head: Dot, _ header: ChangeHeader) throws -> Bool {
    let row = try store.log(number: head.log)
    return row.space.id == header.space && row.id != header.logID
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

  private func stored(_ change: Change, heads: [Dot], gov: Int64, others: UInt64, at place: Standpoint) throws
    -> StoredChange
  {
    let header = change.header
    let tip = place.previous
    let dot = Dot(log: place.log, seq: header.seq)
    // A branch's first change has a vector of its own: the row that it leaves goes on without it.
    let startsBranch = place.branch.map { $0.first == change.id && $0.follows.seq > 0 } ?? false
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
      state: .applied, vector: heads.isEmpty && !startsBranch ? tip?.vector ?? Dot(rawValue: 0) : dot, heads: heads, gov: gov,
      epoch: epoch, nonce: header.nonce ?? [], extra: header.extraKeys(),
      body: change.ciphertext ?? StoredChange.trace(ofHash: change.ctHash, length: header.ctLength),
      signature: change.signature)
  }
}
