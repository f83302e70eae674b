import Testing

// SPDX-License-Identifier: AGPL-3.0-or-later
@testable import MujawaraCrypto

@Suite("Records of a session")
struct RecordTests {
  /// Two sides of one session; the same keys for the same seed.
  static func pair(seed: UInt8 = 7) throws -> (RecordCipher, RecordCipher) {
    let ciphers = try raw(seed: seed)
    return (
      RecordCipher(sending: ciphers.0.sending, receiving: ciphers.0.receiving),
      RecordCipher(sending: ciphers.1.sending, receiving: ciphers.1.receiving)
    )
  }

  typealias Directions = (sending: CipherState, receiving: CipherState)

  static func raw(seed: UInt8 = 7) throws -> (Directions, Directions) {
    func key(_ i: UInt8) -> AgreementKey {
      AgreementKey(secret: SecretBytes(copying: [UInt8](repeating: seed &+ i, count: 32)))
    }
    let psk = SecretBytes(copying: [UInt8](repeating: seed, count: 32))
    let a = HandshakeState(role: .initiator, prologue: [], staticKey: key(1), psks: [psk], ephemeral: key(2))
    let b = HandshakeState(role: .responder, prologue: [], staticKey: key(3), psks: [psk], ephemeral: key(4))
    _ = try b.readMessage(try a.writeMessage([]))
    _ = try a.readMessage(try b.writeMessage([]))
    _ = try b.readMessage(try a.writeMessage([]))
    return (try a.split(), try b.split())
  }

  @Test("go both ways, in pieces of any size, and never more than one is held")
  func pieces() throws {
    let (alice, bob) = try Self.pair()
    var random = SplitMix64(state: 3)
    let sizes = [1, 2, 17, 64_999, 65_000] + (0..<40).map { _ in Int.random(in: 1...3_000, using: &random) }
    let plain = sizes.map { random.bytes($0) }
    let stream = try plain.flatMap { try alice.seal($0) }
    #expect(stream.count == sizes.reduce(0, +) + sizes.count * RecordCipher.overhead)
    var (got, at) = ([[UInt8]](), 0)
    while at < stream.count {
      let end = min(stream.count, at + Int.random(in: 1...20_000, using: &random))
      try bob.feed(Array(stream[at..<end])) { got.append($0) }
      #expect(bob.buffered < RecordCipher.limit + 16)
      at = end
    }
    #expect(got == plain)
    var back: [[UInt8]] = []
    try alice.feed(try bob.sealAll([UInt8](repeating: 5, count: 150_000))) { back.append($0) }
    #expect(back.map(\.count) == [65_000, 65_000, 20_000])
  }

  @Test("byte by byte")
  func byteByByte() throws {
    let (alice, bob) = try Self.pair()
    var got: [[UInt8]] = []
    for byte in try alice.seal([1, 2, 3]) + alice.seal([4]) { try bob.feed([byte]) { got.append($0) } }
    #expect(got == [[1, 2, 3], [4]])
  }

  @Test("each byte counts, and a session that met a bad one is over")
  func flips() throws {
    let size = 40 + RecordCipher.overhead
    for index in 0..<size {
      let (alice, bob) = try Self.pair()
      let record = try alice.seal([UInt8](repeating: 9, count: 40))
      #expect(record.count == size)
      #expect(throws: CryptoError.notAuthentic) { try bob.feed(flipped(record, at: index)) { _ in } }
      #expect(throws: CryptoError.outOfTurn) { try bob.feed(record) { _ in } }
    }
  }

  @Test("left out, repeated or exchanged records are refused, and so is the other direction's")
  func order() throws {
    let (alice, bob) = try Self.pair()
    let records = try [[1], [2], [3]].map { try alice.seal($0) }
    for wrong in [[1], [0, 0], [0, 2], [1, 0]] {
      let fresh = try Self.pair().1
      #expect(throws: CryptoError.notAuthentic) {
        for index in wrong { try fresh.feed(records[index]) { _ in } }
      }
    }
    #expect(throws: CryptoError.notAuthentic) { try alice.feed(records[0]) { _ in } }
    var got: [UInt8] = []
    try bob.feed(records.flatMap { $0 }) { got += $0 }
    #expect(got == [1, 2, 3])
  }

  @Test("carry 1 to 65,000 bytes, whatever an authentic length says")
  func lengths() throws {
    let (alice, _) = try Self.pair()
    #expect(throws: CryptoError.wrongSize) { try alice.seal([]) }
    #expect(throws: CryptoError.wrongSize) { try alice.seal([UInt8](repeating: 0, count: 65_001)) }
    for length in [0, 65_001, 65_535] {
      let (raw, other) = try Self.raw()
      let bob = RecordCipher(sending: other.sending, receiving: other.receiving)
      let sealed = try raw.sending.encrypt([UInt8(length >> 8), UInt8(length & 0xff)])
      #expect(throws: CryptoError.wrongSize) { try bob.feed(sealed) { _ in } }
    }
  }

  @Test("a new key after each 4,096, each direction by itself")
  func rekey() throws {
    let (alice, bob) = try Self.pair()
    let (byHand, withoutRekey) = (try Self.raw().0.sending, try Self.raw().0.sending)
    for index in 0..<(2 * 4_096 + 3) {
      let record = try alice.seal([UInt8(index & 0xff)])
      if index % 4_096 == 0 && index > 0 { byHand.rekey() }
      let expected = try byHand.encrypt([0, 1]) + byHand.encrypt([UInt8(index & 0xff)])
      #expect(record == expected)
      let old = try withoutRekey.encrypt([0, 1]) + withoutRekey.encrypt([UInt8(index & 0xff)])
      #expect((old == record) == (index < 4_096))
      var got: [UInt8] = []
      try bob.feed(record) { got += $0 }
      #expect(got == [UInt8(index & 0xff)])
    }
    var answer: [UInt8] = []
    try alice.feed(try bob.seal([42])) { answer += $0 }
    #expect(answer == [42])
  }

  @Test("REKEY is what Noise says: the first 32 bytes of zeros encrypted under the last nonce")
  func rekeyDefinition() throws {
    let key = SecretBytes(random: 32)
    let cipher = key.withBytes { CipherState(key: $0) }
    _ = try cipher.encrypt([1])
    cipher.rekey()
    let last = [UInt8](repeating: 0, count: 4) + [UInt8](repeating: 0xff, count: 8)
    let sealed = ChaCha.seal(key: key, nonce: last, plaintext: [UInt8](repeating: 0, count: 32), ad: [])
    let next = SecretBytes(copying: Array(sealed[..<32]))
    let nonce: [UInt8] = [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    #expect(try cipher.encrypt([2, 3]) == ChaCha.seal(key: next, nonce: nonce, plaintext: [2, 3], ad: []))
    #expect(cipher.count == 2)
  }

  @Test("random bytes are refused and don't crash")
  func noise() throws {
    var random = SplitMix64(state: 5)
    for count in 18..<300 {
      let bob = try Self.pair().1
      #expect(throws: CryptoError.notAuthentic) { try bob.feed(random.bytes(count)) { _ in } }
    }
  }
}
