// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import SyncEngine

/// A random history: mostly good ops, many of them concurrent, few invitations used by many.
struct History {
  static let people = (1...8).map { Person(UInt8($0)) }
  static let codes = (1...4).map { InvitationCode.number(UInt8($0)) }

  private(set) var changes: [GovernanceChange]
  private var graph: GovernanceGraph
  private var random: Dice

  init(seed: UInt64, length: Int = 22) throws {
    random = Dice(seed)
    let founders = Array(Self.people.prefix(1 + random.below(2)))
    changes = [Town.genesis(founders)]
    graph = try GovernanceGraph(genesis: changes[0])
    for _ in 0..<length { try grow() }
  }

  private mutating func grow() throws {
    let parents = pickParents()
    let membership = try graph.resolve(pastOf: parents)
    let author = pickAuthor(membership)
    let ops = (0...random.below(3) / 2).map { _ in
      random.percent(85) ? sensible(author, membership) : anything(author)
    }
    let change = GovernanceChange(
      id: ChangeID(Hash.H("random", random.next().bigEndianBytes))!, author: author.key, parents: parents,
      stamp: 2000 + UInt64(changes.count), ops: ops)
    try graph.insert(change)
    changes.append(change)
  }

  private mutating func pickParents() -> [ChangeID] {
    if random.percent(40) { return graph.heads }
    return Set((0...random.below(3)).map { _ in random.one(of: changes).id }).sorted()
  }

  private mutating func pickAuthor(_ membership: Membership) -> Person {
    let present = Self.people.filter { membership.isPresent($0.device) }
    return random.percent(95) ? random.one(of: present) : random.one(of: Self.people)
  }

  /// An op that is good where its change stands, mostly.
  private mutating func sensible(_ author: Person, _ membership: Membership) -> GovernanceOp {
    let absent = Self.people.filter { !membership.isPresent($0.device) }
    let roles = membership.roles(of: author.device)
    let unused = Self.codes.filter { membership.invite($0.inviteID) == nil }
    guard !absent.isEmpty else { return anything(author) }
    if let invite = membership.openInvites.first, random.percent(65) {
      return use(invite, random.one(of: absent))
    }
    if roles.contains(.steward), !unused.isEmpty, random.percent(80) {
      let isForPlace = roles.contains(.admin) && random.percent(70)
      let role = UInt64(isForPlace ? random.one(of: [2, 3, 3]) : 1 + random.below(2))
      return .inviteCreate(random.one(of: unused).description(isForPlace ? 1 : 2, role))
    }
    if roles.contains(.admin), random.percent(40) { return .place(random.one(of: absent), 3) }
    if roles.contains(.steward) { return .device(random.one(of: absent), 2, of: author.place) }
    return anything(author)
  }

  private func use(_ invite: InviteFacts, _ person: Person) -> GovernanceOp {
    let code = Self.codes.first { $0.inviteID == invite.id }!
    if invite.description.purpose == 1 { return .place(person, invite.description.role, code.proof(person)) }
    let inviter = Self.people.first { $0.device == invite.author }!
    return .device(person, invite.description.role, of: inviter.place, code.proof(person))
  }

  private mutating func anything(_ author: Person) -> GovernanceOp {
    let person = random.one(of: Self.people)
    let role = random.one(of: [1, 1, 2, 2, 3, 3, 3, 4] as [UInt64])
    let code = random.one(of: Self.codes)
    switch random.below(20) {
    case 0...1: return .place(person, role)
    case 2...3: return .device(person, role, of: place(author))
    case 4...7: return .inviteCreate(code.description(random.percent(60) ? 1 : 2, role))
    case 8...13: return .place(person, role, proof(code, person))
    case 14...16: return .device(person, role, of: place(author), proof(code, person))
    case 17...18: return .inviteClose(code.inviteID)
    default: return random.percent(30) ? .unknown(code: 4, raw: [0xa0]) : .genesis(Policy(), founders: [])
    }
  }

  private mutating func place(_ author: Person) -> PlaceID {
    random.percent(70) ? author.place : random.one(of: Self.people).place
  }

  private mutating func proof(_ code: InvitationCode, _ person: Person) -> Proof {
    let signer = random.percent(95) ? code : random.one(of: Self.codes)
    return Proof(invite: code.inviteID, countersign: signer.countersign(person.card))
  }
}

extension UInt64 {
  var bigEndianBytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> UInt64(56 - 8 * $0)) } }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same history on every machine.
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  mutating func percent(_ percent: Int) -> Bool { below(100) < percent }

  mutating func one<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }
}

/// Some order in which every change comes after its parents.
func shuffled(_ changes: [GovernanceChange], _ random: inout Dice) -> [GovernanceChange] {
  var held: Set<ChangeID> = []
  var left = changes
  var order: [GovernanceChange] = []
  while !left.isEmpty {
    let ready = left.indices.filter { left[$0].parents.allSatisfy(held.contains) }
    let next = left.remove(at: random.one(of: Array(ready)))
    held.insert(next.id)
    order.append(next)
  }
  return order
}

extension GovernanceGraph {
  init(_ changes: [GovernanceChange], anchor: [ChangeID]? = nil) throws {
    try self.init(genesis: changes[0], anchor: anchor)
    for change in changes.dropFirst() { try insert(change) }
  }
}
