// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

@Suite("Claims on what there isn't enough of") struct AllocationLaws {
  private func allocation(
    _ scene: AllocationScene, _ claims: [Allocation.Claim]? = nil, _ history: History? = nil
  ) -> Allocation {
    Allocation(
      capacity: scene.capacity, needsGrant: scene.needsGrant, claims: claims ?? scene.claims,
      history: history ?? scene.history)
  }

  @Test func `stand as the oracle has it`() {
    var seen: Set<Allocation.Standing> = []
    for seed in UInt64(1)...600 {
      let scene = AllocationScene(seed: seed)
      let (allocation, oracle) = (allocation(scene), AllocationOracle(scene))
      for claim in scene.claims {
        let expected = oracle.standing(claim)
        #expect(allocation[claim.id]?.standing == expected, "seed \(seed)")
        seen.insert(expected)
      }
    }
    #expect(seen == Set(Allocation.Standing.allCases))
  }

  @Test func `stand alike whatever the order of claims and however a replica numbers its logs`() {
    for seed in UInt64(1)...200 {
      let scene = AllocationScene(seed: seed)
      let expected = allocation(scene).outcomes
      var random = Seeded(seed)
      #expect(allocation(scene, scene.claims.shuffled(using: &random)).outcomes == expected)
      let local = (0..<UInt32(scene.devices.count)).map { 40 - 3 * $0 }
      func moved(_ dot: Dot) -> Dot { Dot(log: local[Int(dot.log)], seq: dot.seq) }
      let renamed = scene.claims.map { claim in
        Allocation.Claim(
          id: claim.id, quantity: claim.quantity, spans: claim.spans, stakes: claim.stakes.map(moved).sorted(),
          answers: claim.answers.map { Allocation.Answer(dot: moved($0.dot), isYes: $0.isYes) },
          state: claim.state)
      }
      #expect(allocation(scene, renamed, scene.history.renumbered(local)).outcomes == expected, "seed \(seed)")
    }
  }

  @Test func `never hold more than there is, unless a keeper promised it, which shows`() {
    var overGranted = 0
    for seed in UInt64(1)...400 {
      let scene = AllocationScene(seed: seed)
      let allocation = allocation(scene)
      for minute in AllocationScene.minutes {
        let here = scene.claims.filter { AllocationOracle.covers($0, minute) }
        let granted = here.filter { allocation[$0.id]?.standing == .granted }
        let held = here.filter { allocation[$0.id]?.standing == .held }
        let promised = granted.reduce(0) { $0 + $1.quantity }
        if promised > scene.capacity {
          overGranted += 1
          #expect(held.isEmpty)
          #expect(granted.allSatisfy { allocation[$0.id]?.isOverGranted == true })
        } else {
          #expect(promised + held.reduce(0) { $0 + $1.quantity } <= scene.capacity, "seed \(seed)")
        }
      }
    }
    #expect(overGranted > 20)
  }

  @Test func `lose nothing to a claim whose author had seen them`() {
    for seed in UInt64(1)...300 {
      var scene = AllocationScene(seed: seed)
      let before = allocation(scene).outcomes
      let last = scene.claimLast(2, [AllocationScene.minutes])
      let after = allocation(scene).outcomes
      for (id, outcome) in before { #expect(after[id] == outcome, "seed \(seed)") }
      #expect(scene.needsGrant || after[last.id]?.standing != .contested)
    }
  }

  @Test func `stand no worse once another has gone`() {
    let ranks: [Allocation.Standing: Int] = [.waiting: 0, .contested: 1, .held: 2]
    var better = 0
    for seed in UInt64(1)...300 {
      let scene = AllocationScene(seed: seed)
      let before = allocation(scene)
      for gone in scene.claims {
        let left = scene.claims.filter { $0.id != gone.id }
        let after = allocation(scene, left)
        for claim in left {
          let (was, now) = (before[claim.id]!, after[claim.id]!)
          guard let rank = ranks[was.standing] else {
            #expect(now.standing == was.standing && (was.isOverGranted || !now.isOverGranted))
            continue
          }
          #expect(ranks[now.standing]! >= rank, "seed \(seed)")
          if ranks[now.standing]! > rank { better += 1 }
        }
      }
    }
    #expect(better > 100)
  }

  @Test func `are refused beforehand just when they would have to wait`() {
    var (free, taken) = (0, 0)
    for seed in UInt64(1)...300 {
      var scene = AllocationScene(seed: seed)
      var random = Seeded(seed)
      let span = Int64(random.below(3))..<Int64(4 + random.below(3))
      let known = allocation(scene)
      let last = scene.claimLast(1, [span])
      let outcome = allocation(scene)[last.id]!
      if let obstacles = known.obstacles(to: 1, in: [span]) {
        taken += 1
        #expect(outcome.standing == (scene.needsGrant ? .requested : .waiting))
        #expect(outcome.others == obstacles, "seed \(seed)")
      } else {
        free += 1
        #expect(outcome.standing == (scene.needsGrant ? .requested : .held) && outcome.others.isEmpty)
      }
    }
    #expect(free > 30 && taken > 30)
  }

  // MARK: Stories

  /// The same drill, wanted by two who don't know of each other.
  private func twoAtOnce() -> (Devices, [Allocation.Claim]) {
    var devices = Devices(seed: 1, count: 3)
    let claims = (0..<2).map { device in
      Allocation.Claim(
        id: AllocationScene.id(device), spans: [0..<3], stakes: [devices.write(device, [])])
    }
    return (devices, claims)
  }

  @Test func `at the same time are contested, all of them, and named to each other`() {
    let (devices, claims) = twoAtOnce()
    let allocation = Allocation(capacity: 1, needsGrant: false, claims: claims, history: devices.history)
    for (claim, other) in [(claims[0], claims[1]), (claims[1], claims[0])] {
      #expect(allocation[claim.id]?.standing == .contested && allocation[claim.id]?.others == [other.id])
    }
    let enough = Allocation(capacity: 2, needsGrant: false, claims: claims, history: devices.history)
    #expect(claims.allSatisfy { enough[$0.id]?.standing == .held })
  }

  @Test func `a keeper's word on what was asked before it changed doesn't count`() {
    var (devices, claims) = twoAtOnce()
    devices.sync(2, from: 0)
    let yes = Allocation.Answer(dot: devices.write(2, []), isYes: true)
    let changed = devices.write(0, [])
    func standing(_ stakes: [Dot]) -> Allocation.Standing? {
      let claim = Allocation.Claim(id: claims[0].id, spans: [0..<9], stakes: stakes, answers: [yes])
      return Allocation(capacity: 1, needsGrant: true, claims: [claim], history: devices.history)[claim.id]?.standing
    }
    #expect(standing(claims[0].stakes) == .granted)
    #expect(standing(claims[0].stakes + [changed]) == .requested)
  }

  @Test func `to as many as numbers can say are added up without a fault`() {
    let (devices, claims) = twoAtOnce()
    let greedy = claims.map {
      Allocation.Claim(id: $0.id, quantity: .max, spans: [Int64.min..<Int64.max], stakes: $0.stakes)
    }
    let allocation = Allocation(capacity: .max, needsGrant: false, claims: greedy, history: devices.history)
    #expect(greedy.allSatisfy { allocation[$0.id]?.standing == .contested })
    #expect(allocation.obstacles(to: .max, in: [0..<1])?.count == 2)
  }
}
