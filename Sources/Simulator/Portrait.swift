// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto
import SyncEngine

/// The state of a space in names that are the same everywhere: what replicas, and the naive reducer, are compared
/// by.
struct Portrait: Equatable {
  struct Write: Hashable {
    let change: [UInt8]
    let index: UInt32
    let value: Value
  }

  struct CellPortrait: Equatable {
    var heads: Set<Write> = []
    var sums: [LogID: Int64] = [:]
  }

  struct RecordPortrait: Equatable {
    var cells: [CellKey: CellPortrait] = [:]
    var texts: [CellKey: String] = [:]
    var presence = ""
  }

  var records: [RecordID: RecordPortrait] = [:]

  var withoutTexts: Portrait {
    var portrait = self
    for id in records.keys { portrait.records[id]?.texts = [:] }
    return portrait
  }

  /// What differs first, in words.
  func difference(from other: Portrait) -> String {
    for id in Set(records.keys).union(other.records.keys).sorted() {
      guard let one = records[id] else { return "record \(ID16(id)) is missing" }
      guard let two = other.records[id] else { return "record \(ID16(id)) shouldn't be there" }
      if let name = Set(one.texts.keys).union(two.texts.keys).sorted().first(where: { one.texts[$0] != two.texts[$0] }) {
        return "text \(name.field) of record \(ID16(id)) is \(one.texts[name] ?? "absent") and not \(two.texts[name] ?? "absent")"
      }
      if one.presence != two.presence { return "record \(ID16(id)) is \(one.presence) and not \(two.presence)" }
      for key in Set(one.cells.keys).union(two.cells.keys).sorted() where one.cells[key] != two.cells[key] {
        let (mine, theirs) = (one.cells[key]?.description ?? "absent", two.cells[key]?.description ?? "absent")
        return "field \(key.field)\(key.key.map { " under \($0)" } ?? "") of record \(ID16(id)) is \(mine) and not \(theirs)"
      }
    }
    return "nothing"
  }
}

extension Portrait.CellPortrait: CustomStringConvertible {
  var description: String {
    let heads = heads.map { "\($0.value) by \(Hex.encode(Array($0.change.prefix(4))))#\($0.index)" }.sorted()
    let sums = sums.map { "\($0.value) of \($0.key.hex.prefix(8))" }.sorted()
    return "[" + (heads + sums).joined(separator: ", ") + "]"
  }
}

extension Portrait.RecordPortrait {
  /// - Parameter logs: names by local number.
  init(
    heads: [(key: CellKey, heads: [Head])], sums: [(key: CellKey, sums: [(UInt32, Int64)])], presence: Presence,
    change: (Dot) -> [UInt8], logs: (UInt32) -> LogID?
  ) {
    for (key, heads) in heads {
      cells[key, default: .init()].heads = Set(
        heads.map { .init(change: change($0.op.dot), index: $0.op.index, value: $0.value) })
    }
    for (key, sums) in sums {
      for (log, sum) in sums { cells[key, default: .init()].sums[logs(log) ?? .zero, default: 0] &+= sum }
    }
    switch presence {
    case .absent: self.presence = "absent"
    case .visible: self.presence = "visible"
    case .deleted: self.presence = "deleted"
    case .revived: self.presence = "revived"
    }
  }
}

// MARK: - What a replica shows

extension Portrait {
  /// The records of a space as a replica has them.
  ///
  /// - Parameter tampering: a canary's hand on each record's state before it is looked at.
  init(
    of replica: Replica, in space: RawSpace, tampering: (RecordID, RecordState) -> RecordState = { $1 }
  ) throws {
    let history = replica.history
    var records: [RecordID: RecordPortrait] = [:]
    try replica.eachRecord { view in
      guard view.space == space.id else { return }
      let state = tampering(view.id, view.state)
      guard !state.cells.isEmpty || !state.texts.isEmpty else { return }
      var portrait = RecordPortrait(
        heads: state.cells.map { ($0.key, $0.cell.heads) },
        sums: state.cells.map { ($0.key, $0.cell.sums.map { sum in (sum.log, sum.sum) }) },
        presence: state.presence(history: history), change: history.changeID(of:),
        logs: { number in
          ChangeID(history.changeID(of: Dot(log: number, seq: state.clock[number])))
            .flatMap { space.entries[$0]?.change.header.logID }
        })
      for mark in state.texts {
        portrait.texts[mark.name] = try replica.text(mark.name, of: view.id, in: space.id).text
      }
      records[view.id] = portrait
    }
    self.records = records
  }
}

// MARK: - What the log gives

/// The bodies of a space, opened and judged.
struct OpenedSpace {
  let space: RawSpace
  private(set) var changes: [NaiveReducer.Change] = []

  /// - Parameter secrets: of the epochs that the replica holds.
  init(_ space: RawSpace, judge: SlowJudge, secrets: [SecretBytes], network: NetworkID) throws {
    self.space = space
    var keys: [EpochID: SecretBytes] = [:]
    for secret in secrets {
      if let id = EpochID(Epoch.id(network: network.bytes, space: space.id.bytes, secret: secret)) { keys[id] = secret }
    }
    let void = try Self.redacted(in: space, judge).union(space.held())
    for id in space.order {
      guard let entry = space.entries[id] else { continue }
      let parents = try space.parents(of: entry.change).map(\.dot)
      let counts = Self.counts(entry, in: space, judge) && !void.contains(id)
      changes.append(
        NaiveReducer.Change(
          dot: entry.dot, parents: parents, counts: counts, ops: counts ? Self.ops(of: entry, judge, keys) : [:]))
    }
  }

  private static func counts(_ entry: RawSpace.Entry, in space: RawSpace, _ judge: SlowJudge) -> Bool {
    entry.change.header.isUnderstood && judge.counts(entry, in: space.id)
  }

  /// The changes that an accepted redaction takes back.
  private static func redacted(in space: RawSpace, _ judge: SlowJudge) throws -> Set<ChangeID> {
    var redacted: Set<ChangeID> = []
    for entry in space.entries.values where entry.change.header.kind == .redaction && counts(entry, in: space, judge) {
      guard let body = try? RedactionBody(decoding: entry.change.ciphertext ?? []) else { continue }
      let past = try space.past(of: entry.change)
      for target in body.targets where past.contains(target) {
        guard let header = space.entries[target]?.change.header, header.kind == .content else { continue }
        if judge.mayRedact(entry, target: header.author) { redacted.insert(target) }
      }
    }
    return redacted
  }

  private static func ops(
    of entry: RawSpace.Entry, _ judge: SlowJudge, _ keys: [EpochID: SecretBytes]
  ) -> [RecordID: [Operation]] {
    let change = entry.change
    guard change.header.kind == .content, let sealed = change.ciphertext, let nonce = change.header.nonce,
      let secret = entry.epoch.flatMap({ keys[$0] }),
      let body = try? ContentSeal.open(sealed, h0: change.h0, nonce: nonce, epochSecret: secret),
      let content = try? Content(decoding: body)
    else { return [:] }
    var ops: [RecordID: [Operation]] = [:]
    for part in content.operations(changeID: change.id, dot: entry.dot) where !part.ops.isEmpty {
      if judge.mayTouch(part.record, author: change.header.author) { ops[part.record, default: []] += part.ops }
    }
    return ops
  }

  var touched: Set<RecordID> { Set(changes.flatMap { $0.counts ? Array($0.ops.keys) : [] }) }

  /// The state as the naive reducer works it out.
  func portrait() -> Portrait {
    let reducer = NaiveReducer(changes)
    let names = Dictionary(uniqueKeysWithValues: space.entries.values.map { ($0.dot, $0.change.id.bytes) })
    let logs = space.logs
    var portrait = Portrait()
    for record in touched {
      let cells = reducer.cells(of: record)
      portrait.records[record] = Portrait.RecordPortrait(
        heads: cells.map { ($0.key, Array($0.value.heads)) },
        sums: cells.map { ($0.key, $0.value.sums.map { sum in (sum.key, sum.value) }) },
        presence: reducer.presence(of: record), change: { names[$0] ?? [] }, logs: { logs[$0] })
      portrait.records[record]?.texts = reducer.texts(of: record, order: RawOrder(space: space))
    }
    return portrait
  }

  /// Logs by their ids, branches of one by the changes where they part.
  private struct RawOrder: LogOrder {
    let space: RawSpace

    func log(_ one: UInt32, precedes other: UInt32) -> Bool {
      let (log, otherLog) = (space.logs[one] ?? .zero, space.logs[other] ?? .zero)
      if log != otherLog { return log < otherLog }
      let parting = zip(space.chains[one] ?? [], space.chains[other] ?? []).first { $0 != $1 }
      return parting.map { $0.0 < $0.1 } ?? false
    }
  }
}

// MARK: - The real state, in an unusual order

extension OpenedSpace {
  /// What everything before each change is, as the engine's values have it.
  private struct Pasts: Causality {
    var vectors: [Dot: VersionVector] = [:]
    func past(of dot: Dot) -> VersionVector { vectors[dot] ?? VersionVector() }
  }

  /// The state that the engine's own merge gives if the changes come last first, as when they start to count late;
  /// without texts, which aren't part of it.
  ///
  /// - Parameter isOneWay: a canary: the merge doesn't ask whether what comes is overtaken.
  func portraitAppliedBackwards(isOneWay: Bool) -> Portrait {
    let pasts = pasts()
    var states: [RecordID: RecordState] = [:]
    for change in changes.reversed() where change.counts {
      for (record, ops) in change.ops {
        states[record, default: RecordState()].apply(
          ops, of: change.dot, past: pasts.past(of: change.dot), history: pasts, fresh: isOneWay)
      }
    }
    let names = Dictionary(uniqueKeysWithValues: space.entries.values.map { ($0.dot, $0.change.id.bytes) })
    let logs = space.logs
    var portrait = Portrait()
    for (record, state) in states {
      portrait.records[record] = Portrait.RecordPortrait(
        heads: state.cells.map { ($0.key, $0.cell.heads) },
        sums: state.cells.map { ($0.key, $0.cell.sums.map { sum in (sum.log, sum.sum) }) },
        presence: state.presence(history: pasts), change: { names[$0] ?? [] }, logs: { logs[$0] })
    }
    return portrait
  }

  private func pasts() -> Pasts {
    var pasts = Pasts()
    for change in changes {
      var vector = change.parents.reduce(VersionVector()) { $0.merging(pasts.past(of: $1)) }
      vector.include(change.dot)
      pasts.vectors[change.dot] = vector
    }
    return pasts
  }
}
