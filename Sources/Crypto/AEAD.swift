// SPDX-License-Identifier: AGPL-3.0-or-later
import CSodium

/// The two authenticated ciphers over raw memory. Source and target may be the same memory.
enum AEAD {
  case xchacha
  case chacha

  static let tag = 16
  static let keySize = 32

  var nonceSize: Int { self == .xchacha ? 24 : 12 }

  /// Writes message and tag: `out` has 16 bytes more than the message.
  func seal(
    _ message: UnsafeRawBufferPointer, ad: UnsafeRawBufferPointer, nonce: UnsafeRawBufferPointer,
    key: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer
  ) {
    precondition(key.count == Self.keySize && nonce.count == nonceSize, "AEAD: wrong key or nonce size")
    precondition(out.count == message.count + Self.tag, "AEAD: wrong room for the result")
    switch self {
    case .xchacha:
      _ = unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
        out.u8, nil, message.u8, UInt64(message.count), ad.u8, UInt64(ad.count), nil, nonce.start, key.start)
    case .chacha:
      _ = unsafe crypto_aead_chacha20poly1305_ietf_encrypt(
        out.u8, nil, message.u8, UInt64(message.count), ad.u8, UInt64(ad.count), nil, nonce.start, key.start)
    }
  }

  /// Whether the box is authentic; then `out` holds the message. `out` has the message's size.
  func open(
    _ box: UnsafeRawBufferPointer, ad: UnsafeRawBufferPointer, nonce: UnsafeRawBufferPointer,
    key: UnsafeRawBufferPointer, into out: UnsafeMutablePointer<UInt8>?
  ) -> Bool {
    precondition(key.count == Self.keySize && nonce.count == nonceSize, "AEAD: wrong key or nonce size")
    guard box.count >= Self.tag else { return false }
    switch self {
    case .xchacha:
      return unsafe crypto_aead_xchacha20poly1305_ietf_decrypt(
        out, nil, nil, box.start, UInt64(box.count), ad.u8, UInt64(ad.count), nonce.start, key.start) == 0
    case .chacha:
      return unsafe crypto_aead_chacha20poly1305_ietf_decrypt(
        out, nil, nil, box.start, UInt64(box.count), ad.u8, UInt64(ad.count), nonce.start, key.start) == 0
    }
  }
}

extension AEAD {
  func seal(key: SecretBytes, nonce: [UInt8], _ message: UnsafeRawBufferPointer, ad: [UInt8]) -> [UInt8] {
    Sodium.initialize()
    let size = message.count + Self.tag
    return unsafe [UInt8](unsafeUninitializedCapacity: size) { out, filled in
      let room = unsafe UnsafeMutableRawBufferPointer(start: out.baseAddress!, count: size)
      key.withBytes { k in
        unsafe ad.withUnsafeBytes { a in
          unsafe nonce.withUnsafeBytes { n in unsafe seal(message, ad: a, nonce: n, key: k, into: room) }
        }
      }
      filled = size
    }
  }

  func open(key: SecretBytes, nonce: [UInt8], _ box: [UInt8], ad: [UInt8]) throws(CryptoError) -> [UInt8] {
    guard box.count >= Self.tag, nonce.count == nonceSize else { throw .wrongSize }
    let size = box.count - Self.tag
    var isAuthentic = false
    let message = unsafe [UInt8](unsafeUninitializedCapacity: size) { out, filled in
      isAuthentic = unsafe open(key: key, nonce: nonce, box, ad: ad, into: out.baseAddress)
      filled = isAuthentic ? size : 0
    }
    guard isAuthentic else { throw .notAuthentic }
    return message
  }

  func openSecret(
    key: SecretBytes, nonce: [UInt8], _ box: [UInt8], ad: [UInt8]
  ) throws(CryptoError) -> SecretBytes {
    guard box.count >= Self.tag, nonce.count == nonceSize else { throw .wrongSize }
    var isAuthentic = false
    let message = SecretBytes(count: box.count - Self.tag) { out in
      isAuthentic = unsafe open(key: key, nonce: nonce, box, ad: ad, into: out.u8)
    }
    guard isAuthentic else { throw .notAuthentic }
    return message
  }

  private func open(
    key: SecretBytes, nonce: [UInt8], _ box: [UInt8], ad: [UInt8], into out: UnsafeMutablePointer<UInt8>?
  ) -> Bool {
    Sodium.initialize()
    return key.withBytes { k in
      unsafe box.withUnsafeBytes { b in
        unsafe ad.withUnsafeBytes { a in
          unsafe nonce.withUnsafeBytes { n in unsafe open(b, ad: a, nonce: n, key: k, into: out) }
        }
      }
    }
  }
}
