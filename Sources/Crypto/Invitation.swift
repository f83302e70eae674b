// SPDX-License-Identifier: AGPL-3.0-or-later

/// An invitation's secret and all that follows from it (protocol.md, section 8).
public struct InvitationCode: Sendable {
  static let context = "mjw1.invite.sig"
  static let version: UInt8 = 1
  static let digitCount = 35
  static let secretSize = 12

  private let secret: SecretBytes
  /// The invite id, 16 bytes.
  public let id: [UInt8]
  /// The invite key, which countersigns the newcomer's card.
  public let signingKey: SigningKey
  /// The PSK of the joining session, 32 bytes.
  public let psk: SecretBytes
  /// The key of request and admission files, 32 bytes.
  public let fileKey: SecretBytes

  /// The invitation of a 12-byte secret.
  public init(secret: SecretBytes) {
    precondition(secret.count == Self.secretSize, "InvitationCode: a secret has 12 bytes")
    self.secret = secret
    let root = SecretBytes(count: 32) { out in
      secret.withBytes { unsafe Hash.digestOne("invite", $0, into: out) }
    }
    id = root.derive(1).withBytes { unsafe Array($0[..<16]) }
    signingKey = SigningKey(seed: root.derive(2))
    psk = root.derive(3)
    fileKey = root.derive(4)
  }

  /// A new invitation.
  public static func generate() -> InvitationCode { InvitationCode(secret: SecretBytes(random: secretSize)) }

  /// Reads a code as a person typed it: decimal digits of any script count, all else is ignored.
  /// Throws `codeWrongLength`, `codeMistyped` or `codeUnknownVersion`.
  public init(parsing text: String) throws(CryptoError) {
    let digits = text.unicodeScalars.compactMap(Self.decimalValue)
    guard digits.count == Self.digitCount else { throw .codeWrongLength(digits.count) }
    let number = digits.reduce(UInt128(0)) { $0 * 10 + UInt128($1) }
    guard number >> 116 == 0 else { throw .codeMistyped }
    let version = UInt8(truncatingIfNeeded: number >> 112)
    let bytes = SecretBytes(count: Self.secretSize) { out in
      for i in 0..<Self.secretSize {
        unsafe out[i] = UInt8(truncatingIfNeeded: number >> UInt128(104 - 8 * i))
      }
    }
    guard Self.check(version, bytes) == UInt16(truncatingIfNeeded: number) else { throw .codeMistyped }
    guard version == Self.version else { throw .codeUnknownVersion(Int(version)) }
    self.init(secret: bytes)
  }

  /// The code for people: 7 groups of 5 digits joined by hyphens. The one secret that this room hands out
  /// as text, because it is made to be read aloud; it goes to the screen and nowhere else.
  public var text: String {
    var number = secret.withBytes { bytes in
      unsafe bytes.reduce(UInt128(Self.version)) { $0 << 8 | UInt128($1) }
    }
    number = number << 16 | UInt128(Self.check(Self.version, secret))
    let plain = String(number)
    let digits = Array(String(repeating: "0", count: Self.digitCount - plain.count) + plain)
    return stride(from: 0, to: Self.digitCount, by: 5).map { String(digits[$0..<$0 + 5]) }
      .joined(separator: "-")
  }

  /// The signature that goes with a newcomer's card, 64 bytes.
  public func countersign(_ card: Card) -> [UInt8] { signingKey.sign(context: Self.context, card.hash) }

  /// Whether `countersign` is by the invite key over the card.
  public static func verifyCountersign(_ countersign: [UInt8], card: Card, inviteKey: [UInt8]) -> Bool {
    Signature.verify(context: context, card.hash, signature: countersign, publicKey: inviteKey)
  }

  /// psk and file key for every reader of commons, so that any of them can answer the newcomer: 104 bytes.
  public func sealed(
    epochSecret: SecretBytes, nonce: [UInt8] = SecureRandom.bytes(XChaCha.nonceSize)
  ) -> [UInt8] {
    let both = SecretBytes(count: 64) { out in
      psk.withBytes { unsafe out.part(0..<32).copyMemory(from: $0) }
      fileKey.withBytes { unsafe out.part(32..<64).copyMemory(from: $0) }
    }
    return nonce + XChaCha.seal(key: epochSecret.derive(.invitations), nonce: nonce, secret: both, ad: id)
  }

  /// Opens what `sealed` made. Throws `wrongSize` or `notAuthentic`.
  public static func open(
    sealed: [UInt8], id: [UInt8], epochSecret: SecretBytes
  ) throws(CryptoError) -> (psk: SecretBytes, fileKey: SecretBytes) {
    guard sealed.count == XChaCha.nonceSize + 64 + AEAD.tag, id.count == 16 else { throw .wrongSize }
    let both = try XChaCha.openSecret(
      key: epochSecret.derive(.invitations), nonce: Array(sealed[..<XChaCha.nonceSize]),
      ciphertext: Array(sealed[XChaCha.nonceSize...]), ad: id)
    return (both.slice(0..<32), both.slice(32..<64))
  }

  private static func decimalValue(_ scalar: Unicode.Scalar) -> Int? {
    guard scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue
    else { return nil }
    return Int(value)
  }

  /// H("code", version ‖ secret)[0..2].
  private static func check(_ version: UInt8, _ secret: SecretBytes) -> UInt16 {
    withStackSecret(1 + secretSize + Hash.size) { memory in
      unsafe memory[0] = version
      secret.withBytes { unsafe memory.part(1..<1 + secretSize).copyMemory(from: $0) }
      let out = unsafe memory.part(1 + secretSize..<memory.count)
      unsafe Hash.digestOne("code", memory.part(0..<1 + secretSize).readOnly, into: out)
      return unsafe UInt16(out[0]) << 8 | UInt16(out[1])
    }
  }
}
