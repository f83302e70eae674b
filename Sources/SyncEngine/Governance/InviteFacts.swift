// SPDX-License-Identifier: AGPL-3.0-or-later

/// What has become of an invitation.
public enum InviteState: Hashable, Sendable {
  case open
  /// This device was let in by it, whether or not it was closed too.
  case used(by: DeviceID)
  case closed
}

/// An invitation that stands.
public struct InviteFacts: Sendable, Equatable {
  public let description: InviteDescription
  /// The device that made it.
  public let author: DeviceID
  /// The change with the invite.create op.
  public let createdBy: ChangeID
  /// That change's stamp in milliseconds since 1970: expiry counts from it, by the admitting device's clock.
  public let stamp: UInt64
  public let state: InviteState

  public var id: InviteID { description.id }
}

extension Invite {
  /// A concurrent closing doesn't undo an admission, so use goes before closing.
  func state(in view: View) -> InviteState {
    if let use = uses.first(where: { view.holds($0.op) }) { return .used(by: use.card.device) }
    return closings.contains(where: view.holds) ? .closed : .open
  }
}
