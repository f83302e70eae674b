// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Kinds
import MujawaraCrypto
import SyncEngine

/// Words and steps that the commands about invitations share.
enum Invitations {
  /// Publishes what members need to recognise the code.
  static func publish(
    _ code: InvitationCode, role: UInt64, purpose: UInt64, medium: UInt64, in replica: Replica
  ) throws {
    guard let epoch = try replica.currentEpoch(of: .commons) else { throw ReplicaError.noKey }
    let description = InviteDescription(
      id: InviteID(code.id)!, key: PublicKey(code.signingKey.publicKey)!, role: role, purpose: purpose, medium: medium,
      epoch: epoch.id, sealed: code.sealed(epochSecret: epoch.secret))
    do {
      try replica.commitGovernance([.inviteCreate(description)])
    } catch ReplicaError.ineffective {
      throw Failure(
        .notAllowed,
        purpose == InviteDescription.Purpose.device
          ? "Only a steward of this place can invite a further device of it." : "Only an admin can invite a place.")
    }
  }

  /// Tells of a session at an open door; true if somebody was let in.
  static func tell(_ report: SessionReport, _ context: Context) -> Bool {
    if let newcomer = report.admitted {
      if context.isJSON {
        context.emit(
          "joined/1",
          [
            JSONMember("device", .string(newcomer.device.hex)), JSONMember("place", .string(newcomer.place.hex)),
            JSONMember("name", .string(newcomer.name)),
          ])
      } else {
        context.output.print("\(context.output.user(newcomer.name)) (\(ShortID.brief(newcomer.place))) joined.")
      }
      context.output.flush()
      return true
    }
    if case .refused(let reason)? = report.problem, !context.isJSON {
      context.output.print("Somebody was turned away: \(sentence(reason))")
    }
    return false
  }

  static func sentence(_ reason: RefuseReason) -> String {
    switch reason {
    case .spent: "That invitation is spent: it has let somebody in already. Ask for a new one."
    case .expired: "That invitation has expired. Ask for a new one."
    case .withdrawn: "That invitation was withdrawn, or isn't known here. Ask for a new one."
    default: "The device that answered can't admit anybody. Try another, or ask for a new invitation."
    }
  }

  static func role(_ number: UInt64) -> String {
    Invite.Role.allCases.first { $0.number == number }?.rawValue ?? "\(number)"
  }

  /// When it ends, in milliseconds since 1970.
  static func expiry(_ invite: InviteFacts) -> UInt64 {
    let (end, isOver) = invite.stamp.addingReportingOverflow(Admitting.lifetime(medium: invite.description.medium))
    return isOver ? .max : end
  }

  static func members(_ invite: InviteFacts, state: String) -> [JSONMember] {
    let description = invite.description
    return [
      JSONMember("invite", .string(invite.id.hex)), JSONMember("purpose", .string(purpose(invite))),
      JSONMember("role", .string(role(description.role))),
      JSONMember("medium", .string(description.medium == InviteDescription.Medium.stick ? "stick" : "live")),
      JSONMember("state", .string(state)), JSONMember("expires", .int(Int64(clamping: expiry(invite)))),
      JSONMember("by", .string(invite.author.hex)),
    ]
  }

  static func purpose(_ invite: InviteFacts) -> String {
    invite.description.purpose == InviteDescription.Purpose.device ? "device" : "place"
  }

  static func state(_ invite: InviteFacts, now: UInt64) -> String {
    switch invite.state {
    case .used: return "used"
    case .closed: return "withdrawn"
    case .open:
      let age = now > invite.stamp ? now - invite.stamp : 0
      return age > Admitting.lifetime(medium: invite.description.medium) ? "expired" : "open"
    }
  }
}
