// SPDX-License-Identifier: AGPL-3.0-or-later

/// Sealing the bodies of content changes (protocol.md, section 4, kind 0).
public enum ContentSeal {
  /// Bytes of a change's nonce.
  public static let nonceSize = 24

  /// The ciphertext of a body: padded, sealed under the change's own key, bound to its header.
  /// `h0` is the header's encoding, `nonce` the 24 random bytes that it holds.
  public static func seal(
    body: [UInt8], h0: [UInt8], nonce: [UInt8], epochSecret: SecretBytes
  ) -> [UInt8] {
    precondition(nonce.count == nonceSize, "ContentSeal: a nonce has 24 bytes")
    var box = Padding.pad(body)
    let size = box.count
    box.append(contentsOf: repeatElement(0, count: AEAD.tag))
    withKey(h0, nonce, epochSecret) { key in
      unsafe box.withUnsafeMutableBytes { all in
        unsafe h0.withUnsafeBytes { ad in
          unsafe nonce.withUnsafeBytes { n in
            unsafe AEAD.xchacha.seal(
              UnsafeRawBufferPointer(all.part(0..<size)), ad: ad, nonce: n, key: key, into: all)
          }
        }
      }
    }
    return box
  }

  /// The body of a ciphertext. Throws `wrongSize`, `notAuthentic` or `badPadding`.
  public static func open(
    _ ct: [UInt8], h0: [UInt8], nonce: [UInt8], epochSecret: SecretBytes
  ) throws(CryptoError) -> [UInt8] {
    guard nonce.count == nonceSize, ct.count >= AEAD.tag + Padding.least else { throw .wrongSize }
    var body = ct
    let isAuthentic = withKey(h0, nonce, epochSecret) { key in
      unsafe body.withUnsafeMutableBytes { all in
        unsafe h0.withUnsafeBytes { ad in
          unsafe nonce.withUnsafeBytes { n in
            unsafe AEAD.xchacha.open(all.readOnly, ad: ad, nonce: n, key: key, into: all.u8)
          }
        }
      }
    }
    guard isAuthentic else { throw .notAuthentic }
    body.removeLast(AEAD.tag)
    body.removeSubrange((try Padding.unpaddedCount(body))...)
    return body
  }

  /// HK("chgkey", K(ES, 1), nonce ‖ H("h0", h0), 32), on the stack.
  @safe
  private static func withKey<R>(
    _ h0: [UInt8], _ nonce: [UInt8], _ epochSecret: SecretBytes, _ body: (UnsafeRawBufferPointer) -> R
  ) -> R {
    let bound = Hash.H("h0", h0)
    return withStackSecret(64) { keys in
      let (root, key) = unsafe (keys.part(0..<32), keys.part(32..<64))
      unsafe epochSecret.derive(1, into: root)
      unsafe Hash.digest("chgkey", key: root.readOnly, [nonce, bound], into: key)
      return unsafe body(key.readOnly)
    }
  }
}
