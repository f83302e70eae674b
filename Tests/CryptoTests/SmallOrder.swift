// SPDX-License-Identifier: AGPL-3.0-or-later
@testable import MujawaraCrypto

/// What a dishonest initiator can send: a first message whose ephemeral key is the zero point.
enum SmallOrder {
  static let points = [
    [UInt8](repeating: 0, count: 32),
    [1] + [UInt8](repeating: 0, count: 31),
    hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    hex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    hex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
  ]

  static func zeroMessage(psk: SecretBytes, prologue: [UInt8]) -> [UInt8] {
    let state = SymmetricState()
    state.start(NoisePattern.transport.name)
    state.mixHash(prologue)
    psk.withBytes { state.mixKeyAndHash($0) }
    let zero = points[0]
    state.mixHash(zero)
    zero.withUnsafeBytes { state.mixKey($0) }
    return zero + ((try? state.encryptAndHash([])) ?? [])
  }
}
