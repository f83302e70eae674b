// SPDX-License-Identifier: AGPL-3.0-or-later

/// The chaining key and hash of a running handshake (Noise revision 34, section 5.2).
final class SymmetricState {
  static let hashSize = 64

  private let chainingKey = SecretScratch(hashSize)
  private let cipher: CipherState
  private var hasKey = false
  private(set) var hash = [UInt8](repeating: 0, count: hashSize)

  init() {
    Sodium.initialize()
    let zeros = [UInt8](repeating: 0, count: AEAD.keySize)
    cipher = unsafe zeros.withUnsafeBytes { unsafe CipherState(key: $0) }
  }

  /// InitializeSymmetric: begins anew under a protocol name.
  func start(_ name: String) {
    let bytes = Array(name.utf8)
    hash =
      bytes.count <= Self.hashSize
      ? bytes + [UInt8](repeating: 0, count: Self.hashSize - bytes.count) : Self.hash(bytes, [])
    unsafe hash.withUnsafeBytes { h in chainingKey.withBytes { unsafe $0.copyMemory(from: h) } }
    hasKey = false
  }

  func mixHash(_ bytes: [UInt8]) { hash = Self.hash(hash, bytes) }

  func mixKey(_ input: UnsafeRawBufferPointer) {
    withOutputs(2, input) { out in
      chainingKey.withBytes { unsafe $0.copyMemory(from: out.part(0..<64).readOnly) }
      unsafe cipher.setKey(out.part(64..<96).readOnly)
    }
    hasKey = true
  }

  func mixKeyAndHash(_ input: UnsafeRawBufferPointer) {
    withOutputs(3, input) { out in
      chainingKey.withBytes { unsafe $0.copyMemory(from: out.part(0..<64).readOnly) }
      mixHash(unsafe Array(out.part(64..<128)))
      unsafe cipher.setKey(out.part(128..<160).readOnly)
    }
    hasKey = true
  }

  /// How many bytes encryption adds at this point: none before the first key.
  var overhead: Int { hasKey ? CipherState.overhead : 0 }

  func encryptAndHash(_ plaintext: [UInt8]) throws(CryptoError) -> [UInt8] {
    let sent = hasKey ? try cipher.encrypt(plaintext, ad: hash) : plaintext
    mixHash(sent)
    return sent
  }

  func decryptAndHash(_ received: ArraySlice<UInt8>) throws(CryptoError) -> [UInt8] {
    let plaintext = hasKey ? try cipher.decrypt(received, ad: hash) : Array(received)
    mixHash(Array(received))
    return plaintext
  }

  /// Split: the ciphers of the initiator's and of the responder's direction.
  func split() -> (CipherState, CipherState) {
    unsafe withOutputs(2, UnsafeRawBufferPointer(start: nil, count: 0)) { out in
      unsafe (
        CipherState(key: out.part(0..<32).readOnly), CipherState(key: out.part(64..<96).readOnly)
      )
    }
  }

  @safe
  private func withOutputs<R>(
    _ count: Int, _ input: UnsafeRawBufferPointer, _ body: (UnsafeMutableRawBufferPointer) -> R
  ) -> R {
    withStackSecret(count * HMAC.size) { out in
      chainingKey.withBytes { unsafe HMAC.derive(chainingKey: $0.readOnly, input: input, into: out) }
      return unsafe body(out)
    }
  }

  /// BLAKE2b-512 of both, joined.
  private static func hash(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: hashSize) { out, filled in
      unsafe withStackSecret(HashState.size, alignment: HashState.alignment) { memory in
        let state = unsafe HashState(memory)
        unsafe state.startPlain()
        unsafe a.withUnsafeBytes { unsafe state.update($0) }
        unsafe b.withUnsafeBytes { unsafe state.update($0) }
        unsafe state.finish(into: UnsafeMutableRawBufferPointer(out).part(0..<hashSize))
      }
      filled = hashSize
    }
  }
}
