// SPDX-License-Identifier: AGPL-3.0-or-later

import MujawaraCrypto
import SyncEngine
import Testing
import Transport

/// A member who does the handshake right, and then whatever a test wants.
final class Insider {
  let stranger: Stranger
  private let cipher: RecordCipher

  /// Throws where nobody answers the handshake.
  init(_ place: Place, at address: Address) throws {
    stranger = Stranger(at: address)
    let handshake = try Self.handshake(place)
    stranger.say(try handshake.writeMessage(try Self.offer()))
    let answer = try #require(stranger.take(TransportKeys.messageSizes[1]), "the handshake got no answer")
    _ = try handshake.readMessage(answer)
    stranger.say(try handshake.writeMessage(try TransportKeys.packPayload([0xA0], message: 2)))
    cipher = try RecordCipher(handshake)
  }

  /// A handshake that this place begins by the network's key.
  static func handshake(_ place: Place) throws -> HandshakeState {
    let replica = try place.open()
    let epoch = try #require(try replica.currentEpoch(of: .commons))
    let prologue = TransportKeys.prologue(networkID: replica.network.bytes, anchorID: replica.anchorID.bytes)
    return HandshakeState(
      role: .initiator, prologue: prologue, staticKey: place.keys.noise,
      psks: [TransportKeys.groupPSK(epochSecret: epoch.secret)])
  }

  /// The payload of the first message, which offers version 1.
  static func offer() throws -> [UInt8] { try TransportKeys.packPayload([0xA1, 0x01, 0x81, 0x01], message: 0) }

  /// Bytes of frames, in records.
  func say(_ bytes: [UInt8]) throws { stranger.say(try cipher.sealAll(bytes)) }

  /// Whether the other hangs up within the time; what it says meanwhile is dropped.
  func isHungUp(within seconds: Double) -> Bool {
    wait(seconds) {
      stranger.listen(0.01)
      return stranger.isHungUp
    }
  }
}
