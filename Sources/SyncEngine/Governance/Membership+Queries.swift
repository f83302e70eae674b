// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

extension Membership {
  /// The device that signs with this key.
  public func device(forSigning key: PublicKey) -> DeviceFacts? { signers[key].flatMap { devices[$0] } }

  /// The device whose handshakes show this key; the one admitted first, if two cards show it.
  public func device(forNoise key: PublicKey) -> DeviceFacts? { statics[key].flatMap { devices[$0] } }

  /// Whether the device with this `sign` key is there.
  public func isPresent(_ key: PublicKey) -> Bool { signers[key] != nil }

  public func isPresent(_ device: DeviceID) -> Bool { devices[device] != nil }

  /// The place that admitted the device first.
  public func place(of device: DeviceID) -> PlaceID? { devices[device]?.place }

  /// The device's roles in all its places; none if it isn't there.
  public func roles(of device: DeviceID) -> Roles { devices[device]?.roles ?? [] }

  /// Whether a key change of this device counts in the space, and its content may be shown it.
  public func mayRead(_ device: DeviceID, _ space: Space) -> Bool {
    devices[device]?.roles(in: space).contains(.reader) ?? false
  }

  /// Whether content of this device counts in the space.
  public func mayWrite(_ device: DeviceID, _ space: Space) -> Bool {
    devices[device]?.roles(in: space).contains(.writer) ?? false
  }

  /// The devices that read the space, ascending.
  public func readers(of space: Space) -> [DeviceFacts] {
    let readers: [DeviceFacts] =
      if case .place(let place) = space {
        (places[place]?.devices ?? []).compactMap { devices[$0] }
      } else {
        Array(devices.values)
      }
    return readers.filter { $0.roles(in: space).contains(.reader) }.sorted { $0.id < $1.id }
  }

  /// All spaces but governance: commons, then each place's, by ascending place.
  public var spaces: [Space] { [.commons] + places.keys.sorted().map(Space.place) }

  /// The space of this id, if it is known.
  public func space(_ id: SpaceID) -> Space? {
    ([.governance] + spaces).first { $0.id(in: network) == id }
  }

  /// The spaces that a device reads, ascending by space id; governance isn't among them.
  public func spaces(readBy device: DeviceID) -> [Space] {
    guard let facts = devices[device] else { return [] }
    let readable = [Space.commons] + facts.seats.map { .place($0.place) }
    return readable.filter { facts.roles(in: $0).contains(.reader) }
      .map { ($0, $0.id(in: network)) }.sorted { $0.1 < $1.1 }.map(\.0)
  }

  /// Places, ascending by id.
  public var sortedPlaces: [PlaceFacts] { places.values.sorted { $0.id < $1.id } }

  /// Devices, ascending by id.
  public var sortedDevices: [DeviceFacts] { devices.values.sorted { $0.id < $1.id } }

  /// The first open invitation of this id, or else the first.
  public func invite(_ id: InviteID) -> InviteFacts? {
    let all = invites.filter { $0.id == id }
    return all.first { $0.state == .open } ?? all.first
  }

  /// In the order of the walk.
  public var openInvites: [InviteFacts] { invites.filter { $0.state == .open } }

  /// Whether an op on the record counts as far as profiles go (protocol.md, section 6): the profile of a
  /// place or of a device is for the devices of that place to write, and every other record is anyone's.
  ///
  /// - Parameter author: the `sign` key of the op's author.
  public func mayWriteProfile(record: RecordID, author: PublicKey) -> Bool {
    guard let owners = profiles[record] else { return true }
    return device(forSigning: author)?.seats.contains { owners.contains($0.place) } ?? false
  }

  /// The devices whose standing differs between the two, ascending: whose changes may start or stop to count.
  public func devicesThatDiffer(from other: Membership) -> [DeviceID] {
    Set(devices.keys).union(other.devices.keys).filter { devices[$0] != other.devices[$0] }.sorted()
  }
}
