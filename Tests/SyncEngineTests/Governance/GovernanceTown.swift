// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import SyncEngine
import Testing

/// A device with keys that are the same in every run.
struct Person: Sendable {
  let keys: DeviceKeys
  var card: Card { keys.card }
  var key: PublicKey { card.signingKey }
  var device: DeviceID { card.device }
  var place: PlaceID { card.place }

  init(_ number: UInt8) {
    func secret(_ use: UInt8) -> SecretBytes {
      SecretBytes(copying: Hash.H("person", [number, use]))
    }
    keys = DeviceKeys(
      sign: SigningKey(seed: secret(1)), noise: AgreementKey(secret: secret(2)),
      agree: AgreementKey(secret: secret(3)))
  }

  static let ada = Person(1)
  static let bo = Person(2)
  static let cem = Person(3)
  static let dina = Person(4)
  static let eve = Person(5)
  static let fadi = Person(6)
}

extension InvitationCode {
  /// A code that is the same in every run.
  static func number(_ number: UInt8) -> InvitationCode {
    InvitationCode(secret: SecretBytes(copying: Array(Hash.H("invitation", [number])[..<12])))
  }

  var inviteID: InviteID { InviteID(id)! }

  func description(_ purpose: UInt64, _ role: UInt64) -> InviteDescription {
    InviteDescription(
      id: inviteID, key: PublicKey(signingKey.publicKey)!, role: role, purpose: purpose, medium: 1,
      epoch: .zero, sealed: [])
  }

  func proof(_ person: Person) -> Proof { Proof(invite: inviteID, countersign: countersign(person.card)) }
}

/// The invitation that an admit names.
struct Proof {
  var invite: InviteID
  var countersign: [UInt8]?
}

/// A network whose governance is written down by hand.
struct Town {
  var graph: GovernanceGraph
  private(set) var changes: [GovernanceChange]

  var genesis: ChangeID { graph.genesis }

  init(founders: [Person] = [.ada], anchor: [ChangeID]? = nil) throws {
    let change = Self.genesis(founders)
    changes = [change]
    graph = try GovernanceGraph(genesis: change, anchor: anchor)
  }

  static func genesis(_ founders: [Person], policy: Policy = Policy()) -> GovernanceChange {
    GovernanceChange(
      id: named("genesis"), author: founders[0].key, parents: [], stamp: 1000,
      ops: [.genesis(policy, founders: founders.map(\.card))])
  }

  static func named(_ name: String) -> ChangeID { ChangeID(Hash.H("test", Array(name.utf8)))! }

  /// Writes a change on the given parents, by default on all that is there, and returns its id.
  @discardableResult
  mutating func write(
    _ author: Person, _ ops: GovernanceOp..., on parents: [ChangeID]? = nil, id: ChangeID? = nil
  ) throws -> ChangeID {
    let change = GovernanceChange(
      id: id ?? Self.named("change \(changes.count)"), author: author.key, parents: parents ?? graph.heads,
      stamp: 1000 + UInt64(changes.count), ops: ops)
    changes.append(change)
    try graph.insert(change)
    return change.id
  }

  /// Why the only op of a change isn't good; nil if it is.
  func objection(_ id: ChangeID) -> Objection? { graph.objections(to: id)[0] }

  var membership: Membership {
    var graph = graph
    return graph.resolve()
  }

  func isPresent(_ person: Person) -> Bool { membership.isPresent(person.device) }

  func roles(_ person: Person) -> Roles { membership.roles(of: person.device) }
}

extension GovernanceOp {
  static func place(_ person: Person, _ role: UInt64, _ proof: Proof? = nil) -> GovernanceOp {
    .placeAdmit(card: person.card, role: role, invite: proof?.invite, countersign: proof?.countersign)
  }

  static func device(
    _ person: Person, _ role: UInt64, of place: PlaceID, _ proof: Proof? = nil
  ) -> GovernanceOp {
    .deviceAdmit(
      card: person.card, role: role, place: place, invite: proof?.invite, countersign: proof?.countersign)
  }
}

/// Ids that sort as their names do.
extension ChangeID {
  static func ranked(_ rank: UInt64) -> ChangeID {
    ChangeID(high: ID16(high: rank, low: 0), low: .zero)
  }
}

/// Here an id, and not the room of hashes that has the same name.
typealias ChangeID = SyncEngine.ChangeID
