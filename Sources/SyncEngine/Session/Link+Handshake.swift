// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// The three messages, and the silence where they don't fit (protocol.md section 11).
extension Link {
  func begin(_ now: UInt64) {
    clock.phase = now
    do {
      switch role {
      case .answering: phase = .listening
      case .calling(let store, let key):
        let keeper = Doorkeeper(store: store)
        guard let psk = try self.key(key, keeper) else { return leave(.noKey) }
        try call(prologue: keeper.prologue, psk: psk, keys: store.keys)
      case .joining(let code, let keys, _):
        try call(prologue: TransportKeys.joinPrologue, psk: code.psk, keys: keys)
      }
    } catch { leave(.store(error)) }
  }

  private func key(_ key: Key, _ keeper: Doorkeeper) throws -> SecretBytes? {
    switch key {
    case .group: try keeper.groupKey()
    case .device(let device): try keeper.store.membership().devices[device].flatMap(keeper.key(to:))
    }
  }

  private func call(prologue: [UInt8], psk: SecretBytes, keys: DeviceKeys) throws {
    let handshake = HandshakeState(
      role: .initiator, prologue: prologue, staticKey: keys.noise, psks: [psk])
    hand(try handshake.writeMessage(LinkPayloads.first()))
    phase = .calling(handshake)
  }

  func receive(_ bytes: [UInt8], _ now: UInt64) {
    clock.received = now
    switch phase {
    case .idle, .over, .deaf: break
    case .talking: hear(bytes, now)
    case .listening: collect(bytes, 0, now) { try self.hearFirst($0, now) }
    case .calling(let handshake): collect(bytes, 1, now) { try self.hearSecond($0, handshake, now) }
    case .answering(let handshake, let door):
      collect(bytes, 2, now) { try self.hearThird($0, handshake, door, now) }
    }
  }

  /// Gathers one handshake message, lets `take` have it, and goes on with what came after it.
  private func collect(_ bytes: [UInt8], _ message: Int, _ now: UInt64, _ take: ([UInt8]) throws -> Void) {
    let missing = TransportKeys.messageSizes[message] - partial.count
    partial += bytes.prefix(missing)
    guard partial.count == TransportKeys.messageSizes[message] else { return }
    let whole = partial
    partial = []
    clock.phase = now
    do { try take(whole) } catch is CryptoError { refuse(now) } catch { leave(.store(error)) }
    if bytes.count > missing { receive(Array(bytes[missing...]), now) }
  }

  /// Bytes that don't fit: an initiator goes, a responder keeps silent.
  private func refuse(_ now: UInt64) {
    if case .calling = phase { leave(.handshake) } else { turnDeaf(now) }
  }

  private func hearFirst(_ message: [UInt8], _ now: UInt64) throws {
    guard case .answering(let keeper) = role else { return }
    guard let (door, handshake, payload) = try keeper.open(message),
      let version = LinkPayloads.chosen(from: payload)
    else { return turnDeaf(now) }
    self.version = version
    hand(try handshake.writeMessage(LinkPayloads.second(version)))
    phase = .answering(handshake, door)
  }

  private func hearSecond(_ message: [UInt8], _ handshake: HandshakeState, _ now: UInt64) throws {
    let payload = try handshake.readMessage(message)
    guard let version = LinkPayloads.version(from: payload) else { return leave(.newerVersion) }
    self.version = version
    let peer = try remote(handshake)
    if case .calling(let store, .device(let device)) = role {
      guard try store.membership().devices[device]?.card.noiseKey == peer else { return leave(.wrongPeer) }
    }
    hand(try handshake.writeMessage(LinkPayloads.third()))
    switch role {
    case .calling(let store, _): try talk(handshake, now) { session(store, key: $0, peer) }
    case .joining(let code, let keys, let name):
      try talk(handshake, now) { _ in Joiner(card: keys.card, code: code, name: name) }
    case .answering: preconditionFailure("an answering link hears no second message")
    }
  }

  private func hearThird(
    _ message: [UInt8], _ handshake: HandshakeState, _ door: Doorkeeper.Door, _ now: UInt64
  ) throws {
    guard case .answering(let keeper) = role else { return }
    guard LinkPayloads.isThird(try handshake.readMessage(message)) else { return turnDeaf(now) }
    let peer = try remote(handshake)
    switch door {
    case .group: break
    case .device(let device):
      guard try keeper.store.membership().devices[device]?.card.noiseKey == peer else { return turnDeaf(now) }
    case .invitation(let invite):
      return try talk(handshake, now) { _ in
        Admitter(store: keeper.store, invite: invite, peerStatic: peer, version: version)
      }
    }
    try talk(handshake, now) { session(keeper.store, key: $0, peer) }
  }

  private func session(_ store: any SessionStore, key: [UInt8], _ peer: PublicKey) -> Session {
    Session(store: store, key: key, peerStatic: peer, program: program, version: version)
  }

  private func remote(_ handshake: HandshakeState) throws -> PublicKey {
    guard let key = handshake.remoteStatic.flatMap({ PublicKey($0) }) else { throw CryptoError.outOfTurn }
    return key
  }

  private func talk(
    _ handshake: HandshakeState, _ now: UInt64, _ make: ([UInt8]) -> any Conversation
  ) throws {
    let key = TransportKeys.sessionKey(handshakeHash: handshake.handshakeHash)
    cipher = try RecordCipher(handshake)
    conversation = make(key)
    phase = .talking
    clock.useful = now
    effects.append(.progress(.connected))
    apply(conversation!.handle(.start), now)
  }
}
