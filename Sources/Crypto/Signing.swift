// SPDX-License-Identifier: AGPL-3.0-or-later
import CSodium

/// An Ed25519 key pair. Every signature is made under a context: a fixed ASCII string before the message,
/// so that no signature of one purpose passes for another's.
@safe
public final class SigningKey: Sendable {
  /// Bytes of a public key.
  public static let publicSize = 32
  /// The public key, 32 bytes.
  public let publicKey: [UInt8]
  private let secretKey: SecretBytes

  /// The pair of a 32-byte seed.
  public init(seed: SecretBytes) {
    precondition(seed.count == 32, "SigningKey: a seed has 32 bytes")
    var pub = [UInt8](repeating: 0, count: 32)
    secretKey = SecretBytes(count: 64) { secret in
      seed.withBytes { s in
        _ = unsafe crypto_sign_seed_keypair(&pub, secret.u8, s.start)
      }
    }
    publicKey = pub
  }

  /// A new random pair.
  public static func generate() -> SigningKey { SigningKey(seed: SecretBytes(random: 32)) }

  /// The seed that this pair came from, 32 bytes.
  public var seed: SecretBytes { secretKey.slice(0..<32) }

  /// The 64-byte signature over context ‖ message.
  public func sign(context: String, _ message: [UInt8]) -> [UInt8] {
    let signed = Array(context.utf8) + message
    var signature = [UInt8](repeating: 0, count: 64)
    secretKey.withBytes { key in
      _ = unsafe crypto_sign_detached(&signature, nil, signed, UInt64(signed.count), key.start)
    }
    return signature
  }
}

/// Ed25519 signatures, as libsodium 1.0.18 accepts them.
public enum Signature {
  /// Bytes of a signature.
  public static let size = 64

  /// Whether `signature` is one by `publicKey` over context ‖ message. A wrong size is a wrong signature.
  public static func verify(
    context: String, _ message: [UInt8], signature: [UInt8], publicKey: [UInt8]
  ) -> Bool {
    guard signature.count == size, publicKey.count == SigningKey.publicSize else { return false }
    Sodium.initialize()
    let signed = Array(context.utf8) + message
    return unsafe crypto_sign_verify_detached(signature, signed, UInt64(signed.count), publicKey) == 0
  }
}
