// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto
import SyncEngine

/// What a replica gives to one who has nothing: the changes as they were signed.
enum Raw {
  /// All changes of a space, causally.
  static func changes(of replica: Replica, in space: SpaceID) throws -> [Change] {
    let source = try replica.openSender(space: space, held: [:], skipping: [])
    var changes: [Change] = []
    while let run = try source.next(maxBytes: 1 << 20, maxChanges: 10_000) { changes += run.changes }
    return changes
  }

  static func parents(of change: Change) -> [ChangeID] {
    change.header.heads + (change.header.prev.map { [$0] } ?? [])
  }
}

/// The changes of one space with what follows from their places in it, worked out in the slow and obvious way.
struct RawSpace {
  struct Entry {
    let change: Change
    let dot: Dot
    /// By header key 10, of this change or the nearest before it.
    let gov: [ChangeID]
    /// By header key 11.
    let epoch: EpochID?
  }

  let id: SpaceID
  private(set) var entries: [ChangeID: Entry] = [:]
  /// In the order in which they were given.
  private(set) var order: [ChangeID] = []
  /// Local numbers, by log.
  private(set) var numbers: [LogID: UInt32] = [:]

  /// - Parameter changes: parents first.
  init(_ id: SpaceID, _ changes: [Change]) throws {
    self.id = id
    for change in changes { try add(change) }
  }

  private mutating func add(_ change: Change) throws {
    let header = change.header
    let log = header.logID
    let number = numbers[log] ?? UInt32(numbers.count + 1)
    numbers[log] = number
    let before = header.prev.flatMap { entries[$0] }
    guard header.seq == 1 || before != nil else {
      throw Failure(.soundness, "a replica exports \(change.id) and not what it follows")
    }
    entries[change.id] = Entry(
      change: change, dot: Dot(log: number, seq: header.seq), gov: header.gov ?? before?.gov ?? [],
      epoch: header.epoch ?? before?.epoch)
    order.append(change.id)
  }

  /// By local number, the log's name on every replica.
  var logs: [UInt32: LogID] { Dictionary(uniqueKeysWithValues: numbers.map { ($0.value, $0.key) }) }

  func parents(of change: Change) throws -> [Entry] {
    try Raw.parents(of: change).map {
      guard let entry = entries[$0] else {
        throw Failure(.soundness, "a replica holds \(change.id) and not its parent \($0)")
      }
      return entry
    }
  }

  /// Everything before a change.
  func past(of change: Change) throws -> Set<ChangeID> {
    var past: Set<ChangeID> = []
    var open = try parents(of: change)
    while let entry = open.popLast() {
      if past.insert(entry.change.id).inserted { open += try parents(of: entry.change) }
    }
    return past
  }

  /// Whether every stamp is within the bounds of protocol.md section 5.
  func demandStamps(creation: UInt64) throws {
    var others: [ChangeID: UInt64] = [:]
    for id in order {
      guard let change = entries[id]?.change, !change.header.isGenesis else { continue }
      let parents = try parents(of: change).map(\.change)
      let lower = parents.map(\.header.stamp).max() ?? creation
      let seen = parents.map { $0.header.author == change.header.author ? others[$0.id] ?? 0 : $0.header.stamp }
      let other = seen.max() ?? 0
      let upper = max(lower + 1, 34_560_000_000 + (other == 0 ? creation : other))
      others[id] = other
      guard change.header.stamp > lower, change.header.stamp <= upper, change.header.stamp <= 1 << 53 else {
        throw Failure(.containment, "\(id) was let in with the stamp \(change.header.stamp), not in \(lower)...\(upper)")
      }
    }
  }
}
