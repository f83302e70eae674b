// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// A good op: what it does and what it rests on.
///
/// Removal makes of this a vote (governance.md, 12): it keeps its needs, since a removal cancels facts, and
/// gains the number of places whose votes it takes. Until then every vote takes one, so a good op takes
/// effect alone.
struct GoodOp: Sendable {
  enum Effect: Sendable {
    case admissions([Admission])
    case invite(Invite)
    case closing([OpRef], InviteID)
  }

  let op: OpRef
  let effect: Effect
  /// For each fact that it rests on, the ops that assert it and stand in this op's view; one of them must
  /// stand wherever this op is to stand.
  let grounds: [[OpRef]]
  /// The invitation that an admit uses up, and the card that it is used for.
  var use: (invite: OpRef, id: InviteID, card: Card)?
}

/// Judges the ops of one change by the view of that change (protocol.md, section 7, "good").
///
/// Signatures are checked last, since they cost a thousand times what everything else does.
struct Judge {
  let facts: Assertions
  let view: View
  let author: DeviceID
  let ref: OpRef
  let stamp: UInt64
  /// Whether the signatures within the op were seen to verify at an earlier reading.
  let isVerified: Bool

  private static let media = [InviteDescription.Medium.live, InviteDescription.Medium.stick]

  func judge(_ op: GovernanceOp) throws(Objection) -> GoodOp {
    if case .genesis = op { throw .secondGenesis }
    guard facts.isPresent(author, view) else { throw .authorAbsent }
    switch op {
    case .genesis: throw .secondGenesis
    case .placeAdmit(let card, let role, let invite, let countersign):
      return try admitPlace(card, role, invite.map { ($0, countersign) })
    case .deviceAdmit(let card, let role, let place, let invite, let countersign):
      return try admitDevice(card, role, place, invite.map { ($0, countersign) })
    case .inviteCreate(let description): return try create(description)
    case .inviteClose(let id): return try close(id)
    case .unknown: throw .unknownOp
    }
  }

  private func admitPlace(
    _ card: Card, _ role: UInt64, _ proof: Proof?
  ) throws(Objection) -> GoodOp {
    guard let roles = Roles.ofPlace(role) else { throw .impossibleRole }
    let device = card.device
    let place = card.place
    guard !facts.isPresent(device, view) else { throw .devicePresent }
    guard !facts.holds(.place(place), view) else { throw .placePresent }
    let admission = Admission(
      op: ref, device: device, place: place, roles: roles, card: card, founds: true, stamp: stamp)
    guard let proof else {
      guard facts.holds(.admin(author), view) else { throw .notAdmin }
      try verify(card)
      return good(.admissions([admission]), [.admin(author)])
    }
    let found = try usable(proof, card, .place, role: role)
    try verify(card)
    return good(
      .admissions([admission]), [.device(author), .op(found.op)], use: (found.op, proof.invite, card))
  }

  private func admitDevice(
    _ card: Card, _ role: UInt64, _ place: PlaceID, _ proof: Proof?
  ) throws(Objection) -> GoodOp {
    guard let roles = Roles.ofDevice(role) else { throw .impossibleRole }
    let device = card.device
    guard !facts.isPresent(device, view) else { throw .devicePresent }
    guard facts.holds(.place(place), view) else { throw .placeAbsent }
    let admission = Admission(
      op: ref, device: device, place: place, roles: roles, card: card, founds: false, stamp: stamp)
    guard let proof else {
      guard facts.holds(.steward(author, place), view) else { throw .notSteward }
      try verify(card)
      return good(.admissions([admission]), [.steward(author, place), .place(place)])
    }
    let found = try usable(proof, card, .device(of: place), role: role)
    try verify(card)
    let needs: [Need] = [.device(author), .op(found.op), .steward(found.author, place), .place(place)]
    return good(.admissions([admission]), needs, use: (found.op, proof.invite, card))
  }

  private func create(_ description: InviteDescription) throws(Objection) -> GoodOp {
    let need: Need
    switch description.purpose {
    case InviteDescription.Purpose.place:
      guard Roles.ofPlace(description.role) != nil else { throw .impossibleRole }
      need = .admin(author)
      guard facts.holds(need, view) else { throw .notAdmin }
    case InviteDescription.Purpose.device:
      guard Roles.ofDevice(description.role) != nil else { throw .impossibleRole }
      need = .steward(author, nil)
      guard facts.holds(need, view) else { throw .notSteward }
    default: throw .inviteOfOtherPurpose
    }
    guard Self.media.contains(description.medium) else { throw .impossibleMedium }
    guard standing(description.id).isEmpty else { throw .inviteTaken }
    let invite = Invite(op: ref, description: description, author: author, stamp: stamp)
    return good(.invite(invite), [need])
  }

  private func close(_ id: InviteID) throws(Objection) -> GoodOp {
    let all = standing(id)
    guard !all.isEmpty else { throw .inviteUnknown }
    if facts.holds(.admin(author), view) {
      return good(.closing(all.map(\.op), id), [.admin(author)])
    }
    let own = all.filter { $0.author == author }
    guard !own.isEmpty else { throw .inviteOfAnother }
    return good(.closing(own.map(\.op), id), [.device(author)])
  }

  private func good(
    _ effect: GoodOp.Effect, _ needs: [Need], use: (OpRef, InviteID, Card)? = nil
  ) -> GoodOp {
    GoodOp(op: ref, effect: effect, grounds: needs.map { facts.grounds(of: $0, view) }, use: use)
  }
}

// MARK: - Invitations

extension Judge {
  /// The invitation that an admit names, and its countersignature.
  typealias Proof = (invite: InviteID, countersign: [UInt8]?)

  /// What an invitation is asked to admit.
  enum Purpose {
    case place
    case device(of: PlaceID)
  }

  /// The invitations of this id that stand in the view, lowest first.
  private func standing(_ id: InviteID) -> [Invite] {
    (facts.invites[id] ?? []).filter { view.holds($0.op) }
  }

  /// The lowest invitation of this id that lets the card in; else what is in the way of the first.
  private func usable(
    _ proof: Proof, _ card: Card, _ purpose: Purpose, role: UInt64
  ) throws(Objection) -> Invite {
    var first: Objection?
    let all = standing(proof.invite)
    for candidate in all {
      let isTrusted = isVerified && all.count == 1
      let objection =
        objection(to: candidate, purpose, role: role)
        ?? (isTrusted ? nil : signatureObjection(candidate, card, proof.countersign))
      guard let objection else { return candidate }
      first = first ?? objection
    }
    throw first ?? .inviteUnknown
  }

  private func objection(to invite: Invite, _ purpose: Purpose, role: UInt64) -> Objection? {
    let made = invite.description.purpose
    if case .device(let place) = purpose {
      guard made == InviteDescription.Purpose.device else { return .inviteOfOtherPurpose }
      guard facts.holds(.steward(invite.author, place), view) else { return .inviteOfOtherPlace }
    } else {
      guard made == InviteDescription.Purpose.place else { return .inviteOfOtherPurpose }
    }
    guard invite.description.role == role else { return .inviteOfOtherRole }
    return invite.state(in: view) == .open ? nil : .inviteNotOpen
  }

  private func signatureObjection(_ invite: Invite, _ card: Card, _ countersign: [UInt8]?) -> Objection? {
    guard let countersign else { return .wrongCountersign }
    let key = invite.description.key.bytes
    return InvitationCode.verifyCountersign(countersign, card: card, inviteKey: key) ? nil : .wrongCountersign
  }

  private func verify(_ card: Card) throws(Objection) {
    guard isVerified || card.isValid else { throw .forgedCard }
  }
}
