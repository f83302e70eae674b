// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto

/// Whether changes count, whether they can be read, and the headers that their rows stand for.
extension Replica {
  /// Whether the ops of a stored change take effect by all governance held. Judged once for each log, set of
  /// governance heads and kind, and written down, so that a change of standing is noticed.
  func counts(_ change: StoredChange, in row: LogRow) throws -> Bool {
    if change.kind == .governance { return true }
    let standing = Standing(log: row.number, gov: change.gov, kind: change.kind.number)
    if let known = standings[standing] { return known }
    return try judge(standing, in: row)
  }

  func judge(_ standing: Standing, in row: LogRow) throws -> Bool {
    let verdict = graph.counts(
      author: row.author, kind: ChangeKind(standing.kind), space: row.space.id, gov: try log.gov(standing.gov))
    let counts = verdict == .counts
    standings[standing] = counts
    try database.connection.statement("INSERT OR REPLACE INTO standing(log, gov, kind, counts) VALUES(?,?,?,?)")
      .bind(1, Int64(standing.log)).bind(2, standing.gov).bind(3, standing.kind).bind(4, Int64(counts ? 1 : 0)).run()
    return counts
  }

  /// Whether this device keeps the space: governance, and what it reads.
  func mayHold(_ space: SpaceID) throws -> Bool {
    if space == .zero { return true }
    return graph.resolve().spaces(readBy: deviceID).contains { $0.id(in: network) == space }
  }

  /// Whether ops on the record count as far as profiles go (protocol.md section 6, "Profiles").
  func mayTouch(_ record: RecordID, author: PublicKey, space: SpaceID) -> Bool {
    graph.resolve().mayWriteProfile(record: record, author: author)
  }

  /// Opens a content change: its body, or why it has none here.
  func content(of change: StoredChange, h0: [UInt8]) throws -> Ingestion.Effect {
    guard let ciphertext = change.ciphertext else { return .none(.absent) }
    guard let epoch = try epochs.id(of: change.epoch), let secret = try epochs.secret(of: epoch) else {
      return .none(.unreadable)
    }
    guard let body = try? ContentSeal.open(ciphertext, h0: h0, nonce: change.nonce, epochSecret: secret),
      let content = try? Content(decoding: body)
    else { return .none(.strange) }
    return .content(content)
  }

  /// The header that was signed, from the row and its neighbours.
  func header(of change: StoredChange, in row: LogRow) throws -> ChangeHeader {
    var header = ChangeHeader(
      kind: change.kind, author: row.author, space: row.space.id, incarnation: row.incarnation, seq: change.dot.seq,
      prev: try log.previous(of: change.dot).map { try knownID(of: $0) },
      heads: try change.heads.map { try knownID(of: $0) }, stamp: change.stamp, cum: change.cum,
      gov: change.flags.contains(.ownGov) ? try log.gov(change.gov) : nil,
      epoch: change.flags.contains(.ownEpoch) ? try epochs.id(of: change.epoch) : nil,
      nonce: change.nonce.isEmpty ? nil : change.nonce, ctLength: change.ctLength)
    try header.addExtra(change.extra)
    return header
  }

  /// The change as it was signed.
  func change(_ stored: StoredChange, in row: LogRow) throws -> Change {
    let header = try header(of: stored, in: row)
    return Change(
      header: header, h0: header.encoded(), ciphertext: stored.ciphertext, ctHash: stored.ctHash,
      signature: stored.signature, id: stored.id)
  }

  func spaceID(of number: Int64) throws -> SpaceID {
    guard let row = try log.allLogs().first(where: { $0.space.number == number }) else {
      throw StoreError.damaged("a record stands in an unknown space")
    }
    return row.space.id
  }
}

extension ChangeHeader {
  /// `crit` and the unknown keys as the store keeps them; empty for none.
  func extraKeys() -> [UInt8] {
    if crit.isEmpty && unknown.isEmpty { return [] }
    var writer = CBORWriter()
    writer.map(count: unknown.count + 1)
    writer.uint(Key.crit)
    writer.array(count: crit.count)
    for key in crit { writer.uint(key) }
    for pair in unknown {
      writer.uint(pair.key)
      writer.raw(pair.raw)
    }
    return writer.bytes
  }

  mutating func addExtra(_ bytes: [UInt8]) throws {
    guard !bytes.isEmpty else { return }
    var reader = CBORReader(bytes)
    let count = try reader.readMapHeader()
    guard count > 0 else { throw StoreError.damaged("the keys of a header can't be read") }
    _ = try reader.readUInt()
    crit = try (0..<reader.readArrayHeader()).map { _ in try reader.readUInt() }
    unknown = try (1..<count).map { _ in UnknownKey(key: try reader.readUInt(), raw: try reader.skip()) }
  }
}

extension GovernanceGraph {
  /// Whether any governance held names this author, present or not: a stranger's changes aren't even stored.
  func knows(_ author: PublicKey) -> Bool { facts.signers[author] != nil }

  /// Whether a good op in the past of a change with these parents, which are held, admits its author. It is a
  /// property of the change: who hasn't seen its own admission can't have written in the network's name.
  func admits(_ author: PublicKey, before parents: [ChangeID]) -> Bool {
    guard let device = facts.signers[author], let admissions = facts.admissions[device] else { return false }
    let nodes = parents.compactMap { numbers[$0] }.map { self.nodes[$0] }
    return admissions.contains { admission in
      nodes.contains { $0.change.id == admission.op.change || $0.view.past.contains(admission.op.position) }
    }
  }
}
