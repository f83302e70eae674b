// SPDX-License-Identifier: AGPL-3.0-or-later

/// One side of a Noise handshake (revision 34, section 5.3). After any error it is of no more use.
public final class HandshakeState {
  /// Who sends the first message.
  public enum Role: Sendable { case initiator, responder }

  /// The greatest size of a handshake message.
  public static let limit = 65_535

  private let pattern: NoisePattern
  private let messages: [[NoisePattern.Token]]
  private let role: Role
  private let staticKey: AgreementKey
  private let symmetric = SymmetricState()
  private var psks: [SecretBytes] = []
  private var nextPSK = 0
  private var nextMessage = 0
  private var isBroken = false
  private var isSplit = false
  private var ephemeral: AgreementKey?
  private let injectedEphemeral: AgreementKey?
  private var remoteEphemeral: [UInt8] = []
  private let knownRemote: [UInt8]?

  /// The other side's static key, 32 bytes, once it is known.
  public private(set) var remoteStatic: [UInt8]?

  /// Begins a handshake. `remoteStatic` is needed by the initiator of IK alone; `psks` are 32 bytes each,
  /// one for each modifier. `ephemeral` is for test vectors: without it a random one is made.
  public init(
    _ pattern: NoisePattern = .transport, role: Role, prologue: [UInt8], staticKey: AgreementKey,
    remoteStatic: [UInt8]? = nil, psks: [SecretBytes], ephemeral: AgreementKey? = nil
  ) {
    self.pattern = pattern
    messages = pattern.messages
    self.role = role
    self.staticKey = staticKey
    knownRemote = remoteStatic
    injectedEphemeral = ephemeral
    restart(prologue: prologue, psks: psks)
  }

  /// Goes back to the start, with another prologue and other PSKs.
  func restart(prologue: [UInt8], psks: [SecretBytes]) {
    precondition(psks.count == pattern.psks.count, "HandshakeState: one PSK for each modifier")
    precondition(psks.allSatisfy { $0.count == 32 }, "HandshakeState: a PSK has 32 bytes")
    self.psks = psks
    (nextPSK, nextMessage) = (0, 0)
    (isBroken, isSplit) = (false, false)
    (ephemeral, remoteEphemeral, remoteStatic) = (injectedEphemeral, [], knownRemote)
    symmetric.start(pattern.name)
    symmetric.mixHash(prologue)
    if pattern.knowsResponder { symmetric.mixHash(responderStatic()) }
  }

  /// Whether all messages are through.
  public var isFinished: Bool { nextMessage == messages.count && !isBroken }

  /// Whether it is this side's turn to write.
  public var isMyTurn: Bool {
    nextMessage < messages.count && !isBroken && (nextMessage % 2 == 0) == (role == .initiator)
  }

  /// The handshake hash, 64 bytes: both sides hold the same. Final once finished.
  public var handshakeHash: [UInt8] { symmetric.hash }

  /// The next message with this payload. Throws `outOfTurn`, `weakKey` or `tooLong`.
  public func writeMessage(_ payload: [UInt8]) throws(CryptoError) -> [UInt8] {
    guard isMyTurn else { throw .outOfTurn }
    isBroken = true
    var message: [UInt8] = []
    for token in messages[nextMessage] {
      switch token {
      case .e: message += writeEphemeral()
      case .s: message += try symmetric.encryptAndHash(staticKey.publicKey)
      default: try mix(token)
      }
    }
    message += try symmetric.encryptAndHash(payload)
    guard message.count <= Self.limit else { throw .tooLong }
    nextMessage += 1
    isBroken = false
    return message
  }

  /// Takes the other side's message and returns its payload.
  /// Throws `outOfTurn`, `wrongSize`, `notAuthentic`, `weakKey` or `tooLong`.
  public func readMessage(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
    guard nextMessage < messages.count, !isBroken, !isMyTurn else { throw .outOfTurn }
    isBroken = true
    guard message.count <= Self.limit else { throw .tooLong }
    var rest = message[...]
    for token in messages[nextMessage] {
      switch token {
      case .e: readEphemeral(Array(try Self.take(32, from: &rest)))
      case .s:
        let box = try Self.take(32 + symmetric.overhead, from: &rest)
        remoteStatic = try symmetric.decryptAndHash(box)
      default: try mix(token)
      }
    }
    let payload = try symmetric.decryptAndHash(rest)
    nextMessage += 1
    isBroken = false
    return payload
  }

  /// The two directions of the session, once. Throws `outOfTurn` before the handshake's end, or twice.
  public func split() throws(CryptoError) -> (sending: CipherState, receiving: CipherState) {
    guard isFinished, !isSplit else { throw .outOfTurn }
    isSplit = true
    let (first, second) = symmetric.split()
    return role == .initiator ? (first, second) : (second, first)
  }

  private func writeEphemeral() -> [UInt8] {
    let mine = ephemeral ?? AgreementKey.generate()
    ephemeral = mine
    mixEphemeral(mine.publicKey)
    return mine.publicKey
  }

  private func readEphemeral(_ bytes: [UInt8]) {
    remoteEphemeral = bytes
    mixEphemeral(bytes)
  }

  /// With PSKs an ephemeral key is also mixed into the chaining key (section 9.2).
  private func mixEphemeral(_ bytes: [UInt8]) {
    symmetric.mixHash(bytes)
    if !pattern.psks.isEmpty { unsafe bytes.withUnsafeBytes { unsafe symmetric.mixKey($0) } }
  }

  private func mix(_ token: NoisePattern.Token) throws(CryptoError) {
    if token == .psk {
      psks[nextPSK].withBytes { unsafe symmetric.mixKeyAndHash($0) }
      nextPSK += 1
    } else {
      try agree(token).withBytes { unsafe symmetric.mixKey($0) }
    }
  }

  /// The first letter of a token is the initiator's key, the second the responder's.
  private func agree(_ token: NoisePattern.Token) throws(CryptoError) -> SecretBytes {
    let isInitiator = role == .initiator
    let (mineIsStatic, theirsIsStatic) =
      switch token {
      case .ee: (false, false)
      case .es: (!isInitiator, isInitiator)
      case .se: (isInitiator, !isInitiator)
      default: (true, true)
      }
    let mine = mineIsStatic ? staticKey : ephemeral
    let theirs = theirsIsStatic ? remoteStatic : remoteEphemeral
    guard let mine, let theirs else { throw .outOfTurn }
    return try mine.shared(with: theirs)
  }

  private func responderStatic() -> [UInt8] {
    if role == .responder { return staticKey.publicKey }
    guard let remoteStatic else { preconditionFailure("HandshakeState: IK needs the responder's key") }
    return remoteStatic
  }

  private static func take(
    _ count: Int, from rest: inout ArraySlice<UInt8>
  ) throws(CryptoError) -> ArraySlice<UInt8> {
    guard rest.count >= count else { throw .wrongSize }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}
