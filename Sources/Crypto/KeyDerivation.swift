// SPDX-License-Identifier: AGPL-3.0-or-later
import CSodium

extension SecretBytes {
  /// K(self, subkey): a 32-byte key (protocol.md, section 1). `self` has 32 bytes.
  public func derive(_ subkey: UInt64) -> SecretBytes {
    SecretBytes(count: 32) { unsafe self.derive(subkey, into: $0) }
  }

  /// HK(label, self, parts joined) as a secret of `count` bytes.
  public func deriveKeyed(_ label: String, _ parts: [UInt8]..., count: Int = 32) -> SecretBytes {
    SecretBytes(count: count) { out in
      withBytes { unsafe Hash.digest(label, key: $0, parts, into: out) }
    }
  }

  func derive(_ subkey: UInt64, into out: UnsafeMutableRawBufferPointer) {
    precondition(count == 32, "K: a key has 32 bytes")
    withBytes { key in
      unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 8) { context in
        _ = unsafe context.initialize(from: "mjw1kdf_".utf8.lazy.map { CChar($0) })
        let status = unsafe crypto_kdf_derive_from_key(
          out.u8, 32, subkey, context.baseAddress!, key.start)
        precondition(status == 0, "K: impossible size")
      }
    }
  }
}
