// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// What places and devices call themselves. Names are for reading only: two may be alike, and whoever counts
/// on one counts on its id.
public struct Directory: Sendable {
  /// A name with what keeps it apart.
  public struct Name: Hashable, Sendable {
    /// Nil if none was given, or none has come here.
    public let given: String?
    /// The first digits of the id.
    public let brief: String
    /// Whether another one goes by the same name.
    public let isShared: Bool
    /// Whether governance has it.
    public let isPresent: Bool

    /// The name alone where it is clear and governance vouches for who carries it; else with the id.
    public var text: String {
      guard let given else { return brief }
      return isShared || !isPresent ? "\(given) (\(brief))" : given
    }
  }

  private var places: [PlaceID: String] = [:]
  private var devices: [DeviceID: String] = [:]
  private var seats: [DeviceID: PlaceID] = [:]
  private let presentPlaces: Set<PlaceID>
  private var carriers: [String: Int] = [:]

  public init(_ replica: Replica) throws {
    let membership = try replica.membership()
    presentPlaces = Set(membership.places.keys)
    for device in membership.sortedDevices { seats[device.id] = device.place }
    let commons = replica.id(of: .commons)
    for kind in [Kind.place, .device] {
      for record in try replica.read(kind) where record.space == commons {
        guard let name = record.text("name"), !name.isEmpty else { continue }
        if kind == .place { places[ID16(record.id)] = name } else { devices[ID16(record.id)] = name }
      }
    }
    for name in Array(places.values) + Array(devices.values) { carriers[Self.key(name), default: 0] += 1 }
  }

  /// Names that look alike count as one.
  private static func key(_ name: String) -> String { SearchText.folded(name) }

  public func name(ofPlace id: PlaceID) -> Name {
    name(places[id], id, isPresent: presentPlaces.contains(id))
  }

  public func name(ofDevice id: DeviceID) -> Name {
    name(devices[id], id, isPresent: seats[id] != nil)
  }

  private func name(_ given: String?, _ id: ID16, isPresent: Bool) -> Name {
    Name(
      given: given, brief: ShortID.brief(id),
      isShared: given.map { carriers[Self.key($0), default: 0] > 1 } ?? false,
      isPresent: isPresent)
  }

  /// The place that a device belongs to, by governance.
  public func place(of device: DeviceID) -> PlaceID? { seats[device] }

  /// Who wrote: the device and its place, `desk, Steki`.
  public func author(_ authorship: Authorship) -> String {
    let device = name(ofDevice: authorship.device).text
    return authorship.place.map { "\(device), \(name(ofPlace: $0).text)" } ?? device
  }

  /// The places that go by a name or whose short id begins so, ascending by id.
  public func places(called text: String) -> [PlaceID] { find(text, Array(presentPlaces), places) }

  /// The devices that go by a name or whose short id begins so, ascending by id.
  public func devices(called text: String) -> [DeviceID] { find(text, Array(seats.keys), devices) }

  private func find(_ text: String, _ ids: [ID16], _ names: [ID16: String]) -> [ID16] {
    let key = Self.key(text)
    let named = ids.filter { names[$0].map(Self.key) == key }.sorted()
    if !named.isEmpty { return named }
    guard text.count >= ShortID.shortest else { return [] }
    return ids.filter { ShortID.text($0).hasPrefix(text.lowercased()) }.sorted()
  }
}
