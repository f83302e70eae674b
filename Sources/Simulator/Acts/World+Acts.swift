// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto
@_spi(Simulation) import MujawaraCrypto
import SyncEngine

extension World {
  /// Makes one thing happen. What makes no sense at the time doesn't happen.
  func perform(_ action: Action, repetition: Int) throws {
    SeededRandomness.reseed(Trace.hash(action.bytes, after: UInt64(repetition)))
    tally.acts[action.act, default: 0] += 1
    now += 1 + UInt64(action.bytes[7]) * 700
    trace.note("\(action.act.rawValue) \(action.bytes[1]) \(action.bytes[2])")
    var dice = action.dice
    let host = hosts[action.who(hosts.count)]
    switch action.act {
    case .edit: try edit(host, &dice)
    case .undo: try undo(host, &dice)
    case .redact: try redact(host, &dice)
    case .changeAudience: try changeAudience(host, &dice)
    case .writeAsNewer: try writeAsNewer(host, &dice)
    case .sync, .syncBadly, .call: try meet(action, &dice)
    case .deliver: if let cable = dice.pick(network.cables) { try deliver(cable, 1 + dice.below(12)) }
    case .hangUp: if let cable = dice.pick(network.cables) { try hangUp(cable) }
    case .writeStick: try writeStick(host, &dice)
    case .readStick: try readStick(host, &dice)
    case .damageStick: damageStick(&dice)
    case .loseStick: loseStick(&dice)
    case .part: part(&dice)
    case .reunite: for host in present { host.part = 0 }
    case .crash: try crash(host, &dice)
    case .failDisk: try failDisk(host, &dice)
    case .crashWriting: try crashWriting(host, &dice)
    case .backUp: if host.isUp { host.backUp() }
    case .restore: try restore(host, &dice)
    case .jumpClock: jumpClock(host, &dice)
    case .wait: wait(&dice)
    case .wake: try hosts.filter { !$0.isUp }.forEach(wake)
    case .admit: try admit(by: host, &dice)
    case .misbehave: try misbehave(action, &dice)
    case .equivocate: try equivocate(action, &dice)
    case .inspect: try inspect(host)
    }
  }

  /// The network falls into up to three parts.
  private func part(_ dice: inout Dice) {
    for host in present { host.part = dice.below(3) }
    tally.fault("partition")
  }

  /// Opens a replica that nobody had opened for long; its database may be of an older version.
  func wake(_ host: Host) throws {
    try host.open()
    tally.fault("older schema opened")
    trace.note("\(host.name) wakes")
  }

  /// Writes that a device may have refused for a reason of the protocol's own. Nil if it did.
  func trying<T>(_ host: Host, _ body: () throws -> T) throws -> T? {
    do { return try body() } catch let error as ReplicaError {
      switch error {
      case .foreignKeys, .badAdmission: throw error
      default:
        trace.note("\(host.name) may not: \(error)")
        return nil
      }
    }
  }
}
