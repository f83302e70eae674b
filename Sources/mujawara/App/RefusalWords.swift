// SPDX-License-Identifier: AGPL-3.0-or-later

import SyncEngine

/// Why changes aren't taken, and why steps in the network's membership would have no effect.
enum RefusalWords {
  static func reason(_ refusal: Refusal) -> String {
    switch refusal {
    case .foreignSpace: "for readers that this device isn't one of"
    case .stranger: "by a device that was never let in"
    case .signature: "not signed by the device that they name"
    case .stamp: "dated beyond what the network allows"
    case .quota, .total: "more than the network lets one device write"
    case .noRoom: "earlier ones are missing, and there is no room to keep these until they come"
    default: "made wrongly (\(refusal))"
    }
  }

  static func reason(_ objection: Objection) -> String {
    switch objection {
    case .authorAbsent: "this device doesn't belong to the network (any more)"
    case .notAdmin: "only an admin may do that"
    case .notSteward: "only a steward of that place may do that"
    case .devicePresent: "the device belongs already"
    case .placePresent: "the place belongs already"
    case .placeAbsent: "there is no such place"
    case .forgedCard: "the newcomer's card isn't genuine"
    case .inviteOfAnother: "only its author or an admin withdraws an invitation"
    default: "the network's rules don't let it (\(objection))"
    }
  }
}
