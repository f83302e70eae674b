// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// That a device is there, as a device of a place, with roles; by one op.
struct Admission: Sendable {
  let op: OpRef
  let device: DeviceID
  let place: PlaceID
  let roles: Roles
  let card: Card
  /// Whether the place comes to be by this op.
  let founds: Bool
  let stamp: UInt64
}

/// An invitation, which is one invite.create op: two with the same id are two invitations.
struct Invite: Sendable {
  let op: OpRef
  let description: InviteDescription
  let author: DeviceID
  let stamp: UInt64
  /// Good admits by this invitation, in the order of the walk.
  var uses: [(op: OpRef, card: Card)] = []
  /// Good closings of it, in the order of the walk.
  var closings: [OpRef] = []
}

/// A fact that an op rests on.
enum Need: Sendable {
  /// The device is present.
  case device(DeviceID)
  /// The device is admin.
  case admin(DeviceID)
  /// The device is steward of the place, or of any if nil.
  case steward(DeviceID, PlaceID?)
  /// The place is present.
  case place(PlaceID)
  /// The op stands: the invitation by which someone is admitted.
  case op(OpRef)
}

/// What all good ops of the graph assert, found by subject. Which of them stand is a view's to say.
struct Assertions: Sendable {
  private(set) var admissions: [DeviceID: [Admission]] = [:]
  private(set) var invites: [InviteID: [Invite]] = [:]
  /// The first device of each place that any op founds.
  private(set) var founders: [PlaceID: DeviceID] = [:]
  private(set) var signers: [PublicKey: DeviceID] = [:]

  func roles(of device: DeviceID, in place: PlaceID? = nil, _ view: View) -> Roles {
    var roles: Roles = []
    for admission in admissions[device] ?? []
    where (place == nil || admission.place == place) && view.holds(admission.op) {
      roles.formUnion(admission.roles)
    }
    return roles
  }

  func isPresent(_ device: DeviceID, _ view: View) -> Bool {
    admissions[device]?.contains { view.holds($0.op) } ?? false
  }

  func holds(_ need: Need, _ view: View) -> Bool { !grounds(of: need, view).isEmpty }

  /// The ops that assert what is needed and stand in the view.
  func grounds(of need: Need, _ view: View) -> [OpRef] {
    switch need {
    case .device(let device): grounds(device, view) { _ in true }
    case .admin(let device): grounds(device, view) { $0.roles.contains(.admin) }
    case .steward(let device, let place):
      grounds(device, view) { $0.roles.contains(.steward) && (place == nil || $0.place == place) }
    case .place(let place): founders[place].map { grounds($0, view) { $0.founds && $0.place == place } } ?? []
    case .op(let op): view.holds(op) ? [op] : []
    }
  }

  private func grounds(
    _ device: DeviceID, _ view: View, _ asserts: (Admission) -> Bool
  ) -> [OpRef] {
    (admissions[device] ?? []).filter { asserts($0) && view.holds($0.op) }.map(\.op)
  }

  func invite(_ op: OpRef, id: InviteID) -> Invite? {
    invites[id]?.first { $0.op == op }
  }

  mutating func add(_ admission: Admission) {
    admissions[admission.device, default: []].insertSorted(admission) { $0.op < $1.op }
    signers[admission.card.signingKey] = admission.device
    if admission.founds { founders[admission.place] = admission.device }
  }

  mutating func add(_ invite: Invite) {
    invites[invite.description.id, default: []].insertSorted(invite) { $0.op < $1.op }
  }

  mutating func use(_ invite: OpRef, id: InviteID, by op: OpRef, card: Card) {
    change(invite, id) { $0.uses.insertSorted((op, card)) { $0.op < $1.op } }
  }

  mutating func close(_ invite: OpRef, id: InviteID, by op: OpRef) {
    change(invite, id) { $0.closings.insertSorted(op, by: <) }
  }

  private mutating func change(_ op: OpRef, _ id: InviteID, _ body: (inout Invite) -> Void) {
    guard let place = invites[id]?.firstIndex(where: { $0.op == op }) else {
      preconditionFailure("an op rests on an invitation that is not there")
    }
    body(&invites[id]![place])
  }
}

extension Array {
  /// Inserts behind the elements that aren't greater; quick where that is the end.
  mutating func insertSorted(_ element: Element, by less: (Element, Element) -> Bool) {
    var place = count
    while place > 0 && less(element, self[place - 1]) { place -= 1 }
    insert(element, at: place)
  }
}
