// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import Testing

@Suite("Noise: what a handshake refuses")
struct HandshakeTests {
  static let psk = SecretBytes(random: 32)
  static let prologue = TransportKeys.prologue(
    networkID: [UInt8](repeating: 1, count: 32), anchorID: [UInt8](repeating: 2, count: 32))
  static let alice = AgreementKey.generate()
  static let bob = AgreementKey.generate()

  static func side(_ role: HandshakeState.Role, psk: SecretBytes = psk) -> HandshakeState {
    HandshakeState(
      role: role, prologue: prologue, staticKey: role == .initiator ? alice : bob, psks: [psk])
  }

  static func payload(_ message: Int) throws -> [UInt8] {
    try TransportKeys.packPayload([0xa1, 0x01, 0x81, 0x01], message: message)
  }

  /// Runs the first messages of a handshake whole, and gives the next to `body` with its reader.
  static func upTo(_ message: Int, _ body: ([UInt8], HandshakeState) throws -> Void) throws {
    let (a, b) = (side(.initiator), side(.responder))
    for index in 0...message {
      let (sender, receiver) = a.isMyTurn ? (a, b) : (b, a)
      let bytes = try sender.writeMessage(try payload(index))
      if index == message { try body(bytes, receiver) } else { _ = try receiver.readMessage(bytes) }
    }
  }

  /// A finished handshake's two sides.
  static func finished() throws -> (HandshakeState, HandshakeState) {
    let (a, b) = (side(.initiator), side(.responder))
    _ = try b.readMessage(try a.writeMessage(try payload(0)))
    _ = try a.readMessage(try b.writeMessage(try payload(1)))
    _ = try b.readMessage(try a.writeMessage(try payload(2)))
    return (a, b)
  }

  @Test("the three messages have the sizes of protocol.md, and both sides end alike")
  func sizes() throws {
    for message in 0..<3 {
      try Self.upTo(message) { bytes, reader in
        #expect(bytes.count == TransportKeys.messageSizes[message])
        let payload = try reader.readMessage(bytes)
        #expect(try TransportKeys.unpackPayload(payload, message: message) == [0xa1, 0x01, 0x81, 0x01])
      }
    }
    let (a, b) = try Self.finished()
    #expect(a.handshakeHash == b.handshakeHash && a.handshakeHash.count == 64)
    #expect(a.remoteStatic == Self.bob.publicKey && b.remoteStatic == Self.alice.publicKey)
  }

  @Test("each byte of each message counts", arguments: 0..<3)
  func flips(message: Int) throws {
    for index in 0..<TransportKeys.messageSizes[message] {
      try Self.upTo(message) { bytes, reader in
        #expect(throws: CryptoError.self) {
          try reader.readMessage(flipped(bytes, at: index, mask: index % 2 == 0 ? 0x01 : 0x80))
        }
        #expect(throws: CryptoError.outOfTurn) { try reader.readMessage(bytes) }
      }
    }
  }

  @Test("a cut or lengthened message is refused", arguments: 0..<3)
  func lengths(message: Int) throws {
    for count in stride(from: 0, to: TransportKeys.messageSizes[message], by: 7) {
      try Self.upTo(message) { bytes, reader in
        #expect(throws: CryptoError.self) { try reader.readMessage(Array(bytes[..<count])) }
      }
    }
    try Self.upTo(message) { bytes, reader in
      #expect(throws: CryptoError.notAuthentic) { try reader.readMessage(bytes + [0]) }
    }
  }

  @Test("another PSK or another prologue opens nothing")
  func strangers() throws {
    try Self.upTo(0) { bytes, _ in
      let stranger = Self.side(.responder, psk: SecretBytes(random: 32))
      #expect(throws: CryptoError.notAuthentic) { try stranger.readMessage(bytes) }
      let elsewhere = HandshakeState(
        role: .responder, prologue: TransportKeys.joinPrologue, staticKey: Self.bob, psks: [Self.psk])
      #expect(throws: CryptoError.notAuthentic) { try elsewhere.readMessage(bytes) }
    }
  }

  @Test("an ephemeral key of small order is refused")
  func weakKeys() throws {
    let zero = SmallOrder.zeroMessage(psk: Self.psk, prologue: Self.prologue)
    let bob = Self.side(.responder)
    #expect(try bob.readMessage(zero).isEmpty)
    #expect(throws: CryptoError.weakKey) { try bob.writeMessage([]) }
  }

  @Test("out of turn, early or twice: refused")
  func order() throws {
    let a = Self.side(.initiator)
    #expect(throws: CryptoError.outOfTurn) { try a.readMessage([]) }
    #expect(throws: CryptoError.outOfTurn) { try a.split() }
    _ = try a.writeMessage([])
    #expect(throws: CryptoError.outOfTurn) { try a.writeMessage([]) }
    let (c, d) = try Self.finished()
    _ = try c.split()
    #expect(throws: CryptoError.outOfTurn) { try c.split() }
    #expect(throws: CryptoError.outOfTurn) { try d.readMessage([]) }
  }

  @Test("a message beyond 65,535 bytes is neither written nor read")
  func limit() throws {
    #expect(throws: CryptoError.tooLong) {
      try Self.side(.initiator).writeMessage([UInt8](repeating: 0, count: 65_535 - 47))
    }
    #expect(try Self.side(.initiator).writeMessage([UInt8](repeating: 0, count: 65_535 - 48)).count == 65_535)
    #expect(throws: CryptoError.tooLong) {
      try Self.side(.responder).readMessage([UInt8](repeating: 0, count: 65_536))
    }
  }

  @Test("random bytes of any length are refused and don't crash")
  func noise() {
    var random = SplitMix64(state: 11)
    for count in 0..<400 {
      #expect(throws: CryptoError.self) { try Self.side(.responder).readMessage(random.bytes(count)) }
    }
  }
}

@Suite("Noise: the responder's trial")
struct ResponderTests {
  typealias Base = HandshakeTests

  @Test("finds the one prologue and PSK that fit, and goes on from there")
  func finds() throws {
    let psks = (0..<20).map { _ in SecretBytes(random: 32) }
    let candidates =
      psks.map { Responder.Candidate(prologue: Base.prologue, psk: $0) }
      + psks.map { Responder.Candidate(prologue: TransportKeys.joinPrologue, psk: $0) }
    for wanted in [0, 7, 19, 20, 39] {
      let alice = HandshakeState(
        role: .initiator, prologue: candidates[wanted].prologue, staticKey: Base.alice,
        psks: [candidates[wanted].psk])
      let message = try alice.writeMessage(try Base.payload(0))
      let found = try #require(Responder.trial(message, staticKey: Base.bob, candidates: candidates))
      #expect(found.index == wanted)
      #expect(found.payload == (try Base.payload(0)))
      _ = try alice.readMessage(try found.handshake.writeMessage([]))
      _ = try found.handshake.readMessage(try alice.writeMessage([]))
      #expect(found.handshake.handshakeHash == alice.handshakeHash)
      #expect(found.handshake.remoteStatic == Base.alice.publicKey)
    }
  }

  @Test("finds nothing for a stranger, for changed bytes, or without candidates")
  func strangers() throws {
    let candidates = [Responder.Candidate(prologue: Base.prologue, psk: Base.psk)]
    try Base.upTo(0) { bytes, _ in
      #expect(Responder.trial(bytes, staticKey: Base.bob, candidates: candidates) != nil)
      #expect(Responder.trial(bytes, staticKey: Base.bob, candidates: []) == nil)
      let other = [Responder.Candidate(prologue: Base.prologue, psk: SecretBytes(random: 32))]
      #expect(Responder.trial(bytes, staticKey: Base.bob, candidates: other) == nil)
      forEachDamage(bytes) { damaged in
        #expect(Responder.trial(damaged, staticKey: Base.bob, candidates: candidates) == nil)
      }
    }
  }
}
