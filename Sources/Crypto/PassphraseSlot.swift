// SPDX-License-Identifier: AGPL-3.0-or-later
import CSodium

/// A slot that a passphrase opens.
struct PassphraseSlot {
  static let context = Array("mjw1.slot".utf8)

  let salt: [UInt8]
  let ops: UInt64
  let mem: UInt64
  let nonce: [UInt8]
  let box: [UInt8]
  let commitment: [UInt8]

  static func make(
    _ masterKey: SecretBytes, _ passphrase: SecretBytes, ops: UInt64, mem: UInt64
  ) throws(CryptoError) -> PassphraseSlot {
    let salt = SecureRandom.bytes(16)
    let nonce = SecureRandom.bytes(XChaCha.nonceSize)
    let stretched = try stretch(passphrase, salt, ops: ops, mem: mem)
    let box = XChaCha.seal(key: stretched.slice(0..<32), nonce: nonce, secret: masterKey, ad: context)
    return PassphraseSlot(
      salt: salt, ops: ops, mem: mem, nonce: nonce, box: box, commitment: commitment(stretched))
  }

  private init(
    salt: [UInt8], ops: UInt64, mem: UInt64, nonce: [UInt8], box: [UInt8], commitment: [UInt8]
  ) {
    (self.salt, self.ops, self.mem) = (salt, ops, mem)
    (self.nonce, self.box, self.commitment) = (nonce, box, commitment)
  }

  /// Reads what follows the slot's type.
  init(_ reader: inout StrictCBOR) throws(CryptoError) {
    salt = try reader.entry(2, size: 16)
    guard try reader.uint() == 3 else { throw .damaged }
    ops = try reader.uint()
    guard try reader.uint() == 4 else { throw .damaged }
    mem = try reader.uint()
    guard (1...KeyFile.maxOps).contains(ops), KeyFile.memRange.contains(mem) else { throw .damaged }
    nonce = try reader.entry(5, size: XChaCha.nonceSize)
    box = try reader.entry(6, size: 48)
    commitment = try reader.entry(7, size: 32)
  }

  var encoded: [UInt8] {
    [0xa7, 0x01, 0x01, 0x02] + StrictCBOR.byteString(salt) + [0x03] + StrictCBOR.head(0, ops)
      + [0x04] + StrictCBOR.head(0, mem) + [0x05] + StrictCBOR.byteString(nonce)
      + [0x06] + StrictCBOR.byteString(box) + [0x07] + StrictCBOR.byteString(commitment)
  }

  /// The master key; nil if the passphrase isn't this slot's. Throws `damaged` or `outOfMemory`.
  func open(_ passphrase: SecretBytes) throws(CryptoError) -> SecretBytes? {
    let stretched = try Self.stretch(passphrase, salt, ops: ops, mem: mem)
    let isMine = unsafe sodium_memcmp(Self.commitment(stretched), commitment, commitment.count) == 0
    guard isMine else { return nil }
    guard
      let masterKey = try? XChaCha.openSecret(
        key: stretched.slice(0..<32), nonce: nonce, ciphertext: box, ad: Self.context)
    else { throw .damaged }
    return masterKey
  }

  private static func commitment(_ stretched: SecretBytes) -> [UInt8] {
    stretched.slice(32..<64).withBytes { unsafe Hash.H("slot", raw: $0) }
  }

  /// Argon2id, 64 bytes.
  private static func stretch(
    _ passphrase: SecretBytes, _ salt: [UInt8], ops: UInt64, mem: UInt64
  ) throws(CryptoError) -> SecretBytes {
    var status: Int32 = -1
    let stretched = SecretBytes(count: 64) { out in
      passphrase.withBytes { typed in
        unsafe typed.withMemoryRebound(to: CChar.self) { text in
          status = unsafe crypto_pwhash(
            out.u8, 64, text.baseAddress!, UInt64(text.count), salt, ops, Int(mem),
            crypto_pwhash_ALG_ARGON2ID13)
        }
      }
    }
    guard status == 0 else { throw .outOfMemory }
    return stretched
  }
}
