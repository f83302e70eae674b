// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto
import SQLite

/// The immutable log: spaces, logs and their branches, changes, the frontier of each space, and what each change had seen.
final class LogStore {
  let connection: Connection
  private var spaces: [SpaceID: SpaceRow] = [:]
  private var logs: [LogRow] = []
  /// By log, the numbers of its branches, ascending.
  private var families: [LogID: [UInt32]] = [:]
  /// Of each branch of a forked log, the last seq that counts; nil until read.
  var extents: [UInt32: UInt64]?
  private var tips: [UInt32: StoredChange] = [:]
  private var empty: Set<UInt32> = []
  private var govsets: [Int64: [ChangeID]] = [:]
  private var govNumbers: [[ChangeID]: Int64] = [:]
  private var vectors: [Dot: VersionVector] = [:]
  private var failure: (any Error)?

  init(_ connection: Connection) { self.connection = connection }

  /// Forgets what was read, since another process has written or a transaction was rolled back.
  func forget() {
    spaces = [:]
    logs = []
    families = [:]
    extents = nil
    tips = [:]
    empty = []
    govsets = [:]
    govNumbers = [:]
    vectors = [:]
  }

  // MARK: Spaces and logs

  func space(_ id: SpaceID) throws -> SpaceRow? {
    if let known = spaces[id] { return known }
    let query = try connection.statement("SELECT space FROM space WHERE id=?").bind(1, id.bytes)
    defer { query.reset() }
    guard try query.step() else { return nil }
    let row = SpaceRow(number: query.int(0), id: id)
    spaces[id] = row
    return row
  }

  func makeSpace(_ id: SpaceID) throws -> SpaceRow {
    if let known = try space(id) { return known }
    try connection.statement("INSERT INTO space(id) VALUES(?)").bind(1, id.bytes).run()
    let row = SpaceRow(number: connection.lastInsertRowID, id: id)
    spaces[id] = row
    return row
  }

  /// All logs in the order of their local numbers, which start at 1 and leave no gap.
  func allLogs() throws -> [LogRow] {
    if logs.isEmpty { try readLogs() }
    return logs
  }

  private func readLogs() throws {
    let query = try connection.statement(
      """
      SELECT l.log, l.id, l.author, l.incarnation, s.space, s.id, b.follows, b.first
      FROM log l JOIN space s USING(space) LEFT JOIN branch b ON b.log=l.log ORDER BY l.log
      """)
    defer { query.reset() }
    while try query.step() {
      let branch = query.isNull(6) ? nil : Branch(follows: try query.dot(6), first: try query.id32(7))
      let id = try branch.map { try self.id(ofRow: $0.follows.log) } ?? query.id16(1)
      let row = LogRow(
        number: UInt32(logs.count + 1), id: id, space: SpaceRow(number: query.int(4), id: try query.id16(5)),
        author: try query.id32(2), incarnation: readBigEndian(try query.bytes(3, count: 8), at: 0), branch: branch)
      guard query.int(0) == Int64(row.number) else { throw StoreError.damaged("the numbers of logs have a gap") }
      note(row)
    }
  }

  private func id(ofRow number: UInt32) throws -> LogID {
    guard number >= 1 && number <= logs.count else { throw StoreError.damaged("a branch leaves an unknown log") }
    return logs[Int(number) - 1].id
  }

  private func note(_ row: LogRow) {
    logs.append(row)
    families[row.id, default: []].append(row.number)
  }

  /// The log's branch that came first.
  func log(_ id: LogID) throws -> LogRow? {
    let all = try allLogs()
    return families[id].map { all[Int($0[0]) - 1] }
  }

  func isForked(_ id: LogID) throws -> Bool {
    _ = try allLogs()
    return families[id]?.count ?? 0 > 1
  }

  /// All branches of a log, the one that came first before the others.
  func branches(of id: LogID) throws -> [LogRow] {
    let all = try allLogs()
    return (families[id] ?? []).map { all[Int($0) - 1] }
  }

  func log(number: UInt32) throws -> LogRow {
    let all = try allLogs()
    guard number >= 1 && number <= all.count else { throw StoreError.damaged("a change of an unknown log") }
    return all[Int(number) - 1]
  }

  /// The log's name on every replica.
  func globalID(of number: UInt32) -> LogID {
    keepingFailure(or: .zero) { try log(number: number).id }
  }

  func logs(in space: SpaceID) throws -> [LogRow] { try allLogs().filter { $0.space.id == space } }

  func makeLog(author: PublicKey, space: SpaceID, incarnation: UInt64) throws -> LogRow {
    let id = ChangeHeader.logID(author: author, space: space, incarnation: incarnation)
    if let known = try log(id) { return known }
    let row = LogRow(
      number: try nextNumber(), id: id, space: try makeSpace(space), author: author, incarnation: incarnation,
      branch: nil)
    try write(row, as: id)
    return row
  }

  /// Makes a branch of a log. In the table `log` it has an id of its own.
  func makeBranch(_ branch: Branch) throws -> LogRow {
    let left = try log(number: branch.follows.log)
    let row = LogRow(
      number: try nextNumber(), id: left.id, space: left.space, author: left.author, incarnation: left.incarnation,
      branch: branch)
    try write(row, as: LogID(Hash.H("branch", branch.first.bytes), at: 0))
    try connection.statement("INSERT INTO branch(log, follows, first) VALUES(?,?,?)")
      .bind(1, Int64(row.number)).bind(2, branch.follows.rawValue).bind(3, branch.first.bytes).run()
    return row
  }

  private func nextNumber() throws -> UInt32 {
    let number = UInt32(try allLogs().count + 1)
    guard number < Dot.logLimit - 2 else { throw StoreError.damaged("there are more logs than can be numbered") }
    return number
  }

  private func write(_ row: LogRow, as id: LogID) throws {
    var bytes: [UInt8] = []
    appendBigEndian(row.incarnation, to: &bytes)
    try connection.statement("INSERT INTO log(log, id, space, author, incarnation) VALUES(?,?,?,?,?)")
      .bind(1, Int64(row.number)).bind(2, id.bytes).bind(3, row.space.number).bind(4, row.author.bytes)
      .bind(5, bytes).run()
    note(row)
  }

  /// A log's last change; nil if it has none.
  func tip(of log: UInt32) throws -> StoredChange? {
    if let known = tips[log] { return known }
    if empty.contains(log) { return nil }
    let query = try connection.statement("SELECT max(dot) FROM change WHERE dot >= ? AND dot < ?")
      .bind(1, Dot(log: log, seq: 0).rawValue).bind(2, Dot(log: log + 1, seq: 0).rawValue)
    guard try query.step(), !query.isNull(0) else {
      query.reset()
      empty.insert(log)
      return nil
    }
    let dot = try query.dot(0)
    query.reset()
    tips[log] = try change(dot)
    return tips[log]
  }

  // MARK: Sets of governance heads

  func govNumber(_ ids: [ChangeID]) throws -> Int64 {
    if let known = govNumbers[ids] { return known }
    let bytes = ids.flatMap(\.bytes)
    let query = try connection.statement("SELECT gov FROM govset WHERE ids=?").bind(1, bytes)
    var number: Int64 = 0
    if try query.step() {
      number = query.int(0)
      query.reset()
    } else {
      try connection.statement("INSERT INTO govset(ids) VALUES(?)").bind(1, bytes).run()
      number = connection.lastInsertRowID
    }
    govNumbers[ids] = number
    govsets[number] = ids
    return number
  }

  func gov(_ number: Int64) throws -> [ChangeID] {
    if number == 0 { return [] }
    if let known = govsets[number] { return known }
    let query = try connection.statement("SELECT ids FROM govset WHERE gov=?").bind(1, number)
    defer { query.reset() }
    guard try query.step() else { throw StoreError.damaged("a change names unknown governance") }
    let bytes = query.bytes(0)
    guard bytes.count % 32 == 0 else { throw StoreError.damaged("a set of governance heads has the wrong size") }
    let ids = stride(from: 0, to: bytes.count, by: 32).map { ID32(bytes, at: $0) }
    govsets[number] = ids
    return ids
  }

  // MARK: Changes

  private static let columns = """
    dot, id, kind, stamp, others, cum, flags, state, vector, heads, gov, epoch, nonce, extra, body, signature
    """

  func insert(_ change: StoredChange, in log: LogRow) throws {
    let dot = change.dot
    try connection.statement("INSERT INTO change(\(Self.columns)) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
      .bind(1, dot.rawValue).bind(2, change.id.bytes).bind(3, change.kind.number).bind(4, change.stamp)
      .bind(5, change.others).bind(6, change.cum).bind(7, change.flags.rawValue).bind(8, change.state.rawValue)
      .bind(9, change.vector.rawValue).bind(10, change.heads.isEmpty ? nil : DotList.encode(change.heads))
      .bind(11, change.gov).bind(12, change.epoch).bind(13, change.nonce.isEmpty ? nil : change.nonce)
      .bind(14, change.extra.isEmpty ? nil : change.extra).bind(15, change.body).bind(16, change.signature).run()
    tips[dot.log] = change
    empty.remove(dot.log)
    try advanceHeads(change, space: log.space.number)
  }

  private func advanceHeads(_ change: StoredChange, space: Int64) throws {
    let parents = change.heads + (try previous(of: change.dot).map { [$0] } ?? [])
    for parent in parents {
      try connection.statement("DELETE FROM head WHERE space=? AND dot=?")
        .bind(1, space).bind(2, parent.rawValue).run()
    }
    try connection.statement("INSERT INTO head(space, dot) VALUES(?,?)")
      .bind(1, space).bind(2, change.dot.rawValue).run()
  }

  /// The maximal tips of a space.
  func heads(of space: SpaceRow) throws -> [Dot] {
    let query = try connection.statement("SELECT dot FROM head WHERE space=? ORDER BY dot").bind(1, space.number)
    defer { query.reset() }
    var dots: [Dot] = []
    while try query.step() { dots.append(try query.dot(0)) }
    return dots
  }

  func dot(of id: ChangeID) throws -> Dot? {
    let query = try connection.statement("SELECT dot FROM change WHERE id=?").bind(1, id.bytes)
    defer { query.reset() }
    return try query.step() ? try query.dot(0) : nil
  }

  func id(of dot: Dot) throws -> ChangeID? {
    let query = try connection.statement("SELECT id FROM change WHERE dot=?").bind(1, dot.rawValue)
    defer { query.reset() }
    return try query.step() ? try query.id32(0) : nil
  }

  func stamps(of dot: Dot) throws -> (stamp: UInt64, others: UInt64) {
    let query = try connection.statement("SELECT stamp, others FROM change WHERE dot=?").bind(1, dot.rawValue)
    defer { query.reset() }
    guard try query.step() else { throw StoreError.damaged("a parent is missing") }
    return (try query.number(0), try query.number(1))
  }

  func change(_ dot: Dot) throws -> StoredChange? {
    let query = try connection.statement("SELECT \(Self.columns) FROM change WHERE dot=?").bind(1, dot.rawValue)
    defer { query.reset() }
    return try query.step() ? try row(query) : nil
  }

  /// The changes of a log from `seq` on, until `visit` says false.
  func eachChange(of log: UInt32, from seq: UInt64, visit: (StoredChange) throws -> Bool) throws {
    let query = try connection.prepare("SELECT \(Self.columns) FROM change WHERE dot >= ? AND dot < ? ORDER BY dot")
    query.bind(1, Dot(log: log, seq: seq).rawValue).bind(2, Dot(log: log + 1, seq: 0).rawValue)
    while try query.step() {
      guard try visit(try row(query)) else { return }
    }
  }

  private func row(_ query: Statement) throws -> StoredChange {
    guard let state = ChangeState(rawValue: query.int(7)) else {
      throw StoreError.damaged("a change in an unknown state")
    }
    let change = StoredChange(
      dot: try query.dot(0), id: try query.id32(1), kind: ChangeKind(query.uint(2)),
      stamp: try query.number(3), others: try query.number(4), cum: try query.number(5), flags: .init(rawValue: query.int(6)),
      state: state, vector: try query.dot(8), heads: try DotList.decode(query.bytes(9)),
      gov: query.int(10), epoch: query.int(11), nonce: query.bytes(12), extra: query.bytes(13),
      body: query.bytes(14), signature: query.bytes(15))
    guard change.isWhole else { throw StoreError.damaged("a change without its body") }
    return change
  }

  func setState(_ state: ChangeState, of dot: Dot) throws {
    try connection.statement("UPDATE change SET state=? WHERE dot=?")
      .bind(1, state.rawValue).bind(2, dot.rawValue).run()
    tips[dot.log] = nil
  }

  func setSignature(_ signature: [UInt8], of dot: Dot) throws {
    try connection.statement("UPDATE change SET signature=?, flags=flags|? WHERE dot=?")
      .bind(1, signature).bind(2, StoredChange.Flags.checked.rawValue).bind(3, dot.rawValue).run()
    tips[dot.log] = nil
  }

  // MARK: Missing bodies

  /// Puts a body that has come in the place of what was known of it.
  func setBody(_ ciphertext: [UInt8], of dot: Dot) throws {
    try connection.statement("UPDATE change SET body=?, flags=flags & ~8 WHERE dot=?")
      .bind(1, ciphertext).bind(2, dot.rawValue).run()
    tips[dot.log] = nil
  }

  /// Drops a body for good: its hash and its length stay.
  func dropBody(of dot: Dot) throws {
    guard let change = try change(dot), change.ciphertext != nil else { return }
    try connection.statement("UPDATE change SET body=?, flags=flags | 8 WHERE dot=?")
      .bind(1, StoredChange.trace(ofHash: change.ctHash, length: change.ctLength)).bind(2, dot.rawValue).run()
    tips[dot.log] = nil
  }

  /// Of each log that lacks a body which no redaction has taken away, the first such change (protocol.md section 4,
  /// "Missing bodies").
  func gaps() throws -> [UInt32: UInt64] {
    var gaps: [UInt32: UInt64] = [:]
    for dot in try missingBodies().reversed() { gaps[dot.log] = dot.seq }
    return gaps
  }

  /// The changes without a body that no redaction has taken away, ascending.
  func missingBodies() throws -> [Dot] {
    let query = try connection.statement("SELECT dot FROM change WHERE flags & 8 AND state<>5 ORDER BY dot")
    defer { query.reset() }
    var dots: [Dot] = []
    while try query.step() { dots.append(try query.dot(0)) }
    return dots
  }

  func redactions() throws -> [Dot] {
    let query = try connection.statement("SELECT dot FROM change WHERE kind=3 ORDER BY dot")
    defer { query.reset() }
    var dots: [Dot] = []
    while try query.step() { dots.append(try query.dot(0)) }
    return dots
  }

  // MARK: What a change had seen

  /// Keeps the vector of a change that has heads.
  func setVector(_ vector: VersionVector, of dot: Dot) throws {
    try connection.statement("INSERT INTO vector(dot, dots) VALUES(?,?)")
      .bind(1, dot.rawValue).bind(2, DotList.encode(vector.dots)).run()
    remember(vector, of: dot)
  }

  /// The past of a change, itself included. `root` is its row's `vector`.
  func seen(by dot: Dot, root: Dot) throws -> VersionVector {
    guard root.seq > 0 else { return VersionVector(dots: [dot]) }
    var vector = try vector(at: root)
    vector.include(dot)
    return vector
  }

  func seen(by dot: Dot) throws -> VersionVector {
    let query = try connection.statement("SELECT vector FROM change WHERE dot=?").bind(1, dot.rawValue)
    guard try query.step() else { return VersionVector(dots: [dot]) }
    let root = try query.dot(0)
    query.reset()
    return try seen(by: dot, root: root)
  }

  private func vector(at root: Dot) throws -> VersionVector {
    if let known = vectors[root] { return known }
    let query = try connection.statement("SELECT dots FROM vector WHERE dot=?").bind(1, root.rawValue)
    defer { query.reset() }
    guard try query.step() else { throw StoreError.damaged("a change's past is missing") }
    let vector = VersionVector(dots: try DotList.decode(query.bytes(0)))
    remember(vector, of: root)
    return vector
  }

  private func remember(_ vector: VersionVector, of dot: Dot) {
    if vectors.count > 4_096 { vectors.removeAll(keepingCapacity: true) }
    vectors[dot] = vector
  }
}

/// The merge can't throw, so a failure to read is kept and thrown before anything is committed.
extension LogStore: Causality, Arbiter {
  func past(of dot: Dot) -> VersionVector {
    keepingFailure(or: VersionVector(dots: [dot])) { try seen(by: dot) }
  }

  func stamp(of dot: Dot) -> UInt64 {
    keepingFailure(or: 0) {
      let query = try connection.statement("SELECT stamp FROM change WHERE dot=?").bind(1, dot.rawValue)
      defer { query.reset() }
      return try query.step() ? try query.number(0) : 0
    }
  }

  func changeID(of dot: Dot) -> [UInt8] { keepingFailure(or: []) { try id(of: dot)?.bytes ?? [] } }

  func keepingFailure<T>(or fallback: T, _ body: () throws -> T) -> T {
    do { return try body() } catch {
      failure = failure ?? error
      return fallback
    }
  }

  func throwFailure() throws {
    defer { failure = nil }
    if let failure { throw failure }
  }
}
