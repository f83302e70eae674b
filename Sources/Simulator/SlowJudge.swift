// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto
import SyncEngine

/// Who belongs, and which changes count, worked out from the governance changes alone by walking every past anew
/// (protocol.md sections 6 and 7). It knows the ops that runs make: nobody is invited in them.
struct SlowJudge {
  /// A role of a device in a place.
  struct Fact: Hashable {
    enum Role { case reader, writer, admin, steward }

    let device: DeviceID
    let place: PlaceID
    let role: Role
  }

  private struct Node {
    let author: PublicKey
    let ops: [GovernanceOp]
    let past: Set<ChangeID>
  }

  private let network: NetworkID
  private var nodes: [ChangeID: Node] = [:]
  /// What the good ops of each change assert.
  private var asserted: [ChangeID: Set<Fact>] = [:]
  private(set) var creation: UInt64 = 0
  /// What all changes together assert.
  private(set) var all: Set<Fact> = []

  /// - Parameter changes: of the governance space, parents first.
  init(_ changes: [Change], network: NetworkID) throws {
    self.network = network
    for change in changes {
      if change.header.isGenesis { creation = change.header.stamp }
      add(change)
    }
    all = facts(in: nodes.keys)
  }

  private mutating func add(_ change: Change) {
    var past: Set<ChangeID> = []
    for parent in Raw.parents(of: change) {
      past.insert(parent)
      past.formUnion(nodes[parent]?.past ?? [])
    }
    let body = change.header.isUnderstood ? change.ciphertext.flatMap { try? GovernanceBody(decoding: $0) } : nil
    let node = Node(author: change.header.author, ops: body?.ops ?? [], past: past)
    nodes[change.id] = node
    var facts = facts(in: past)
    var own: Set<Fact> = []
    for op in node.ops {
      let good = self.facts(of: op, by: node.author, isGenesis: change.header.isGenesis, in: facts)
      own.formUnion(good)
      facts.formUnion(good)
    }
    asserted[change.id] = own
  }

  private func facts(in changes: some Sequence<ChangeID>) -> Set<Fact> {
    changes.reduce(into: []) { $0.formUnion(asserted[$1] ?? []) }
  }

  /// What an op asserts where these facts hold: nothing if it isn't good.
  private func facts(of op: GovernanceOp, by author: PublicKey, isGenesis: Bool, in facts: Set<Fact>) -> Set<Fact> {
    let device = DeviceID.device(signing: author)
    switch op {
    case .genesis(_, let founders):
      return isGenesis ? founders.reduce(into: []) { $0.formUnion(Self.founding($1, role: 3)) } : []
    case .placeAdmit(let card, let role, nil, _):
      guard facts.contains(where: { $0.device == device && $0.role == .admin }), card.isValid else { return [] }
      guard !facts.contains(where: { $0.device == card.device || $0.place == card.place }) else { return [] }
      return Self.founding(card, role: role)
    case .deviceAdmit(let card, let role, let place, nil, _):
      guard facts.contains(Fact(device: device, place: place, role: .steward)), card.isValid else { return [] }
      guard !facts.contains(where: { $0.device == card.device }), role == 1 || role == 2 else { return [] }
      let roles: [Fact.Role] = role == 1 ? [.reader] : [.reader, .writer]
      return Set(roles.map { Fact(device: card.device, place: place, role: $0) })
    default: return []
    }
  }

  private static func founding(_ card: Card, role: UInt64) -> Set<Fact> {
    let roles: [Fact.Role]
    switch role {
    case 1: roles = [.reader, .steward]
    case 2: roles = [.reader, .steward, .writer]
    case 3: roles = [.reader, .steward, .writer, .admin]
    default: return []
    }
    return Set(roles.map { Fact(device: card.device, place: card.place, role: $0) })
  }

  // MARK: Answers

  var devices: Set<DeviceID> { Set(all.map(\.device)) }

  /// Whether the author may write a change of this kind in the space, by the governance that it names and by all.
  func counts(_ entry: RawSpace.Entry, in space: SpaceID) -> Bool {
    let role: Fact.Role
    switch entry.change.header.kind {
    case .content, .redaction: role = .writer
    case .keys: role = .reader
    case .governance, .unknown: return false
    }
    let device = DeviceID.device(signing: entry.change.header.author)
    return [facts(namedBy: entry), all].allSatisfy { facts in
      facts.contains { $0.device == device && $0.role == role && reaches($0.place, space) }
    }
  }

  /// Whether a redaction may take back a change of `target`'s: one's own, one of a device of one's place, or, for an
  /// admin, any.
  func mayRedact(_ entry: RawSpace.Entry, target: PublicKey) -> Bool {
    let author = entry.change.header.author
    if author == target { return true }
    let (one, other) = (DeviceID.device(signing: author), DeviceID.device(signing: target))
    return [self.facts(namedBy: entry), all].allSatisfy { facts in
      let places = Set(facts.filter { $0.device == one }.map(\.place))
      return facts.contains { $0.device == one && $0.role == .admin }
        || facts.contains { $0.device == other && places.contains($0.place) }
    }
  }

  /// What the governance that a change names gives, with everything before it.
  private func facts(namedBy entry: RawSpace.Entry) -> Set<Fact> {
    facts(in: entry.gov.reduce(into: Set(entry.gov)) { $0.formUnion(nodes[$1]?.past ?? []) })
  }

  /// Whether the devices of a place write in the space.
  private func reaches(_ place: PlaceID, _ space: SpaceID) -> Bool {
    space == Space.commons.id(in: network) || space == Space.place(place).id(in: network)
  }

  /// Whether ops of this author on the record count: profiles are their own places' to write.
  func mayTouch(_ record: RecordID, author: PublicKey) -> Bool {
    let owners = all.filter { RecordID($0.place) == record || RecordID($0.device) == record }.map(\.place)
    if owners.isEmpty { return true }
    let device = DeviceID.device(signing: author)
    return all.contains { $0.device == device && owners.contains($0.place) }
  }
}
