// SPDX-License-Identifier: AGPL-3.0-or-later

/// Sending and storing: CHANGES, DONE and CREDIT.
extension Session {
  /// Bytes stored that are returned together.
  static let creditStep = 1 << 20
  /// Changes that may come without what they build on, before a session is no use.
  static let unplacedTaken = 100_000

  // MARK: Sending

  /// Sends one frame of changes or one DONE; nothing if there is no credit, or nothing to send yet.
  mutating func sendChanges() throws(SessionProblem) {
    guard let place = exchanges.firstIndex(where: { $0.list != nil && !$0.isDoneSent }) else { return }
    if exchanges[place].outgoing == nil { try openSource(place) }
    let size = try storing { try exchanges[place].outgoing!.nextSize() }
    guard let size else { return try sendDone(place) }
    guard UInt64(size) <= credit else { return }
    let piece = exchanges[place].outgoing!.take()
    credit -= UInt64(size)
    report.sent += piece.changes
    effects.append(.send(Frame.encoded(type: 0x07, payload: piece.payload)))
    effects.append(.progress(.sent(exchanges[place].space, changes: piece.changes)))
  }

  private mutating func openSource(_ place: Int) throws(SessionProblem) {
    guard let list = exchanges[place].list else { return }
    let space = exchanges[place].space
    var held = list.held
    held.tips.formUnion(reached[space] ?? [])
    let (mine, listed) = (exchanges[place].mine.frontier, exchanges[place].listed ?? Frontier())
    let skipped = version == 1 ? list.suspects.union(mine.forked) : list.suspects
    let source = try storing { try store.openSender(space: space, held: held, skipping: skipped) }
    exchanges[place].outgoing = OutgoingRuns(
      space: space, source: source, frontier: listed, common: list.common, withBase: false)
  }

  private mutating func sendDone(_ place: Int) throws(SessionProblem) {
    let (space, outgoing) = (exchanges[place].space, exchanges[place].outgoing!)
    reached[space, default: []].formUnion(outgoing.reached)
    exchanges[place].isDoneSent = true
    send(.done(.init(space: space, changes: outgoing.sent, round: UInt64(report.rounds))))
    try advance()
  }

  // MARK: Storing

  mutating func take(_ run: Run, size: Int) throws(SessionProblem) {
    let place = try exchange(of: run.space)
    guard exchanges[place].list != nil, !exchanges[place].isDoneReceived else {
      throw .malformed("CHANGES stand between LIST and DONE")
    }
    guard size <= allowance else { throw .malformed("CHANGES beyond the credit") }
    allowance -= size
    exchanges[place].received += UInt64(run.entries.count)
    effects.append(.progress(.received(run.space, changes: run.entries.count)))
    try incoming.add(run, size: size, list: &exchanges[place].list!, store: store)
    if incoming.isFull { try storeBatch() }
  }

  mutating func take(_ done: Frame.Done) throws(SessionProblem) {
    let place = try exchange(of: done.space)
    guard exchanges[place].list != nil, !exchanges[place].isDoneReceived else {
      throw .malformed("DONE stands once after LIST")
    }
    guard done.round == UInt64(report.rounds) else { throw .malformed("DONE of another round") }
    guard done.changes == exchanges[place].received else { throw .malformed("DONE with a wrong count") }
    try storeBatch()
    exchanges[place].isDoneReceived = true
    try advance()
  }

  /// Stores what has come, and returns its bytes.
  mutating func storeBatch() throws(SessionProblem) {
    let (changes, bytes) = incoming.take()
    if !changes.isEmpty {
      let result = try storing { try store.ingest(changes) }
      report.received.add(result)
      effects.append(.progress(.stored(result)))
    }
    guard report.received.refused.count < IngestReport.refusalsKept, incoming.unplaced < Self.unplacedTaken
    else {
      throw .limit("too many changes were refused")
    }
    owed += bytes
    guard owed >= Self.creditStep, state != .ended else { return }
    send(.credit(UInt64(owed)))
    allowance += owed
    owed = 0
  }
}
