// SPDX-License-Identifier: AGPL-3.0-or-later
import CSodium

/// An X25519 key pair.
@safe
public final class AgreementKey: Sendable {
  /// Bytes of a public key and of a secret.
  public static let size = 32
  /// The public key, 32 bytes.
  public let publicKey: [UInt8]
  /// The secret scalar, 32 bytes, as it was made (libsodium clamps it when it is used).
  public let secret: SecretBytes

  /// The pair of a 32-byte secret.
  public init(secret: SecretBytes) {
    precondition(secret.count == Self.size, "AgreementKey: a secret has 32 bytes")
    self.secret = secret
    var pub = [UInt8](repeating: 0, count: Self.size)
    let status = secret.withBytes { unsafe crypto_scalarmult_base(&pub, $0.start) }
    precondition(status == 0, "AgreementKey: no public key")
    publicKey = pub
  }

  /// A new random pair.
  public static func generate() -> AgreementKey { AgreementKey(secret: SecretBytes(random: size)) }

  /// dh(self, their public key). Throws `wrongSize`, or `weakKey` where the result would be all zero.
  public func shared(with theirs: [UInt8]) throws(CryptoError) -> SecretBytes {
    guard theirs.count == Self.size else { throw .wrongSize }
    var status: Int32 = -1
    let result = SecretBytes(count: Self.size) { out in
      secret.withBytes { mine in
        status = unsafe crypto_scalarmult(out.u8, mine.start, theirs)
      }
    }
    guard status == 0, !result.isAllZero else { throw .weakKey }
    return result
  }
}

extension SecretBytes {
  /// Whether every byte is zero, in constant time.
  var isAllZero: Bool { withBytes { unsafe sodium_is_zero($0.start, $0.count) == 1 } }
}
