// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import SyncEngine

/// Who belongs, in a form that both the graph and the oracle can be drawn in.
struct Portrait: Equatable, CustomStringConvertible {
  var facts: Set<ResolveOracle.Fact> = []
  /// By device, the change that admitted it and its card.
  var admitted: [DeviceID: [ChangeID]] = [:]
  var cards: [DeviceID: [UInt8]] = [:]
  var founders: [PlaceID: DeviceID] = [:]
  var invites: [String] = []

  var description: String { "\(facts.map(String.init(describing:)).sorted()) \(invites)" }

  init(_ membership: Membership) {
    for place in membership.sortedPlaces {
      facts.insert(.place(place.id))
      founders[place.id] = place.firstDevice
    }
    for device in membership.sortedDevices {
      admitted[device.id] = device.seats.map(\.admittedBy)
      cards[device.id] = device.card.encoded
      for seat in device.seats {
        facts.insert(.device(device.id, seat.place))
        for role in [1, 2, 4, 8] where seat.roles.contains(Roles(rawValue: UInt8(role))) {
          facts.insert(.role(role, device.id, seat.place))
        }
      }
    }
    invites = membership.invites.map { "\($0.id) \($0.createdBy) \($0.author) \($0.state)" }
  }

  init(_ oracle: ResolveOracle, _ set: Set<ChangeID>) {
    let standing = oracle.resolve(set)
    for op in standing {
      for fact in oracle.asserts(op).subtracting(facts) { add(fact, op, oracle) }
    }
    invites = standing.filter { !oracle.asserts($0).isDisjoint(with: [.invite($0)]) }.map { invite in
      let use = standing.first { oracle.used($0) == invite }.flatMap(oracle.card)
      let isClosed = standing.contains { oracle.closes($0, invite) }
      let state: InviteState = use.map { .used(by: $0.device) } ?? (isClosed ? .closed : .open)
      return "\(oracle.description(invite).id) \(invite.change) \(oracle.author(invite)) \(state)"
    }
  }

  private mutating func add(_ fact: ResolveOracle.Fact, _ op: ResolveOracle.Op, _ oracle: ResolveOracle) {
    if case .invite = fact { return }
    facts.insert(fact)
    guard case .device(let device, let place) = fact else { return }
    admitted[device, default: []].append(op.change)
    let card = oracle.card(op) ?? oracle.founder(device, op)
    if cards[device] == nil { cards[device] = card.encoded }
    if oracle.asserts(op).contains(.place(place)) { founders[place] = device }
  }
}

extension ResolveOracle {
  func founder(_ device: DeviceID, _ op: Op) -> Card {
    guard case .genesis(_, let founders) = self.op(op) else { fatalError("not a genesis") }
    return founders.first { $0.device == device }!
  }
}
