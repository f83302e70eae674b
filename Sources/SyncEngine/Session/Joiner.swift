// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// The joining side of a live joining (protocol.md section 13). It has no replica yet.
struct Joiner: Conversation {
  /// Bytes and changes of governance that a newcomer takes in memory.
  static let bytes = 64 << 20
  static let changes = 100_000

  private enum State: Equatable { case asking, taking(NetworkID, [ChangeID]), closing, ended }

  private(set) var report = SessionReport()
  private let card: Card
  private let code: InvitationCode
  private let name: String
  private var state = State.asking
  private var runs = GovernanceRuns()
  private var effects: [SessionEffect] = []

  init(card: Card, code: InvitationCode, name: String) {
    self.card = card
    self.code = code
    self.name = name
  }

  var isEnded: Bool { state == .ended }
  var isClosing: Bool { state == .closing }

  mutating func handle(_ event: SessionEvent) -> [SessionEffect] {
    effects = []
    do {
      try step(event)
      return effects
    } catch {
      return effects + fail(error)
    }
  }

  private mutating func step(_ event: SessionEvent) throws(SessionProblem) {
    switch (state, event) {
    case (.ended, _), (_, .room), (_, .frame(.ping, _)): break
    case (_, .frame(.unknown(let type, _), _)) where type < 0x80: break
    case (.asking, .start): ask()
    case (_, .frame(.close(let code), _)):
      if state != .closing { report.problem = .closed(code) }
      end()
    case (.closing, _): break
    case (.asking, .frame(.refuse(let reason), _)): throw .refused(reason)
    case (.asking, .frame(.admit(let admit), _)): state = .taking(admit.network, admit.anchor)
    case (.taking(let network, _), .frame(.changes(let run), let size)):
      try runs.add(run, size: size, network: network)
    case (.taking(let network, let anchor), .frame(.done(let done), _)): try finish(network, anchor, done)
    case (_, .start): preconditionFailure("a joining starts once")
    case (_, .frame(let frame, _)): throw .malformed("a frame of type \(frame.type) in a joining")
    }
  }

  private mutating func ask() {
    send(.join(.init(card: card, countersign: code.countersign(card), name: name)))
  }

  private mutating func finish(
    _ network: NetworkID, _ anchor: [ChangeID], _ done: Frame.Done
  ) throws(SessionProblem) {
    guard done.space == ChangeHeader.governanceSpace, done.changes == UInt64(runs.changes.count) else {
      throw .malformed("DONE with a wrong count")
    }
    report.joined = try JoinResult(network: network, anchor: anchor, changes: runs.changes, card: card)
    report.received.new = runs.changes.count
    report.converged = true
    send(.close(.converged))
    state = .closing
  }

  mutating func fail(_ problem: SessionProblem, as code: CloseCode? = nil) -> [SessionEffect] {
    guard state != .ended else { return [] }
    if report.joined == nil && report.problem == nil { report.problem = problem }
    effects = []
    if let code = code ?? problem.code, state != .closing { send(.close(code)) }
    end()
    return effects
  }

  mutating func abandon(_ problem: SessionProblem) {
    guard state != .ended else { return }
    if report.joined == nil && report.problem == nil { report.problem = problem }
    end()
  }

  private mutating func send(_ frame: Frame) { effects.append(.send(frame.encoded())) }

  private mutating func end() {
    state = .ended
    effects.append(.finished)
  }
}

/// Governance runs as a newcomer gets them, who holds nothing that they could build on but each other.
struct GovernanceRuns {
  private(set) var changes: [Change] = []
  private var bytes = 0
  private var bases: [LogID: (seq: UInt64, base: RunBase)] = [:]

  /// - Parameter tip: the tip at that place in the sender's list, where there is one.
  mutating func add(
    _ run: Run, size: Int, network: NetworkID, tip: (Int) -> ChangeID? = { _ in nil }
  ) throws(SessionProblem) {
    guard run.space == ChangeHeader.governanceSpace else {
      throw .malformed("a joiner is given governance alone")
    }
    bytes += size
    guard bytes <= Joiner.bytes, changes.count + run.entries.count <= Joiner.changes else {
      throw .limit("the network's governance is too large to join")
    }
    let log = run.logID
    let held = run.base ?? bases[log].flatMap { $0.seq == run.firstSeq - 1 ? $0.base : nil }
    do throws(RunError) {
      let rebuilt = try run.rebuild(network: network, after: held, resolvingHead: tip)
      changes += rebuilt
      bases[log] = (run.lastSeq, rebuilt.reduce(held) { RunBase(after: $1, following: $0) }!)
    } catch { throw .malformed("a run of governance: \(error)") }
  }
}
