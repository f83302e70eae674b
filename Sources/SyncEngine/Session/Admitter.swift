// SPDX-License-Identifier: AGPL-3.0-or-later

/// The answering side of a live joining (protocol.md section 13).
struct Admitter: Conversation {
  private enum State { case waiting, streaming, closing, ended }

  private(set) var report = SessionReport()
  private let store: any SessionStore
  private let invite: InviteID
  private let peerStatic: PublicKey
  private let version: UInt64
  private var state = State.waiting
  private var outgoing: OutgoingRuns?
  private var effects: [SessionEffect] = []

  init(store: any SessionStore, invite: InviteID, peerStatic: PublicKey, version: UInt64) {
    self.store = store
    self.invite = invite
    self.peerStatic = peerStatic
    self.version = version
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
    case (.ended, _), (_, .start), (_, .frame(.ping, _)): break
    case (_, .frame(.unknown(let type, _), _)) where type < 0x80: break
    case (_, .frame(.close(let code), _)):
      if state != .closing { report.problem = .closed(code) }
      end()
    case (.closing, _): break
    case (.waiting, .frame(.join(let join), _)): try answer(join)
    case (.waiting, .room): break
    case (.streaming, .room): try stream()
    case (_, .frame(let frame, _)): throw .malformed("a frame of type \(frame.type) in a joining")
    }
  }

  private mutating func answer(_ join: Frame.Join) throws(SessionProblem) {
    guard join.card.noiseKey == peerStatic else { throw .malformed("the card is another's") }
    switch try Admitting.admit(join, by: invite, into: store) {
    case .refused(let reason):
      report.problem = .refused(reason)
      send(.refuse(reason))
      send(.close(.finishedUnequal))
      state = .closing
    case .admitted(let newcomer):
      report.admitted = newcomer
      report.peer = newcomer.device
      report.peerPlace = newcomer.place
      send(.admit(.init(network: store.network, anchor: store.anchor.sorted())))
      let space = ChangeHeader.governanceSpace
      let forked = try storing { try store.snapshot(of: space) }.frontier.forked
      let source = try storing {
        try store.openSender(space: space, held: [:], skipping: version == 1 ? forked : [])
      }
      outgoing = OutgoingRuns(space: space, source: source, frontier: Frontier(), common: [], withBase: false)
      state = .streaming
    }
  }

  private mutating func stream() throws(SessionProblem) {
    guard try storing({ try outgoing!.nextSize() }) != nil else {
      send(.done(.init(space: ChangeHeader.governanceSpace, changes: outgoing!.sent, round: 1)))
      send(.close(.converged))
      state = .closing
      return
    }
    let piece = outgoing!.take()
    report.sent += piece.changes
    effects.append(.send(Frame.encoded(type: 0x07, payload: piece.payload)))
  }

  mutating func fail(_ problem: SessionProblem, as code: CloseCode? = nil) -> [SessionEffect] {
    guard state != .ended else { return [] }
    if state != .closing, report.problem == nil { report.problem = problem }
    effects = []
    if let code = code ?? problem.code, state != .closing { send(.close(code)) }
    end()
    return effects
  }

  mutating func abandon(_ problem: SessionProblem) {
    guard state != .ended else { return }
    if state != .closing, report.problem == nil { report.problem = problem }
    end()
  }

  private mutating func send(_ frame: Frame) { effects.append(.send(frame.encoded())) }

  private mutating func end() {
    state = .ended
    effects.append(.finished)
  }
}
