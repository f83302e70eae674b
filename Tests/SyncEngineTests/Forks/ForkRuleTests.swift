// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto
import Testing

@testable import SyncEngine

@Suite("R7 in every order of arrival:") struct ForkRuleTests {
  /// Gives the pieces to fresh replicas in all orders: each makes the same of them, and the same as the oracle.
  /// Gives one of them back.
  @discardableResult
  private func inEveryOrder(
    _ forger: Forger, _ pieces: [[Change]], records: UInt64 = 1, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> TestPlace {
    let expected = try ForkPortrait(forger, records: records)
    var first: TestPlace?
    for order in permutations(pieces) {
      let place = try forger.freshObserver()
      for piece in order { #expect(try place.replica.ingest(piece).refused.isEmpty, sourceLocation: sourceLocation) }
      #expect(try place.replica.waiting().count == 0, sourceLocation: sourceLocation)
      #expect(try ForkPortrait(place, forger, records: records) == expected, sourceLocation: sourceLocation)
      #expect(try place.digest() == (first ?? place).digest(), sourceLocation: sourceLocation)
      #expect(try place.frontier() == (first ?? place).frontier(), sourceLocation: sourceLocation)
      #expect(try place.replica.check(full: true).damage == [], sourceLocation: sourceLocation)
      let digest = try place.digest()
      try place.replica.rebuild()
      #expect(try place.digest() == digest, sourceLocation: sourceLocation)
      first = first ?? place
    }
    return first!
  }

  private func held(_ place: TestPlace, _ forger: Forger) throws -> Set<SyncEngine.ChangeID> {
    try ForkPortrait(place, forger, records: 1).held
  }

  @Test func `R7 a fork found long after: what others had seen stays, the rest is held`() throws {
    var forger = try Forger(members: 4)
    let one = forger.chain(by: 1, ["1", "2", "3"])
    let seen = forger.chain(by: 2, seeing: [one[2]], ["seen"])
    let other = forger.chain(by: 1, after: one[0], ["2'", "3'"])
    let place = try inEveryOrder(forger, [[one[0]], Array(one[1...]), seen, other])
    #expect(try held(place, forger) == Set(other.map(\.id)))
    #expect(try place.replica.heldChanges() == [forger.devices[1].card.device: 2])
  }

  @Test func `R7 both branches vouched for, by different members`() throws {
    var forger = try Forger(members: 4)
    let one = forger.chain(by: 1, ["1", "2"])
    let other = forger.chain(by: 1, after: one[0], ["2'", "3'"])
    let c = forger.chain(by: 2, seeing: [one[1]], ["c"])
    let d = forger.chain(by: 3, seeing: [other[0]], ["d"])
    let place = try inEveryOrder(forger, [one, other, c, d])
    #expect(try held(place, forger) == [other[1].id])
  }

  @Test func `R7 a voucher who is itself found to have forked, and another who isn't`() throws {
    var forger = try Forger(members: 4)
    let one = forger.chain(by: 1, ["1", "2"])
    let other = forger.chain(by: 1, after: one[0], ["2'"])
    let voucher = forger.chain(by: 2, seeing: [one[1]], ["v"])
    let rival = forger.chain(by: 2, ["w"])
    let place = try inEveryOrder(forger, [one, other, voucher, rival])
    #expect(try held(place, forger) == Set((one[1...] + other + voucher + rival).map(\.id)))
    let late = forger.chain(by: 3, seeing: [voucher[0]], ["late"])
    let healed = try inEveryOrder(forger, [one, other, voucher + late, rival])
    #expect(try held(healed, forger) == Set((other + rival).map(\.id)))
  }

  @Test func `R7 a part before the fork vouches for nothing`() throws {
    var forger = try Forger(members: 4)
    let one = forger.chain(by: 1, ["1", "2"])
    let other = forger.chain(by: 1, after: one[0], ["2'"])
    let before = forger.write(by: 2, seeing: [one[1]], Forger.title("before"))
    let left = forger.chain(by: 2, after: before, ["left"])
    let right = forger.chain(by: 2, after: before, ["right"])
    let place = try inEveryOrder(forger, [one, other, [before], left, right])
    #expect(try held(place, forger) == Set(([one[1]] + other + left + right).map(\.id)))
    // Who writes now names neither what is held nor what has it in its past.
    let made = try place.replica.commit(to: place.commons, Forger.title("mine"))
    let heads = try place.replica.signedChange(made.change)!.header.heads
    #expect(heads.contains(one[0].id) && !heads.contains(before.id) && !heads.contains(one[1].id))
    #expect(try held(place, forger) == Set(([one[1]] + other + left + right).map(\.id)))
  }

  @Test func `R7 a branch of a branch`() throws {
    var forger = try Forger(members: 4)
    let one = forger.chain(by: 1, ["1", "2", "3", "4"])
    let branch = forger.chain(by: 1, after: one[0], ["2'", "3'", "4'"])
    let twig = forger.chain(by: 1, after: branch[1], ["4''", "5''"])
    let seen = forger.chain(by: 2, seeing: [twig[0]], ["seen"])
    let place = try inEveryOrder(forger, [one, branch, twig, seen])
    #expect(try held(place, forger) == Set((Array(one[1...]) + [branch[2], twig[1]]).map(\.id)))
  }

  @Test func `R7 a fork at the first change of a log`() throws {
    var forger = try Forger(members: 4)
    let one = forger.chain(by: 1, ["1", "2"])
    let other = forger.chain(by: 1, seeing: [], ["1'", "2'"])
    let third = forger.chain(by: 1, ["1''"])
    let seen = forger.chain(by: 2, seeing: [other[0]], ["seen"])
    let place = try inEveryOrder(forger, [one, other, third, seen])
    #expect(try held(place, forger) == Set((one + [other[1]] + third).map(\.id)))
  }

  @Test func `R7 counters and deletions on both branches`() throws {
    var forger = try Forger(members: 4)
    let one = forger.write(by: 1, Forger.count(1))
    let left = forger.write(by: 1, after: one, Forger.count(10))
    let right = forger.write(by: 1, after: one, Forger.count(100))
    let gone = forger.write(by: 1, after: left, Forger.delete())
    let c = forger.write(by: 2, seeing: [right], Forger.count(1_000))
    let d = forger.write(by: 3, seeing: [left], Forger.title("d"))
    let place = try inEveryOrder(forger, [[one, left], [right], [gone], [c], [d]])
    #expect(try held(place, forger) == [gone.id])
    #expect(try place.replica.record(Forger.record(1))!.state[countField]!.total == 1_111)
  }

  @Test func `R7 moves on both branches`() throws {
    var forger = try Forger(members: 4)
    let one = forger.write(by: 1, Forger.title("1"))
    let left = forger.write(by: 1, after: one, Forger.move(to: 1))
    let right = forger.write(by: 1, after: one, Forger.move(to: 2))
    let c = forger.write(by: 2, seeing: [left], Forger.title("c"))
    let d = forger.write(by: 3, seeing: [right], Forger.title("d"))
    let place = try inEveryOrder(forger, [[one], [left], [right], [c], [d]])
    #expect(try place.replica.record(Forger.record(1))!.state[SystemField.at]!.heads.count == 2)
  }

  @Test func `R7 changes one by one, in any order, with more than two branches of several members`() throws {
    var forger = try Forger(members: 4)
    let one = forger.write(by: 1, Forger.title("1"))
    let left = forger.write(by: 1, after: one, Forger.title("l"))
    let right = forger.write(by: 1, after: one, Forger.title("r"))
    let c = forger.write(by: 2, seeing: [left], Forger.title("c"))
    let other = forger.write(by: 2, seeing: [right], Forger.title("c'"))
    try inEveryOrder(forger, [one, left, right, c, other].map { [$0] })
  }

  @Test func `R7 more vouched branches than a change can name: merge changes take them in`() throws {
    var forger = try Forger(members: 4)
    let one = forger.write(by: 1, Forger.title("1"))
    let branches = (0..<40).map { forger.write(by: 1, after: one, Forger.count($0)) }
    for (log, part) in [branches[..<20], branches[20...]].enumerated() {
      forger.write(by: 2, log: UInt64(log + 1), seeing: Array(part))
    }
    let place = try forger.freshObserver()
    _ = try place.replica.ingest(forger.changes)
    #expect(try held(place, forger).isEmpty)
    try place.replica.commit(to: place.commons, Forger.title("mine"))
    #expect(try place.replica.record(Forger.record(1))!.state[titleField]!.heads.count == 1)
  }
}
