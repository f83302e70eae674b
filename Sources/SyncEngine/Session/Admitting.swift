// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// A newcomer whom this replica has let in.
public struct Newcomer: Sendable, Equatable {
  public let device: DeviceID
  public let place: PlaceID
  /// The name that it asked for: a stranger's text, kept nowhere.
  public let name: String
}

/// Letting in whoever brings a good invitation (protocol.md sections 8 and 13), live or by stick.
public enum Admitting {
  /// How long an invitation is good, in milliseconds.
  public static func lifetime(medium: UInt64) -> UInt64 {
    medium == InviteDescription.Medium.live ? 86_400_000 : 60 * 86_400_000
  }

  /// Bytes of a name that are kept for showing.
  static let nameLimit = 200

  public enum Outcome: Sendable, Equatable {
    /// It is a present device now. Whoever comes again with the same card and invitation gets this again.
    case admitted(Newcomer)
    case refused(RefuseReason)
  }

  /// Checks the card and the invitation, writes the admit op and the shares of keys.
  ///
  /// Throws `malformed` for a card or a countersign that isn't genuine, `store` if the replica fails.
  public static func admit(
    _ join: Frame.Join, by invite: InviteID, into store: any SessionStore
  ) throws(SessionProblem) -> Outcome {
    let membership = try storing { try store.membership() }
    guard let facts = membership.invite(invite) else { return .refused(.withdrawn) }
    guard join.card.isValid,
      InvitationCode.verifyCountersign(
        join.countersign, card: join.card, inviteKey: facts.description.key.bytes)
    else { throw .malformed("the card isn't genuine") }
    let device = join.card.device
    switch facts.state {
    case .used(let other) where other == device: return .admitted(try newcomer(join, store))
    case .used: return .refused(.spent)
    case .closed: return .refused(.withdrawn)
    case .open: break
    }
    let age = store.clock().subtractingReportingOverflow(facts.stamp)
    if !age.overflow && age.partialValue > lifetime(medium: facts.description.medium) {
      return .refused(.expired)
    }
    guard let op = op(join, facts, membership), membership.roles(of: store.keys.card.device).contains(.reader)
    else { return .refused(.cannotAdmit) }
    return try write(op, join, store)
  }

  private static func op(
    _ join: Frame.Join, _ facts: InviteFacts, _ membership: Membership
  ) -> GovernanceOp? {
    let role = facts.description.role
    if membership.isPresent(join.card.device) { return nil }
    if facts.description.purpose == InviteDescription.Purpose.place {
      return .placeAdmit(card: join.card, role: role, invite: facts.id, countersign: join.countersign)
    }
    return membership.place(of: facts.author).map {
      .deviceAdmit(card: join.card, role: role, place: $0, invite: facts.id, countersign: join.countersign)
    }
  }

  private static func write(
    _ op: GovernanceOp, _ join: Frame.Join, _ store: any SessionStore
  ) throws(SessionProblem) -> Outcome {
    do { _ = try store.commitGovernance([op]) } catch { return .refused(.cannotAdmit) }
    _ = try storing { try store.shareDueKeys() }
    return .admitted(try newcomer(join, store))
  }

  private static func newcomer(
    _ join: Frame.Join, _ store: any SessionStore
  ) throws(SessionProblem) -> Newcomer {
    let membership = try storing { try store.membership() }
    guard let place = membership.place(of: join.card.device) else {
      throw .limit("the admission has not taken effect")
    }
    let name = String(decoding: join.name.utf8.prefix(nameLimit), as: UTF8.self)
    return Newcomer(device: join.card.device, place: place, name: name)
  }
}
