// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import SyncEngine
import Testing

@Suite("Invitations in Resolve") struct GovernanceInvitationTests {
  let code = InvitationCode.number(1)
  let ada = Person.ada, bo = Person.bo, cem = Person.cem, dina = Person.dina, eve = Person.eve

  /// Ada founds, Bo is admin of a second place, and Ada's invitation of a place is there.
  func invited(_ role: UInt64 = 2) throws -> (Town, ChangeID) {
    var town = try Town()
    try town.write(ada, .place(bo, 3))
    let invite = try town.write(ada, .inviteCreate(code.description(1, role)))
    return (town, invite)
  }

  @Test func `lets one card in, and is used by it`() throws {
    var (town, _) = try invited()
    #expect(town.membership.invite(code.inviteID)?.state == .open)
    let admit = try town.write(bo, .place(cem, 2, code.proof(cem)))
    let membership = town.membership
    #expect(town.objection(admit) == nil)
    #expect(membership.roles(of: cem.device) == [.reader, .writer, .steward])
    #expect(membership.invite(code.inviteID)?.state == .used(by: cem.device))
    #expect(membership.openInvites.isEmpty)
  }

  @Test func `lets no second card in that comes later`() throws {
    var (town, _) = try invited()
    try town.write(bo, .place(cem, 2, code.proof(cem)))
    let second = try town.write(bo, .place(dina, 2, code.proof(dina)))
    #expect(town.objection(second) == .inviteNotOpen)
  }

  @Test func `lets no second card in within one change`() throws {
    var (town, _) = try invited()
    let both = try town.write(bo, .place(cem, 2, code.proof(cem)), .place(dina, 2, code.proof(dina)))
    #expect(town.graph.objections(to: both) == [nil, .inviteNotOpen])
  }

  @Test(arguments: [true, false])
  func `of concurrent admits the lowest id stands, and all that rests on the other is void`(
    isAdaFirst: Bool
  ) throws {
    var (town, invite) = try invited(3)
    let (low, high) = (ChangeID.ranked(1), ChangeID.ranked(2))
    try town.write(ada, .place(cem, 3, code.proof(cem)), on: [invite], id: isAdaFirst ? low : high)
    let other = try town.write(
      bo, .place(dina, 3, code.proof(dina)), on: [invite], id: isAdaFirst ? high : low)
    let ofother = try town.graph.resolve(pastOf: [other])
    #expect(ofother.isPresent(dina.device))
    let rests = try town.write(dina, .place(eve, 2), on: [other])
    #expect(town.objection(rests) == nil)
    #expect(town.isPresent(cem) == isAdaFirst)
    #expect(town.isPresent(dina) == !isAdaFirst)
    #expect(town.isPresent(eve) == !isAdaFirst)
    #expect(town.membership.invites.first?.state == .used(by: isAdaFirst ? cem.device : dina.device))
  }

  @Test func `of concurrent admits the lower depth goes before the lower id`() throws {
    var (town, invite) = try invited()
    let step = try town.write(bo, .device(eve, 1, of: bo.place), on: [invite], id: .ranked(3))
    try town.write(bo, .place(cem, 2, code.proof(cem)), on: [step], id: .ranked(1))
    try town.write(ada, .place(dina, 2, code.proof(dina)), on: [invite], id: .ranked(2))
    #expect(town.isPresent(dina))
    #expect(!town.isPresent(cem))
  }

  @Test func `an admit that is void itself takes nothing from the one after it`() throws {
    var (town, _) = try invited(3)
    let second = InvitationCode.number(2)
    let invite = try town.write(ada, .inviteCreate(second.description(1, 2)))
    // Cem and Dina compete for the first invitation and Cem wins; Dina used the second for Eve.
    try town.write(ada, .place(cem, 3, code.proof(cem)), on: [invite], id: .ranked(1))
    let loses = try town.write(bo, .place(dina, 3, code.proof(dina)), on: [invite], id: .ranked(2))
    try town.write(dina, .place(eve, 2, second.proof(eve)), on: [loses], id: .ranked(3))
    let fadi = Person.fadi
    try town.write(
      bo, .place(fadi, 2, second.proof(fadi)), on: [try town.write(bo, .inviteClose(.zero), on: [invite])],
      id: .ranked(4))
    #expect(!town.isPresent(eve))
    #expect(town.isPresent(fadi))
  }

  @Test func `the same card admitted twice is one device, and the lowest change says by whom`() throws {
    var (town, invite) = try invited()
    let later = try town.write(ada, .place(cem, 2, code.proof(cem)), on: [invite], id: .ranked(2))
    try town.write(bo, .place(cem, 2, code.proof(cem)), on: [invite], id: .ranked(1))
    let rests = try town.write(cem, .device(dina, 2, of: cem.place), on: [later])
    #expect(town.objection(rests) == nil)
    let membership = town.membership
    #expect(membership.devices[cem.device]?.admittedBy == .ranked(1))
    #expect(membership.devices[cem.device]?.seats.count == 1)
    #expect(membership.isPresent(dina.device))
  }

  @Test func `closed in the past lets nobody in`() throws {
    var (town, _) = try invited()
    try town.write(ada, .inviteClose(code.inviteID))
    let admit = try town.write(bo, .place(cem, 2, code.proof(cem)))
    #expect(town.objection(admit) == .inviteNotOpen)
    #expect(town.membership.invite(code.inviteID)?.state == .closed)
  }

  @Test func `closed concurrently doesn't undo an admission`() throws {
    var (town, invite) = try invited()
    try town.write(ada, .inviteClose(code.inviteID), on: [invite], id: .ranked(1))
    try town.write(bo, .place(cem, 2, code.proof(cem)), on: [invite], id: .ranked(2))
    #expect(town.isPresent(cem))
    #expect(town.membership.invite(code.inviteID)?.state == .used(by: cem.device))
  }

  @Test func `is closed by its author or an admin, and by nobody else`() throws {
    var town = try Town()
    try town.write(ada, .place(bo, 2), .place(cem, 2))
    let device = try town.write(bo, .inviteCreate(code.description(2, 1)))
    let byOther = try town.write(cem, .inviteClose(code.inviteID), on: [device])
    let byAuthor = try town.write(bo, .inviteClose(code.inviteID), on: [device])
    let byAdmin = try town.write(ada, .inviteClose(code.inviteID), on: [device])
    let unknown = try town.write(ada, .inviteClose(.zero), on: [device])
    #expect(town.objection(byOther) == .inviteOfAnother)
    #expect(town.objection(byAuthor) == nil)
    #expect(town.objection(byAdmin) == nil)
    #expect(town.objection(unknown) == .inviteUnknown)
  }

  @Test func `wants the invite key's signature over this very card`() throws {
    var (town, invite) = try invited()
    let of = { (proof: Proof) in GovernanceOp.place(cem, 2, proof) }
    let none = try town.write(bo, of(Proof(invite: code.inviteID, countersign: nil)), on: [invite])
    let otherCard = try town.write(bo, of(code.proof(dina)), on: [invite])
    let otherKey = InvitationCode.number(2).countersign(cem.card)
    let forged = try town.write(bo, of(Proof(invite: code.inviteID, countersign: otherKey)), on: [invite])
    for change in [none, otherCard, forged] { #expect(town.objection(change) == .wrongCountersign) }
    #expect(!town.isPresent(cem))
  }

  @Test(arguments: [(1, 3), (2, 3), (2, 1), (3, 2)] as [(UInt64, UInt64)])
  func `gives the role that it was made with, neither more nor less`(made: UInt64, asked: UInt64) throws {
    var (town, _) = try invited(made)
    let admit = try town.write(bo, .place(cem, asked, code.proof(cem)))
    #expect(town.objection(admit) == .inviteOfOtherRole)
  }

  @Test func `for a place lets no device in, nor the reverse`() throws {
    var (town, _) = try invited()
    let other = InvitationCode.number(2)
    let invite = try town.write(ada, .inviteCreate(other.description(2, 2)))
    let device = try town.write(bo, .device(cem, 2, of: ada.place, code.proof(cem)), on: [invite])
    let place = try town.write(bo, .place(cem, 2, other.proof(cem)), on: [invite])
    #expect(town.objection(device) == .inviteOfOtherPurpose)
    #expect(town.objection(place) == .inviteOfOtherPurpose)
  }

  @Test func `for a device lets it into its author's place alone`() throws {
    var town = try Town()
    try town.write(ada, .place(bo, 2))
    let invite = try town.write(ada, .inviteCreate(code.description(2, 2)))
    let elsewhere = try town.write(bo, .device(cem, 2, of: bo.place, code.proof(cem)), on: [invite])
    let home = try town.write(bo, .device(cem, 2, of: ada.place, code.proof(cem)), on: [invite])
    #expect(town.objection(elsewhere) == .inviteOfOtherPlace)
    #expect(town.objection(home) == nil)
    #expect(town.membership.place(of: cem.device) == ada.place)
  }

  @Test func `of a place is an admin's to make, of a device a steward's`() throws {
    var town = try Town()
    try town.write(ada, .place(bo, 2), .device(cem, 2, of: ada.place))
    let (one, two, three) = (code, InvitationCode.number(2), InvitationCode.number(3))
    let byWriter = try town.write(bo, .inviteCreate(one.description(1, 1)))
    let byDevice = try town.write(cem, .inviteCreate(one.description(2, 1)))
    let admin = try town.write(bo, .inviteCreate(two.description(2, 3)))
    let noRole = try town.write(ada, .inviteCreate(two.description(1, 4)))
    let noPurpose = try town.write(ada, .inviteCreate(two.description(3, 1)))
    let good = try town.write(bo, .inviteCreate(three.description(2, 2)))
    var odd = two.description(1, 1)
    odd.medium = 3
    let noMedium = try town.write(ada, .inviteCreate(odd))
    #expect(town.objection(noMedium) == .impossibleMedium)
    #expect(town.objection(byWriter) == .notAdmin)
    #expect(town.objection(byDevice) == .notSteward)
    #expect(town.objection(admin) == .impossibleRole)
    #expect(town.objection(noRole) == .impossibleRole)
    #expect(town.objection(noPurpose) == .inviteOfOtherPurpose)
    #expect(town.objection(good) == nil)
    #expect(town.membership.invites.map(\.author) == [bo.device])
  }

  @Test func `keeps its id to itself`() throws {
    var (town, _) = try invited()
    let again = try town.write(bo, .inviteCreate(code.description(1, 3)))
    #expect(town.objection(again) == .inviteTaken)
  }

  @Test func `isn't captured by someone who copies its id on a branch that goes first`() throws {
    var (town, invite) = try invited()
    try town.write(ada, .place(cem, 2, code.proof(cem)), on: [invite])
    // Bo makes an invitation of the same id under a key of his own, behind Ada's back, and uses it.
    var copy = InvitationCode.number(2).description(1, 2)
    copy.id = code.inviteID
    let behind = try town.graph.past(of: [invite])[1]
    let forged = Proof(invite: copy.id, countersign: InvitationCode.number(2).countersign(dina.card))
    let made = try town.write(bo, .inviteCreate(copy), .place(dina, 2, forged), on: [behind], id: .ranked(0))
    #expect(town.graph.objections(to: made) == [nil, nil])
    #expect(town.isPresent(cem))
    #expect(town.membership.invites.count == 2)
  }

  @Test func `is anyone's to answer who reads, and no stranger's`() throws {
    var (town, _) = try invited()
    let reads = try town.write(ada, .place(dina, 1))
    let byStranger = try town.write(eve, .place(cem, 2, code.proof(cem)), on: [reads])
    let byReader = try town.write(dina, .place(cem, 2, code.proof(cem)), on: [reads])
    #expect(town.objection(byStranger) == .authorAbsent)
    #expect(town.objection(byReader) == nil)
    #expect(town.isPresent(cem))
  }
}
