// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto

/// What a check found.
public struct CheckReport: Sendable {
  public var changes = 0
  public var signatures = 0
  public var records = 0
  public var waiting = 0
  /// Damage, a sentence each; empty if all is well.
  public var damage: [String] = []
  /// Logs of which two histories are known.
  public var forks: [(log: LogID, author: DeviceID, seq: UInt64)] = []
}

extension Replica {
  /// Checks the replica. Without `full`: the database's own structure, the chain of every log, tips. With it, also
  /// every hash and signature, every touch, and that each record's state and each digest is what the log gives.
  public func check(full: Bool) throws -> CheckReport {
    try database.read {
      var report = CheckReport()
      let verdict = try database.connection.text(full ? "PRAGMA integrity_check" : "PRAGMA quick_check")
      if verdict != "ok" { report.damage.append("the database file: \(verdict)") }
      var touched: [RecordStore.Key: [Dot]] = [:]
      for row in try log.allLogs() { try checkLog(row, full: full, into: &report, touched: &touched) }
      if full {
        try checkExtents(into: &report)
        try checkRecords(touched, into: &report)
      }
      report.waiting = try pending.size()
      for id in Set(try log.allLogs().filter { $0.branch != nil }.map(\.id)).sorted() {
        guard let row = try log.log(id), let seq = try log.forkSeq(of: id) else { continue }
        report.forks.append((id, DeviceID.device(signing: row.author), seq))
      }
      return report
    }
  }

  private func checkLog(
    _ row: LogRow, full: Bool, into report: inout CheckReport, touched: inout [RecordStore.Key: [Dot]]
  ) throws {
    var previous = row.firstSeq - 1
    var unvouched = 0
    try log.eachChange(of: row.number, from: 1) { change in
      report.changes += 1
      if change.dot.seq != previous + 1 { report.damage.append("a gap in log \(row.id) before \(change.dot.seq)") }
      if full { try checkChange(change, in: row, &unvouched, into: &report, touched: &touched) }
      previous = change.dot.seq
      return true
    }
    if unvouched > 0 { report.damage.append("\(unvouched) changes at the end of log \(row.id) have no valid signature") }
  }

  private func checkChange(
    _ stored: StoredChange, in row: LogRow, _ unvouched: inout Int, into report: inout CheckReport,
    touched: inout [RecordStore.Key: [Dot]]
  ) throws {
    let header = try header(of: stored, in: row)
    let h0 = header.encoded()
    let id = Change.id(
      header: header, h0: h0, ctHash: stored.ctHash, network: network)
    if id != stored.id { return report.damage.append("change \(stored.id) isn't what it was: its hash differs") }
    let change = try self.change(stored, in: row)
    if change.hasValidSignature() {
      report.signatures += 1
      unvouched = 0
    } else {
      unvouched += 1
    }
    guard stored.kind == .content, stored.state == .applied else { return }
    guard case .content(let content) = try self.content(of: stored, h0: h0) else {
      return report.damage.append("change \(stored.id) can't be opened")
    }
    for part in content.operations(changeID: stored.id, dot: stored.dot) where !part.ops.isEmpty {
      guard mayTouch(part.record, author: row.author, space: row.space.id) else { continue }
      touched[RecordStore.Key(space: row.space.number, id: part.record), default: []].append(stored.dot)
    }
  }

  /// Whether the changes that count of forked logs are those that the log gives.
  private func checkExtents(into report: inout CheckReport) throws {
    var extents: [UInt32: UInt64] = [:]
    for space in Set(try log.allLogs().map(\.space.id)) { extents.merge(try log.extents(in: space)) { one, _ in one } }
    if try log.allExtents() != extents { report.damage.append("which changes of forked logs count isn't what the log gives") }
    for row in try log.allLogs() {
      try log.eachChange(of: row.number, from: 1) { change in
        let isHeld = try log.isHeld(change.dot)
        if change.state == .held && !isHeld || change.state == .applied && change.kind == .content && isHeld {
          report.damage.append("change \(change.id) counts or not otherwise than the log gives")
        }
        return true
      }
    }
  }

  private func checkRecords(_ touched: [RecordStore.Key: [Dot]], into report: inout CheckReport) throws {
    var digests: [Int64: StateDigest] = [:]
    var rows = 0
    let reducer = Reducer(self)
    for (key, touches) in touched.sorted(by: { ($0.key.space, $0.key.id) < ($1.key.space, $1.key.id) }) {
      let space = SpaceRow(number: key.space, id: try spaceID(of: key.space))
      let reduced = try reducer.reduce(key.id, in: space, touches: touches)
      let stored = try records.find(key.id, in: [key.space])
      var state = reduced.state
      for (name, changes) in reduced.textChanges { state.note(try records.texts.mark(name, by: changes)) }
      for mark in state.texts where try !isKept(mark, of: stored) {
        report.damage.append("a text of record \(ID16(key.id)) isn't what its changes give")
      }
      if stored?.state != state { report.damage.append("record \(ID16(key.id)) isn't what its changes give") }
      digests[key.space, default: .empty].replace(key.id, RecordState(), by: state, log: log)
      rows += 1
    }
    report.records = rows
    let count = Int(try database.connection.scalar("SELECT count(*) FROM record WHERE length(state) > 2"))
    if count != rows { report.damage.append("\(count) records are stored, and the changes give \(rows)") }
    for (space, digest) in digests.sorted(by: { $0.key < $1.key }) where try records.digest(of: space) != digest {
      report.damage.append("the digest of space \(try spaceID(of: space)) isn't that of its records")
    }
  }

  /// Whether the row of a text and its history say what its changes give.
  private func isKept(_ mark: TextMark, of record: RecordStore.Row?) throws -> Bool {
    guard let record, let row = try records.texts.find(mark.name, of: record.rid) else { return false }
    if mark.isOverfull { return row.pages.text.isEmpty && row.weight > TextBounds.weightMax }
    guard let graph = try? records.texts.graph(of: row) else { return false }
    let text = graph.text(order: log)
    guard (try? log.throwFailure()) != nil else { return false }
    return row.pages.tip.heads == mark.heads && Hash.H("text", Array(text.utf8)) == mark.hash
      && Array(row.pages.text.utf8) == Array(text.utf8)
  }

  /// A program that didn't know redactions has kept the bodies that they take away.
  private func dropIfRedacted(_ dot: Dot) throws {
    guard let change = try log.change(dot), change.state == .redacted, change.ciphertext != nil else { return }
    try log.dropBody(of: dot)
    database.scrubs = true
  }

  /// Drops everything derived and makes it anew from the log.
  public func rebuild() throws {
    try database.write {
      for table in ["redaction", "standing", "identity", "record", "touch", "tally", "rivalry", "digest", "text", "texthistory"] {
        try database.connection.execute("DELETE FROM \(table)")
      }
      records.forget()
      standings = [:]
      try Vouching(self).rebuild()
      var all: [RecordStore.Key: [Dot]] = [:]
      for redaction in try log.redactions() { _ = try Redactions(self).refresh(redaction) }
      for row in try log.allLogs() where row.space.id != .zero {
        var dots: [Dot] = []
        try log.eachChange(of: row.number, from: 1) { change in
          dots.append(change.dot)
          return true
        }
        for dot in dots {
          try Recount(self).judge(dot, into: &all, always: true)
          try dropIfRedacted(dot)
        }
      }
      let reducer = Reducer(self)
      for (key, touches) in all.sorted(by: { ($0.key.space, $0.key.id) < ($1.key.space, $1.key.id) }) {
        try reducer.reduceAgain(key, adding: touches)
      }
      _ = try records.flush()
      try meta.remove(MetaKey.rebuild)
    }
  }
}
