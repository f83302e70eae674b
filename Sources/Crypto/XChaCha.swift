// SPDX-License-Identifier: AGPL-3.0-or-later

/// XChaCha20-Poly1305-IETF, `xseal` of protocol.md: a 32-byte key, a 24-byte nonce,
/// a 16-byte tag at the end.
public enum XChaCha {
  /// Bytes of a nonce.
  public static let nonceSize = 24
  /// Bytes that a seal adds.
  public static let overhead = 16

  /// Seals a plaintext. The nonce must never be used twice with the same key.
  public static func seal(key: SecretBytes, nonce: [UInt8], plaintext: [UInt8], ad: [UInt8]) -> [UInt8] {
    unsafe plaintext.withUnsafeBytes { unsafe AEAD.xchacha.seal(key: key, nonce: nonce, $0, ad: ad) }
  }

  /// Seals a secret.
  public static func seal(key: SecretBytes, nonce: [UInt8], secret: SecretBytes, ad: [UInt8]) -> [UInt8] {
    secret.withBytes { unsafe AEAD.xchacha.seal(key: key, nonce: nonce, $0, ad: ad) }
  }

  /// Opens a box. Throws `wrongSize` or `notAuthentic`.
  public static func open(
    key: SecretBytes, nonce: [UInt8], ciphertext: [UInt8], ad: [UInt8]
  ) throws(CryptoError) -> [UInt8] {
    try AEAD.xchacha.open(key: key, nonce: nonce, ciphertext, ad: ad)
  }

  /// Opens a box that holds a secret. Throws `wrongSize` or `notAuthentic`.
  public static func openSecret(
    key: SecretBytes, nonce: [UInt8], ciphertext: [UInt8], ad: [UInt8]
  ) throws(CryptoError) -> SecretBytes {
    try AEAD.xchacha.openSecret(key: key, nonce: nonce, ciphertext, ad: ad)
  }
}
