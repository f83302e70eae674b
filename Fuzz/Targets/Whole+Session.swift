// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import SyncEngine

extension FuzzTarget {
  /// The key of every fuzzed session: the names in its frames come of it.
  static let sessionKey = [UInt8](repeating: 3, count: 32)

  /// Frames from `a`, a member who says what it likes, into a session of `b`.
  static func session(_ bytes: [UInt8]) throws -> Bool {
    let place = try FuzzPlace(.b)
    var session = Session(
      store: place.replica, key: sessionKey, peerStatic: Member.a.keys.card.noiseKey, program: "fuzz")
    var sent = sending(session.handle(.start))
    var decoder = FrameDecoder()
    decoder.feed(bytes)
    var count = 0
    do throws(DecodingError) {
      while let (type, payload) = try decoder.nextRaw() {
        let frame = try Frame(type: type, payload: payload)
        sent += sending(session.handle(.frame(frame, size: payload.count)))
        sent += sending(session.handle(.room))
        count += 1
      }
      for _ in 0..<8 { sent += sending(session.handle(.room)) }
      session.abandon(.cut)
    } catch { sent += sending(session.fail(.malformed("\(error)"))) }
    try require(session.isEnded, "a session goes on after its end")
    var heard = FrameDecoder()
    heard.feed(sent)
    do throws(DecodingError) { while try heard.next() != nil {} } catch { throw BrokenLaw("it said what nobody can read") }
    try require(heard.waiting == 0, "it broke off in a frame")
    try place.requireSound()
    return count > 0
  }

  private static func sending(_ effects: [SessionEffect]) -> [UInt8] {
    effects.flatMap { effect -> [UInt8] in
      guard case .send(let bytes) = effect else { return [] }
      return bytes
    }
  }

  /// Bytes into a link, by its first byte before or after the handshake, in each of the roles.
  static func link(_ bytes: [UInt8]) throws -> Bool {
    var input = Input(bytes)
    let role = input.byte()
    let wire = try Wire(role: role % 7)
    let rest = input.remainder()
    let split = role & 0x80 == 0 ? rest.count : rest.count / 2
    try wire.say(Array(rest[..<split]))
    try wire.say(Array(rest[split...]))
    for _ in 0..<4 { wire.wait(60_000) }
    wire.hangUp()
    try require(wire.link.isOver, "a link goes on without its connection")
    try require(wire.ends == 1, "a link ended \(wire.ends) times")
    try wire.place?.requireSound()
    return wire.isThrough
  }
}

/// A link and whoever is at its other end.
private final class Wire {
  let link: Link
  let place: FuzzPlace?
  private(set) var ends = 0
  /// Whether the handshake was gone through, so that what is said is sealed.
  var isThrough: Bool { cipher != nil }
  private var now: UInt64 = 1
  private var heard: [UInt8] = []
  private var cipher: RecordCipher?

  init(role: UInt8) throws {
    let code = InvitationCode(secret: SecretBytes(copying: [UInt8](repeating: 1, count: 12)))
    let newcomer = Self.newcomer
    let random = { (below: UInt32) in below / 2 }
    switch role {
    case 0, 3, 4:
      let place = try FuzzPlace(.a)
      if role == 4 { try Self.invite(code, place.replica) }
      self.place = place
      link = .answering(Doorkeeper(store: place.replica), program: "fuzz", now: 0, random: random)
    case 1, 6:
      let place = try FuzzPlace(.b)
      self.place = place
      link = .calling(place.replica, by: .group, program: "fuzz", now: 0, random: random)
    default:
      place = nil
      link = .joining(code, keys: newcomer, name: "n", program: "fuzz", now: 0, random: random)
    }
    take(link.handle(.start, now: now))
    switch role {
    case 3: try call(prologue: prologue(), psk: groupPSK(), as: Member.b.keys.noise)
    case 4: try call(prologue: TransportKeys.joinPrologue, psk: code.psk, as: newcomer.noise)
    case 5: try answer(prologue: TransportKeys.joinPrologue, psk: code.psk)
    case 6: try answer(prologue: prologue(), psk: groupPSK())
    default: break
    }
  }

  static let newcomer = DeviceKeys(
    sign: SigningKey(seed: SecretBytes(copying: [UInt8](repeating: 11, count: 32))),
    noise: AgreementKey(secret: SecretBytes(copying: [UInt8](repeating: 12, count: 32))),
    agree: AgreementKey(secret: SecretBytes(copying: [UInt8](repeating: 13, count: 32))))

  private static func invite(_ code: InvitationCode, _ replica: Replica) throws {
    guard let epoch = try replica.currentEpoch(of: .commons), let id = InviteID(code.id),
      let key = PublicKey(code.signingKey.publicKey)
    else { throw BrokenLaw("the fixture has no key") }
    _ = try replica.commitGovernance([
      .inviteCreate(
        InviteDescription(
          id: id, key: key, role: 2,
          purpose: InviteDescription.Purpose.place, medium: InviteDescription.Medium.live, epoch: epoch.id,
          sealed: code.sealed(epochSecret: epoch.secret)))
    ])
  }

  private func prologue() throws -> [UInt8] {
    TransportKeys.prologue(networkID: place!.replica.network.bytes, anchorID: place!.replica.anchorID.bytes)
  }

  private func groupPSK() throws -> SecretBytes {
    TransportKeys.groupPSK(epochSecret: try place!.replica.epochSecrets(of: Space.commons.id(in: place!.replica.network))[0])
  }

  private func call(prologue: [UInt8], psk: SecretBytes, as noise: AgreementKey) throws {
    let handshake = HandshakeState(role: .initiator, prologue: prologue, staticKey: noise, psks: [psk])
    hand(try handshake.writeMessage(try TransportKeys.packPayload([0xa1, 1, 0x81, 1], message: 0)))
    _ = try handshake.readMessage(heardMessage(1))
    let third = try handshake.writeMessage(try TransportKeys.packPayload([0xa0], message: 2))
    cipher = try RecordCipher(handshake)
    hand(third)
  }

  private func answer(prologue: [UInt8], psk: SecretBytes) throws {
    let handshake = HandshakeState(
      role: .responder, prologue: prologue, staticKey: Member.a.keys.noise, psks: [psk])
    _ = try handshake.readMessage(heardMessage(0))
    hand(try handshake.writeMessage(try TransportKeys.packPayload([0xa1, 1, 1], message: 1)))
    _ = try handshake.readMessage(heardMessage(2))
    cipher = try RecordCipher(handshake)
  }

  private func heardMessage(_ number: Int) -> [UInt8] {
    let size = TransportKeys.messageSizes[number]
    precondition(heard.count >= size, "the link goes through the handshake with who holds its key")
    defer { heard.removeFirst(size) }
    return Array(heard.prefix(size))
  }

  /// Bytes of frames where the handshake is through, raw ones before.
  func say(_ bytes: [UInt8]) throws {
    guard !bytes.isEmpty else { return }
    hand(try cipher?.sealAll(bytes) ?? bytes)
  }

  private func hand(_ bytes: [UInt8]) { take(link.handle(.received(bytes), now: now)) }

  func wait(_ milliseconds: UInt64) {
    now += milliseconds
    take(link.handle(.tick, now: now))
  }

  func hangUp() { take(link.handle(.ended, now: now)) }

  private func take(_ effects: [LinkEffect]) {
    for effect in effects {
      switch effect {
      case .send(let bytes):
        heard += bytes
        take(link.handle(.sent(bytes.count), now: now))
      case .progress: break
      case .finished: ends += 1
      }
    }
  }
}
