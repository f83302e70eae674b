// SPDX-License-Identifier: AGPL-3.0-or-later

import MujawaraCrypto
import SyncEngine

/// Someone at the other end of a link who says what a test wants: a member gone wrong.
final class ManualPeer {
  let link: Link
  private(set) var report: SessionReport?
  /// Bytes that came from the link, all of them.
  private(set) var heard: [UInt8] = []
  private(set) var frames: [Frame] = []
  private(set) var handshakeHash: [UInt8] = []
  private var cipher: RecordCipher?
  private var decoder = FrameDecoder()
  var now: UInt64 = 0

  /// Someone who has called `store`'s replica and says nothing yet.
  init(calling store: any SessionStore) {
    link = .answering(Doorkeeper(store: store), program: "test", now: 0)
    take(link.handle(.start, now: 0))
  }

  init(_ link: Link) {
    self.link = link
    take(link.handle(.start, now: 0))
  }

  /// Goes through the handshake with these keys.
  func shakeHands(prologue: [UInt8], psk: SecretBytes, noise: AgreementKey) throws {
    let handshake = HandshakeState(role: .initiator, prologue: prologue, staticKey: noise, psks: [psk])
    hand(try handshake.writeMessage(try TransportKeys.packPayload([0xa1, 1, 0x81, 1], message: 0)))
    guard heard.count >= 256 else { return }
    _ = try handshake.readMessage(Array(heard.prefix(256)))
    let third = try handshake.writeMessage(try TransportKeys.packPayload([0xa0], message: 2))
    handshakeHash = handshake.handshakeHash
    cipher = try RecordCipher(handshake)
    hand(third)
  }

  /// As a member with the group's key.
  func shakeHands(as store: any SessionStore, noise: AgreementKey? = nil) throws {
    let secret = try store.epochSecrets(of: Space.commons.id(in: store.network))[0]
    try shakeHands(
      prologue: TransportKeys.prologue(networkID: store.network.bytes, anchorID: store.anchorID.bytes),
      psk: TransportKeys.groupPSK(epochSecret: secret), noise: noise ?? store.keys.noise)
  }

  /// Sends bytes as they are.
  func hand(_ bytes: [UInt8]) { take(link.handle(.received(bytes), now: now)) }

  /// Sends bytes of frames in a proper record.
  func say(_ bytes: [UInt8]) throws { hand(try cipher!.sealAll(bytes)) }

  func say(_ frame: Frame) throws { try say(frame.encoded()) }

  func wait(_ milliseconds: UInt64) {
    let end = now + milliseconds
    while now < end && report == nil {
      now += 500
      take(link.handle(.tick, now: now))
    }
  }

  private func take(_ effects: [LinkEffect]) {
    for effect in effects {
      switch effect {
      case .send(let bytes): hear(bytes)
      case .progress: break
      case .finished(let report): self.report = report
      }
    }
  }

  private func hear(_ bytes: [UInt8]) {
    heard += bytes
    _ = link.handle(.sent(bytes.count), now: now)
    guard let cipher else { return }
    try! cipher.feed(bytes) { decoder.feed($0) }
    while let frame = try! decoder.next() { frames.append(frame) }
  }
}
