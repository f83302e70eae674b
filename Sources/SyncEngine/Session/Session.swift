// SPDX-License-Identifier: AGPL-3.0-or-later

/// What happens to a session.
public enum SessionEvent: Sendable {
  /// The handshake is through.
  case start
  /// A frame came; `size` is that of its payload in bytes.
  case frame(Frame, size: Int)
  /// There is room for one more frame of changes.
  case room
}

/// What a session wants done, in this order.
public enum SessionEffect: Sendable {
  /// Bytes of whole frames, for the other side.
  case send([UInt8])
  case progress(SessionProgress)
  /// Nothing more will be sent, and nothing more is expected: see `report`.
  case finished
}

/// One conversation of two replicas (protocol.md section 12). It does no IO but through its store, has no
/// clock, and draws no randomness.
///
/// The life of a session: `idle`, until it starts; `opening`, until the other's HELLO; `governance`, the
/// first round's exchange of that space alone; `spaces`, which is all that follows; `closing`, until the
/// other's CLOSE; `ended`.
public struct Session: Conversation {
  enum State: Equatable { case idle, opening, governance, spaces, closing, ended }

  /// Rounds of comparing, at most.
  public static let rounds = 8
  /// Entries of one log in a LIST that would be too long.
  static let entriesOfLog = 1_024
  /// Bytes of CHANGES payload that the other may send ahead of CREDIT.
  public static let window = 8 << 20

  public internal(set) var report = SessionReport()
  let store: any SessionStore
  let names: SessionNames
  /// The other's `noise` key.
  let peerStatic: PublicKey
  let program: String
  /// Of the protocol, as the handshake settled it.
  let version: UInt64

  var state = State.idle
  var effects: [SessionEffect] = []
  /// The spaces of this round, governance first, then ascending.
  var exchanges: [SpaceExchange] = []
  /// The last changes that this session has brought there: nothing is sent twice.
  var reached: [SpaceID: Set<ChangeID>] = [:]
  /// Logs that were strange to this side in the round before, with their tips then.
  var strange: [SpaceID: [LogID: Set<ChangeID>]] = [:]
  /// Whether nothing came or went in the round before.
  var wasIdle = false
  /// Whether a space that both named was left out, since the other never sent its root.
  var hasLeftOut = false
  /// What the other is known to hold.
  var peerHolds: [SpaceID: Held] = [:]
  /// The names of the spaces that both sides read, as far as they themselves say.
  var mySpaces: [SpaceID] = []
  var theirSpaces: Set<UInt64> = []

  /// Bytes of CHANGES payload that may be sent.
  var credit: UInt64 = 0
  /// Bytes of CHANGES payload that the other may still send, and those stored and not yet returned.
  var allowance = Session.window
  var owed = 0
  var incoming: IncomingRuns

  /// - Parameters:
  ///   - key: sk of protocol.md section 11.
  ///   - peerStatic: the other's `noise` key, as the handshake has shown it.
  ///   - version: 1 with a side that doesn't know branches of logs.
  public init(
    store: any SessionStore, key: [UInt8], peerStatic: PublicKey, program: String,
    version: UInt64 = LinkPayloads.branches
  ) {
    self.store = store
    names = SessionNames(key: key)
    self.peerStatic = peerStatic
    self.program = program
    self.version = version
    incoming = IncomingRuns(network: store.network)
  }

  public var isEnded: Bool { state == .ended }
  public var isClosing: Bool { state == .closing }

  /// Takes an event and says what is to be done. Whatever goes wrong ends the session and stands in the
  /// report.
  public mutating func handle(_ event: SessionEvent) -> [SessionEffect] {
    effects = []
    do { try step(event) } catch { stop(error, as: error.code) }
    return effects
  }

  public mutating func fail(_ problem: SessionProblem, as code: CloseCode? = nil) -> [SessionEffect] {
    effects = []
    stop(problem, as: code ?? problem.code)
    return effects
  }

  public mutating func abandon(_ problem: SessionProblem) { stop(problem, as: nil) }

  private mutating func step(_ event: SessionEvent) throws(SessionProblem) {
    switch (state, event) {
    case (.idle, .start): try open()
    case (.idle, _): preconditionFailure("a session starts before anything else")
    case (_, .start): preconditionFailure("a session starts once")
    case (.ended, _): break

    case (_, .frame(.ping, _)), (_, .frame(.pad, _)): break
    case (_, .frame(.unknown(let type, _), _)) where type < 0x80: break
    case (_, .frame(.close(let code), _)): try hear(code)
    case (.closing, _): break

    case (.opening, .frame(.hello(let hello), _)): try greet(hello)
    case (.opening, .frame): throw .malformed("HELLO comes first")
    case (.opening, .room): break

    case (_, .frame(.root(let root), _)): try take(root)
    case (_, .frame(.list(let list), _)): try take(list)
    case (_, .frame(.changes(let run), let size)): try take(run, size: size)
    case (_, .frame(.done(let done), _)): try take(done)
    case (_, .frame(.credit(let bytes), _)): credit = min(credit + bytes, Limits.number)
    case (_, .room): try sendChanges()
    case (_, .frame(let frame, _)): throw .malformed("a frame of type \(frame.type) out of place")
    }
  }

  // MARK: Beginning and end

  private mutating func open() throws(SessionProblem) {
    mySpaces = try storing { try store.readableSpaces() }.sorted()
    send(
      .hello(
        .init(
          spaces: mySpaces.map(names.hello).sorted(), credit: UInt64(Self.window), program: program)))
    state = .opening
    report.rounds = 1
    effects.append(.progress(.round(1)))
    try begin([ChangeHeader.governanceSpace])
  }

  private mutating func greet(_ hello: Frame.Hello) throws(SessionProblem) {
    report.peerProgram = hello.program
    theirSpaces = Set(hello.spaces)
    credit = hello.credit
    state = .governance
  }

  mutating func send(_ frame: Frame) { effects.append(.send(frame.encoded())) }

  mutating func close(_ code: CloseCode) {
    send(.close(code))
    state = .closing
  }

  private mutating func hear(_ code: CloseCode) throws(SessionProblem) {
    if code == .converged { try leaveOutWhatTheyDontShare() }
    if state != .closing {
      try storeBatch()
      report.problem = code == .finishedUnequal ? .unequal : .closed(code)
      send(.close(code))
    } else if report.converged && code != .converged {
      report.converged = false
      report.problem = .closed(code)
    }
    end()
  }

  /// Ends here. What has come so far is stored, unless storing is what failed.
  private mutating func stop(_ problem: SessionProblem, as code: CloseCode?) {
    guard state != .ended else { return }
    if state != .closing && report.problem == nil { report.problem = problem }
    if case .store = problem {} else { try? storeBatch() }
    if let code, state != .closing { send(.close(code)) }
    end()
  }

  private mutating func end() {
    state = .ended
    report.unplaced = incoming.unplaced
    rememberPeer()
    effects.append(.finished)
  }

  /// What the round has shown of the other.
  mutating func noteWhatTheyHold() {
    for exchange in exchanges {
      guard let held = exchange.isEqual ? exchange.mine.frontier.held : exchange.list?.known else { continue }
      peerHolds[exchange.space, default: [:]].merge(held)
    }
  }

  private mutating func rememberPeer() {
    guard let peer = report.peer else { return }
    noteWhatTheyHold()
    for (space, held) in peerHolds.sorted(by: { $0.key < $1.key }) where !held.isEmpty {
      try? store.peerHolds(peer, space: space, held)
    }
  }
}
