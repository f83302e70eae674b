// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto

extension Replica {
  /// Takes in changes that came from somebody else: each is stored, held until what it builds on comes, or
  /// refused with its reason. One transaction, durable on return; giving the same again changes nothing.
  ///
  /// Best in the order in which they were sent, run by run.
  public func ingest(_ changes: [Change]) throws -> IngestReport {
    try database.write {
      let ingestion = Ingestion(self)
      try ingestion.take(changes)
      return try ingestion.finish()
    }
  }
}

/// One transaction's worth of incoming changes: examine → signature → append → open → merge.
final class Ingestion {
  private let replica: Replica
  private var log: LogStore { replica.log }
  private(set) var report = IngestReport()
  /// Whether governance grew, so that standings and profiles must be judged again.
  private var governanceGrew = false
  private var learned: Set<Int64> = []
  private var arrived: [ChangeID] = []
  /// Changes held before whose bodies have come.
  private var bodies: [Dot] = []
  private var redactions: [Dot] = []
  /// Spaces in which a log was found to have one more branch.
  private var forked: Set<SpaceID> = []
  /// By space, what the logs with one history that grew have seen.
  private var vouched: [SpaceID: VersionVector] = [:]

  init(_ replica: Replica) { self.replica = replica }

  // MARK: Runs

  func take(_ changes: [Change]) throws {
    try lookIntoKeys(changes)
    var rest = changes[...]
    while let first = rest.first {
      let run = rest.prefix { continues($0, first) }
      rest = rest.dropFirst(run.count)
      try take(run: Array(run))
      try releaseWaiting()
    }
  }

  private func continues(_ change: Change, _ first: Change) -> Bool {
    let (one, other) = (change.header, first.header)
    return one.author == other.author && one.space == other.space && one.incarnation == other.incarnation
  }

  /// What examining a change found.
  enum Finding {
    /// It may be stored: in a new branch if that is told, else in the row of its dot.
    case good(StoredChange, Branch?)
    case known(Dot)
    case waits(for: [ChangeID])
    case refused(Refusal)
  }

  private func take(run: [Change]) throws {
    if let refusal = try refusesLog(run[0].header) { return refuse(run[...], refusal) }
    var rest = run[...]
    while !rest.isEmpty {
      var end = rest.startIndex + 1
      while end < rest.endIndex, rest[end].header.prev == rest[end - 1].id { end += 1 }
      try take(chain: rest[..<end])
      rest = rest[end...]
    }
  }

  /// Takes changes of one log that follow on each other.
  private func take(chain: ArraySlice<Change>) throws {
    var good: [Examined] = []
    var left = chain
    scan: while let change = left.first {
      switch try Examiner(replica: replica).examine(change, after: good.last.map { ($0.stored, $0.branch) }) {
      case .good(let stored, let branch):
        if change.header.space == .zero, good.isEmpty, !isAdmitted(change.header) {
          refuse(left, .stranger)
          break scan
        }
        good.append(Examined(stored: stored, change: change, branch: branch))
      case .known(let dot):
        report.known += 1
        try mendSignature(of: change, at: dot)
        try mendBody(of: change, at: dot)
      case .waits(let missing):
        // What follows it waits for it: nothing of it may be taken for the next of what was good.
        try append(good)
        good = []
        try hold(change, until: missing)
      case .refused(let reason):
        refuse(left, reason)
        break scan
      }
      left = left.dropFirst()
    }
    try append(good)
  }

  /// Whether a governance change has its author's admission in its own past. What comes after it in its log has
  /// it too.
  private func isAdmitted(_ header: ChangeHeader) -> Bool {
    let parents = header.heads + (header.prev.map { [$0] } ?? [])
    return replica.graph.admits(header.author, before: parents)
  }

  /// Whether nothing of this log can be taken at all.
  private func refusesLog(_ header: ChangeHeader) throws -> Refusal? {
    if header.space != .zero, try !replica.mayHold(header.space) { return .foreignSpace }
    if !replica.graph.knows(header.author), header.space != .zero { return .stranger }
    return nil
  }

  private func refuse(_ run: ArraySlice<Change>, _ reason: Refusal) {
    report.refused += run.map { .init(id: $0.id, author: $0.header.author, seq: $0.header.seq, reason: reason) }
  }

  /// The change that makes the network: governance holds it from the start, the log does not.
  func takeGenesis(_ genesis: Change) throws {
    guard isSigned(genesis) else { throw ReplicaError.badAdmission("the network's first change isn't signed") }
    let header = genesis.header
    let row = try log.makeLog(author: header.author, space: header.space, incarnation: header.incarnation)
    let dot = Dot(log: row.number, seq: 1)
    try log.insert(
      StoredChange(
        dot: dot, id: genesis.id, kind: .governance, stamp: header.stamp, others: 0, cum: header.cum,
        flags: .checked, state: .applied, vector: Dot(rawValue: 0), heads: [], gov: 0, epoch: 0, nonce: [],
        extra: header.extraKeys(), body: genesis.ciphertext!, signature: genesis.signature), in: row)
    governanceGrew = true
  }

  // MARK: Signatures

  /// Stores the examined changes of one run as far as a signature vouches for them.
  private func append(_ run: [Examined]) throws {
    guard let first = run.first else { return }
    let vouched = run.lastIndex { isSigned($0.change) }.map { $0 + 1 } ?? 0
    refuse(run[vouched...].map(\.change)[...], .signature)
    guard vouched > 0 else { return }
    let row = try row(for: first)
    if isOwn(first.change.header) { try noticeOwnLog() }
    for (place, item) in run[..<vouched].enumerated() {
      var stored = item.stored
      if place == vouched - 1 { stored.flags.insert(.checked) }
      try append(stored, item.change, to: row, content: nil)
    }
  }

  /// The row that the changes are stored in, made if need be.
  private func row(for examined: Examined) throws -> LogRow {
    let header = examined.change.header
    guard let branch = examined.branch else {
      let known = try log.log(header.logID) != nil
      if known { return try log.log(number: examined.stored.dot.log) }
      return try log.makeLog(author: header.author, space: header.space, incarnation: header.incarnation)
    }
    if header.space != .zero { forked.insert(header.space) }
    return try log.makeBranch(branch)
  }

  /// Whether a change that came continues this device's own logs: another copy of it has made it, later or beside
  /// what was made here.
  private func isOwn(_ header: ChangeHeader) -> Bool {
    header.incarnation == replica.incarnation && header.author.bytes == replica.keys.card.sign
  }

  /// Nothing more is written to these logs from here.
  private func noticeOwnLog() throws {
    try replica.renewIncarnation()
    report.ownLogGrew = true
  }

  /// A valid signature takes the place of one that was never checked, and may be invalid.
  private func mendSignature(of change: Change, at dot: Dot) throws {
    guard let stored = try log.change(dot), !stored.flags.contains(.checked), stored.signature != change.signature,
      isSigned(change)
    else { return }
    try log.setSignature(change.signature, of: dot)
  }

  /// A body takes the place of one that is missing, unless it was taken back.
  private func mendBody(of change: Change, at dot: Dot) throws {
    guard let ciphertext = change.ciphertext, let stored = try log.change(dot), stored.ciphertext == nil,
      stored.state != .redacted
    else { return }
    try log.setBody(ciphertext, of: dot)
    bodies.append(dot)
  }

  /// A change that was found good, with the branch that it or what it follows begins.
  private struct Examined {
    let stored: StoredChange
    let change: Change
    let branch: Branch?
  }

  private func isSigned(_ change: Change) -> Bool { change.hasValidSignature() }

  // MARK: Waiting

  /// Each change that waits carries its own valid signature, and strangers share a small room of their own: they
  /// must not fill that of members.
  private func hold(_ change: Change, until missing: [ChangeID]) throws {
    if try replica.pending.contains(change.id) {
      report.waiting += 1
    } else if !isSigned(change) {
      refuse([change], .signature)
    } else if try replica.pending.hold(
      change, until: missing, isStranger: !replica.graph.knows(change.header.author))
    {
      report.waiting += 1
      if isOwn(change.header) { try noticeOwnLog() }
    } else {
      refuse([change], .noRoom)
    }
  }

  /// Tries again what waited for changes that have just arrived.
  private func releaseWaiting() throws {
    while let id = arrived.popLast() {
      guard try !replica.pending.isEmpty() else { return arrived.removeAll() }
      for change in try replica.pending.release(waitingFor: id, network: replica.network) {
        try take(run: [change])
      }
    }
  }

  // MARK: Appending

  /// A change of this device's own making.
  func takeOwn(_ change: Change, content: Content?) throws {
    let header = change.header
    let row = try log.makeLog(author: header.author, space: header.space, incarnation: header.incarnation)
    var stored: StoredChange
    switch try Examiner(replica: replica).examine(change, after: nil) {
    case .good(let examined, nil): stored = examined
    case .refused(.incarnations): throw ReplicaError.tooLarge("a device has at most 64 logs in a space: it has to join anew")
    default: throw StoreError.damaged("the log doesn't let a change of its own follow")
    }
    stored.flags.insert(.checked)
    try append(stored, change, to: row, content: content)
    try releaseWaiting()
  }

  private func append(_ stored: StoredChange, _ change: Change, to row: LogRow, content: Content?) throws {
    var stored = stored
    let past = try pastOf(stored)
    let effect = try effect(of: stored, change, in: row, known: content)
    stored.state = effect.state
    try log.insert(stored, in: row)
    try replica.pending.forget(stored.id)
    if stored.vector == stored.dot { try log.setVector(past, of: stored.dot) }
    try apply(effect, stored, change, in: row, past: past)
    if try !log.allExtents().isEmpty && !log.isForked(row.id) {
      vouched[row.space.id, default: VersionVector()].merge(past)
    }
    report.new += 1
    arrived.append(stored.id)
  }

  private func pastOf(_ stored: StoredChange) throws -> VersionVector {
    var past = VersionVector()
    if let previous = try log.previous(of: stored.dot) { past = try log.seen(by: previous) }
    for head in stored.heads { past.merge(try log.seen(by: head)) }
    past.include(stored.dot)
    return past
  }

  // MARK: Effects

  /// What a change's body comes to here and now.
  enum Effect {
    case content(Content)
    case governance(GovernanceBody)
    case keys(KeyChangeBody)
    case redaction
    case none(ChangeState)

    var state: ChangeState { if case .none(let state) = self { state } else { .applied } }
  }

  private func effect(of stored: StoredChange, _ change: Change, in row: LogRow, known: Content?) throws -> Effect {
    guard change.header.isUnderstood else { return .none(.strange) }
    switch stored.kind {
    case .governance:
      return (try? GovernanceBody(decoding: stored.body)).map(Effect.governance) ?? .none(.strange)
    case .keys:
      guard try replica.counts(stored, in: row) else { return .none(.uncounted) }
      return (try? KeyChangeBody(decoding: stored.body)).map(Effect.keys) ?? .none(.strange)
    case .content:
      guard try replica.counts(stored, in: row) else { return .none(.uncounted) }
      guard try !log.isHeld(stored.dot) else { return .none(.held) }
      if let known { return .content(known) }
      return try replica.content(of: stored, h0: change.h0)
    case .redaction:
      guard try replica.counts(stored, in: row) else { return .none(.uncounted) }
      return (try? RedactionBody(decoding: stored.body)) == nil ? .none(.strange) : .redaction
    case .unknown: return .none(.strange)
    }
  }

  private func apply(
    _ effect: Effect, _ stored: StoredChange, _ change: Change, in row: LogRow, past: VersionVector
  ) throws {
    switch effect {
    case .content(let content):
      try merge(content, stored, in: row, past: past)
    case .governance:
      try replica.graph.insert(try replica.governanceChange(stored, in: row.space))
      governanceGrew = true
    case .keys(let body):
      learned.formUnion(try replica.learn(body, stamp: stored.stamp, in: row.space))
    case .redaction: redactions.append(stored.dot)
    case .none where stored.kind == .governance:
      try replica.graph.insert(try replica.governanceChange(stored, in: row.space))
    case .none(.uncounted): report.uncounted += 1
    case .none(.unreadable): report.unreadable += 1
    case .none: break
    }
  }

  private func merge(_ content: Content, _ stored: StoredChange, in row: LogRow, past: VersionVector) throws {
    for part in content.operations(changeID: stored.id, dot: stored.dot) where !part.ops.isEmpty {
      let counts = replica.mayTouch(part.record, author: row.author, space: row.space.id)
      try replica.records.apply(
        counts ? part.ops : [], on: part.record, in: row.space, of: stored.dot, past: past, fresh: true)
    }
  }

  /// Secrets in key changes are taken before their turn: what they open may come first.
  private func lookIntoKeys(_ changes: [Change]) throws {
    for change in changes where change.header.kind == .keys {
      guard let bytes = change.ciphertext, isReader(change.header), isSigned(change),
        try replica.mayHold(change.header.space), let body = try? KeyChangeBody(decoding: bytes)
      else { continue }
      let row = try log.makeSpace(change.header.space)
      if let epoch = try replica.adopt(body, in: row) { learned.insert(epoch) }
    }
  }

  /// Whether the author reads the space whose key it hands on: else its key must not be taken for the space's.
  private func isReader(_ header: ChangeHeader) -> Bool {
    let members = replica.graph.resolve()
    guard let device = members.device(forSigning: header.author), let space = members.space(header.space) else {
      return false
    }
    return members.mayRead(device.id, space)
  }

  // MARK: The end

  /// Judges again what new governance or new keys concern, and writes the records.
  func finish() throws -> IngestReport {
    let outcome = try replica.records.flush()
    report.recordsNew += outcome.added
    report.recordsChanged += outcome.changed
    report.recordsRemoved += outcome.removed
    let turned = try Vouching(replica).update(forked: forked, vouched: vouched)
    if governanceGrew || !learned.isEmpty || !bodies.isEmpty || !redactions.isEmpty || !turned.isEmpty {
      let late = try Recount(replica).run(
        governanceGrew: governanceGrew, learned: learned, turned: turned, arrived: bodies, redactions: redactions)
      report.recordsNew += late.added
      report.recordsChanged += late.changed
      report.recordsRemoved += late.removed
    }
    return report
  }
}
