// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import SyncEngine

/// The formats that `MujawaraCrypto` reads.
extension FuzzTarget {
  static let crypto = [
    recoding("card", longest: 256, refusedBy: CryptoError.self) { try Card(decoding: $0).encoded },
    recoding("padding", longest: 1_024, refusedBy: CryptoError.self) { Padding.pad(try Padding.unpad($0)) },
    FuzzTarget("key-file", longest: 1_024, keyFile),
    FuzzTarget("key-file-inside", longest: 256, keyFileInside),
    printing("invitation-code", refusedBy: CryptoError.self, read: Code.init, print: \.code.text),
    FuzzTarget("bundle-header", longest: 1_024) { bytes in
      let key = SecretBytes(copying: [UInt8](repeating: 7, count: 32))
      do { return try BundleHeader.open(bytes, candidates: [key]) != nil } catch is CryptoError { return false }
    },
  ]

  private struct Code: Equatable, Sendable {
    let code: InvitationCode

    init(_ text: String) throws(CryptoError) { code = try InvitationCode(parsing: text) }

    static func == (one: Code, other: Code) -> Bool { one.code.id == other.code.id }
  }

  /// Whatever isn't damaged is CBOR as the engine reads it too: there are two readers of one subset. Nothing
  /// is stretched, for there is no passphrase.
  private static func keyFile(_ bytes: [UInt8]) throws -> Bool {
    do { _ = try KeyFile.open(bytes, passphrase: nil) } catch CryptoError.damaged {
      return false
    } catch CryptoError.newerVersion { return true } catch CryptoError.passphraseNeeded {}
    try require((try? CBOR(decoding: bytes).encoded()) == bytes, "a key file was opened that isn't canonical")
    return true
  }

  /// The bytes are put where the secrets are sealed. What opens seals three keys that encode to them.
  private static func keyFileInside(_ bytes: [UInt8]) throws -> Bool {
    let master = SecretBytes(copying: [UInt8](repeating: 7, count: 32))
    let nonce = [UInt8](repeating: 9, count: XChaCha.nonceSize)
    let box = XChaCha.seal(
      key: master.derive(2), nonce: nonce, plaintext: bytes, ad: Array("mjw1.keys".utf8))
    let slot = CBOR.map([.init(1, .uint(0)), .init(2, .bytes(master.withArray { $0 }))])
    let file = CBOR.map([
      .init(1, .uint(1)), .init(2, .array([slot])), .init(3, .bytes(nonce)), .init(4, .bytes(box)),
    ])
    let keys: DeviceKeys
    do { keys = try KeyFile.open(file.encoded(), passphrase: nil).keys } catch CryptoError.damaged {
      return false
    }
    let secrets = [keys.sign.seed, keys.noise.secret, keys.agree.secret].enumerated()
    let again = CBOR.map(secrets.map { .init(UInt64($0 + 1), .bytes($1.withArray { $0 })) })
    try require(again.encoded() == bytes, "came back as \(again.encoded())")
    return true
  }
}
