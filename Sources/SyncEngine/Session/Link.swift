// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// What happens to a connection.
public enum LinkEvent: Sendable {
  /// The connection is there.
  case start
  /// Bytes came, in whatever pieces.
  case received([UInt8])
  /// So many of the bytes handed out are with the operating system. Without this nothing more than 1 MiB is
  /// handed out.
  case sent(Int)
  /// Time has passed: at least once a second.
  case tick
  /// The connection is gone.
  case ended
}

/// What a link wants done, in this order.
public enum LinkEffect: Sendable {
  case send([UInt8])
  case progress(SessionProgress)
  /// Over: close the connection once everything before this is out. It comes once, and nothing after it.
  case finished(SessionReport)
}

/// One connection, from its first byte to its last: handshake, records, frames, and a session or a joining
/// (protocol.md sections 10 to 13).
///
/// It does no IO but through its store: bytes and the time come in, bytes go out. The same code is driven by
/// sockets, tests and simulations. It belongs to one thread, its store's.
public final class Link {
  /// By which key an initiator calls.
  public enum Key: Sendable, Equatable {
    /// That of the network's current epoch: for whoever answers.
    case group
    /// The pairwise one: for this device alone.
    case device(DeviceID)
  }

  enum Role {
    case calling(any SessionStore, Key)
    case answering(Doorkeeper)
    case joining(InvitationCode, DeviceKeys, name: String)
  }

  enum Phase {
    case idle
    /// Message 1 is out.
    case calling(HandshakeState)
    /// Nothing has come yet.
    case listening
    /// Message 2 is out.
    case answering(HandshakeState, Doorkeeper.Door)
    case talking
    /// A stranger's: bytes are dropped until this time.
    case deaf(until: UInt64)
    case over
  }

  let role: Role
  let program: String
  let random: (UInt32) -> UInt32
  let hasFallback: Bool
  var phase = Phase.idle
  /// Of the protocol, as the handshake settles it.
  var version: UInt64 = 1
  var clock: LinkClock
  /// Bytes of a handshake message that isn't whole yet.
  var partial: [UInt8] = []
  var cipher: RecordCipher?
  var decoder = FrameDecoder()
  var conversation: (any Conversation)?
  /// Frames that go into the next records.
  var frames: [UInt8] = []
  /// Bytes handed out and not yet reported as sent.
  var outstanding = 0
  var bytesIn = 0
  var bytesOut = 0
  var effects: [LinkEffect] = []

  private init(
    _ role: Role, program: String, hasFallback: Bool, now: UInt64, random: @escaping (UInt32) -> UInt32
  ) {
    self.role = role
    self.program = program
    self.hasFallback = hasFallback
    self.random = random
    clock = LinkClock(now: now, ping: 0)
    clock.ping = draw(LinkLimits.ping)
  }

  /// A link that calls another replica.
  ///
  /// - Parameters:
  ///   - hasFallback: whether the caller would try another key on a new connection; then two seconds without
  ///     an answer end the link, and ten otherwise.
  ///   - now: milliseconds of a clock that never goes back; the same one for every event.
  ///   - random: a number below its argument.
  public static func calling(
    _ store: any SessionStore, by key: Key, hasFallback: Bool = false, program: String, now: UInt64,
    random: @escaping (UInt32) -> UInt32 = SecureRandom.uniform
  ) -> Link {
    Link(.calling(store, key), program: program, hasFallback: hasFallback, now: now, random: random)
  }

  /// A link that answers whoever calls, members and holders of an invitation; towards others it is silent.
  public static func answering(
    _ doorkeeper: Doorkeeper, program: String, now: UInt64,
    random: @escaping (UInt32) -> UInt32 = SecureRandom.uniform
  ) -> Link {
    Link(.answering(doorkeeper), program: program, hasFallback: false, now: now, random: random)
  }

  /// A link by which a device without a replica joins; the report's `joined` is what it is given.
  ///
  /// - Parameter keys: the device's for good: they must be stored before, so that a cut joining can be
  ///   repeated.
  public static func joining(
    _ code: InvitationCode, keys: DeviceKeys, name: String, program: String, now: UInt64,
    random: @escaping (UInt32) -> UInt32 = SecureRandom.uniform
  ) -> Link {
    Link(.joining(code, keys, name: name), program: program, hasFallback: false, now: now, random: random)
  }

  /// Whether the other has shown that it holds a key: from then on a connection doesn't count as half open.
  public var isTalking: Bool { conversation != nil }

  public var isOver: Bool { if case .over = phase { true } else { false } }

  /// Takes an event and says what is to be done.
  public func handle(_ event: LinkEvent, now: UInt64) -> [LinkEffect] {
    effects = []
    switch (phase, event) {
    case (.over, _): break
    case (.idle, .start): begin(now)
    case (.idle, _): preconditionFailure("a link starts before anything else")
    case (_, .start): preconditionFailure("a link starts once")
    case (_, .received(let bytes)):
      bytesIn += bytes.count
      receive(bytes, now)
    case (_, .sent(let count)):
      if outstanding >= LinkLimits.backlog { clock.useful = now }
      outstanding = max(0, outstanding - count)
    case (_, .tick): tick(now)
    case (_, .ended): leave(isTalking ? .cut : .silence)
    }
    pump(now)
    flush(now)
    return effects
  }

  /// Ends the link from this side, and tells the other where it can be told: by the problem's own code, or
  /// another.
  public func stop(_ problem: SessionProblem, as code: CloseCode? = nil, now: UInt64) -> [LinkEffect] {
    effects = []
    if conversation == nil { leave(problem) } else { apply(conversation!.fail(problem, as: code), now) }
    flush(now)
    return effects
  }

  func draw(_ range: ClosedRange<UInt64>) -> UInt64 {
    range.lowerBound + UInt64(random(UInt32(range.upperBound - range.lowerBound + 1)))
  }

  // MARK: Time

  private func tick(_ now: UInt64) {
    switch phase {
    case .idle, .over: break
    case .deaf(let until): if now >= until { leave(.silence) }
    case .listening, .answering: if now >= clock.phase + LinkLimits.handshake { turnDeaf(now) }
    case .calling:
      let patience = hasFallback ? LinkLimits.fallback : LinkLimits.handshake
      if now >= clock.phase + patience { leave(.silence) }
    case .talking: tickTalking(now)
    }
  }

  private func tickTalking(_ now: UInt64) {
    if clock.isStalled(now) { return leave(.stalled) }
    if let closing = clock.closing, now >= closing + LinkLimits.closing { return leave(.cut) }
    if clock.isPingDue(now) { frames += Frame.ping.encoded() }
  }

  // MARK: Leaving

  /// To a stranger the door looks shut: nothing is said, and when it closes tells nothing either.
  func turnDeaf(_ now: UInt64) {
    partial = []
    phase = .deaf(until: now + draw(LinkLimits.deaf))
  }

  /// Ends without a further word.
  func leave(_ problem: SessionProblem) {
    guard !isOver else { return }
    conversation?.abandon(problem)
    finish(or: problem)
  }

  func finish(or problem: SessionProblem) {
    guard !isOver else { return }
    flush(nil)
    var report = conversation?.report ?? SessionReport()
    if conversation == nil { report.problem = problem }
    report.bytesIn = bytesIn
    report.bytesOut = bytesOut
    phase = .over
    effects.append(.finished(report))
  }
}
