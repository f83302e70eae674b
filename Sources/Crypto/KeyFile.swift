// SPDX-License-Identifier: AGPL-3.0-or-later

/// The file `keys` of a replica (protocol.md, section 15): the device's three secrets under a master key,
/// the master key in slots.
public enum KeyFile {
  /// Argon2id passes of a new file.
  public static let defaultOps: UInt64 = 3
  /// Argon2id memory of a new file, bytes.
  public static let defaultMem: UInt64 = 268_435_456

  static let version: UInt64 = 1
  static let maxOps: UInt64 = 16
  static let memRange: ClosedRange<UInt64> = 8_192...2_147_483_648
  private static let boxContext = Array("mjw1.keys".utf8)

  /// Encodes a new key file under a new master key. Without a passphrase the file itself opens everything.
  /// The bytes are for a file that its owner alone reads. Throws `outOfMemory`.
  public static func create(
    keys: DeviceKeys, passphrase: SecretBytes?, ops: UInt64 = defaultOps, mem: UInt64 = defaultMem
  ) throws(CryptoError) -> (bytes: [UInt8], masterKey: SecretBytes) {
    precondition((1...maxOps).contains(ops) && memRange.contains(mem), "KeyFile: ops or mem out of range")
    let masterKey = SecretBytes(random: 32)
    let slot: [UInt8]
    if let passphrase {
      slot = try PassphraseSlot.make(masterKey, passphrase, ops: ops, mem: mem).encoded
    } else {
      slot = [0xa2, 0x01, 0x00, 0x02] + masterKey.withBytes { unsafe StrictCBOR.byteString(Array($0)) }
    }
    let nonce = SecureRandom.bytes(XChaCha.nonceSize)
    let box = XChaCha.seal(
      key: masterKey.derive(2), nonce: nonce, secret: encode(keys), ad: boxContext)
    let bytes =
      [0xa4, 0x01] + StrictCBOR.head(0, version) + [0x02, 0x81] + slot
      + [0x03] + StrictCBOR.byteString(nonce) + [0x04] + StrictCBOR.byteString(box)
    return (bytes, masterKey)
  }

  /// Opens a key file. `passphrase` is asked at most once, and only if no slot opens without; nil says that
  /// there is nobody to ask. Throws `damaged`, `newerVersion`, `passphraseNeeded`, `wrongPassphrase`,
  /// `outOfMemory`, or what `passphrase` throws.
  public static func open(
    _ bytes: [UInt8], passphrase: (() throws -> SecretBytes)?
  ) throws -> (keys: DeviceKeys, masterKey: SecretBytes) {
    let file = try KeyFileContent(decoding: bytes)
    let masterKey = try file.openMasterKey ?? unlock(file.passphraseSlots, passphrase)
    guard
      let secrets = try? XChaCha.openSecret(
        key: masterKey.derive(2), nonce: file.nonce, ciphertext: file.box, ad: boxContext)
    else { throw CryptoError.damaged }
    return (try decode(secrets), masterKey)
  }

  private static func unlock(
    _ slots: [PassphraseSlot], _ passphrase: (() throws -> SecretBytes)?
  ) throws -> SecretBytes {
    guard !slots.isEmpty else { throw CryptoError.damaged }
    guard let passphrase else { throw CryptoError.passphraseNeeded }
    let typed = try passphrase()
    for slot in slots {
      if let masterKey = try slot.open(typed) { return masterKey }
    }
    throw CryptoError.wrongPassphrase
  }

  /// {1: b32, 2: b32, 3: b32}: 106 bytes.
  private static func encode(_ keys: DeviceKeys) -> SecretBytes {
    let secrets = [keys.sign.seed, keys.noise.secret, keys.agree.secret]
    return SecretBytes(count: 106) { out in
      unsafe out[0] = 0xa3
      for (i, secret) in secrets.enumerated() {
        let entry = unsafe out.part(1 + 35 * i..<1 + 35 * (i + 1))
        unsafe entry.copyBytes(from: [UInt8(i + 1), 0x58, 0x20])
        secret.withBytes { unsafe entry.part(3..<35).copyMemory(from: $0) }
      }
    }
  }

  private static func decode(_ secrets: SecretBytes) throws(CryptoError) -> DeviceKeys {
    guard secrets.count == 106 else { throw .damaged }
    let parts = (0..<3).map { secrets.slice(4 + 35 * $0..<4 + 35 * $0 + 32) }
    let keys = DeviceKeys(
      sign: SigningKey(seed: parts[0]), noise: AgreementKey(secret: parts[1]),
      agree: AgreementKey(secret: parts[2]))
    guard encode(keys) == secrets else { throw .damaged }
    return keys
  }
}

/// A decoded key file. Slots of later types are skipped.
private struct KeyFileContent {
  var openMasterKey: SecretBytes?
  var passphraseSlots: [PassphraseSlot] = []
  let nonce: [UInt8]
  let box: [UInt8]

  init(decoding bytes: [UInt8]) throws(CryptoError) {
    do throws(CryptoError) {
      var reader = StrictCBOR(bytes)
      let entries = try reader.map()
      guard try reader.uint() == 1 else { throw .damaged }
      let version = try reader.uint()
      guard version <= KeyFile.version else { throw .newerVersion(version) }
      guard version == KeyFile.version, entries == 4, try reader.uint() == 2 else { throw .damaged }
      var slots: [[UInt8]] = []
      for _ in 0..<(try reader.array()) { slots.append(Array(try reader.skip())) }
      nonce = try reader.entry(3, size: XChaCha.nonceSize)
      guard try reader.uint() == 4 else { throw .damaged }
      box = try reader.byteString()
      try reader.end()
      for slot in slots { try take(slot) }
    } catch {
      if case .newerVersion = error { throw error }
      throw .damaged
    }
  }

  private mutating func take(_ slot: [UInt8]) throws(CryptoError) {
    var reader = StrictCBOR(slot)
    let entries = try reader.map()
    guard try reader.uint() == 1 else { throw .damaged }
    switch try reader.uint() {
    case 0:
      guard entries == 2 else { throw .damaged }
      var key = try reader.entry(2, size: 32)
      openMasterKey = SecretBytes(copying: key)
      key.wipe()
      try reader.end()
    case 1:
      guard entries == 7 else { throw .damaged }
      passphraseSlots.append(try PassphraseSlot(&reader))
      try reader.end()
    default: break
    }
  }
}
