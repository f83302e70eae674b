// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import SQLite

/// Which changes are taken back for good, and by which redactions (protocol.md section 6, "Redaction").
struct Redactions {
  private let replica: Replica
  private var log: LogStore { replica.log }
  private var connection: Connection { replica.database.connection }

  init(_ replica: Replica) { self.replica = replica }

  func isRedacted(_ target: Dot) throws -> Bool {
    let query = try connection.statement("SELECT 1 FROM redaction WHERE target=? LIMIT 1").bind(1, target.rawValue)
    defer { query.reset() }
    return try query.step()
  }

  /// The redactions that take a change back, in local order.
  func redactions(of target: Dot) throws -> [Dot] {
    try dots("SELECT dot FROM redaction WHERE target=? ORDER BY dot", target)
  }

  /// Judges a redaction anew. The changes that are taken back now and weren't, or were and aren't any more.
  func refresh(_ redaction: Dot) throws -> Set<Dot> {
    let before = Set(try dots("SELECT target FROM redaction WHERE dot=?", redaction))
    let now = try accepted(redaction)
    var turned: Set<Dot> = []
    for target in before.symmetricDifference(now).sorted() {
      let was = try isRedacted(target)
      let sql =
        now.contains(target)
        ? "INSERT INTO redaction(target, dot) VALUES(?,?)" : "DELETE FROM redaction WHERE target=? AND dot=?"
      try connection.statement(sql).bind(1, target.rawValue).bind(2, redaction.rawValue).run()
      if try isRedacted(target) != was { turned.insert(target) }
    }
    return turned
  }

  /// What the redaction takes back by all that is known now; nothing if it doesn't count.
  private func accepted(_ redaction: Dot) throws -> Set<Dot> {
    guard let change = try log.change(redaction) else { return [] }
    let row = try log.log(number: redaction.log)
    guard try replica.header(of: change, in: row).isUnderstood, try replica.counts(change, in: row),
      let body = try? RedactionBody(decoding: change.body)
    else { return [] }
    let past = try log.seen(by: redaction)
    let targets = try body.targets.compactMap { try log.dot(of: $0) }
    return Set(try targets.filter(past.covers).filter { try replica.mayRedact($0, by: change, in: row) })
  }

  private func dots(_ sql: String, _ dot: Dot) throws -> [Dot] {
    let query = try connection.statement(sql).bind(1, dot.rawValue)
    defer { query.reset() }
    var dots: [Dot] = []
    while try query.step() { dots.append(try query.dot(0)) }
    return dots
  }
}

extension Replica {
  /// Whether a redaction's author may take back this change: content of the same space by a device of its own
  /// place, or by anyone if it is admin.
  fileprivate func mayRedact(_ target: Dot, by redaction: StoredChange, in row: LogRow) throws -> Bool {
    let targetRow = try log.log(number: target.log)
    guard targetRow.space == row.space, let change = try log.change(target), change.kind == .content else { return false }
    return graph.mayRedact(author: row.author, target: targetRow.author, gov: try log.gov(redaction.gov))
  }
}

extension GovernanceGraph {
  /// Whether a device may take back another's content, both by the governance that the redaction names and by all
  /// that is held.
  mutating func mayRedact(author: PublicKey, target: PublicKey, gov: [ChangeID]) -> Bool {
    if author == target { return true }
    guard let here = try? view(through: gov) else { return false }
    return facts.mayRedact(author: author, target: target, here)
      && facts.mayRedact(author: author, target: target, viewOfAll())
  }
}

extension Assertions {
  fileprivate func mayRedact(author: PublicKey, target: PublicKey, _ view: View) -> Bool {
    guard let author = signers[author] else { return false }
    if roles(of: author, view).contains(.admin) { return true }
    return !places(of: author, view).isDisjoint(with: signers[target].map { places(of: $0, view) } ?? [])
  }

  private func places(of device: DeviceID, _ view: View) -> Set<PlaceID> {
    Set((admissions[device] ?? []).filter { view.holds($0.op) }.map(\.place))
  }
}
