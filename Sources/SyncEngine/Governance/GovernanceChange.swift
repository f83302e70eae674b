// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// What governance needs of a change of the governance space, already checked as a change.
public struct GovernanceChange: Sendable, Equatable {
  public let id: ChangeID
  /// The author's `sign` key.
  public let author: PublicKey
  /// `prev` and `heads`; none for the genesis change alone.
  public let parents: [ChangeID]
  /// Milliseconds since 1970.
  public let stamp: UInt64
  /// In the order of the body; an op's index is its place here.
  public let ops: [GovernanceOp]

  public init(id: ChangeID, author: PublicKey, parents: [ChangeID], stamp: UInt64, ops: [GovernanceOp]) {
    self.id = id
    self.author = author
    self.parents = parents
    self.stamp = stamp
    self.ops = ops
  }
}

/// What the graph refuses to take in.
public enum GovernanceError: Error, Equatable, Sendable {
  /// The first change isn't a genesis: it has parents, other ops, no founder, the same founder twice, a
  /// founder's card that doesn't verify, or an author that isn't the first founder.
  case notGenesis
  /// The genesis sets a policy that this version can't honour: an unknown number, or a later version.
  case newerPolicy
  /// These parents or heads aren't held: the change waits. Ascending.
  case unknown([ChangeID])
  /// A second change without parents: what doesn't follow from the genesis is no part of the network.
  case rootless
}

/// Why an op isn't good in the view of its change, and so has no effect on any replica.
public enum Objection: Error, Equatable, Sendable {
  /// The author's change is concurrent with one of its own behind the anchor.
  case forkedBehindAnchor
  /// A genesis op outside the genesis change.
  case secondGenesis
  /// The op is of a code that this version doesn't know.
  case unknownOp
  /// The author isn't a present device.
  case authorAbsent
  /// Only an admin may.
  case notAdmin
  /// Only a steward, of the place that the op is about, may.
  case notSteward
  /// The device is there already.
  case devicePresent
  /// The place is there already.
  case placePresent
  /// The place isn't there.
  case placeAbsent
  /// The role isn't one that the op can give.
  case impossibleRole
  /// The medium isn't one that there is.
  case impossibleMedium
  /// The card's own signature doesn't verify.
  case forgedCard
  /// No invitation of this id is there.
  case inviteUnknown
  /// The invitation is closed, or used.
  case inviteNotOpen
  /// The invitation is for a place where a device is admitted, or the reverse.
  case inviteOfOtherPurpose
  /// The invitation gives another role.
  case inviteOfOtherRole
  /// The invitation's author isn't steward of the place that the op names.
  case inviteOfOtherPlace
  /// The invite key didn't sign this card.
  case wrongCountersign
  /// The invitation's id is taken.
  case inviteTaken
  /// Only its author or an admin closes an invitation.
  case inviteOfAnother
}

extension Card {
  /// The key that the device signs with.
  public var signingKey: PublicKey { PublicKey(fixed: sign) }
  /// The key that the device's handshakes show.
  public var noiseKey: PublicKey { PublicKey(fixed: noise) }
  public var device: DeviceID { .device(signing: signingKey) }
  /// The place that the device would be the first of.
  public var place: PlaceID { .place(foundedBy: signingKey) }
}

extension ID32 {
  /// A key that is known to have 32 bytes.
  init(fixed bytes: [UInt8]) {
    precondition(bytes.count == Self.byteCount, "a public key has 32 bytes")
    self.init(bytes, at: 0)
  }
}
