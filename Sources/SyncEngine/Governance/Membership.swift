// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto

/// A place that is present.
public struct PlaceFacts: Sendable, Equatable {
  public let id: PlaceID
  /// The device that the place's id comes from, and that makes its space's first epoch.
  public let firstDevice: DeviceID
  /// The change that admitted the place, and its stamp in milliseconds since 1970.
  public let admittedBy: ChangeID
  public let stamp: UInt64
  /// Its present devices, ascending.
  public internal(set) var devices: [DeviceID]
}

/// A device's roles in one place.
public struct Seat: Sendable, Equatable {
  public let place: PlaceID
  public internal(set) var roles: Roles
  /// The lowest change that admitted the device to the place, and its stamp in milliseconds since 1970.
  public let admittedBy: ChangeID
  public let stamp: UInt64
}

/// A device that is present.
public struct DeviceFacts: Sendable, Equatable {
  public let id: DeviceID
  public let card: Card
  /// In the order of admission. One, unless two places admitted the device without knowing of each other.
  public internal(set) var seats: [Seat]

  /// The place that admitted the device first.
  public var place: PlaceID { seats[0].place }
  public var admittedBy: ChangeID { seats[0].admittedBy }
  /// The roles of all seats.
  public var roles: Roles { seats.reduce(into: []) { $0.formUnion($1.roles) } }

  public func seat(in place: PlaceID) -> Seat? { seats.first { $0.place == place } }

  /// What the device may do in a space. Governance is every present device's to read and to write, and each
  /// op's own conditions decide what comes of it.
  public func roles(in space: Space) -> Roles {
    switch space {
    case .governance: [.reader, .writer]
    case .commons: roles
    case .place(let place): seat(in: place)?.roles ?? []
    }
  }
}

/// Who belongs: the outcome of one Resolve (protocol.md, section 7).
public struct Membership: Sendable, Equatable {
  public let network: NetworkID
  public let policy: Policy
  public private(set) var places: [PlaceID: PlaceFacts] = [:]
  public private(set) var devices: [DeviceID: DeviceFacts] = [:]
  /// In the order of the walk. Two may have the same id, if someone copied one: they are two invitations.
  public private(set) var invites: [InviteFacts] = []
  /// The places whose devices write a record: of each record that is a place's or device's profile.
  private(set) var profiles: [RecordID: [PlaceID]] = [:]
  /// By `sign` key and by `noise` key.
  private(set) var signers: [PublicKey: DeviceID] = [:]
  private(set) var statics: [PublicKey: DeviceID] = [:]

  init(_ graph: GovernanceGraph, _ view: View) {
    network = graph.network
    policy = graph.policy
    let standing = graph.facts.admissions.values.joined().filter { view.holds($0.op) }
    for admission in standing.sorted(by: Self.isFirst) { add(admission) }
    for id in places.keys { places[id]?.devices.sort() }
    for device in devices.values { profiles[RecordID(device.id)] = device.seats.map(\.place) }
    for id in places.keys { profiles[RecordID(id)] = [id] }
    let invites = graph.facts.invites.values.joined().filter { view.holds($0.op) }
    self.invites = invites.sorted { $0.op < $1.op }.map {
      InviteFacts(
        description: $0.description, author: $0.author, createdBy: $0.op.change, stamp: $0.stamp,
        state: $0.state(in: view))
    }
  }

  /// By op; the founders, who share one, by device.
  private static func isFirst(_ one: Admission, _ other: Admission) -> Bool {
    one.op == other.op ? one.device < other.device : one.op < other.op
  }

  private mutating func add(_ admission: Admission) {
    let seat = Seat(
      place: admission.place, roles: admission.roles, admittedBy: admission.op.change, stamp: admission.stamp)
    var device =
      devices[admission.device] ?? DeviceFacts(id: admission.device, card: admission.card, seats: [])
    if let place = device.seats.firstIndex(where: { $0.place == seat.place }) {
      device.seats[place].roles.formUnion(seat.roles)
    } else {
      device.seats.append(seat)
    }
    devices[device.id] = device
    if signers[admission.card.signingKey] == nil { signers[admission.card.signingKey] = device.id }
    if statics[device.card.noiseKey] == nil { statics[device.card.noiseKey] = device.id }
    add(device.id, seat, founds: admission.founds)
  }

  private mutating func add(_ device: DeviceID, _ seat: Seat, founds: Bool) {
    if founds && places[seat.place] == nil {
      places[seat.place] = PlaceFacts(
        id: seat.place, firstDevice: device, admittedBy: seat.admittedBy, stamp: seat.stamp, devices: [])
    }
    if places[seat.place]?.devices.contains(device) == false { places[seat.place]?.devices.append(device) }
  }
}
