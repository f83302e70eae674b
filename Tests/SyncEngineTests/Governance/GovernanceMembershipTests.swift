// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto
import SyncEngine
import Testing

@Suite("Which changes count") struct GovernanceCountTests {
  let ada = Person.ada, bo = Person.bo, cem = Person.cem, dina = Person.dina

  func ask(
    _ town: inout Town, _ person: Person, _ kind: ChangeKind, _ space: Space, _ gov: [ChangeID]
  ) -> CountVerdict {
    town.graph.counts(author: person.key, kind: kind, space: space.id(in: town.graph.network), gov: gov)
  }

  @Test func `content needs a writer, a key change a reader`() throws {
    var town = try Town()
    let gov = [try town.write(ada, .place(bo, 1), .place(cem, 2))]
    #expect(ask(&town, bo, .content, .commons, gov) == .doesNot(.role))
    #expect(ask(&town, bo, .keys, .commons, gov) == .counts)
    #expect(ask(&town, cem, .content, .commons, gov) == .counts)
    #expect(ask(&town, dina, .content, .commons, gov) == .doesNot(.stranger))
    #expect(ask(&town, dina, .keys, .commons, gov) == .doesNot(.stranger))
  }

  @Test func `the role must stand in the governance that the change names`() throws {
    var town = try Town()
    let admit = try town.write(ada, .place(bo, 2))
    #expect(ask(&town, bo, .content, .commons, [town.genesis]) == .doesNot(.premature))
    #expect(ask(&town, bo, .content, .commons, []) == .doesNot(.premature))
    #expect(ask(&town, bo, .content, .commons, [admit]) == .counts)
    #expect(ask(&town, bo, .content, .commons, [town.genesis, admit]) == .counts)
  }

  @Test func `the role must stand in all that is known too`() throws {
    var town = try Town(founders: [ada, bo])
    let code = InvitationCode.number(1)
    let invite = try town.write(ada, .inviteCreate(code.description(1, 2)))
    let loser = try town.write(bo, .place(dina, 2, code.proof(dina)), on: [invite], id: .ranked(2))
    #expect(ask(&town, dina, .content, .commons, [loser]) == .counts)
    try town.write(ada, .place(cem, 2, code.proof(cem)), on: [invite], id: .ranked(1))
    #expect(ask(&town, dina, .content, .commons, [loser]) == .doesNot(.stranger))
  }

  @Test func `governance that isn't held makes a change wait, whatever else is wrong with it`() throws {
    var town = try Town()
    let gov = [ChangeID.ranked(2), town.genesis, .ranked(1)]
    #expect(ask(&town, dina, .content, .commons, gov) == .unknownGovernance([.ranked(1), .ranked(2)]))
    try town.write(ada, .place(bo, 1), id: .ranked(1))
    #expect(ask(&town, dina, .content, .commons, gov) == .unknownGovernance([.ranked(2)]))
  }

  @Test func `a place's space is for the devices of the place`() throws {
    var town = try Town()
    let gov = [
      try town.write(ada, .place(bo, 2), .device(cem, 2, of: ada.place), .device(dina, 1, of: ada.place))
    ]
    let home = Space.place(ada.place)
    #expect(ask(&town, cem, .content, home, gov) == .counts)
    #expect(ask(&town, dina, .content, home, gov) == .doesNot(.role))
    #expect(ask(&town, dina, .keys, home, gov) == .counts)
    #expect(ask(&town, bo, .content, home, gov) == .doesNot(.otherPlace))
    #expect(ask(&town, bo, .keys, home, gov) == .doesNot(.otherPlace))
    #expect(ask(&town, bo, .content, .place(bo.place), gov) == .counts)
    #expect(ask(&town, bo, .content, .place(Person.eve.place), gov) == .doesNot(.noSuchSpace))
  }

  @Test func `governance alone lives in its space, and only there`() throws {
    var town = try Town()
    let gov = [town.genesis]
    #expect(ask(&town, ada, .governance, .governance, []) == .counts)
    #expect(ask(&town, ada, .governance, .commons, gov) == .doesNot(.kind))
    #expect(ask(&town, ada, .content, .governance, gov) == .doesNot(.kind))
    #expect(ask(&town, ada, .unknown(7), .commons, gov) == .doesNot(.kind))
  }

  @Test func `an answer is asked anew when governance has grown`() throws {
    var town = try Town()
    let (admit, founders) = (ChangeID.ranked(5), [town.genesis])
    #expect(ask(&town, bo, .content, .commons, founders) == .doesNot(.stranger))
    try town.write(ada, .place(bo, 2), id: admit)
    #expect(ask(&town, bo, .content, .commons, founders) == .doesNot(.premature))
    #expect(ask(&town, bo, .content, .commons, [admit]) == .counts)
    #expect(ask(&town, bo, .content, .commons, founders) == .doesNot(.premature))
  }
}

@Suite("Membership") struct GovernanceMembershipTests {
  let ada = Person.ada, bo = Person.bo, cem = Person.cem, dina = Person.dina

  /// Ada's place with Cem's device that only reads, and Bo's.
  func town() throws -> Town {
    var town = try Town()
    try town.write(ada, .place(bo, 2), .device(cem, 1, of: ada.place))
    return town
  }

  @Test func `finds a device by each of its names`() throws {
    let town = try town()
    let membership = town.membership
    for person in [ada, bo, cem] {
      #expect(membership.device(forSigning: person.key)?.id == person.device)
      #expect(membership.device(forNoise: PublicKey(person.card.noise)!)?.id == person.device)
      #expect(membership.devices[person.device]?.card == person.card)
      #expect(membership.isPresent(person.key))
    }
    #expect(membership.device(forSigning: dina.key) == nil)
    #expect(membership.device(forNoise: PublicKey(ada.card.agree)!) == nil)
    #expect(!membership.isPresent(dina.device))
    #expect(membership.place(of: cem.device) == ada.place)
    #expect(membership.place(of: dina.device) == nil)
  }

  @Test func `tells who reads and who writes where`() throws {
    let town = try town()
    let membership = town.membership
    let home = Space.place(ada.place)
    #expect(membership.readers(of: .commons).map(\.id) == [ada, bo, cem].map(\.device).sorted())
    #expect(membership.readers(of: .governance).count == 3)
    #expect(membership.readers(of: home).map(\.id) == [ada, cem].map(\.device).sorted())
    #expect(membership.readers(of: .place(dina.place)).isEmpty)
    #expect(membership.mayWrite(ada.device, home) && membership.mayWrite(bo.device, .commons))
    #expect(!membership.mayWrite(cem.device, home) && !membership.mayWrite(cem.device, .commons))
    #expect(membership.mayRead(cem.device, home) && membership.mayRead(cem.device, .commons))
    #expect(!membership.mayRead(bo.device, home) && !membership.mayWrite(bo.device, home))
    #expect(!membership.mayRead(dina.device, .commons) && !membership.mayRead(dina.device, .governance))
  }

  @Test func `names spaces as the protocol derives them`() throws {
    let town = try town()
    let membership = town.membership
    let network = membership.network.bytes
    #expect(Space.governance.id(in: membership.network) == .zero)
    #expect(Space.commons.id(in: membership.network).bytes == Array(Hash.H("space", network + [1])[..<16]))
    let home = Space.place(ada.place)
    #expect(
      home.id(in: membership.network).bytes == Array(Hash.H("space", network + [2] + ada.place.bytes)[..<16]))
    for space in membership.spaces + [.governance] {
      #expect(membership.space(space.id(in: membership.network)) == space)
    }
    #expect(membership.space(SpaceID(high: 1, low: 1)) == nil)
    #expect(Set(membership.spaces(readBy: cem.device)) == [.commons, home])
    #expect(membership.spaces(readBy: dina.device).isEmpty)
    #expect(ada.device.bytes == ada.card.deviceID && ada.place.bytes == ada.card.placeID)
  }

  @Test func `lets a profile be written by the devices of its place`() throws {
    let town = try town()
    let membership = town.membership
    let (place, device) = (RecordID(ada.place), RecordID(cem.device))
    for record in [place, device, RecordID(ada.device)] {
      #expect(membership.mayWriteProfile(record: record, author: ada.key))
      #expect(membership.mayWriteProfile(record: record, author: cem.key))
      #expect(!membership.mayWriteProfile(record: record, author: bo.key))
      #expect(!membership.mayWriteProfile(record: record, author: dina.key))
    }
    let other = RecordID(ID16(high: 1, low: 2))
    #expect(membership.mayWriteProfile(record: other, author: bo.key))
  }

  @Test func `tells whose standing changed`() throws {
    var town = try town()
    let before = town.membership
    #expect(before.devicesThatDiffer(from: before).isEmpty)
    try town.write(ada, .place(dina, 2))
    #expect(town.membership.devicesThatDiffer(from: before) == [dina.device])
    #expect(before.devicesThatDiffer(from: town.membership) == [dina.device])
  }

  @Test func `names at most eight heads, and among them one that the author stands by`() throws {
    var town = try Town()
    let own = try town.write(ada, .place(bo, 2), on: [town.genesis])
    #expect(town.graph.namedHeads(by: bo.key) == [own])
    var deep = town.genesis
    for rank in 0..<10 {
      deep = try town.write(ada, .inviteClose(.zero), on: [town.genesis], id: .ranked(UInt64(rank)))
      try town.write(ada, .inviteClose(.zero), on: [deep], id: .ranked(UInt64(100 + rank)))
    }
    #expect(town.graph.heads.count == 11)
    let named = town.graph.namedHeads(by: bo.key)
    #expect(named.count == 8 && named == named.sorted() && named.contains(own))
    #expect(!town.graph.namedHeads(by: ada.key).contains(own))
    let commons = Space.commons.id(in: town.graph.network)
    #expect(town.graph.counts(author: bo.key, kind: .content, space: commons, gov: named) == .counts)
  }
}
