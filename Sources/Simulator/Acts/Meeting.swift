// SPDX-License-Identifier: AGPL-3.0-or-later
import SyncEngine

/// Devices that talk to each other.
extension World {
  /// One calls another: to talk it all out, over a bad line, or to leave the line open.
  func meet(_ action: Action, _ dice: inout Dice) throws {
    let all = present
    guard all.count > 1 else { return }
    let (one, other) = (all[action.who(all.count)], all[action.other(all.count)])
    guard one.part == other.part, let cable = call(one, other, byDevice: dice.once(in: 4)) else { return }
    switch action.act {
    case .call: break
    case .syncBadly: try talkBadly(cable, &dice)
    default: try talk(cable)
    }
  }

  func call(_ one: Host, _ other: Host, byDevice: Bool = false) -> Cable? {
    guard one !== other, one.isUp, other.isUp else { return nil }
    let cable = Cable(one, other, byDevice: byDevice, in: self)
    network.add(cable)
    tally.syncs += 1
    return cable
  }

  /// Lets two talk until they have nothing more to say.
  func talk(_ cable: Cable) throws {
    try deliver(cable, .max)
    if !cable.isOver { try hangUp(cable) }
  }

  func deliver(_ cable: Cable, _ count: Int) throws {
    try cable.deliver(count)
    if cable.isOver { try finish(cable) }
  }

  func hangUp(_ cable: Cable) throws {
    cable.hangUp()
    if let failure = cable.failure { throw failure }
    try finish(cable)
  }

  private func finish(_ cable: Cable) throws {
    network.sweep()
    if cable.hasConverged { tally.converged += 1 }
    trace.note("\(cable.hosts.map(\.name).joined(separator: " and ")) part, \(cable.hasConverged ? "" : "not ")converged")
    for host in cable.hosts { try settle(host) }
  }

  /// Writes the keys and names that are due.
  func settle(_ host: Host) throws {
    guard let replica = host.replica else { return }
    _ = try trying(host) { try replica.settle() }
  }

  /// On this line bytes are flipped, lost, doubled, swapped and cut, and at some moment it breaks.
  private func talkBadly(_ cable: Cable, _ dice: inout Dice) throws {
    for _ in 0..<(1 + dice.below(4)) {
      try cable.deliver(1 + dice.below(14))
      let harm = Harm.allCases[dice.below(Harm.allCases.count)]
      if cable.damage(harm, &dice) { tally.fault("bytes: \(harm)") }
    }
    try cable.deliver(dice.below(30))
    tally.fault("link broken")
    try hangUp(cable)
  }
}
