// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// Gives what another replica lacks of a space: causally, log by log and branch by branch for as long as that goes.
final class OutgoingChanges: RunSource {
  private let replica: Replica
  private var log: LogStore { replica.log }
  /// For each branch of a log of the space, the last seq that the other has or was given.
  private var given: [UInt32: UInt64] = [:]
  /// Where each branch ends, as of the opening.
  private var ends: [UInt32: UInt64] = [:]
  private var current: UInt32?

  init(_ replica: Replica, space: SpaceID, held: Held, skipping: Set<LogID>) throws {
    self.replica = replica
    given = try replica.log.reach(of: held, in: space)
    for row in try replica.log.logs(in: space) {
      let tip = try replica.log.tip(of: row.number)?.dot.seq ?? 0
      ends[row.number] = skipping.contains(row.id) ? given[row.number]! : tip
    }
  }

  func next(maxBytes: Int, maxChanges: Int) throws -> OutgoingRun? {
    try replica.database.read {
      while let start = current.flatMap({ isOpen($0) ? $0 : nil }) ?? ends.keys.filter(isOpen).min() {
        if let number = try unblocked(from: start) {
          current = number
          return try run(of: number, maxBytes: maxBytes, maxChanges: maxChanges)
        }
      }
      return nil
    }
  }

  private func isOpen(_ number: UInt32) -> Bool { given[number]! < ends[number]! }

  /// The log to go on with: this one, or one that it waits for. Nil if it waits for what will not come; it is
  /// then at its end.
  private func unblocked(from start: UInt32) throws -> UInt32? {
    var path = [start]
    while let number = path.last {
      guard let needed = try blocker(of: number) else { return number }
      if needed.seq > ends[needed.log] ?? 0 {
        ends[number] = given[number]!
        path.removeLast()
        if path.isEmpty { return nil }
      } else {
        guard !path.contains(needed.log) else { throw StoreError.damaged("changes wait for each other") }
        path.append(needed.log)
      }
    }
    return nil
  }

  /// What has to be given before the log's next changes, up to the first whose own signature vouches for them.
  private func blocker(of number: UInt32) throws -> Dot? {
    let row = try log.log(number: number)
    if let previous = try log.previous(of: Dot(log: number, seq: given[number]! + 1)), !isGiven(previous) { return previous }
    var found: Dot?
    try log.eachChange(of: number, from: given[number]! + 1) { change in
      guard change.dot.seq <= ends[number]! else { return false }
      found = change.heads.first { !isGiven($0) }
      if found != nil { return false }
      return try !(change.flags.contains(.checked) || replica.change(change, in: row).hasValidSignature())
    }
    return found
  }

  private func isGiven(_ dot: Dot) -> Bool { dot.seq <= given[dot.log] ?? 0 }

  private func run(of number: UInt32, maxBytes: Int, maxChanges: Int) throws -> OutgoingRun {
    let row = try log.log(number: number)
    let first = given[number]! + 1
    let base = try log.previous(of: Dot(log: number, seq: first)).flatMap { try replica.base(at: $0) }
    var changes: [Change] = []
    var vouched = 0
    var bytes = 0
    try log.eachChange(of: number, from: first) { stored in
      guard stored.dot.seq <= ends[number]!, stored.heads.allSatisfy(isGiven) else { return false }
      let isOver = bytes + stored.body.count > maxBytes || changes.count >= maxChanges
      if isOver, vouched > 0 { return false }
      changes.append(try replica.change(stored, in: row))
      bytes += stored.body.count
      if stored.flags.contains(.checked) || changes.last!.hasValidSignature() { vouched = changes.count }
      return true
    }
    guard vouched > 0 else { throw StoreError.damaged("a log has changes that no signature vouches for") }
    given[number] = first + UInt64(vouched) - 1
    return OutgoingRun(
      log: row.id, base: base, changes: Array(changes[..<vouched]), hasBranches: try log.isForked(row.id))
  }
}
