// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto

/// What a commit made.
public struct Committed: Sendable {
  public let change: ChangeID
  /// The ids of the records that the entries created, in their order.
  public let created: [RecordID]
}

extension Replica {
  /// Writes one change of content: ops → change on the current heads → sealed → signed → stored and merged in
  /// one transaction, durable on return.
  ///
  /// Throws `ReplicaError` if this device may not write there, `StoreError` if the disk won't.
  @discardableResult
  public func commit(
    to space: SpaceID, _ entries: [ContentEntry], undoes: ChangeID? = nil
  ) throws -> Committed {
    try commit([(space, entries)], undoes: undoes)[0]
  }

  /// Writes several changes in one transaction: all are there, or none.
  ///
  /// - Parameter texts: those that the entries edit, as their edits find them. Throws `ReplicaError.textChanged`,
  ///   and writes nothing, if one isn't so any more.
  @discardableResult
  public func commit(
    _ parts: [(space: SpaceID, entries: [ContentEntry])], undoes: ChangeID? = nil, upon texts: [TextVersion] = []
  ) throws -> [Committed] {
    try database.write {
      try requireVoice()
      try requireUnchanged(texts)
      let ingestion = Ingestion(self)
      let committed = try parts.map { part in
        try author(content: part.entries, undoes: undoes, in: part.space, ingestion)
      }
      _ = try ingestion.finish()
      return committed
    }
  }

  /// Writes one change of governance. Throws `notAllowed` if an op of it would have no effect.
  @discardableResult
  public func commitGovernance(_ ops: [GovernanceOp]) throws -> ChangeID {
    try database.write {
      try requireVoice()
      let ingestion = Ingestion(self)
      let id = try author(governance: ops, ingestion)
      _ = try ingestion.finish()
      return id
    }
  }

  /// Nothing is written by a device that isn't present, nor under governance that this program can't read.
  func requireVoice() throws {
    guard graph.frozen == nil else { throw ReplicaError.frozen }
    guard graph.resolve().isPresent(deviceID) else { throw ReplicaError.notMember }
  }

  /// Takes changes of content back for good: their ops are void everywhere, and every replica that hears of it drops
  /// their bodies. What was read stays read.
  ///
  /// Throws `unknownChange` for what isn't content held here, `notAllowed` unless each is of this device's place
  /// or this device is admin.
  @discardableResult
  public func redact(_ ids: [ChangeID]) throws -> [ChangeID] {
    try database.write {
      try requireVoice()
      var bySpace: [SpaceRow: Set<ChangeID>] = [:]
      for id in ids { bySpace[try space(ofRedactable: id), default: []].insert(id) }
      let ingestion = Ingestion(self)
      var made: [ChangeID] = []
      for (space, ids) in bySpace.sorted(by: { $0.key.number < $1.key.number }) {
        for targets in pieces(of: ids.sorted(), upTo: Limits.redactions) {
          made.append(try author(redactionOf: targets, in: space, ingestion))
        }
      }
      _ = try ingestion.finish()
      return made
    }
  }

  private func space(ofRedactable id: ChangeID) throws -> SpaceRow {
    guard let dot = try log.dot(of: id), let change = try log.change(dot), change.kind == .content else {
      throw ReplicaError.unknownChange(id)
    }
    let row = try log.log(number: dot.log)
    let gov = graph.namedHeads(by: ID32(keys.card.sign, at: 0))
    guard graph.mayRedact(author: ID32(keys.card.sign, at: 0), target: row.author, gov: gov) else {
      throw ReplicaError.notAllowed(needs: .admin)
    }
    return row.space
  }

  private func pieces(of ids: [ChangeID], upTo count: Int) -> [[ChangeID]] {
    stride(from: 0, to: ids.count, by: count).map { Array(ids[$0..<min($0 + count, ids.count)]) }
  }

  // MARK: The kinds of change

  func author(content entries: [ContentEntry], undoes: ChangeID?, in space: SpaceID, _ ingestion: Ingestion) throws
    -> Committed
  {
    let members = graph.resolve()
    guard let audience = members.space(space), members.mayWrite(deviceID, audience) else {
      throw ReplicaError.notAllowed(needs: .writer)
    }
    let row = try log.makeSpace(space)
    guard let epoch = try epochs.held(in: row).first, let secret = try epochs.secret(of: epoch) else {
      throw ReplicaError.noKey
    }
    try mergeHeads(in: row, ingestion)
    var draft = try Draft(self, kind: .content, in: row)
    let content = Content(label: draft.label(clock()), entries: entries, undoes: undoes)
    let body = try encoded(content)
    draft.header.ctLength = UInt64(Padding.paddedSize(body.count) + XChaCha.overhead)
    let nonce = SecureRandom.bytes(ContentSeal.nonceSize)
    draft.header.nonce = nonce
    draft.name(epoch: epoch, number: try epochs.number(of: epoch, in: row))
    let change = try sign(&draft) { h0 in
      ContentSeal.seal(body: body, h0: h0, nonce: nonce, epochSecret: secret)
    }
    try ingestion.takeOwn(change, content: content)
    return Committed(change: change.id, created: content.newRecords(changeID: change.id).map(\.record))
  }

  func author(governance ops: [GovernanceOp], _ ingestion: Ingestion) throws -> ChangeID {
    let row = try log.makeSpace(.zero)
    if let objection = graph.objections(to: ops, by: ID32(keys.card.sign, at: 0)).compactMap({ $0 }).first {
      throw ReplicaError.ineffective(objection)
    }
    var draft = try Draft(self, kind: .governance, in: row)
    let body = GovernanceBody(label: draft.label(clock()), ops: ops).encoded()
    draft.header.ctLength = UInt64(body.count)
    let change = try sign(&draft) { _ in body }
    try ingestion.takeOwn(change, content: nil)
    return change.id
  }

  func author(keys body: KeyChangeBody, in row: SpaceRow, _ ingestion: Ingestion) throws -> ChangeID {
    var draft = try Draft(self, kind: .keys, in: row)
    let bytes = body.encoded()
    draft.header.ctLength = UInt64(bytes.count)
    let change = try sign(&draft) { _ in bytes }
    try ingestion.takeOwn(change, content: nil)
    return change.id
  }

  func author(redactionOf targets: [ChangeID], in row: SpaceRow, _ ingestion: Ingestion) throws -> ChangeID {
    let members = graph.resolve()
    guard let audience = members.space(row.id), members.mayWrite(deviceID, audience) else {
      throw ReplicaError.notAllowed(needs: .writer)
    }
    try mergeHeads(in: row, ingestion)
    var draft = try Draft(self, kind: .redaction, in: row)
    let bytes = RedactionBody(targets: targets).encoded()
    draft.header.ctLength = UInt64(bytes.count)
    let change = try sign(&draft) { _ in bytes }
    try ingestion.takeOwn(change, content: nil)
    return change.id
  }

  // MARK: Steps

  private func encoded(_ content: Content) throws -> [UInt8] {
    guard content.opCount <= Limits.ops else { throw ReplicaError.tooLarge("a change has at most 4,096 ops") }
    let body = content.encoded()
    guard body.count <= Limits.body else { throw ReplicaError.tooLarge("a change's body has at most 256 KiB") }
    return body
  }

  /// While a space has more tips of other logs than a change can name, changes without ops take them in.
  private func mergeHeads(in row: SpaceRow, _ ingestion: Ingestion) throws {
    guard !isMerging else { return }
    isMerging = true
    defer { isMerging = false }
    while try otherHeads(in: row).count > Limits.heads {
      _ = try author(content: [], undoes: nil, in: row.id, ingestion)
    }
  }

  /// The maximal tips of the space's other logs. Where changes are held it is the last ones that don't have such a
  /// change in their past, since who names a change vouches for it. Those of this device's own earlier logs are
  /// named always: it knows better than anybody what became of them.
  func otherHeads(in row: SpaceRow) throws -> [Dot] {
    let mine = try log.log(ownLog(in: row.id))?.number
    let hasHeld = try !heldLogs(in: row.id).isEmpty
    return try (hasHeld ? openTips(in: row) : log.heads(of: row)).filter { $0.log != mine }
  }

  /// The branches of a space with changes that are held.
  func heldLogs(in space: SpaceID) throws -> [LogRow] {
    let extents = try log.allExtents()
    guard !extents.isEmpty else { return [] }
    return try log.logs(in: space).filter { row in
      guard let extent = extents[row.number], let tip = try log.tip(of: row.number) else { return false }
      return tip.dot.seq > extent
    }
  }

  /// Of each log the last change with nothing held in its past, as far as no other of them has seen it.
  private func openTips(in space: SpaceRow) throws -> [Dot] {
    var tips: [(dot: Dot, past: VersionVector)] = []
    for row in try log.logs(in: space.id) {
      // What counts of another's branches is in the past of a log with one history.
      if row.branch != nil, !isOwn(row) { continue }
      guard let tip = try log.tip(of: row.number), let dot = try lastOpen(upTo: tip.dot, in: row) else { continue }
      tips.append((dot, try log.seen(by: dot)))
    }
    return tips.filter { one in !tips.contains { $0.dot != one.dot && $0.past.covers(one.dot) } }.map(\.dot).sorted()
  }

  /// Nil if there is none. What is in the past of a change is in that of the next one too.
  private func lastOpen(upTo tip: Dot, in row: LogRow) throws -> Dot? {
    if try isOwn(row) || !log.isForked(row.id) { return tip }
    var closed = min(tip.seq, try log.allExtents()[row.number] ?? tip.seq) + 1
    var open = row.firstSeq - 1
    while open + 1 < closed {
      let middle = (open + closed) / 2
      if try isOpen(Dot(log: row.number, seq: middle)) { open = middle } else { closed = middle }
    }
    return open < row.firstSeq ? nil : Dot(log: row.number, seq: open)
  }

  private func isOpen(_ dot: Dot) throws -> Bool {
    try log.seen(by: dot).dots.allSatisfy { seen in
      try !log.isHeld(seen) || isOwn(try log.log(number: seen.log))
    }
  }

  func isOwn(_ row: LogRow) -> Bool { row.author.bytes == keys.card.sign }

  func ownLog(in space: SpaceID) -> LogID {
    ChangeHeader.logID(author: ID32(keys.card.sign, at: 0), space: space, incarnation: incarnation)
  }

  private func sign(_ draft: inout Draft, seal: ([UInt8]) -> [UInt8]) throws -> Change {
    draft.header.cum = draft.cumBefore + draft.header.ctLength
    guard draft.header.cum <= graph.policy.quota else { throw ReplicaError.quota }
    let ciphertext = seal(draft.header.encoded())
    return Change(header: draft.header, ciphertext: ciphertext, network: network, key: keys.sign)
  }
}

/// A change of one's own in the making: its header on the current heads.
struct Draft {
  var header: ChangeHeader
  let cumBefore: UInt64
  private let epochBefore: Int64

  init(_ replica: Replica, kind: ChangeKind, in space: SpaceRow) throws {
    let log = replica.log
    let author = ID32(replica.keys.card.sign, at: 0)
    let mine = try log.log(replica.ownLog(in: space.id))
    let tip = try mine.flatMap { try log.tip(of: $0.number) }
    let heads = try Self.heads(replica, kind, author, isFirst: tip == nil, in: space)
    let bounds = try replica.stampBounds(author: author, tip: tip, heads: heads)
    let stamp = bounds.choose(wallMilliseconds: replica.clock())
    guard bounds.isValid(stamp) else { throw ReplicaError.tooLarge("no stamp is left") }
    let gov = kind == .governance ? nil : replica.graph.namedHeads(by: author)
    let number = try gov.map { try log.govNumber($0) } ?? 0
    header = ChangeHeader(
      kind: kind, author: author, space: space.id, incarnation: replica.incarnation, seq: (tip?.dot.seq ?? 0) + 1,
      prev: tip?.id, heads: try heads.map { try replica.knownID(of: $0) }.sorted(), stamp: stamp, cum: 0,
      gov: tip != nil && number == tip?.gov ? nil : gov, ctLength: 0)
    cumBefore = tip?.cum ?? 0
    epochBefore = tip?.epoch ?? 0
  }

  /// The heads that a change can name. A log's first governance change has its author's admission in its past.
  private static func heads(
    _ replica: Replica, _ kind: ChangeKind, _ author: PublicKey, isFirst: Bool, in space: SpaceRow
  ) throws -> [Dot] {
    var heads = try replica.otherHeads(in: space)
    if kind == .governance, isFirst {
      let place = try heads.firstIndex { replica.graph.admits(author, before: [try replica.knownID(of: $0)]) }
      if let place { heads.swapAt(0, place) }
    }
    return Array(heads.prefix(Limits.heads))
  }

  /// The author's wall clock beside the stamp, in whole seconds.
  func label(_ wall: UInt64) -> Int64 { Int64(wall / 1000) - Int64(header.stamp / 1000) }

  mutating func name(epoch: EpochID, number: Int64) {
    header.epoch = number == epochBefore ? nil : epoch
  }
}

extension Replica {
  /// The bounds of protocol.md section 5 for a change on these parents.
  func stampBounds(author: PublicKey, tip: StoredChange?, heads: [Dot]) throws -> StampBounds {
    var parents: [(stamp: UInt64, othersStamp: UInt64, sameDevice: Bool)] = []
    if let tip { parents.append((tip.stamp, tip.others, true)) }
    for head in heads {
      let (stamp, others) = try log.stamps(of: head)
      parents.append((stamp, others, try log.log(number: head.log).author == author))
    }
    return StampBounds.bounds(parents: parents, creation: creation)
  }
}
