// SPDX-License-Identifier: AGPL-3.0-or-later

import SyncEngine
import Testing

@testable import Simulator

@Suite("Simulated networks") struct SimulationTests {
  /// Fewer where nothing is optimised.
  static let seeds: Range<UInt64> = {
    #if DEBUG
      1..<25
    #else
      1..<401
    #endif
  }()

  @Test(arguments: Array(stride(from: seeds.lowerBound, to: seeds.upperBound, by: 8)))
  func `agree and lose nothing, whatever happens`(first: UInt64) {
    for seed in first..<min(first + 8, Self.seeds.upperBound) {
      let outcome = Simulation(seed: seed).run()
      #expect(outcome.failure == nil, "simulate --seed \(seed)")
    }
  }

  @Test(arguments: [3, 27, 54] as [UInt64])
  func `happen again in the same way from the same seed`(seed: UInt64) {
    let (one, other) = (Simulation(seed: seed).run(), Simulation(seed: seed).run())
    #expect(one.trace == other.trace)
    #expect(one.failure == nil && one.trace != 0)
    #expect(Simulation(seed: seed + 1).run().trace != one.trace)
  }

  /// A run is its bytes and its seed, wherever the bytes come from.
  @Test func `are their bytes`() {
    let script = Script(seed: 9)
    #expect(Script(script.bytes) == script)
    let (one, other) = (Simulation(seed: 9).run(), Simulation(script: Script(script.bytes), seed: 9).run())
    #expect(one.trace == other.trace)
  }

  static let junk: [[UInt8]] = [
    [], [0], [255], [6, 1], [UInt8](repeating: 0, count: 100), [UInt8](repeating: 255, count: 100),
    Array(0...255), Array((0...255).reversed()), Array("any text at all is a run of the simulator".utf8),
  ]

  @Test(arguments: junk) func `may be any bytes`(bytes: [UInt8]) {
    let outcome = Simulation(script: Script(bytes), seed: 0).run()
    #expect(outcome.failure == nil, "simulate --run \(Hex.encode(bytes))")
  }

  @Test func `mean every act by some byte`() {
    #expect(Set(Act.all) == Set(Act.allCases))
    #expect(Set((0...255).map { Script([UInt8($0)]).replicas }) == Set(2...8))
    #expect(Set((0...255).map { Script([UInt8($0)]).villains }) == Set(0...2))
  }
}

@Suite("Canaries") struct CanaryTests {
  static let demands: [(Canary, Demand)] = [
    (.droppedOp, .stateIsThatOfTheLog), (.hastyAcknowledgement, .nothingLost),
    (.oneWayDomination, .stateIsThatOfTheLog), (.lostChange, .convergence), (.earlySending, .sentIsDurable),
  ]

  @Test(arguments: demands)
  func `are found, and so is the shortest run that has them`(canary: Canary, demand: Demand) throws {
    let found = try #require(
      (1...20 as ClosedRange<UInt64>).lazy.compactMap { seed in
        Simulation(seed: seed, canary: canary).run().failure.map { (seed, $0) }
      }.first)
    #expect(found.1.demand == demand)
    let shrunk = Shrink(Script(seed: found.0), found.1, tries: 60) { script in
      Simulation(script: script, seed: found.0, canary: canary).run().failure
    }
    #expect(shrunk.script.actions.count < Script(seed: found.0).actions.count)
    let again = Simulation(script: Script(shrunk.script.bytes), seed: found.0, canary: canary).run()
    #expect(again.failure?.demand == demand)
    #expect(Simulation(script: shrunk.script, seed: found.0).run().failure == nil, "without the canary it holds")
  }

  @Test func `are all tried here`() { #expect(Set(Self.demands.map(\.0)) == Set(Canary.allCases)) }
}
