// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto
import SyncEngine

/// A fault that the simulator makes on purpose, to show that its demands would find one like it.
enum Canary: String, CaseIterable {
  /// One replica loses an op of a change that it has stored.
  case droppedOp = "dropped-op"
  /// A commit is acknowledged before it is durable.
  case hastyAcknowledgement = "hasty-acknowledgement"
  /// A merge asks only whether the newcomer overtakes what is there, not whether it is overtaken.
  case oneWayDomination = "one-way-domination"
  /// One replica never stores some changes that it was given.
  case lostChange = "lost-change"
  /// Changes are sent before they are durable.
  case earlySending = "early-sending"
}

/// What a run must not break.
enum Demand: String {
  case sentIsDurable = "sent is a subset of durable"
  case nothingUnforeseen = "nothing goes wrong that nobody did"
  case convergence = "all replicas agree once the network heals"
  case nothingWaits = "nothing waits for what all have"
  case nothingLost = "everything acknowledged is still there"
  case stateIsThatOfTheLog = "the state is what the naive reducer makes of the changes"
  case soundness = "every replica's check finds no damage"
  case containment = "what hostile members do harms nobody else"
}

/// A demand that wasn't met.
struct Failure: Error, CustomStringConvertible {
  let demand: Demand
  let text: String

  init(_ demand: Demand, _ text: String) {
    self.demand = demand
    self.text = text
  }

  var description: String { "\(demand.rawValue): \(text)" }
}

/// Everything there is in one run: the devices, what connects them, and what is known to have happened.
final class World {
  let canary: Canary?
  let folder = Folders.make()
  /// Milliseconds since 1970; it never goes back.
  var now = Town.start
  private(set) var hosts: [Host] = []
  private(set) var villains: [Villain] = []
  let network = Network()
  var sticks: [Stick] = []
  var ledger = Ledger()
  var tally = Tally()
  var trace: Trace
  /// Records that anyone has made, with their spaces.
  var records: [(id: RecordID, space: SpaceID)] = []

  init(_ script: Script, canary: Canary?, isVerbose: Bool) throws {
    self.canary = canary
    trace = Trace(isVerbose: isVerbose)
    for (index, resident) in Town.shared.honest.prefix(script.replicas).enumerated() {
      hosts.append(Host(resident, index: index, in: self))
      if !resident.isAsleep { try hosts[index].open() }
    }
    for (index, resident) in Town.shared.villains.prefix(script.villains).enumerated() {
      let host = Host(resident, index: 100 + index, in: self)
      try host.open()
      villains.append(Villain(host))
    }
  }

  func remove() {
    network.hangUpAll()
    for host in hosts + villains.map(\.host) { host.shutDown() }
    Folders.remove(folder)
  }

  /// Everyone with a replica that runs, hostile members after the others.
  var present: [Host] { (hosts + villains.map(\.host)).filter(\.isUp) }

  func add(_ newcomer: Host) { hosts.append(newcomer) }

  var isFull: Bool { hosts.count >= 8 }
}
