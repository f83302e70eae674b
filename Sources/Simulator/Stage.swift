// SPDX-License-Identifier: AGPL-3.0-or-later
import Glibc
import SyncEngine

/// Plays runs and says how they went. The wall clock is looked at for figures, and for when a soak ends: no run
/// knows of it.
final class Stage {
  private let options: Options
  private var tally = Tally()
  private var runs = 0
  private let began = Stage.seconds

  init(_ options: Options) { self.options = options }

  /// Plays until a run fails. What the process returns.
  func play(_ scripts: some Sequence<(UInt64, Script)>) -> Int32 {
    for (seed, script) in scripts where !play(script, seed: seed) { return 1 }
    sum()
    return 0
  }

  func soak(minutes: Int, from first: UInt64) -> Int32 {
    var seed = first
    while Stage.seconds - began < Double(minutes * 60) {
      if !play(Script(seed: seed), seed: seed) { return 1 }
      seed += 1
    }
    sum()
    return 0
  }

  /// The seed is printed before anything is done: should the process die, it is known of what.
  private func play(_ script: Script, seed: UInt64) -> Bool {
    print("seed \(seed): \(script.replicas) replicas, \(script.villains) hostile, \(script.actions.count) actions")
    fflush(nil)
    let outcome = simulate(script, seed: seed, isVerbose: options.isVerbose)
    runs += 1
    tally += outcome.tally
    guard let failure = outcome.failure else { return true }
    print("FAILED: \(failure)")
    let shrunk = options.shrinks ? shrink(script, failure, seed: seed) : script
    print("reproduce: simulate --seed \(seed) --run \(Hex.encode(shrunk.bytes))\(options.canary.map { " --canary \($0.rawValue)" } ?? "")")
    return false
  }

  private func simulate(_ script: Script, seed: UInt64, isVerbose: Bool = false) -> Simulation.Outcome {
    Simulation(script: script, seed: seed, canary: options.canary, isVerbose: isVerbose).run()
  }

  private func shrink(_ script: Script, _ failure: Failure, seed: UInt64) -> Script {
    let shrunk = Shrink(script, failure) { self.simulate($0, seed: seed).failure }
    print("shrunk from \(script.actions.count) to \(shrunk.script.actions.count) actions: \(shrunk.failure)")
    for action in shrunk.script.actions { print("  \(action.act.rawValue)") }
    return shrunk.script
  }

  private func sum() {
    let seconds = max(Stage.seconds - began, 0.001)
    for line in tally.lines { print(line) }
    print("\(runs) runs held in \(Int(seconds)) s: \(Int(Double(tally.changesWritten + tally.changesTaken) / seconds)) changes a second")
  }

  private static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
