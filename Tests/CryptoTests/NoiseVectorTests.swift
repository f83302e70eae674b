// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import Testing

@Suite("Noise: public vectors")
struct NoiseVectorTests {
  struct Vector {
    let name: String
    let fields: [String: Any]
    let messages: [[String: String]]

    init(_ fields: [String: Any]) throws {
      name = try #require(fields["protocol_name"] as? String)
      self.fields = fields
      messages = try #require(fields["messages"] as? [[String: String]])
    }

    func bytes(_ key: String) -> [UInt8]? { (fields[key] as? String).map(hex) }
    func key(_ name: String) -> AgreementKey? {
      bytes(name).map { AgreementKey(secret: SecretBytes(copying: $0)) }
    }
    func psks(_ name: String) -> [SecretBytes] { (fields[name] as? [String] ?? []).map(secret) }

    /// "Noise_XXpsk0+psk2_25519_..." as a pattern.
    func pattern() throws -> NoisePattern {
      let part = try #require(name.split(separator: "_").dropFirst().first)
      let base = try #require(NoisePattern.Base(rawValue: String(part.prefix(2))))
      return NoisePattern(base, psks: part.dropFirst(2).compactMap(\.wholeNumberValue))
    }

    func side(_ role: HandshakeState.Role) throws -> HandshakeState {
      let prefix = role == .initiator ? "init" : "resp"
      let pattern = try pattern()
      #expect(pattern.name == name)
      return HandshakeState(
        pattern, role: role, prologue: try #require(bytes("\(prefix)_prologue")),
        staticKey: try #require(key("\(prefix)_static")),
        remoteStatic: role == .initiator ? bytes("init_remote_static") : nil, psks: psks("\(prefix)_psks"),
        ephemeral: key("\(prefix)_ephemeral"))
    }
  }

  static func all() throws -> [Vector] {
    try ["noise_snow.json", "noise_flynn.json"].flatMap { file in
      let root = try #require(try Vectors.json(file) as? [String: Any])
      return try #require(root["vectors"] as? [[String: Any]]).map(Vector.init)
    }
  }

  @Test("all 43 are there, the transport's pattern among them")
  func complete() throws {
    let names = try Self.all().map(\.name)
    #expect(names.count == 43)
    #expect(names.filter { $0 == NoisePattern.transport.name }.count == 4)
    #expect(NoisePattern.transport.name == "Noise_XXpsk0_25519_ChaChaPoly_BLAKE2b")
  }

  @Test("every message of every vector is made and read, byte for byte")
  func replay() throws {
    var replayed = 0
    for vector in try Self.all() {
      try replay(vector)
      replayed += 1
    }
    #expect(replayed == 43)
  }

  private func replay(_ vector: Vector) throws {
    let (alice, bob) = (try vector.side(.initiator), try vector.side(.responder))
    var rest = vector.messages[...]
    while !alice.isFinished, let message = rest.popFirst() {
      let payload = hex(try #require(message["payload"]))
      let (sender, receiver) = alice.isMyTurn ? (alice, bob) : (bob, alice)
      let sent = try sender.writeMessage(payload)
      #expect(sent == hex(try #require(message["ciphertext"])), "\(vector.name)")
      #expect(try receiver.readMessage(sent) == payload)
    }
    #expect(alice.isFinished && bob.isFinished)
    #expect(alice.handshakeHash == vector.bytes("x_handshake_hash_computed_here"), "\(vector.name)")
    #expect(bob.handshakeHash == alice.handshakeHash)
    #expect(bob.remoteStatic == vector.key("init_static")?.publicKey)
    #expect(alice.remoteStatic == vector.key("resp_static")?.publicKey)
    try replayTransport(rest, try alice.split(), try bob.split())
  }

  private func replayTransport(
    _ messages: ArraySlice<[String: String]>, _ alice: (sending: CipherState, receiving: CipherState),
    _ bob: (sending: CipherState, receiving: CipherState)
  ) throws {
    #expect(!messages.isEmpty)
    for message in messages {
      let payload = hex(try #require(message["payload"]))
      let isAlice = message["x_sender"] == "initiator"
      let sent = try (isAlice ? alice : bob).sending.encrypt(payload)
      #expect(sent == hex(try #require(message["ciphertext"])))
      #expect(try (isAlice ? bob : alice).receiving.decrypt(sent) == payload)
    }
  }
}
