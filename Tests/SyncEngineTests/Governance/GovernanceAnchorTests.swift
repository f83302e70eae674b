// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import SyncEngine
import Testing

@Suite("Anchor") struct GovernanceAnchorTests {
  let ada = Person.ada, bo = Person.bo, cem = Person.cem, dina = Person.dina

  /// Ada admits Bo; whoever stole her key then admits Cem from the genesis, and Cem admits Dina.
  func fork(anchor: [ChangeID]?) throws -> (Town, thief: ChangeID, puppet: ChangeID) {
    var town = try Town(anchor: anchor)
    try town.write(ada, .place(bo, 3), id: .ranked(9))
    let thief = try town.write(ada, .place(cem, 3), on: [town.genesis])
    let puppet = try town.write(cem, .place(dina, 3), on: [thief])
    return (town, thief, puppet)
  }

  @Test func `a fork behind it has no vote, nor has whoever it let in`() throws {
    var (town, thief, puppet) = try fork(anchor: [.ranked(9)])
    #expect(town.objection(thief) == .forkedBehindAnchor)
    #expect(town.objection(puppet) == .authorAbsent)
    #expect(town.isPresent(bo))
    #expect(!town.isPresent(cem) && !town.isPresent(dina))
    let ofthief = try town.graph.resolve(pastOf: [thief])
    #expect(!ofthief.isPresent(cem.device))
    #expect(town.graph.anchorID.bytes == Hash.H("anchor", ChangeID.ranked(9).bytes))
  }

  @Test func `at the genesis leaves both branches their vote`() throws {
    let (town, thief, puppet) = try fork(anchor: nil)
    #expect(town.objection(thief) == nil)
    #expect(town.objection(puppet) == nil)
    #expect(town.isPresent(bo) && town.isPresent(dina))
  }

  @Test func `doesn't touch others' concurrent changes, nor what follows it`() throws {
    var town = try Town(founders: [ada, bo], anchor: [.ranked(9)])
    try town.write(ada, .place(cem, 3), id: .ranked(9))
    let concurrent = try town.write(bo, .place(dina, 3), on: [town.genesis])
    let after = try town.write(ada, .place(.eve, 3), on: [.ranked(9)])
    #expect(town.objection(concurrent) == nil)
    #expect(town.objection(after) == nil)
  }

  @Test func `that comes last judges what came before it again`() throws {
    let (other, thief, _) = try fork(anchor: nil)
    var graph = try GovernanceGraph(genesis: other.changes[0], anchor: [.ranked(9)])
    for change in other.changes[2...] { try graph.insert(change) }
    #expect(!graph.isAnchored)
    #expect(graph.objections(to: thief) == [nil])
    try graph.insert(other.changes[1])
    #expect(graph.isAnchored)
    #expect(graph.objections(to: thief) == [.forkedBehindAnchor])
    #expect(graph.resolve().isPresent(bo.device))
    #expect(!graph.resolve().isPresent(cem.device))
  }
}

@Suite("Ops of a newer version") struct GovernanceFreezeTests {
  let ada = Person.ada, bo = Person.bo, eve = Person.eve
  let unknown = GovernanceOp.unknown(code: 4, raw: [0xa0])

  @Test func `freeze the replica and have no effect`() throws {
    var town = try Town()
    #expect(town.graph.frozen == nil)
    let change = try town.write(ada, unknown, .place(bo, 1))
    #expect(town.graph.objections(to: change) == [.unknownOp, nil])
    #expect(town.graph.frozen == change)
    #expect(town.isPresent(bo))
  }

  @Test func `of a stranger freeze nobody`() throws {
    var town = try Town()
    let change = try town.write(eve, unknown)
    #expect(town.objection(change) == .authorAbsent)
    #expect(town.graph.frozen == nil)
  }

  @Test func `are told of by the first in the walk`() throws {
    var town = try Town(founders: [ada, bo])
    try town.write(ada, unknown, on: [town.genesis], id: .ranked(2))
    try town.write(bo, unknown, on: [town.genesis], id: .ranked(1))
    try town.write(ada, unknown)
    #expect(town.graph.frozen == .ranked(1))
  }
}
