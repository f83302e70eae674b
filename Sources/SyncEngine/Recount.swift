// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import SQLite

/// What happens when a change starts or stops counting, or becomes readable, after its descendants: every
/// record that it touches is reduced again from the log.
struct Recount {
  private let replica: Replica
  private var log: LogStore { replica.log }
  private var connection: Connection { replica.database.connection }

  init(_ replica: Replica) { self.replica = replica }

  /// - Parameters:
  ///   - governanceGrew: standings and profiles are judged again.
  ///   - learned: local numbers of epochs whose secrets have come.
  ///   - turned: changes of forked logs that have started or stopped to count.
  ///   - arrived: changes whose bodies have come.
  ///   - redactions: those that are new.
  func run(
    governanceGrew: Bool, learned: Set<Int64>, turned: [Dot] = [], arrived: [Dot] = [], redactions: [Dot] = []
  ) throws -> RecordStore.Outcome {
    var touched: [RecordStore.Key: [Dot]] = [:]
    var learned = learned
    for dot in arrived { try judge(dot, into: &touched) }
    if governanceGrew {
      for dot in try dotsOfTurnedStandings() { learned.formUnion(try judge(dot, into: &touched)) }
    }
    for dot in turned { learned.formUnion(try judge(dot, into: &touched)) }
    while let epoch = learned.min() {
      learned.remove(epoch)
      for dot in try unreadable(under: epoch) { learned.formUnion(try judge(dot, into: &touched)) }
    }
    try redact(governanceGrew ? log.redactions() : redactions, into: &touched)
    if governanceGrew { try addProfiles(to: &touched) }
    let reducer = Reducer(replica)
    for (key, touches) in touched.sorted(by: { ($0.key.space, $0.key.id) < ($1.key.space, $1.key.id) }) {
      try reducer.reduceAgain(key, adding: touches)
    }
    return try replica.records.flush()
  }

  /// Takes back what these redactions name, and drops the bodies.
  private func redact(_ redactions: [Dot], into touched: inout [RecordStore.Key: [Dot]]) throws {
    var turned: Set<Dot> = []
    for redaction in redactions { turned.formUnion(try Redactions(replica).refresh(redaction)) }
    for dot in turned.sorted() {
      try judge(dot, into: &touched)
      guard try log.change(dot)?.state == .redacted else { continue }
      try log.dropBody(of: dot)
      replica.database.scrubs = true
    }
  }

  /// The changes whose standing is another than when it was last judged.
  private func dotsOfTurnedStandings() throws -> [Dot] {
    var dots: [Dot] = []
    for (standing, counted) in try storedStandings() {
      replica.standings[standing] = nil
      let row = try log.log(number: standing.log)
      let now = try replica.judge(standing, in: row)
      guard now != counted else { continue }
      let query = try connection.prepare(
        "SELECT dot FROM change WHERE dot >= ? AND dot < ? AND gov=? AND kind=? ORDER BY dot")
      query.bind(1, Dot(log: standing.log, seq: 0).rawValue).bind(2, Dot(log: standing.log + 1, seq: 0).rawValue)
        .bind(3, standing.gov).bind(4, standing.kind)
      while try query.step() { dots.append(try query.dot(0)) }
    }
    return dots
  }

  private func storedStandings() throws -> [(Replica.Standing, Bool)] {
    let query = try connection.statement("SELECT log, gov, kind, counts FROM standing ORDER BY log, gov, kind")
    defer { query.reset() }
    var all: [(Replica.Standing, Bool)] = []
    while try query.step() {
      let standing = Replica.Standing(log: UInt32(truncatingIfNeeded: query.int(0)), gov: query.int(1), kind: query.uint(2))
      all.append((standing, query.int(3) != 0))
    }
    return all
  }

  private func unreadable(under epoch: Int64) throws -> [Dot] {
    let query = try connection.statement("SELECT dot FROM change WHERE epoch=? AND state=2 ORDER BY dot")
      .bind(1, epoch)
    defer { query.reset() }
    var dots: [Dot] = []
    while try query.step() { dots.append(try query.dot(0)) }
    return dots
  }

  /// Gives a change its state, and notes the records that it touches, if that is another than before or `always`.
  /// The epochs that it taught, if it is a key change that counts now.
  @discardableResult
  func judge(_ dot: Dot, into touched: inout [RecordStore.Key: [Dot]], always: Bool = false) throws -> [Int64] {
    guard let change = try log.change(dot) else { return [] }
    var learned: [Int64] = []
    let row = try log.log(number: dot.log)
    let before = change.state
    let header = try replica.header(of: change, in: row)
    guard header.isUnderstood || change.kind == .content else { return learned }
    let counts = try replica.counts(change, in: row)
    var content: Content?
    var state = ChangeState.uncounted
    if change.kind == .content {
      let effect = try replica.content(of: change, h0: header.encoded())
      if case .content(let opened) = effect { content = opened }
      if counts { state = try !header.isUnderstood ? .strange : log.isHeld(dot) ? .held : effect.state }
      if try Redactions(replica).isRedacted(dot) { state = .redacted }
    } else if counts {
      state = .applied
      if change.kind == .keys, let body = try? KeyChangeBody(decoding: change.body) {
        learned = try replica.learn(body, stamp: change.stamp, in: row.space)
      }
    }
    guard state != before || always else { return learned }
    if state != before { try log.setState(state, of: dot) }
    guard state == .applied || before == .applied else { return learned }
    for part in content?.operations(changeID: change.id, dot: dot) ?? [] where !part.ops.isEmpty {
      touched[RecordStore.Key(space: row.space.number, id: part.record), default: []].append(dot)
    }
    return learned
  }

  /// Records that turn out to be the profiles of places or devices count only their own devices' ops.
  private func addProfiles(to touched: inout [RecordStore.Key: [Dot]]) throws {
    guard let commons = try log.space(replica.id(of: .commons)) else { return }
    for id in replica.graph.everNamed {
      let key = RecordStore.Key(space: commons.number, id: RecordID(id))
      if touched[key] == nil, try replica.records.find(key.id, in: [key.space]) != nil { touched[key] = [] }
    }
  }
}

/// A record as the log gives it.
struct Reduced {
  /// Without what is to be noted of its texts.
  var state = RecordState()
  /// All changes of each text, each after those that it has seen.
  var textChanges: [CellKey: [TextChange]] = [:]
}

/// Reduces records from the log alone.
final class Reducer {
  private let replica: Replica
  private var log: LogStore { replica.log }
  /// Bodies already opened: a change often touches many records.
  private var opened: [Dot: (parts: [RecordOperations], undoes: ChangeID?)] = [:]

  init(_ replica: Replica) { self.replica = replica }

  func reduceAgain(_ key: RecordStore.Key, adding touches: [Dot]) throws {
    let row = try replica.records.find(key.id, in: [key.space])
    let known = try row.map { try replica.records.touches(of: $0.rid) } ?? []
    let space = SpaceRow(number: key.space, id: try replica.spaceID(of: key.space))
    let reduced = try reduce(key.id, in: space, touches: Set(known).union(touches).sorted())
    try replica.records.replace(key.id, in: space, with: reduced, touches: touches)
  }

  /// The state of a record by the changes that touch it, in an order that respects their causality.
  func reduce(_ id: RecordID, in space: SpaceRow, touches: [Dot]) throws -> Reduced {
    var reduced = Reduced()
    let ordered = touches.map { (stamp: log.stamp(of: $0), dot: $0) }.sorted { ($0.stamp, $0.dot) < ($1.stamp, $1.dot) }
    for (_, dot) in ordered {
      let author = try log.log(number: dot.log).author
      guard replica.mayTouch(id, author: author, space: space.id) else { continue }
      for part in try operations(of: dot) where part.record == id {
        let past = try log.seen(by: dot)
        reduced.state.apply(part.ops, of: dot, past: past, history: log, fresh: true)
        for (name, change) in part.ops.textChanges(of: dot, past: past) {
          reduced.textChanges[name, default: []].append(change)
        }
      }
    }
    return reduced
  }

  /// The ops of an applied change; none of another.
  func operations(of dot: Dot) throws -> [RecordOperations] { try open(dot).parts }

  /// The change that an applied one takes back.
  func undoes(of dot: Dot) throws -> ChangeID? { try open(dot).undoes }

  private func open(_ dot: Dot) throws -> (parts: [RecordOperations], undoes: ChangeID?) {
    if let known = opened[dot] { return known }
    guard let change = try log.change(dot), change.state == .applied, change.kind == .content else { return ([], nil) }
    let row = try log.log(number: dot.log)
    let header = try replica.header(of: change, in: row)
    guard case .content(let content) = try replica.content(of: change, h0: header.encoded()) else { return ([], nil) }
    if opened.count > 1_000 { opened.removeAll() }
    opened[dot] = (content.operations(changeID: change.id, dot: dot), content.undoes)
    return opened[dot]!
  }
}

extension GovernanceGraph {
  /// The places and devices that any op held names, present or not: the records of the same ids may be, or have
  /// been, their profiles. Ascending.
  fileprivate var everNamed: [ID16] { (Array(facts.founders.keys) + Array(facts.admissions.keys)).sorted() }
}
