// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine
import Testing

@Suite("Things that are lent") struct LendingTests {
  /// Every first exchange among three that can differ.
  private static let orders: [[(Int, Int)]] = [
    [], [(0, 1)], [(1, 0)], [(2, 0), (2, 1)], [(2, 1), (2, 0)], [(0, 2), (1, 2)], [(1, 0), (2, 1), (0, 2)],
  ]

  private func three(clocks: [UInt64] = [0, 0, 0]) throws -> [TestPlace] {
    let base: UInt64 = 1_800_000_000_000
    let cantine = try TestPlace(named: "Cantine", clock: base + clocks[0])
    let steki = try TestPlace(joining: cantine, named: "Steki", clock: base + clocks[1])
    let ateneu = try TestPlace(joining: cantine, named: "Ateneu", clock: base + clocks[2])
    try exchange(cantine, steki, ateneu)
    return [cantine, steki, ateneu]
  }

  @Test func `the same drill claimed twice offline: neither is dropped, and both are told of each other`() throws {
    for order in Self.orders {
      let places = try three()
      let drill = try places[0].add(.thing, [("title", "Perceuse")])
      try exchange(places[0], places[1], places[2])
      let one = try places[0].claim(drill, by: "Nour", [("when", "2026-12-03..2026-12-05")])
      let other = try places[1].claim(drill, by: "Eleni", [("when", "2026-12-05..2026-12-07")])
      let apart = try places[1].claim(drill, by: "Sami", [("when", "2026-12-10")])
      #expect(try places[0].standing(one, of: drill) == .held)
      #expect(try places[1].standing(other, of: drill) == .held)
      try exchange(places, order: order)
      for place in places {
        let lending = try place.lending(drill)
        #expect(lending.entry(one)?.standing == .contested && lending.entry(one)?.outcome.others == [other])
        #expect(lending.entry(other)?.standing == .contested && lending.entry(other)?.outcome.others == [one])
        #expect(lending.entry(apart)?.standing == .held)
        #expect(try Lending.contested(in: place.replica, today: TestPlace.today).map(\.thing.id) == [drill])
      }
      try places[1].withdraw(other)
      try exchange(places, order: order)
      for place in places { #expect(try place.standing(one, of: drill) == .held) }
    }
  }

  @Test func `whose clock is ahead makes no difference`() throws {
    let hour: UInt64 = 3_600_000
    for clocks in [[0, hour, 2 * hour], [2 * hour, hour, 0], [hour, 0, 0]] {
      let places = try three(clocks: clocks)
      let drill = try places[0].add(.thing, [("title", "Perceuse"), ("capacity", "2")])
      try exchange(places, order: [])
      let first = try places[2].claim(drill, by: "Ana")
      try places[1].take(from: places[2])
      let second = try places[1].claim(drill, by: "Eleni")
      let beside = try places[0].claim(drill, by: "Nour")
      try exchange(places, order: [(0, 1)])
      for place in places {
        #expect(try place.standing(first, of: drill) == .held)
        #expect(try place.standing(second, of: drill) == .contested)
        #expect(try place.standing(beside, of: drill) == .contested)
      }
    }
  }

  @Test func `who claims what they know to be taken waits, and has it once it is free`() throws {
    let places = try three()
    let drill = try places[0].add(.thing, [("title", "Perceuse")])
    let first = try places[0].claim(drill, by: "Nour")
    try exchange(places, order: [])
    let lending = try places[1].lending(drill)
    #expect(lending.obstacles(to: 1, when: nil)?.map(\.claim.id) == [first])
    let second = try places[1].claim(drill, by: "Eleni", [("when", "2026-12-05")])
    #expect(try places[1].standing(second, of: drill) == .waiting)
    try exchange(places, order: [])
    #expect(try places[0].standing(first, of: drill) == .held)
    try places[0].set(first, "out_at", "2026-11-21")
    try places[0].set(first, "back_at", "2026-11-22")
    #expect(try places[0].standing(first, of: drill) == .over)
    #expect(try places[0].standing(second, of: drill) == .held)
  }

  // MARK: Keepers

  private func kept() throws -> (places: [TestPlace], drill: RecordID, claim: RecordID) {
    let places = try three()
    let drill = try places[0].add(.thing, [("title", "Perceuse"), ("keeper", try places[0].placeReference)])
    try exchange(places, order: [])
    let claim = try places[2].claim(drill, by: "Ana")
    try exchange(places, order: [])
    for place in places { #expect(try place.standing(claim, of: drill) == .requested) }
    return (places, drill, claim)
  }

  @Test func `only the keeper's word counts, and nobody's overwriting hides it`() throws {
    for order in Self.orders {
      let (places, drill, claim) = try kept()
      try places[1].answer(claim, true)
      try exchange(places, order: order)
      for place in places {
        #expect(try place.standing(claim, of: drill) == .requested)
        #expect(try place.record(claim).value("agreed") == .null)
      }
      try places[0].answer(claim, true)
      try exchange(places, order: order)
      try places[2].answer(claim, false)
      try places[2].set(claim, "purpose", "une étagère")
      try exchange(places, order: order)
      for place in places {
        #expect(try place.standing(claim, of: drill) == .granted)
        #expect(try place.record(claim).value("agreed") == .bool(true))
      }
      try places[0].answer(claim, false)
      try exchange(places, order: order)
      for place in places { #expect(try place.standing(claim, of: drill) == .declined) }
    }
  }

  @Test func `grant ∥ withdraw: who doesn't want it any more doesn't have it`() throws {
    for order in Self.orders {
      let (places, drill, claim) = try kept()
      try places[0].answer(claim, true)
      try places[2].withdraw(claim)
      try exchange(places, order: order)
      for place in places { #expect(try place.standing(claim, of: drill) == .withdrawn) }
      let next = try places[1].claim(drill, by: "Eleni")
      try exchange(places, order: order)
      try places[0].answer(next, true)
      #expect(try places[0].lending(drill).entry(next)?.outcome.isOverGranted == false)
    }
  }

  @Test func `keeper changes ∥ grant: what was promised stands, and the next word is the new keeper's`() throws {
    for order in Self.orders {
      let (places, drill, claim) = try kept()
      try places[0].answer(claim, true)
      try places[1].set(drill, "keeper", try places[1].placeReference)
      try exchange(places, order: order)
      for place in places {
        #expect(try place.standing(claim, of: drill) == .granted)
        #expect(try place.lending(drill).keepers == [try places[1].replica.placeID()!])
      }
      let late = try places[2].claim(drill, by: "Sami")
      try exchange(places, order: order)
      try places[0].answer(late, true)
      try exchange(places, order: order)
      for place in places { #expect(try place.standing(late, of: drill) == .requested) }
      try places[1].answer(late, true)
      try places[1].answer(claim, false)
      try exchange(places, order: order)
      for place in places {
        #expect(try place.standing(late, of: drill) == .granted)
        #expect(try place.standing(claim, of: drill) == .declined)
      }
    }
  }

  @Test func `two keepers who answer at once contradict or promise twice in the open`() throws {
    let (places, drill, claim) = try kept()
    let other = try places[2].claim(drill, by: "Sami")
    try exchange(places, order: [])
    try places[1].set(drill, "keeper", try places[1].placeReference)
    try places[1].answer(claim, false)
    try places[1].answer(other, true)
    try places[0].answer(claim, true)
    try exchange(places, order: [])
    #expect(try places[2].standing(claim, of: drill) == .contested)
    try places[1].answer(claim, true)
    try exchange(places, order: [])
    for place in places {
      let lending = try place.lending(drill)
      #expect(lending.contested.map(\.standing) == [.granted, .granted])
      #expect(lending.entries.allSatisfy { $0.outcome.isOverGranted })
    }
  }

  @Test func `a grant of what was meanwhile asked otherwise is asked again`() throws {
    let (places, drill, claim) = try kept()
    try places[0].answer(claim, true)
    try places[2].set(claim, "when", "2026-12-01..2026-12-31")
    try exchange(places, order: [])
    #expect(try places[1].standing(claim, of: drill) == .requested)
    try places[0].answer(claim, true)
    #expect(try places[0].standing(claim, of: drill) == .granted)
  }

  @Test func `a keeper who wants no asking lets claims hold by themselves`() throws {
    let (places, drill, claim) = try kept()
    try places[0].set(drill, "permission", "no")
    #expect(try places[0].standing(claim, of: drill) == .held)
    try places[0].answer(claim, false)
    #expect(try places[0].standing(claim, of: drill) == .declined)
  }

  // MARK: What people disagree about

  @Test func `competing answers bind to the careful side`() throws {
    let places = try three()
    let tents = try places[0].add(.thing, [("title", "Tentes"), ("capacity", "5")])
    let claim = try places[0].claim(tents, by: "Nour", [("qty", "1"), ("when", "2026-12-01")])
    try exchange(places, order: [])
    try places[0].set(tents, "capacity", "4")
    try places[1].set(tents, "capacity", "3")
    try places[0].set(claim, "qty", "3")
    try places[1].set(claim, "qty", "2")
    try places[0].set(claim, "when", "2026-12-01..2026-12-02")
    try places[1].set(claim, "when", "2026-12-08")
    try exchange(places, order: [])
    for place in places {
      let lending = try place.lending(tents)
      #expect(lending.capacity == 3 && lending.entry(claim)?.quantity == 3)
      for (day, isTaken) in [("2026-12-02", true), ("2026-12-04", false), ("2026-12-08", true)] {
        #expect((lending.obstacles(to: 1, when: try When(edtf: day)) != nil) == isTaken)
      }
    }
  }

  @Test func `neither a withdrawn nor a deleted claim comes back by an edit`() throws {
    let places = try three()
    let drill = try places[0].add(.thing, [("title", "Perceuse")])
    let (one, other) = (try places[0].claim(drill, by: "Nour"), try places[0].claim(drill, by: "Sami"))
    try exchange(places, order: [])
    try places[0].withdraw(one)
    try places[0].delete(other)
    for claim in [one, other] { try places[1].set(claim, "purpose", "une étagère") }
    try exchange(places, order: [])
    for place in places {
      #expect(try place.lending(drill).entries.map(\.standing) == [.withdrawn])
      #expect(try place.replica.read(.claim).map(\.id) == [one])
      #expect(try Conflicts(in: place.replica).isEmpty && Conflicts.count(in: place.replica) == 0)
      #expect(try place.replica.read(other)?.isVisible == false)
    }
  }

  @Test func `what is out is overdue after its last day, and over when it is back`() throws {
    let place = try TestPlace()
    let drill = try place.add(.thing, [("title", "Perceuse")])
    let claim = try place.claim(drill, by: "Nour", [("when", "2026-11-18..2026-11-20")])
    #expect(try place.standing(claim, of: drill) == .over)
    try place.set(claim, "out_at", "2026-11-18")
    let entry = try #require(try place.lending(drill).entry(claim))
    #expect(entry.isOut && entry.isOverdue && entry.standing == .held)
    #expect(try place.lending(drill).obstacles(to: 1, when: try When(edtf: "2026-11-25")) == nil)
    try place.set(claim, "back_at", "2026-11-21")
    let back = try #require(try place.lending(drill).entry(claim))
    #expect(!back.isOut && !back.isOverdue && back.standing == .over)
  }

  // MARK: Times

  @Test(arguments: [
    ("2026-12-05", "2026-12-05", true), ("2026-12-05", "2026-12-06", false), ("2026-12-05..2026-12-09", "2026-12-09", true),
    ("2026-12-05 10:00-12:00", "2026-12-05 12:00-13:00", false), ("2026-12-05 10:00-12:00", "2026-12-05 11:59", true),
    ("2026-12-05 22:00", "2026-12-06", false), ("2026-12-05 22:00-02:00", "2026-12-06", true), ("2026-12..", "2031-01-01", true),
    ("~december", "2026-12-31", true), ("2026-12..2027-01", "2027-02-01", false),
  ])
  func `overlap as calendars have it`(one: String, other: String, isTaken: Bool) throws {
    let place = try TestPlace()
    for (first, second) in [(one, other), (other, one)] {
      let drill = try place.add(.thing, [("title", "Perceuse")])
      try place.claim(drill, by: "Nour", [("when", first)])
      let wanted = try place.input.when(second)
      #expect((try place.lending(drill).obstacles(to: 1, when: wanted) != nil) == isTaken, "\(first) \(second)")
    }
  }

  @Test func `clocks of several zones overlap where they might`() throws {
    let place = try TestPlace()
    let drill = try place.add(.thing, [("title", "Perceuse")])
    let times = [
      "2026-12-05T10:00/2026-12-05T12:00[Europe/Paris]", "2026-12-05T13:00/2026-12-05T14:00[Europe/Athens]",
      "2026-12-08T10:00/2026-12-08T11:00[Europe/Athens]",
    ]
    var claims: [RecordID] = []
    for time in times {
      var editor = RecordEditor()
      let handle = editor.claim(try place.record(drill))
      editor.set(handle, CellKey(field: Kind.claim.field(named: "when")!.number), to: try When(edtf: time).value)
      claims.append(try editor.commit(to: place.replica).id(handle))
    }
    let standings = try claims.map { try place.standing($0, of: drill) }
    #expect(standings == [.held, .waiting, .held])
  }

  // MARK: Any history

  @Test func `in any history all places agree, and so does a replica that is rebuilt`() throws {
    for seed in UInt64(1)...12 {
      var random = SeededScarcity(seed)
      let places = try three()
      let drill = try places[0].add(.thing, [("title", "Perceuse"), ("capacity", "2")])
      try exchange(places, order: [])
      for _ in 0..<25 { try random.step(places, drill) }
      try exchange(places, order: [(random.below(3), random.below(3))])
      func portrait(_ place: TestPlace) throws -> [String] {
        try place.lending(drill).entries.map { "\($0.claim.id) \($0.standing) \($0.outcome.others) \($0.outcome.isOverGranted)" }
      }
      let expected = try portrait(places[0])
      try places[2].replica.rebuild()
      for place in places { #expect(try portrait(place) == expected, "seed \(seed)") }
    }
  }
}

/// Anything that people do with a thing, each with what they know.
private struct SeededScarcity {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func below(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }

  mutating func step(_ places: [TestPlace], _ drill: RecordID) throws {
    let place = places[below(3)]
    let claims = try place.lending(drill).entries.map(\.claim.id)
    switch below(9) {
    case 0, 1: try place.take(from: places[below(3)])
    case 2: try place.set(drill, "keeper", try places[below(3)].placeReference)
    case 3: try place.set(drill, "capacity", String(1 + below(3)))
    case 4 where !claims.isEmpty: try place.answer(claims[below(claims.count)], below(3) > 0)
    case 5 where !claims.isEmpty: try place.withdraw(claims[below(claims.count)])
    case 6 where !claims.isEmpty: try place.set(claims[below(claims.count)], "when", "2026-12-0\(1 + below(9))")
    case 7 where !claims.isEmpty: try place.delete(claims[below(claims.count)])
    default: try place.claim(drill, by: "Nour", [("when", "2026-12-0\(1 + below(4))..2026-12-0\(5 + below(4))")])
    }
  }
}
