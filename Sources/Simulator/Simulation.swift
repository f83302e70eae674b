// SPDX-License-Identifier: AGPL-3.0-or-later
@_spi(Simulation) import MujawaraCrypto
import SyncEngine

/// One run, from its bytes to its end.
struct Simulation {
  let script: Script
  /// What keys, nonces and ids are drawn from.
  let seed: UInt64
  var canary: Canary?
  var isVerbose = false

  /// What came of a run.
  struct Outcome {
    var failure: Failure?
    var trace: UInt64
    var tally: Tally
  }

  init(script: Script, seed: UInt64, canary: Canary? = nil, isVerbose: Bool = false) {
    self.script = script
    self.seed = seed
    self.canary = canary
    self.isVerbose = isVerbose
  }

  init(seed: UInt64, canary: Canary? = nil, isVerbose: Bool = false) {
    self.init(script: Script(seed: seed), seed: seed, canary: canary, isVerbose: isVerbose)
  }

  func run() -> Outcome {
    _ = Town.shared
    return SeededRandomness.draw(from: seed) {
      do {
        let world = try World(script, canary: canary, isVerbose: isVerbose)
        defer { world.remove() }
        let failure = play(world)
        return Outcome(failure: failure, trace: world.trace.value, tally: world.tally)
      } catch {
        return Outcome(failure: Self.failure(error), trace: 0, tally: Tally())
      }
    }
  }

  private func play(_ world: World) -> Failure? {
    do {
      var repetitions: [[UInt8]: Int] = [:]
      for action in script.actions {
        repetitions[action.bytes, default: 0] += 1
        try world.perform(action, repetition: repetitions[action.bytes] ?? 0)
      }
      world.trace.note("the network heals")
      SeededRandomness.reseed(seed)
      try world.heal()
      world.trace.note("all agree")
      try world.demandAll()
      try world.noteDigests()
      return nil
    } catch { return Self.failure(error) }
  }

  private static func failure(_ error: any Error) -> Failure {
    error as? Failure ?? Failure(.nothingUnforeseen, "\(error)")
  }
}

extension World {
  /// What all came to, for the trace.
  fileprivate func noteDigests() throws {
    for host in hosts {
      for space in try host.replica?.readableSpaces() ?? [] {
        let digest = try host.replica?.snapshot(of: space).digest ?? []
        trace.note("\(host.name) \(space) \(Hex.encode(digest))")
      }
    }
  }
}
