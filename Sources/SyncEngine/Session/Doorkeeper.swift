// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// Knows which keys open this replica's door, and which first messages it has seen. One for all links that
/// answer on behalf of a replica.
public final class Doorkeeper {
  /// How an initiator's key was known.
  enum Door: Equatable {
    case group
    case device(DeviceID)
    case invitation(InviteID)
  }

  /// First messages remembered, so that a replayed one gets no answer.
  static let remembered = 4_096

  let store: any SessionStore
  private var pairwise: [PublicKey: SecretBytes] = [:]
  private var seen: Set<[UInt8]> = []
  private var order: [[UInt8]] = []
  private var oldest = 0

  public init(store: any SessionStore) { self.store = store }

  /// Finds the key of a first message: nil for a stranger, and for a message seen before.
  func open(
    _ message: [UInt8]
  ) throws -> (door: Door, handshake: HandshakeState, payload: [UInt8])? {
    guard remember(Array(message.prefix(32))) else { return nil }
    for stage in [groupDoors, deviceDoors, invitationDoors] {
      let doors = try stage()
      let found = Responder.trial(
        message, staticKey: store.keys.noise, candidates: doors.map(\.candidate))
      if let found { return (doors[found.index].door, found.handshake, found.payload) }
    }
    return nil
  }

  /// The key to call a device by; nil if it isn't known, or its key is unusable.
  func key(to device: DeviceFacts) -> SecretBytes? {
    let theirs = PublicKey(device.card.agree, at: 0)
    if let known = pairwise[theirs] { return known }
    let key = try? TransportKeys.pairwisePSK(
      mine: store.keys.agree, theirs: device.card.agree, networkID: store.network.bytes)
    pairwise[theirs] = key
    return key
  }

  /// The key to call anybody of the network by; nil if this replica holds none yet.
  func groupKey() throws -> SecretBytes? {
    try groupSecrets().first.map(TransportKeys.groupPSK)
  }

  var prologue: [UInt8] {
    TransportKeys.prologue(networkID: store.network.bytes, anchorID: store.anchorID.bytes)
  }

  private typealias Entry = (door: Door, candidate: Responder.Candidate)

  private func groupSecrets() throws -> [SecretBytes] {
    try store.epochSecrets(of: Space.commons.id(in: store.network))
  }

  private func groupDoors() throws -> [Entry] {
    let prologue = prologue
    return try groupSecrets().map {
      (.group, .init(prologue: prologue, psk: TransportKeys.groupPSK(epochSecret: $0)))
    }
  }

  private func deviceDoors() throws -> [Entry] {
    let prologue = prologue
    let me = store.keys.card.device
    return try store.membership().sortedDevices.filter { $0.id != me }.compactMap { device in
      key(to: device).map { (.device(device.id), .init(prologue: prologue, psk: $0)) }
    }
  }

  private func invitationDoors() throws -> [Entry] {
    try store.invitationKeys().map {
      (.invitation($0.invite), .init(prologue: TransportKeys.joinPrologue, psk: $0.psk))
    }
  }

  /// False if the ephemeral key was shown before.
  private func remember(_ ephemeral: [UInt8]) -> Bool {
    guard seen.insert(ephemeral).inserted else { return false }
    if order.count < Self.remembered {
      order.append(ephemeral)
    } else {
      seen.remove(order[oldest])
      order[oldest] = ephemeral
      oldest = (oldest + 1) % Self.remembered
    }
    return true
  }
}
