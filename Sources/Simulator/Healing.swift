// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// After the harm: every device is on, every line works, and hostile members are silent.
extension World {
  /// Rounds of meeting in which everybody must come to the same.
  private static let rounds = 6

  func heal() throws {
    for cable in network.cables { try hangUp(cable) }
    for host in present { host.part = 0 }
    try hosts.filter { !$0.isUp }.forEach(wake)
    for host in hosts { try sayLastWord(host) }
    for round in 1...Self.rounds {
      try meetAll(round)
      if try areEqual() { return try demandConverged() }
    }
    throw Failure(.convergence, "after \(Self.rounds) rounds the replicas still differ: \(try whoDiffers())")
  }

  /// Whoever could write before, can.
  private func sayLastWord(_ host: Host) throws {
    guard let space = host.replica?.id(of: .commons) else { return }
    try write([(space, [ContentEntry(.new(.number(12)), [FieldEdits(16, .text("last word of \(host.name)"))])])], by: host)
  }

  /// One meets all the others, and then the devices of each place meet each other.
  private func meetAll(_ round: Int) throws {
    let hub = hosts[round % hosts.count]
    for other in hosts where other !== hub { try meet(hub, other) }
    for (number, one) in hosts.enumerated() {
      for other in hosts.dropFirst(number + 1) where one !== hub && other !== hub {
        if let place = try one.replica?.placeID(), try place == other.replica?.placeID() { try meet(one, other) }
      }
    }
  }

  /// By the key for that very device where the caller knows it, and by the group's if nobody answers.
  private func meet(_ one: Host, _ other: Host) throws {
    let isKnown = try one.replica?.membership().isPresent(other.device) ?? false
    for byDevice in isKnown ? [true, false] : [false] {
      guard let cable = call(one, other, byDevice: byDevice) else { return }
      try talk(cable)
      if cable.hasTalked { return }
    }
  }

  private func areEqual() throws -> Bool { try whoDiffers() == "nobody" }

  private func whoDiffers() throws -> String {
    for (number, one) in hosts.enumerated() {
      for other in hosts.dropFirst(number + 1) {
        let shared = Set(try one.replica?.readableSpaces() ?? []).intersection(try other.replica?.readableSpaces() ?? [])
        for space in shared.sorted() + [.zero] {
          if try one.replica?.snapshot(of: space).frontier != other.replica?.snapshot(of: space).frontier {
            return "\(one.name) and \(other.name) in \(space)"
          }
        }
      }
    }
    return "nobody"
  }

  /// Those that hold the same say so.
  private func demandConverged() throws {
    let (one, other) = (hosts[0], hosts[hosts.count - 1])
    guard let cable = call(one, other) else { return }
    try talk(cable)
    guard cable.hasConverged else {
      let problems = cable.reports.values.map { String(describing: $0.problem) }
      throw Failure(.convergence, "\(one.name) and \(other.name) hold the same and don't say so: \(problems)")
    }
  }
}
