// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// Forked logs. Their branches have local numbers of their own, so that a dot names one change and a vector tells
/// what was seen of each branch; a branch's dots begin at the seq of its first change.
extension LogStore {
  /// The change before this one in its log; nil if it is a first one.
  func previous(of dot: Dot) throws -> Dot? {
    let row = try log(number: dot.log)
    if dot.seq > row.firstSeq { return Dot(rawValue: dot.rawValue - 1) }
    return row.branch.flatMap { $0.follows.seq > 0 ? $0.follows : nil }
  }

  /// The least seq at which a log has several changes; nil if it isn't forked.
  func forkSeq(of id: LogID) throws -> UInt64? {
    try branches(of: id).dropFirst().map(\.firstSeq).min()
  }

  /// A change of a log and all before it in that log: for each branch that they lie on, the last of them.
  func chain(to dot: Dot) throws -> [Dot] {
    var chain: [Dot] = []
    var last: Dot? = dot.seq > 0 ? dot : nil
    while let dot = last {
      chain.append(dot)
      last = try log(number: dot.log).branch.flatMap { $0.follows.seq > 0 ? $0.follows : nil }
    }
    return chain
  }

  /// The changes of a log at a seq: one of each branch that has its own there.
  func dots(of id: LogID, at seq: UInt64) throws -> [Dot] {
    guard seq > 0, seq < Dot.seqLimit - 1 else { return [] }
    return try branches(of: id).filter { try seq >= $0.firstSeq && seq <= tip(of: $0.number)?.dot.seq ?? 0 }
      .map { Dot(log: $0.number, seq: seq) }
  }

  /// How far somebody who holds this has each branch of a space's logs: the last seq, or that before the first.
  func reach(of held: Held, in space: SpaceID) throws -> [UInt32: UInt64] {
    var reach: [UInt32: UInt64] = [:]
    for row in try logs(in: space) {
      guard row.branch == nil else {
        reach[row.number] = row.firstSeq - 1
        continue
      }
      let tip = try tip(of: row.number)?.dot.seq ?? 0
      reach[row.number] = min(held.seqs[row.id] ?? 0, try forkSeq(of: row.id).map { $0 - 1 } ?? tip)
    }
    for id in held.tips {
      guard let dot = try dot(of: id), reach[dot.log] != nil else { continue }
      for one in try chain(to: dot) { reach[one.log] = max(reach[one.log]!, one.seq) }
    }
    return reach
  }

  // MARK: What counts

  /// Whether a change of content is held: its log is forked there, and no log with one history has seen it
  /// (protocol.md section 6, "Which changes count").
  func isHeld(_ dot: Dot) throws -> Bool {
    try allExtents()[dot.log].map { dot.seq > $0 } ?? false
  }

  func allExtents() throws -> [UInt32: UInt64] {
    if let extents { return extents }
    let query = try connection.statement("SELECT log, seq FROM extent")
    defer { query.reset() }
    var read: [UInt32: UInt64] = [:]
    while try query.step() { read[UInt32(truncatingIfNeeded: query.int(0))] = try query.number(1) }
    extents = read
    return read
  }

  func setExtent(_ seq: UInt64, of log: UInt32) throws {
    guard try allExtents()[log] != seq else { return }
    extents?[log] = seq
    try connection.statement("INSERT OR REPLACE INTO extent(log, seq) VALUES(?,?)")
      .bind(1, Int64(log)).bind(2, seq).run()
  }

  func clearExtents() throws {
    try connection.execute("DELETE FROM extent")
    extents = [:]
  }

  /// What the extents of a space's forked logs are by the changes held: for each branch how far the tips of logs
  /// with one history have seen it, and no less than the part before the fork.
  func extents(in space: SpaceID) throws -> [UInt32: UInt64] {
    let rows = try logs(in: space)
    let forked = try rows.filter { try isForked($0.id) }
    guard space != .zero, !forked.isEmpty else { return [:] }
    var seen = VersionVector()
    for row in rows where try !isForked(row.id) {
      if let tip = try tip(of: row.number) { seen.merge(try self.seen(by: tip.dot, root: tip.vector)) }
    }
    var forks: [LogID: UInt64] = [:]
    for row in forked where row.branch != nil { forks[row.id] = min(forks[row.id] ?? .max, row.firstSeq) }
    var extents: [UInt32: UInt64] = [:]
    for row in forked { extents[row.number] = max(seen[row.number], forks[row.id]! - 1) }
    return extents
  }
}

/// By the logs' ids; branches of one log by the ids of the first changes in which they part. So it is the same on
/// every replica, whatever came first there.
extension LogStore: LogOrder {
  func log(_ one: UInt32, precedes other: UInt32) -> Bool {
    guard one != other else { return false }
    let (id, otherID) = (globalID(of: one), globalID(of: other))
    if id != otherID { return id < otherID }
    return keepingFailure(or: one < other) {
      let parting = try parting(of: try route(to: one), try route(to: other))
      return parting.0 < parting.1
    }
  }

  /// The branches from the first one to this one.
  private func route(to number: UInt32) throws -> [LogRow] {
    var route = [try log(number: number)]
    while let follows = route[0].branch?.follows { route.insert(try log(number: follows.log), at: 0) }
    return route
  }

  /// The ids of the changes in which two branches of one log part.
  private func parting(of one: [LogRow], _ other: [LogRow]) throws -> (ChangeID, ChangeID) {
    let common = zip(one, other).prefix { $0.number == $1.number }.count
    let row = one[common - 1]
    let branch = common < one.count ? one[common].branch : nil
    let rival = common < other.count ? other[common].branch : nil
    let leaving = min(branch?.follows.seq ?? .max, rival?.follows.seq ?? .max)
    func next(_ branch: Branch?) throws -> ChangeID {
      if let branch, branch.follows.seq == leaving { return branch.first }
      guard let id = try id(of: Dot(log: row.number, seq: leaving + 1)) else {
        throw StoreError.damaged("a branch leaves its log at the end")
      }
      return id
    }
    return (try next(branch), try next(rival))
  }
}
