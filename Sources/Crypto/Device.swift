// SPDX-License-Identifier: AGPL-3.0-or-later

/// A device's three independent key pairs (protocol.md, section 3).
public final class DeviceKeys: Sendable {
  /// Signs changes, cards and receipts.
  public let sign: SigningKey
  /// The static key of the transport's handshake, and nothing else.
  public let noise: AgreementKey
  /// Opens wraps and makes pairwise keys.
  public let agree: AgreementKey
  /// The card that shows the three public keys.
  public let card: Card

  public init(sign: SigningKey, noise: AgreementKey, agree: AgreementKey) {
    self.sign = sign
    self.noise = noise
    self.agree = agree
    card = Card(sign: sign, noise: noise.publicKey, agree: agree.publicKey)
  }

  /// Three new random pairs.
  public static func generate() -> DeviceKeys {
    DeviceKeys(sign: .generate(), noise: .generate(), agree: .generate())
  }
}

/// A device's public keys under its own signature (protocol.md, section 3).
public struct Card: Equatable, Sendable {
  static let context = "mjw1.card.sig"
  /// Bytes of an encoded card.
  public static let encodedSize = 173

  /// Ed25519, 32 bytes.
  public let sign: [UInt8]
  /// X25519 for the transport, 32 bytes.
  public let noise: [UInt8]
  /// X25519 for wraps and pairwise keys, 32 bytes.
  public let agree: [UInt8]
  /// By `sign` over the three, 64 bytes.
  public let signature: [UInt8]

  init(sign key: SigningKey, noise: [UInt8], agree: [UInt8]) {
    sign = key.publicKey
    self.noise = noise
    self.agree = agree
    let signed = Self.signedHash(key.publicKey, noise, agree)
    signature = key.sign(context: Self.context, signed)
  }

  /// Reads `{1: b32, 2: b32, 3: b32, 4: b64}`. Throws `notCanonical` for any other bytes.
  /// It doesn't check the signature: see `isValid`.
  public init(decoding bytes: [UInt8]) throws(CryptoError) {
    var reader = StrictCBOR(bytes)
    guard try reader.map() == 4 else { throw .notCanonical }
    sign = try reader.entry(1, size: 32)
    noise = try reader.entry(2, size: 32)
    agree = try reader.entry(3, size: 32)
    signature = try reader.entry(4, size: 64)
    try reader.end()
  }

  /// The canonical CBOR, 173 bytes.
  public var encoded: [UInt8] {
    Self.keys(0xa4, sign, noise, agree) + [0x04, 0x58, 0x40] + signature
  }

  /// The card hash, 32 bytes.
  public var hash: [UInt8] { Hash.H("card", encoded) }

  /// The id of the device, 16 bytes.
  public var deviceID: [UInt8] { Self.deviceID(sign: sign) }

  /// The id of the place whose first device this is, 16 bytes.
  public var placeID: [UInt8] { Array(Hash.H("place", sign)[..<16]) }

  /// Whether the signature is the device's own.
  public var isValid: Bool {
    Signature.verify(
      context: Self.context, Self.signedHash(sign, noise, agree), signature: signature, publicKey: sign)
  }

  /// The id of the device with this `sign` key, 16 bytes.
  public static func deviceID(sign: [UInt8]) -> [UInt8] { Array(Hash.H("device", sign)[..<16]) }

  private static func signedHash(_ sign: [UInt8], _ noise: [UInt8], _ agree: [UInt8]) -> [UInt8] {
    Hash.H("card", keys(0xa3, sign, noise, agree))
  }

  private static func keys(_ head: UInt8, _ sign: [UInt8], _ noise: [UInt8], _ agree: [UInt8]) -> [UInt8] {
    [head, 0x01, 0x58, 0x20] + sign + [0x02, 0x58, 0x20] + noise + [0x03, 0x58, 0x20] + agree
  }
}
