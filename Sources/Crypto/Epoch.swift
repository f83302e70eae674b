// SPDX-License-Identifier: AGPL-3.0-or-later

/// Group keys (protocol.md, section 9). The secret of an epoch, ES, is 32 random bytes.
public enum Epoch {
  /// What K(ES, i) is for.
  public enum Subkey: UInt64, Sendable {
    case content = 1
    case keyChanges = 2
    case bundles = 3
    case groupPSK = 4
    case invitations = 5
  }

  /// The id of an epoch, 32 bytes. `network` has 32 bytes, `space` 16.
  public static func id(network: [UInt8], space: [UInt8], secret: SecretBytes) -> [UInt8] {
    precondition(network.count == 32 && space.count == 16 && secret.count == 32, "Epoch: wrong sizes")
    return withHashState { state in
      unsafe state.start("epoch", key: UnsafeRawBufferPointer(start: nil, count: 0), count: Hash.size)
      unsafe network.withUnsafeBytes { unsafe state.update($0) }
      unsafe space.withUnsafeBytes { unsafe state.update($0) }
      secret.withBytes { unsafe state.update($0) }
    }
  }

  /// A new epoch's secret.
  public static func newSecret() -> SecretBytes { SecretBytes(random: 32) }

  @safe
  private static func withHashState(_ body: (HashState) -> Void) -> [UInt8] {
    Sodium.initialize()
    return unsafe [UInt8](unsafeUninitializedCapacity: Hash.size) { out, filled in
      unsafe withStackSecret(HashState.size, alignment: HashState.alignment) { memory in
        let state = unsafe HashState(memory)
        unsafe body(state)
        unsafe state.finish(into: UnsafeMutableRawBufferPointer(out).part(0..<Hash.size))
      }
      filled = Hash.size
    }
  }
}

extension SecretBytes {
  /// The subkey of an epoch's secret for one purpose.
  public func derive(_ subkey: Epoch.Subkey) -> SecretBytes { derive(subkey.rawValue) }
}
