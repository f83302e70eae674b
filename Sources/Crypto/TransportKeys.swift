// SPDX-License-Identifier: AGPL-3.0-or-later

/// Prologues, PSKs and payloads of the transport's handshake (protocol.md, section 11).
public enum TransportKeys {
  /// Bytes of the three handshake messages' payloads.
  public static let payloadSizes = [80, 160, 192]
  /// Bytes of the three handshake messages.
  public static let messageSizes = [128, 256, 256]

  /// The prologue between members. Both ids have 32 bytes.
  public static func prologue(networkID: [UInt8], anchorID: [UInt8]) -> [UInt8] {
    precondition(networkID.count == 32 && anchorID.count == 32, "TransportKeys: ids have 32 bytes")
    return Array("mujawara/1".utf8) + networkID + anchorID
  }

  /// The prologue of a newcomer.
  public static let joinPrologue = Array("mujawara/1 join".utf8)

  /// The PSK of a commons epoch.
  public static func groupPSK(epochSecret: SecretBytes) -> SecretBytes { epochSecret.derive(.groupPSK) }

  /// The PSK of two devices. Throws `wrongSize` or `weakKey` for a bad key of theirs.
  public static func pairwisePSK(
    mine: AgreementKey, theirs: [UInt8], networkID: [UInt8]
  ) throws(CryptoError) -> SecretBytes {
    let isMineLess = mine.publicKey.lexicographicallyPrecedes(theirs)
    let (lesser, greater) = isMineLess ? (mine.publicKey, theirs) : (theirs, mine.publicKey)
    return try mine.shared(with: theirs).deriveKeyed("pairpsk", networkID, lesser, greater)
  }

  /// The session key of a handshake hash, 32 bytes: names of a session are hidden under it.
  public static func sessionKey(handshakeHash: [UInt8]) -> [UInt8] { Hash.H("session", handshakeHash) }

  /// u16be n ‖ n bytes ‖ zero bytes, for the handshake's message 0, 1 or 2. Throws `tooLong`.
  public static func packPayload(_ cbor: [UInt8], message: Int) throws(CryptoError) -> [UInt8] {
    let size = payloadSizes[message]
    guard cbor.count + 2 <= size else { throw .tooLong }
    let packed = [UInt8(cbor.count >> 8), UInt8(cbor.count & 0xff)] + cbor
    return packed + [UInt8](repeating: 0, count: size - packed.count)
  }

  /// The CBOR of a payload. Throws `wrongSize` or `badPadding`.
  public static func unpackPayload(_ payload: [UInt8], message: Int) throws(CryptoError) -> [UInt8] {
    guard payload.count == payloadSizes[message] else { throw .wrongSize }
    let end = 2 + (Int(payload[0]) << 8 | Int(payload[1]))
    guard end <= payload.count, payload[end...].allSatisfy({ $0 == 0 }) else { throw .badPadding }
    return Array(payload[2..<end])
  }
}
