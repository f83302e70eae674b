// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// An audience: who reads it and who may write in it follows from governance (protocol.md, section 3).
public enum Space: Hashable, Sendable {
  /// The signed DAG that says who belongs; every present device reads it.
  case governance
  /// What all places share.
  case commons
  /// What the devices of one place share.
  case place(PlaceID)

  /// The space's name on the wire.
  public func id(in network: NetworkID) -> SpaceID {
    switch self {
    case .governance: .zero
    case .commons: derived(network.bytes + [1])
    case .place(let place): derived(network.bytes + [2] + place.bytes)
    }
  }

  private func derived(_ bytes: [UInt8]) -> SpaceID { ID16(hashing: "space", bytes) }
}

extension ID16 {
  /// The first 16 bytes of H(label, bytes).
  init(hashing label: String, _ bytes: [UInt8]) {
    self.init(Hash.H(label, bytes), at: 0)
  }

  /// The device whose signing key this is (protocol.md, section 3).
  public static func device(signing key: PublicKey) -> DeviceID { DeviceID(hashing: "device", key.bytes) }

  /// The place whose first device has this signing key (protocol.md, section 3).
  public static func place(foundedBy key: PublicKey) -> PlaceID { PlaceID(hashing: "place", key.bytes) }
}

extension ID32 {
  /// The network that begins with this genesis change (protocol.md, section 3).
  public static func network(genesis: ChangeID) -> NetworkID {
    guard let id = NetworkID(Hash.H("net", genesis.bytes)) else {
      preconditionFailure("H has 32 bytes")
    }
    return id
  }
}
