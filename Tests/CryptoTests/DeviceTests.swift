// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import Testing

@Suite("Devices, cards and keys")
struct DeviceTests {
  @Test("a card, its hash and its ids are those of the second program")
  func vector() throws {
    let vectors = try Vectors.structures()
    let card = try vectors.device().card
    #expect(card.encoded == (try vectors.bytes("card")))
    #expect(card.encoded.count == Card.encodedSize)
    #expect(card.hash == (try vectors.bytes("card_hash")))
    #expect(card.deviceID == (try vectors.bytes("device_id")))
    #expect(card.placeID == (try vectors.bytes("place_id")))
    #expect(card.isValid)
    #expect(try Card(decoding: card.encoded) == card)
  }

  @Test("a card with any byte changed is refused or invalid")
  func flips() throws {
    let card = DeviceKeys.generate().card
    forEachDamage(card.encoded) { damaged in
      let decoded = try? Card(decoding: damaged)
      #expect(decoded?.isValid != true)
    }
    #expect(throws: CryptoError.notCanonical) { try Card(decoding: card.encoded + [0]) }
  }

  @Test("new devices share nothing")
  func generate() {
    let (a, b) = (DeviceKeys.generate(), DeviceKeys.generate())
    let all = [a, b].flatMap { [$0.card.sign, $0.card.noise, $0.card.agree] }
    #expect(Set(all).count == 6)
    #expect(a.card.deviceID != b.card.deviceID && a.card.deviceID != a.card.placeID)
  }

  @Test("a signature holds for its context, message and key alone")
  func signatures() {
    let (key, other) = (SigningKey.generate(), SigningKey.generate())
    let signature = key.sign(context: "mjw1.change.sig", [1, 2, 3])
    func verify(_ context: String, _ message: [UInt8], _ signature: [UInt8], _ publicKey: [UInt8]) -> Bool {
      Signature.verify(context: context, message, signature: signature, publicKey: publicKey)
    }
    #expect(verify("mjw1.change.sig", [1, 2, 3], signature, key.publicKey))
    #expect(!verify("mjw1.card.sig", [1, 2, 3], signature, key.publicKey))
    #expect(!verify("mjw1.change.sig", [1, 2], signature, key.publicKey))
    #expect(!verify("mjw1.change.sig", [1, 2, 3], signature, other.publicKey))
    forEachDamage(signature) { #expect(!verify("mjw1.change.sig", [1, 2, 3], $0, key.publicKey)) }
    forEachDamage(key.publicKey) { #expect(!verify("mjw1.change.sig", [1, 2, 3], signature, $0)) }
  }

  @Test("two sides agree on one secret; points of small order and wrong sizes are refused")
  func agreement() throws {
    let (a, b) = (AgreementKey.generate(), AgreementKey.generate())
    #expect(try a.shared(with: b.publicKey) == b.shared(with: a.publicKey))
    for point in SmallOrder.points {
      #expect(throws: CryptoError.weakKey) { try a.shared(with: point) }
    }
    for size in [0, 31, 33] {
      #expect(throws: CryptoError.wrongSize) { try a.shared(with: [UInt8](repeating: 9, count: size)) }
    }
  }
}

@Suite("Seals")
struct SealTests {
  @Test("open again, as bytes or as a secret; any changed byte is refused")
  func boxes() throws {
    let key = SecretBytes(random: 32)
    let (n24, n12) = (SecureRandom.bytes(24), SecureRandom.bytes(12))
    for count in [0, 1, 16, 100] {
      let plain = SecureRandom.bytes(count)
      let x = XChaCha.seal(key: key, nonce: n24, plaintext: plain, ad: [1])
      let c = ChaCha.seal(key: key, nonce: n12, secret: SecretBytes(copying: plain), ad: [1])
      #expect(x.count == count + 16 && c.count == count + 16)
      #expect(x == XChaCha.seal(key: key, nonce: n24, secret: SecretBytes(copying: plain), ad: [1]))
      #expect(try XChaCha.openSecret(key: key, nonce: n24, ciphertext: x, ad: [1]).array == plain)
      #expect(try ChaCha.open(key: key, nonce: n12, ciphertext: c, ad: [1]) == plain)
      forEachDamage(x) { bad in
        #expect(throws: CryptoError.self) { try XChaCha.open(key: key, nonce: n24, ciphertext: bad, ad: [1]) }
      }
      forEachDamage(c) { bad in
        #expect(throws: CryptoError.self) {
          try ChaCha.openSecret(key: key, nonce: n12, ciphertext: bad, ad: [1])
        }
      }
      #expect(throws: CryptoError.notAuthentic) {
        try XChaCha.open(key: key, nonce: n24, ciphertext: x, ad: [])
      }
      #expect(throws: CryptoError.wrongSize) {
        try XChaCha.open(key: key, nonce: n12, ciphertext: x, ad: [1])
      }
    }
  }
}
