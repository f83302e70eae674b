// SPDX-License-Identifier: AGPL-3.0-or-later
import CSodium

/// The system's randomness, through libsodium.
public enum SecureRandom {
  /// `count` random bytes, for public use (nonces, salts, ids). Secrets are made by `SecretBytes(random:)`.
  public static func bytes(_ count: Int) -> [UInt8] {
    Sodium.initialize()
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      if count > 0 { unsafe randombytes_buf(buffer.baseAddress!, count) }
      filled = count
    }
  }

  /// A number from 0 up to, not including, `bound`, without bias; 0 for a bound of 0 or 1.
  public static func uniform(_ bound: UInt32) -> UInt32 {
    Sodium.initialize()
    return randombytes_uniform(bound)
  }
}
