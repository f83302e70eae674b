// SPDX-License-Identifier: AGPL-3.0-or-later

/// A key and a counter (Noise revision 34, section 5.1), with ChaCha20-Poly1305. One direction of a session.
@safe
public final class CipherState {
  /// Bytes that encryption adds.
  public static let overhead = 16
  /// The counter that REKEY uses and no message may.
  private static let lastNonce = UInt64.max

  private let key = SecretScratch(AEAD.keySize)
  /// The number of messages so far.
  public private(set) var count: UInt64 = 0

  init(key bytes: UnsafeRawBufferPointer) { unsafe setKey(bytes) }

  func setKey(_ bytes: UnsafeRawBufferPointer) {
    key.withBytes { unsafe $0.copyMemory(from: bytes) }
    count = 0
  }

  /// Encrypts and counts on. Throws `tooLong` when the counter is used up.
  public func encrypt(_ plaintext: [UInt8], ad: [UInt8] = []) throws(CryptoError) -> [UInt8] {
    try checkCount()
    let size = plaintext.count + Self.overhead
    let box = unsafe [UInt8](unsafeUninitializedCapacity: size) { out, filled in
      let room = unsafe UnsafeMutableRawBufferPointer(start: out.baseAddress!, count: size)
      unsafe plaintext.withUnsafeBytes { m in
        unsafe ad.withUnsafeBytes { a in unsafe seal(m, ad: a, nonce: count, into: room) }
      }
      filled = size
    }
    count += 1
    return box
  }

  /// Decrypts and counts on; the counter stays where it is if the box isn't authentic.
  /// Throws `notAuthentic` or `tooLong`.
  public func decrypt(_ box: [UInt8], ad: [UInt8] = []) throws(CryptoError) -> [UInt8] {
    try decrypt(box[...], ad: ad)
  }

  func decrypt(_ box: ArraySlice<UInt8>, ad: [UInt8] = []) throws(CryptoError) -> [UInt8] {
    guard box.count >= Self.overhead else { throw .notAuthentic }
    try checkCount()
    let size = box.count - Self.overhead
    var isAuthentic = false
    let message = unsafe [UInt8](unsafeUninitializedCapacity: size) { out, filled in
      isAuthentic = unsafe box.withUnsafeBytes { b in
        unsafe ad.withUnsafeBytes { a in unsafe open(b, ad: a, into: out.baseAddress) }
      }
      filled = isAuthentic ? size : 0
    }
    guard isAuthentic else { throw .notAuthentic }
    count += 1
    return message
  }

  /// REKEY(): the next key is made from this one, which is forgotten. The counter goes on.
  public func rekey() {
    withStackSecret(AEAD.keySize + AEAD.tag) { box in
      unsafe box.initializeMemory(as: UInt8.self, repeating: 0)
      let zeros = unsafe box.part(0..<AEAD.keySize)
      unsafe seal(
        zeros.readOnly, ad: UnsafeRawBufferPointer(start: nil, count: 0), nonce: Self.lastNonce, into: box)
      key.withBytes { unsafe $0.copyMemory(from: zeros.readOnly) }
    }
  }

  private func checkCount() throws(CryptoError) {
    guard count < Self.lastNonce else { throw .tooLong }
  }

  private func seal(
    _ message: UnsafeRawBufferPointer, ad: UnsafeRawBufferPointer, nonce: UInt64,
    into out: UnsafeMutableRawBufferPointer
  ) {
    withNonce(nonce) { n in
      key.withBytes { k in
        unsafe AEAD.chacha.seal(message, ad: ad, nonce: n, key: k.readOnly, into: out)
      }
    }
  }

  private func open(
    _ box: UnsafeRawBufferPointer, ad: UnsafeRawBufferPointer, into out: UnsafeMutablePointer<UInt8>?
  ) -> Bool {
    withNonce(count) { n in
      key.withBytes { k in unsafe AEAD.chacha.open(box, ad: ad, nonce: n, key: k.readOnly, into: out) }
    }
  }

  /// Four zero bytes, then the counter in little-endian.
  @safe
  private func withNonce<R>(_ number: UInt64, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    withStackSecret(12) { nonce in
      unsafe nonce.storeBytes(of: 0, as: UInt32.self)
      unsafe nonce.storeBytes(of: number.littleEndian, toByteOffset: 4, as: UInt64.self)
      return unsafe body(nonce.readOnly)
    }
  }
}
