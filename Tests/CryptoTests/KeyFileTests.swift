// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import Testing

@Suite("Key files")
struct KeyFileTests {
  struct Asked: Error {}

  static let passphrase = SecretBytes(copying: Array("correct horse".utf8))
  static let mem: UInt64 = 8_388_608

  static func protected() throws -> (keys: DeviceKeys, bytes: [UInt8], masterKey: SecretBytes) {
    let keys = DeviceKeys.generate()
    let made = try KeyFile.create(keys: keys, passphrase: passphrase, ops: 1, mem: mem)
    return (keys, made.bytes, made.masterKey)
  }

  static func same(_ a: DeviceKeys, _ b: DeviceKeys) -> Bool {
    a.sign.seed == b.sign.seed && a.noise.secret == b.noise.secret && a.agree.secret == b.agree.secret
      && a.card == b.card
  }

  @Test("files of the second program open: without a passphrase, and with a slot of a later type beside")
  func vectors() throws {
    let v = try Vectors.structures()
    let device = try v.device()
    let plain = try KeyFile.open(try v.bytes("keyfile_plain"), passphrase: nil)
    #expect(plain.masterKey == (try v.secret("master_key")) && Self.same(plain.keys, device))
    let slot = try KeyFile.open(try v.bytes("keyfile_slot")) { try v.secret("passphrase") }
    #expect(slot.masterKey == (try v.secret("master_key")) && Self.same(slot.keys, device))
    #expect(throws: CryptoError.newerVersion(2)) {
      try KeyFile.open(try v.bytes("keyfile_v2"), passphrase: nil)
    }
  }

  @Test("without a passphrase: opens by itself and asks nobody")
  func open() throws {
    let keys = DeviceKeys.generate()
    let (bytes, masterKey) = try KeyFile.create(keys: keys, passphrase: nil)
    let opened = try KeyFile.open(bytes) { throw Asked() }
    #expect(Self.same(opened.keys, keys) && opened.masterKey == masterKey)
  }

  @Test("with a passphrase: opens with it alone, asking once")
  func passphrase() throws {
    let (keys, bytes, masterKey) = try Self.protected()
    var asked = 0
    let opened = try KeyFile.open(bytes) {
      asked += 1
      return Self.passphrase
    }
    #expect(Self.same(opened.keys, keys) && opened.masterKey == masterKey && asked == 1)
    #expect(throws: CryptoError.wrongPassphrase) {
      try KeyFile.open(bytes) { SecretBytes(copying: Array("correct horsf".utf8)) }
    }
    #expect(throws: CryptoError.wrongPassphrase) { try KeyFile.open(bytes) { SecretBytes(copying: []) } }
    #expect(throws: CryptoError.passphraseNeeded) { try KeyFile.open(bytes, passphrase: nil) }
    #expect(throws: Asked.self) { try KeyFile.open(bytes) { throw Asked() } }
  }

  @Test("two files of the same keys and passphrase share no secret and no salt")
  func fresh() throws {
    let keys = DeviceKeys.generate()
    let files = try (0..<2).map { _ in
      try KeyFile.create(keys: keys, passphrase: Self.passphrase, ops: 1, mem: Self.mem)
    }
    #expect(files[0].masterKey != files[1].masterKey)
    let secrets = [keys.sign.seed, keys.noise.secret, keys.agree.secret, files[0].masterKey]
    for secret in secrets { #expect(!files[0].bytes.contains(secret.array)) }
  }

  @Test("each byte of a file without passphrase counts")
  func plainFlips() throws {
    let (bytes, _) = try KeyFile.create(keys: .generate(), passphrase: nil)
    forEachDamage(bytes) { bad in #expect(throws: CryptoError.self) { try KeyFile.open(bad, passphrase: nil) }
    }
    #expect(throws: CryptoError.damaged) { try KeyFile.open(bytes + [0], passphrase: nil) }
  }

  /// Argon2 counts its memory in KiB: the last ten bits of `mem` have no effect, and nothing else is so.
  @Test("each byte of a file with passphrase counts, but the part of mem below 1 KiB")
  func protectedFlips() throws {
    let made = try KeyFile.create(keys: .generate(), passphrase: Self.passphrase, ops: 1, mem: 1 << 20)
    let mem = try #require(Self.offset(of: [0x04, 0x1a, 0x00, 0x10, 0x00, 0x00], in: made.bytes))
    var opened: Set<Int> = []
    for index in made.bytes.indices {
      for mask in [UInt8(0x01), 0x80] {
        let bad = flipped(made.bytes, at: index, mask: mask)
        if (try? KeyFile.open(bad) { Self.passphrase }) != nil { opened.insert(index) }
      }
      let cut = Array(made.bytes[..<index])
      #expect(throws: CryptoError.damaged) { try KeyFile.open(cut) { throw Asked() } }
    }
    #expect(opened == [mem + 4, mem + 5])
  }

  static func offset(of part: [UInt8], in bytes: [UInt8]) -> Int? {
    bytes.indices.first { bytes[$0...].starts(with: part) }
  }

  @Test("work beyond the reader's limits is refused before it is done")
  func limits() throws {
    let (_, bytes, _) = try Self.protected()
    let at = try #require(Self.offset(of: [0x04, 0x1a, 0x00, 0x80, 0x00, 0x00], in: bytes))
    for value: [UInt8] in [
      [0x1a, 0x80, 0, 0, 1], [0x1b, 0, 0, 0, 1, 0, 0, 0, 0], [0x19, 0x1f, 0xff], [0x00],
    ] {
      let changed = Array(bytes[...at]) + value + bytes[(at + 6)...]
      #expect(throws: CryptoError.damaged) { try KeyFile.open(changed) { throw Asked() } }
    }
    #expect(bytes[at - 1] == 1)
    for ops in [UInt8(0), 17] {
      var changed = bytes
      changed[at - 1] = ops
      #expect(throws: CryptoError.damaged) { try KeyFile.open(changed) { throw Asked() } }
    }
  }

  @Test("random bytes, and random items of CBOR, are refused and don't crash")
  func noise() {
    var random = SplitMix64(state: 9)
    for count in 0..<500 {
      for start: [UInt8] in [[], [0xa4, 1, 1, 2], [0xa4, 1, 1, 2, 0x81, 0xa2, 1], [0xa4, 1, 1, 2, 0x9b]] {
        let bytes = start + random.bytes(count)
        #expect(throws: CryptoError.self) { try KeyFile.open(bytes, passphrase: nil) }
      }
    }
    let nested = [0xa4, 1, 1, 2] + [UInt8](repeating: 0x81, count: 100_000)
    #expect(throws: CryptoError.damaged) { try KeyFile.open(nested, passphrase: nil) }
  }
}
