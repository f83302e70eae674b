import Testing

// SPDX-License-Identifier: AGPL-3.0-or-later
@testable import MujawaraCrypto

@Suite("Known answers of public documents")
struct KnownAnswerTests {
  @Test("Ed25519: RFC 8032, section 7.1, tests 1 and 2")
  func ed25519() {
    let cases = [
      (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        """
        e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b
        d25bf5f0595bbe24655141438e7a100b
        """
      ),
      (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        """
        92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c
        387b2eaeb4302aeeb00d291612bb0c00
        """
      ),
    ]
    for (seed, publicKey, message, signature) in cases {
      let key = SigningKey(seed: secret(seed))
      #expect(key.publicKey == hex(publicKey))
      #expect(key.sign(context: "", hex(message)) == hex(signature))
      #expect(
        Signature.verify(context: "", hex(message), signature: hex(signature), publicKey: hex(publicKey)))
      #expect(key.seed == secret(seed))
    }
  }

  @Test("X25519: RFC 7748, section 5.2, first vector and 1,000 rounds")
  func x25519() throws {
    let first = AgreementKey(
      secret: secret("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"))
    let shared = try first.shared(
      with: hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"))
    #expect(shared == secret("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"))
    let nine = [9] + [UInt8](repeating: 0, count: 31)
    var (k, u) = (nine, nine)
    for round in 1...1_000 {
      let next = try AgreementKey(secret: SecretBytes(copying: k)).shared(with: u).array
      (k, u) = (next, k)
      if round == 1 { #expect(k == hex("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079")) }
    }
    #expect(k == hex("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"))
  }

  static let sunscreen = Array(
    ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
      + "sunscreen would be it.").utf8)
  static let ad = hex("50515253c0c1c2c3c4c5c6c7")
  static let key = SecretBytes(copying: Array(0x80...0x9f))

  @Test("XChaCha20-Poly1305: draft-irtf-cfrg-xchacha, appendix A.3.1")
  func xchacha() throws {
    let box = hex(
      """
      bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39
      ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9
      21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49
      """)
    let nonce = Array(UInt8(0x40)...0x57)
    #expect(XChaCha.seal(key: Self.key, nonce: nonce, plaintext: Self.sunscreen, ad: Self.ad) == box)
    #expect(try XChaCha.open(key: Self.key, nonce: nonce, ciphertext: box, ad: Self.ad) == Self.sunscreen)
  }

  @Test("ChaCha20-Poly1305: RFC 8439, section 2.8.2")
  func chacha() throws {
    let box = hex(
      """
      d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b
      1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc
      3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691
      """)
    let nonce = hex("070000004041424344454647")
    #expect(ChaCha.seal(key: Self.key, nonce: nonce, plaintext: Self.sunscreen, ad: Self.ad) == box)
    #expect(try ChaCha.open(key: Self.key, nonce: nonce, ciphertext: box, ad: Self.ad) == Self.sunscreen)
  }

  @Test("HMAC-BLAKE2b with a 128-byte block, as Python's hmac gives it")
  func hmac() {
    let cases: [([UInt8], [UInt8], String)] = [
      (
        [], [],
        """
        198cd2006f66ff83fbbd913f78aca2251caf4f19fe9475aade8cf2091b99a684
        66775177424f58286886cbae8229644cec747237d4b721735485e17372fdf59c
        """
      ),
      (
        Array("key".utf8), Array("The quick brown fox jumps over the lazy dog".utf8),
        """
        92294f92c0dfb9b00ec9ae8bd94d7e7d8a036b885a499f149dfe2fd2199394aa
        af6b8894a1730cccb2cd050f9bcf5062a38b51b0dab33207f8ef35ae2c9df51b
        """
      ),
      (
        Array(0..<64), Array(0..<200),
        """
        1946eada75baf91211d29fddc60f4d1114824763b4dd0be397b379b17136839d
        11948cc1f5603b91457899d411287443d95410385c027e04c3c42478c4e2eec7
        """
      ),
      (
        [UInt8](repeating: 0xaa, count: 128), [UInt8](repeating: 0x78, count: 128),
        """
        1b9c74aafb6ac43a4861a5b52b83bb5ef969427906e76d38febef3162f37559e
        51dbbdae1cfa7cc6b82177195c3ec06c4f5a53364f17d9a9c933bb228d623bff
        """
      ),
    ]
    for (key, message, expected) in cases {
      for cut in [0, message.count / 3, message.count] {
        #expect(Self.hmac(key, Array(message[..<cut]), Array(message[cut...])) == hex(expected))
      }
    }
  }

  private static func hmac(_ key: [UInt8], _ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: 64)
    out.withUnsafeMutableBytes { o in
      key.withUnsafeBytes { k in
        a.withUnsafeBytes { x in b.withUnsafeBytes { y in HMAC.blake2b(key: k, x, y, into: o) } }
      }
    }
    return out
  }

  @Test("H, HK and K, as Python's hashlib gives them")
  func hashes() {
    #expect(Hash.H("x", []) == hex("09d6bcecb3407262c82916d60de1e22292943803aeb33ecaa758e038da089e04"))
    #expect(
      Hash.H("convergence", Array(0...255))
        == hex("f30a127dd7204781c7a38915ea889da9ba423dc05a26376f31024d88c5ed7521"))
    let key = [UInt8](0..<64)
    #expect(Hash.keyed("hello", key: key, Array("abc".utf8), count: 8) == hex("050f1cd180a9cf0c"))
    let parts = Hash.keyed("hello", key: SecretBytes(copying: key), [0x61], [0x62, 0x63], count: 8)
    #expect(parts == hex("050f1cd180a9cf0c"))
    #expect(
      SecretBytes(copying: Array(0..<32)).derive(7)
        == secret("b7c7b9abc93d68a5b3c51ff9da6aaec7557dd7db4b0d34b6983e251094a4a727"))
  }
}
