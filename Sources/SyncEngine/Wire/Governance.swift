// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// The body of a governance change (protocol.md section 7).
public struct GovernanceBody: Equatable, Sendable {
  /// As in `Content`.
  public var label: Int64
  /// At least one.
  public var entries: [Entry]
  /// Strictly ascending by key, none of 1 and 2.
  public var unknown: [UnknownKey]

  /// An op with the keys of it that this version doesn't know.
  public struct Entry: Equatable, Sendable {
    public var op: GovernanceOp
    public var unknown: [UnknownKey]

    public init(_ op: GovernanceOp, unknown: [UnknownKey] = []) {
      self.op = op
      self.unknown = unknown
    }
  }

  public init(label: Int64, entries: [Entry], unknown: [UnknownKey] = []) {
    self.label = label
    self.entries = entries
    self.unknown = unknown
  }

  public init(label: Int64, ops: [GovernanceOp]) {
    self.init(label: label, entries: ops.map { Entry($0) })
  }

  public var ops: [GovernanceOp] { entries.map(\.op) }
}

/// What a governance change does, if Resolve finds it good.
public enum GovernanceOp: Equatable, Sendable {
  /// Makes the network; alone in its change.
  case genesis(Policy, founders: [Card])
  /// Role 1 reader, 2 writer, 3 admin; `countersign` has 64 bytes, by the invite key over the card.
  case placeAdmit(card: Card, role: UInt64, invite: InviteID?, countersign: [UInt8]?)
  case deviceAdmit(card: Card, role: UInt64, place: PlaceID, invite: InviteID?, countersign: [UInt8]?)
  case inviteCreate(InviteDescription)
  case inviteClose(InviteID)
  /// Of a newer version: whoever holds one writes nothing until its program knows it. `raw` is the op's map.
  case unknown(code: UInt64, raw: [UInt8])

  public var code: UInt64 {
    switch self {
    case .genesis: 1
    case .placeAdmit: 2
    case .deviceAdmit: 3
    case .inviteCreate: 10
    case .inviteClose: 11
    case .unknown(let code, _): code
    }
  }
}

/// The rules of a network that its members can set.
public struct Policy: Hashable, Sendable {
  /// How many admins a removal takes; 1 in this version.
  public var quorum: UInt64
  /// Bytes that a device may write in a space.
  public var quota: UInt64
  /// The oldest version of the protocol that may take part.
  public var minVersion: UInt64
  /// 1 lets newcomers read from the start.
  public var history: UInt64
  public var unknown: [UnknownKey]

  public init(
    quorum: UInt64 = 1, quota: UInt64 = 1 << 30, minVersion: UInt64 = 1, history: UInt64 = 1,
    unknown: [UnknownKey] = []
  ) {
    self.quorum = quorum
    self.quota = quota
    self.minVersion = minVersion
    self.history = history
    self.unknown = unknown
  }
}

/// What an invite.create publishes.
public struct InviteDescription: Hashable, Sendable {
  public enum Purpose {
    public static let place: UInt64 = 1
    public static let device: UInt64 = 2
  }

  public enum Medium {
    public static let live: UInt64 = 1
    public static let stick: UInt64 = 2
  }

  /// Bytes of `sealed`: a nonce, two keys and a tag.
  public static let sealedSize = 104

  public var id: InviteID
  /// The invite key.
  public var key: PublicKey
  /// 1 reader, 2 writer, 3 admin.
  public var role: UInt64
  /// See `Purpose`.
  public var purpose: UInt64
  /// See `Medium`.
  public var medium: UInt64
  /// The commons epoch that `sealed` is under.
  public var epoch: EpochID
  /// The PSK and the file key, sealed: 104 bytes.
  public var sealed: [UInt8]

  public init(
    id: InviteID, key: PublicKey, role: UInt64, purpose: UInt64, medium: UInt64, epoch: EpochID,
    sealed: [UInt8]
  ) {
    self.id = id
    self.key = key
    self.role = role
    self.purpose = purpose
    self.medium = medium
    self.epoch = epoch
    self.sealed = sealed
  }
}
