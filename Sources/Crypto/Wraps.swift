// SPDX-License-Identifier: AGPL-3.0-or-later

/// An epoch's secret, sealed to each of its readers (protocol.md, section 9). Nothing in the bytes tells
/// who they are for, nor exactly how many they are.
public enum Wraps {
  /// Bytes of one wrap.
  public static let wrapSize = 48
  /// The number of wraps is a multiple of this.
  public static let multiple = 8

  /// Which epoch of which network the wraps are of.
  public struct Context: Equatable, Sendable {
    let network: [UInt8]
    let space: [UInt8]
    let epoch: [UInt8]

    /// `network` and `epoch` have 32 bytes, `space` 16.
    public init(network: [UInt8], space: [UInt8], epoch: [UInt8]) throws(CryptoError) {
      guard network.count == 32, space.count == 16, epoch.count == 32 else { throw .wrongSize }
      self.network = network
      self.space = space
      self.epoch = epoch
    }
  }

  /// Wraps the secret for each `agree` key, in random order, among random ones.
  ///
  /// A recipient whose key is of small order (it could open nothing) gets a random wrap: a bad card must
  /// not keep the others from their key. `ephemeral` is given only by tests.
  public static func make(
    secret: SecretBytes, in context: Context, recipients: [[UInt8]], ephemeral: AgreementKey = .generate()
  ) throws(CryptoError) -> (eph: [UInt8], wraps: [UInt8]) {
    var all: [[UInt8]] = []
    for agree in recipients {
      guard agree.count == AgreementKey.size else { throw .wrongSize }
      let shared = try? ephemeral.shared(with: agree)
      all.append(
        shared.map { wrap(secret, $0, context, eph: ephemeral.publicKey, agree: agree) }
          ?? SecureRandom.bytes(wrapSize))
    }
    while all.count % multiple != 0 { all.append(SecureRandom.bytes(wrapSize)) }
    shuffle(&all)
    return (ephemeral.publicKey, all.flatMap { $0 })
  }

  /// The secret, if one of the wraps is for `agree` and is that of the epoch; nil if none is.
  /// Throws `wrongSize` for bytes that aren't wraps, `weakKey` for a bad `eph`.
  public static func open(
    _ wraps: [UInt8], eph: [UInt8], in context: Context, agree: AgreementKey
  ) throws(CryptoError) -> SecretBytes? {
    guard wraps.count % (wrapSize * multiple) == 0 else { throw .wrongSize }
    let key = wrapKey(try agree.shared(with: eph), context, eph: eph, agree: agree.publicKey)
    for start in stride(from: 0, to: wraps.count, by: wrapSize) {
      let box = Array(wraps[start..<start + wrapSize])
      guard opens(box, key, context),
        let secret = try? ChaCha.openSecret(key: key, nonce: zeroNonce, ciphertext: box, ad: context.epoch),
        Epoch.id(network: context.network, space: context.space, secret: secret) == context.epoch
      else { continue }
      return secret
    }
    return nil
  }

  private static let zeroNonce = [UInt8](repeating: 0, count: ChaCha.nonceSize)

  /// Whether the box opens, tried on the stack: guarded memory is made only for the one that does.
  private static func opens(_ box: [UInt8], _ key: SecretBytes, _ context: Context) -> Bool {
    withStackSecret(wrapSize - AEAD.tag) { out in
      key.withBytes { k in
        unsafe box.withUnsafeBytes { b in
          unsafe context.epoch.withUnsafeBytes { ad in
            unsafe zeroNonce.withUnsafeBytes { n in
              unsafe AEAD.chacha.open(b, ad: ad, nonce: n, key: k, into: out.u8)
            }
          }
        }
      }
    }
  }

  private static func wrap(
    _ secret: SecretBytes, _ shared: SecretBytes, _ context: Context, eph: [UInt8], agree: [UInt8]
  ) -> [UInt8] {
    let key = wrapKey(shared, context, eph: eph, agree: agree)
    return ChaCha.seal(key: key, nonce: zeroNonce, secret: secret, ad: context.epoch)
  }

  private static func wrapKey(
    _ shared: SecretBytes, _ context: Context, eph: [UInt8], agree: [UInt8]
  ) -> SecretBytes {
    shared.deriveKeyed("wrap", context.network, context.epoch, eph, agree)
  }

  private static func shuffle(_ all: inout [[UInt8]]) {
    for i in stride(from: all.count - 1, to: 0, by: -1) {
      all.swapAt(i, Int(SecureRandom.uniform(UInt32(i + 1))))
    }
  }
}

/// The sealed part of a key change: who got a wrap, and the secrets of the epochs before
/// (protocol.md, section 9).
public enum KeyChangeSeal {
  /// nonce ‖ box of the padded CBOR. The caller wipes `cbor` (`[UInt8].wipe`).
  public static func seal(
    cbor: [UInt8], in context: Wraps.Context, eph: [UInt8], wraps: [UInt8], epochSecret: SecretBytes,
    nonce: [UInt8] = SecureRandom.bytes(XChaCha.nonceSize)
  ) -> [UInt8] {
    var padded = Padding.pad(cbor)
    defer { padded.wipe() }
    let key = epochSecret.derive(.keyChanges)
    return nonce
      + XChaCha.seal(key: key, nonce: nonce, plaintext: padded, ad: ad(context, eph: eph, wraps: wraps))
  }

  /// The CBOR of a sealed part. Throws `wrongSize`, `notAuthentic` or `badPadding`.
  public static func open(
    _ sealed: [UInt8], in context: Wraps.Context, eph: [UInt8], wraps: [UInt8], epochSecret: SecretBytes
  ) throws(CryptoError) -> SecretBytes {
    guard sealed.count >= XChaCha.nonceSize + AEAD.tag + Padding.least else { throw .wrongSize }
    var padded = try XChaCha.open(
      key: epochSecret.derive(.keyChanges), nonce: Array(sealed[..<XChaCha.nonceSize]),
      ciphertext: Array(sealed[XChaCha.nonceSize...]), ad: ad(context, eph: eph, wraps: wraps))
    defer { padded.wipe() }
    var cbor = try Padding.unpad(padded)
    defer { cbor.wipe() }
    return SecretBytes(copying: cbor)
  }

  private static func ad(_ context: Wraps.Context, eph: [UInt8], wraps: [UInt8]) -> [UInt8] {
    context.epoch + Hash.H("wraps", context.network, context.space, eph, wraps)
  }
}
