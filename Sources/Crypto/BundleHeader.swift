// SPDX-License-Identifier: AGPL-3.0-or-later
import CSodium

/// What stands before a bundle's stream: salt ‖ 8 slots ‖ com (protocol.md, section 14). It looks random,
/// and one slot, which can't be told from the others, opens with the key of who may read the file.
public enum BundleHeader {
  /// Bytes of salt, slots and commitment.
  public static let size = 704
  private static let slotCount = 8
  private static let slotSize = 80
  private static let zeroNonce = [UInt8](repeating: 0, count: ChaCha.nonceSize)

  /// A new header that `slotKey` (K(ES, 3), or an invitation's file key: 32 bytes) opens, and the key of
  /// the stream that follows.
  public static func make(slotKey: SecretBytes) -> (bytes: [UInt8], streamKey: SecretBytes) {
    let fileKey = SecretBytes(random: 32)
    let salt = SecureRandom.bytes(32)
    let real = Int(SecureRandom.uniform(UInt32(slotCount)))
    let slots = (0..<slotCount).flatMap { index in
      slot(index, salt: salt, key: index == real ? slotKey : SecretBytes(random: 32), fileKey: fileKey)
    }
    let commitment = Hash.keyed("bcom", key: fileKey, salt, slots)
    let streamKey = fileKey.deriveKeyed("bkey", salt, slots, commitment)
    return (salt + slots + commitment, streamKey)
  }

  /// Tries each key on each slot. Returns which one opened and the stream's key; nil if none does, which is
  /// all that a stranger learns. Throws `wrongSize`, or `notAuthentic` if a slot opens and the rest of the
  /// header isn't what its maker wrote.
  public static func open(
    _ header: [UInt8], candidates: [SecretBytes]
  ) throws(CryptoError) -> (index: Int, streamKey: SecretBytes)? {
    guard header.count == size else { throw .wrongSize }
    let parts = Parts(header)
    var isChanged = false
    for (index, candidate) in candidates.enumerated() {
      for slot in 0..<slotCount {
        guard let fileKey = open(slot, parts, candidate) else { continue }
        if parts.matches(fileKey) { return (index, parts.streamKey(fileKey)) }
        isChanged = true
      }
    }
    if isChanged { throw .notAuthentic }
    return nil
  }

  private static func slot(
    _ index: Int, salt: [UInt8], key: SecretBytes, fileKey: SecretBytes
  ) -> [UInt8] {
    let pk = SecureRandom.bytes(32)
    let wrapping = key.deriveKeyed("bslot", salt, [UInt8(index)], pk)
    return pk + ChaCha.seal(key: wrapping, nonce: zeroNonce, secret: fileKey, ad: [])
  }

  private static func open(_ index: Int, _ parts: Parts, _ key: SecretBytes) -> SecretBytes? {
    let slot = Array(parts.slots[index * slotSize..<(index + 1) * slotSize])
    let wrapping = key.deriveKeyed("bslot", parts.salt, [UInt8(index)], Array(slot[..<32]))
    return try? ChaCha.openSecret(
      key: wrapping, nonce: zeroNonce, ciphertext: Array(slot[32...]), ad: [])
  }

  private struct Parts {
    let salt: [UInt8]
    let slots: [UInt8]
    let commitment: [UInt8]

    init(_ header: [UInt8]) {
      salt = Array(header[..<32])
      slots = Array(header[32..<672])
      commitment = Array(header[672...])
    }

    func matches(_ fileKey: SecretBytes) -> Bool {
      let own = Hash.keyed("bcom", key: fileKey, salt, slots)
      return unsafe sodium_memcmp(own, commitment, commitment.count) == 0
    }

    func streamKey(_ fileKey: SecretBytes) -> SecretBytes {
      fileKey.deriveKeyed("bkey", salt, slots, commitment)
    }
  }
}
