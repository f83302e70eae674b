// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import Testing

@Suite("Sealed changes")
struct ContentTests {
  @Test("ciphertext, its hash and the id are those of the second program")
  func vector() throws {
    let v = try Vectors.structures()
    let (h0, nonce, secret) = (try v.bytes("h0"), try v.bytes("nonce"), try v.secret("epoch_secret"))
    let ct = ContentSeal.seal(body: try v.bytes("body"), h0: h0, nonce: nonce, epochSecret: secret)
    #expect(ct == (try v.bytes("ct")))
    #expect(try ContentSeal.open(ct, h0: h0, nonce: nonce, epochSecret: secret) == v.bytes("body"))
    let ctHash = Hash.H("ct", ct)
    #expect(ctHash == (try v.bytes("ct_hash")))
    let id = Hash.H("change", try v.bytes("network"), [0, 0, UInt8(h0.count >> 8), UInt8(h0.count & 255)], h0, ctHash)
    #expect(id == (try v.bytes("change_id")))
  }

  @Test("bodies of any size come back; their size shows only in steps")
  func roundTrip() throws {
    let (secret, h0) = (Epoch.newSecret(), SecureRandom.bytes(150))
    for count in [0, 1, 62, 63, 64, 300, 65_536, 262_144] {
      let (body, nonce) = (SecureRandom.bytes(count), SecureRandom.bytes(24))
      let ct = ContentSeal.seal(body: body, h0: h0, nonce: nonce, epochSecret: secret)
      #expect(ct.count == Padding.paddedSize(count) + 16)
      #expect(try ContentSeal.open(ct, h0: h0, nonce: nonce, epochSecret: secret) == body)
    }
  }

  @Test("any byte of ciphertext, header or nonce changed, or another epoch: refused")
  func flips() throws {
    let (secret, h0, nonce) = (Epoch.newSecret(), SecureRandom.bytes(80), SecureRandom.bytes(24))
    let ct = ContentSeal.seal(body: [1, 2, 3], h0: h0, nonce: nonce, epochSecret: secret)
    func refuses(_ ct: [UInt8], _ h0: [UInt8], _ nonce: [UInt8], _ secret: SecretBytes) {
      #expect(throws: CryptoError.self) {
        try ContentSeal.open(ct, h0: h0, nonce: nonce, epochSecret: secret)
      }
    }
    forEachDamage(ct) { refuses($0, h0, nonce, secret) }
    forEachDamage(h0) { refuses(ct, $0, nonce, secret) }
    forEachDamage(nonce) { refuses(ct, h0, $0, secret) }
    refuses(ct, h0, nonce, Epoch.newSecret())
  }

  @Test("an authentic ciphertext with padding of its own is refused")
  func foreignPadding() throws {
    let (secret, h0, nonce) = (Epoch.newSecret(), SecureRandom.bytes(80), SecureRandom.bytes(24))
    let key = secret.derive(.content).deriveKeyed("chgkey", nonce, Hash.H("h0", h0))
    for plain in [
      Padding.pad([1]) + [0], [UInt8](repeating: 0, count: 64), [UInt8](repeating: 0x80, count: 65),
    ] {
      let ct = XChaCha.seal(key: key, nonce: nonce, plaintext: plain, ad: h0)
      #expect(throws: CryptoError.badPadding) {
        try ContentSeal.open(ct, h0: h0, nonce: nonce, epochSecret: secret)
      }
    }
    let right = XChaCha.seal(key: key, nonce: nonce, plaintext: Padding.pad([1]), ad: h0)
    #expect(try ContentSeal.open(right, h0: h0, nonce: nonce, epochSecret: secret) == [1])
  }
}
