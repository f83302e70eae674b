// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import SyncEngine
import Testing

@Suite("Genesis") struct GovernanceGenesisTests {
  let ada = Person.ada, bo = Person.bo, cem = Person.cem

  @Test func `makes a place of each founder, with every role`() throws {
    let town = try Town(founders: [ada, bo])
    let membership = town.membership
    #expect(membership.sortedPlaces.map(\.id) == [ada.place, bo.place].sorted())
    for founder in [ada, bo] {
      #expect(membership.roles(of: founder.device) == [.reader, .writer, .admin, .steward])
      let place = membership.places[founder.place]
      #expect(place?.firstDevice == founder.device)
      #expect(place?.stamp == 1000)
      #expect(place?.admittedBy == town.genesis)
    }
  }

  @Test func `gives both founders a vote of their own`() throws {
    var town = try Town(founders: [ada, bo])
    let admit = try town.write(bo, .place(cem, 3))
    #expect(town.objection(admit) == nil)
  }

  @Test func `is refused if it isn't one`() {
    let good = Town.genesis([ada, bo])
    func refuses(
      author: PublicKey? = nil, parents: [ChangeID] = [], ops: [GovernanceOp]? = nil
    ) -> GovernanceError? {
      let change = GovernanceChange(
        id: good.id, author: author ?? good.author, parents: parents, stamp: 0, ops: ops ?? good.ops)
      do throws(GovernanceError) {
        _ = try GovernanceGraph(genesis: change)
        return nil
      } catch {
        return error
      }
    }
    #expect(refuses() == nil)
    #expect(refuses(author: bo.key) == .notGenesis)
    #expect(refuses(parents: [.zero]) == .notGenesis)
    #expect(refuses(ops: []) == .notGenesis)
    #expect(refuses(ops: good.ops + [.inviteClose(.zero)]) == .notGenesis)
    #expect(refuses(ops: [.place(ada, 3)]) == .notGenesis)
    #expect(refuses(ops: [.genesis(Policy(), founders: [])]) == .notGenesis)
    #expect(refuses(ops: [.genesis(Policy(), founders: [ada.card, ada.card])]) == .notGenesis)
    #expect(refuses(ops: [.genesis(Policy(), founders: [ada.card, forged(bo)])]) == .notGenesis)
    #expect(refuses(ops: [.genesis(Policy(quorum: 2), founders: [ada.card])]) == .newerPolicy)
    #expect(refuses(ops: [.genesis(Policy(history: 2), founders: [ada.card])]) == .newerPolicy)
    #expect(refuses(ops: [.genesis(Policy(minVersion: 2), founders: [ada.card])]) == .newerPolicy)
  }

  @Test func `has no effect a second time`() throws {
    var town = try Town()
    let second = try town.write(ada, .genesis(Policy(quota: 1), founders: [ada.card, bo.card]))
    #expect(town.objection(second) == .secondGenesis)
    #expect(!town.isPresent(bo))
    #expect(town.membership.policy == Policy())
  }

  @Test func `is what everything follows from`() throws {
    var town = try Town()
    #expect(throws: GovernanceError.rootless) { try town.write(ada, .place(bo, 3), on: []) }
    #expect(throws: GovernanceError.unknown([.ranked(1), .ranked(2)])) {
      try town.write(ada, .place(bo, 3), on: [.ranked(2), town.genesis, .ranked(1)])
    }
    #expect(town.graph.count == 1)
  }

  @Test func `names the network`() throws {
    let town = try Town()
    #expect(town.graph.network.bytes == Hash.H("net", town.genesis.bytes))
    #expect(town.graph.anchor == [town.genesis])
    #expect(town.graph.anchorID.bytes == Hash.H("anchor", town.genesis.bytes))
  }

  @Test func `is taken in once`() throws {
    var town = try Town()
    let isNew0 = try town.graph.insert(town.changes[0])
    #expect(!isNew0)
    try town.write(ada, .place(bo, 3))
    let isNew1 = try town.graph.insert(town.changes[1])
    #expect(!isNew1)
    #expect(town.graph.count == 2)
  }
}

/// The person's card with another noise key, signed by nobody.
func forged(_ person: Person) -> Card {
  var bytes = person.card.encoded
  bytes[40] ^= 1
  do { return try Card(decoding: bytes) } catch { fatalError("a card keeps its form") }
}

@Suite("Admission") struct GovernanceAdmissionTests {
  let ada = Person.ada, bo = Person.bo, cem = Person.cem, dina = Person.dina, eve = Person.eve

  @Test func `of a place gives its first device the role that was asked, and its care`() throws {
    var town = try Town()
    try town.write(ada, .place(bo, 1), .place(cem, 2), .place(dina, 3))
    #expect(town.roles(bo) == [.reader, .steward])
    #expect(town.roles(cem) == [.reader, .writer, .steward])
    #expect(town.roles(dina) == [.reader, .writer, .admin, .steward])
  }

  @Test func `of a device gives no care and no admin`() throws {
    var town = try Town()
    try town.write(ada, .device(bo, 1, of: ada.place), .device(cem, 2, of: ada.place))
    let admin = try town.write(ada, .device(dina, 3, of: ada.place))
    #expect(town.roles(bo) == .reader)
    #expect(town.roles(cem) == [.reader, .writer])
    #expect(town.objection(admin) == .impossibleRole)
    #expect(town.membership.places[ada.place]?.devices == [ada, bo, cem].map(\.device).sorted())
  }

  @Test func `of a place isn't a reader's, a writer's or a stranger's`() throws {
    var town = try Town()
    let all = try town.write(
      ada, .place(bo, 1), .place(cem, 2), .device(dina, 2, of: ada.place))
    for author in [bo, cem, dina] {
      let change = try town.write(author, .place(eve, 1), on: [all])
      #expect(town.objection(change) == .notAdmin)
    }
    for author in [Person.fadi, eve] {
      let change = try town.write(author, .place(eve, 3), on: [all])
      #expect(town.objection(change) == .authorAbsent)
    }
    #expect(!town.isPresent(eve))
  }

  @Test func `of a device is the business of its place's steward alone`() throws {
    var town = try Town()
    let all = try town.write(ada, .place(bo, 1), .device(cem, 2, of: ada.place))
    let byMate = try town.write(cem, .device(dina, 1, of: ada.place), on: [all])
    let intoAnother = try town.write(bo, .device(dina, 1, of: ada.place), on: [all])
    let byAdmin = try town.write(ada, .device(dina, 1, of: bo.place), on: [all])
    let nowhere = try town.write(ada, .device(dina, 1, of: eve.place), on: [all])
    let own = try town.write(bo, .device(dina, 2, of: bo.place), on: [all])
    for change in [byMate, intoAnother, byAdmin] { #expect(town.objection(change) == .notSteward) }
    #expect(town.objection(nowhere) == .placeAbsent)
    #expect(town.objection(own) == nil)
    #expect(town.membership.place(of: dina.device) == bo.place)
  }

  @Test func `has an effect only before its author's absence is undone`() throws {
    var town = try Town()
    let early = try town.write(bo, .place(cem, 1), on: [town.genesis])
    let admit = try town.write(ada, .place(bo, 3), on: [town.genesis])
    let late = try town.write(bo, .place(dina, 1), on: [early, admit])
    #expect(town.objection(early) == .authorAbsent)
    #expect(town.objection(late) == nil)
    #expect(!town.isPresent(cem))
  }

  @Test func `by a device whose own admission is void is void, as far as it goes`() throws {
    var town = try Town(founders: [ada, bo])
    let code = InvitationCode.number(1)
    let invite = try town.write(ada, .inviteCreate(code.description(1, 3)))
    try town.write(ada, .place(cem, 3, code.proof(cem)), on: [invite], id: .ranked(1))
    let void = try town.write(bo, .place(dina, 3, code.proof(dina)), on: [invite], id: .ranked(2))
    let child = try town.write(dina, .place(eve, 3), on: [void])
    let grandchild = try town.write(eve, .device(.fadi, 2, of: eve.place), on: [child])
    #expect(town.graph.goodOps(of: grandchild) == [0])
    let membership = town.membership
    for person in [dina, eve, Person.fadi] { #expect(!membership.isPresent(person.device)) }
    #expect(membership.sortedPlaces.map(\.id) == [ada, bo, cem].map(\.place).sorted())
  }

  @Test func `of who is there already has no effect`() throws {
    var town = try Town()
    try town.write(ada, .place(bo, 1))
    let higher = try town.write(ada, .place(bo, 3))
    let moved = try town.write(ada, .device(bo, 2, of: ada.place))
    #expect(town.objection(higher) == .devicePresent)
    #expect(town.objection(moved) == .devicePresent)
    #expect(town.roles(bo) == [.reader, .steward])
  }

  @Test func `of a card that its device didn't sign has no effect`() throws {
    var town = try Town()
    let place = try town.write(
      ada, .placeAdmit(card: forged(bo), role: 2, invite: nil, countersign: nil))
    let device = try town.write(
      ada, .deviceAdmit(card: forged(bo), role: 2, place: ada.place, invite: nil, countersign: nil))
    #expect(town.objection(place) == .forgedCard)
    #expect(town.objection(device) == .forgedCard)
  }

  @Test func `of a role that there isn't has no effect`() throws {
    var town = try Town()
    for role: UInt64 in [0, 4] {
      let change = try town.write(ada, .place(bo, role))
    #expect(town.objection(change) == .impossibleRole)
    }
  }

  @Test func `may rest on an op before it in the same change, not on one after it`() throws {
    var town = try Town()
    let code = InvitationCode.number(1)
    let create = GovernanceOp.inviteCreate(code.description(1, 2))
    let admit = GovernanceOp.place(bo, 2, code.proof(bo))
    let wrong = try town.write(ada, admit, create, on: [town.genesis])
    #expect(town.graph.objections(to: wrong) == [.inviteUnknown, nil])
    var other = try Town()
    let right = try other.write(ada, create, admit)
    #expect(other.graph.objections(to: right) == [nil, nil])
    #expect(other.isPresent(bo))
  }

  @Test func `by two places at once gives a seat in each, with the roles of each`() throws {
    var town = try Town(founders: [ada, bo])
    let careful = try town.write(ada, .device(cem, 1, of: ada.place), on: [town.genesis], id: .ranked(2))
    try town.write(bo, .device(cem, 2, of: bo.place), on: [town.genesis], id: .ranked(1))
    let membership = town.membership
    #expect(membership.devices[cem.device]?.seats.map(\.place) == [bo.place, ada.place])
    #expect(membership.mayWrite(cem.device, .place(bo.place)))
    #expect(membership.mayRead(cem.device, .place(ada.place)))
    #expect(!membership.mayWrite(cem.device, .place(ada.place)))
    let ofcareful = try town.graph.resolve(pastOf: [careful])
    #expect(!ofcareful.mayWrite(cem.device, .commons))
  }

  @Test func `can be tried before it is written`() throws {
    var town = try Town()
    try town.write(ada, .place(bo, 2))
    #expect(town.graph.objections(to: [.place(cem, 1), .place(cem, 1)], by: ada.key) == [nil, .devicePresent])
    #expect(town.graph.objections(to: [.place(cem, 1)], by: bo.key) == [.notAdmin])
    #expect(!town.isPresent(cem))
    #expect(town.graph.count == 2)
  }
}
