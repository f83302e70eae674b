// SPDX-License-Identifier: AGPL-3.0-or-later

/// Makes a failing run as short as it can within so many tries: chunks of actions go, then single ones, then
/// hostile members and replicas.
struct Shrink {
  private(set) var script: Script
  private(set) var failure: Failure
  private var left: Int
  private let simulate: (Script) -> Failure?

  /// - Parameter simulate: gives a run's failure, if it still fails.
  init(_ script: Script, _ failure: Failure, tries: Int = 300, simulate: @escaping (Script) -> Failure?) {
    self.script = script
    self.failure = failure
    left = tries
    self.simulate = simulate
    var size = script.actions.count / 2
    while size > 0 {
      while dropActions(by: size) && size == 1 {}
      size /= 2
    }
    lessenCast()
    while dropActions(by: 1) {}
  }

  /// True if any went.
  private mutating func dropActions(by size: Int) -> Bool {
    var hasShrunk = false
    var start = script.actions.count - size
    while start >= 0 {
      var shorter = script
      shorter.actions.removeSubrange(start..<min(start + size, shorter.actions.count))
      if take(shorter) { hasShrunk = true }
      start = min(start - size, script.actions.count - size)
    }
    return hasShrunk
  }

  private mutating func lessenCast() {
    for villains in 0...script.villains {
      for replicas in 2...script.replicas {
        var smaller = script
        smaller.cast = UInt8(7 * villains + replicas - 2)
        if smaller.cast < script.cast, take(smaller) { return }
      }
    }
  }

  /// Takes the script if it still fails in the same way.
  private mutating func take(_ other: Script) -> Bool {
    guard left > 0, other != script else { return false }
    left -= 1
    guard let failure = simulate(other), failure.demand == self.failure.demand else { return false }
    script = other
    self.failure = failure
    return true
  }
}
