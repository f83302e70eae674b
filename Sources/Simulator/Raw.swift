// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto
import SyncEngine

/// What a replica gives to one who has nothing: the changes as they were signed.
enum Raw {
  /// All changes of a space, causally.
  static func changes(of replica: Replica, in space: SpaceID) throws -> [Change] {
    let source = try replica.openSender(space: space, held: Held(), skipping: [])
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
  /// By local number, one for each branch of a log: the log's name on every replica.
  private(set) var logs: [UInt32: LogID] = [:]
  /// By local number, the changes of the branch from the log's first on.
  private(set) var chains: [UInt32: [ChangeID]] = [:]
  private var dots: Set<Dot> = []

  /// - Parameter changes: parents first.
  init(_ id: SpaceID, _ changes: [Change]) throws {
    self.id = id
    for change in changes { try add(change) }
  }

  private mutating func add(_ change: Change) throws {
    let header = change.header
    let before = header.prev.flatMap { entries[$0] }
    guard header.seq == 1 || before != nil else {
      throw Failure(.soundness, "a replica exports \(change.id) and not what it follows")
    }
    entries[change.id] = Entry(
      change: change, dot: dot(of: change, after: before), gov: header.gov ?? before?.gov ?? [],
      epoch: header.epoch ?? before?.epoch)
    order.append(change.id)
  }

  /// The branch's next; or, where there is one already, the first of a branch of its own.
  private mutating func dot(of change: Change, after before: Entry?) -> Dot {
    let next = before.map { Dot(log: $0.dot.log, seq: change.header.seq) }
    let number = next.flatMap { dots.contains($0) ? nil : $0.log } ?? UInt32(logs.count + 1)
    if logs[number] == nil {
      logs[number] = change.header.logID
      let chain = before.flatMap { chains[$0.dot.log] } ?? []
      chains[number] = Array(chain.prefix(Int(change.header.seq) - 1))
    }
    chains[number, default: []].append(change.id)
    let dot = Dot(log: number, seq: change.header.seq)
    dots.insert(dot)
    return dot
  }

  /// The changes of content that a fork holds back: those at or after the first place where their log has several,
  /// unless a log with one history has seen them.
  func held() throws -> Set<ChangeID> {
    let places = Dictionary(grouping: entries.values) { Place(log: $0.change.header.logID, seq: $0.change.header.seq) }
    var forks: [LogID: UInt64] = [:]
    for (place, several) in places where several.count > 1 {
      forks[place.log] = min(forks[place.log] ?? .max, place.seq)
    }
    if forks.isEmpty { return [] }
    var vouched: Set<ChangeID> = []
    for entry in entries.values where forks[entry.change.header.logID] == nil {
      vouched.formUnion(try past(of: entry.change))
    }
    let doubted = entries.values.filter { entry in
      guard let fork = forks[entry.change.header.logID] else { return false }
      return entry.change.header.kind == .content && entry.change.header.seq >= fork
    }
    return Set(doubted.map(\.change.id)).subtracting(vouched)
  }

  private struct Place: Hashable { let log: LogID, seq: UInt64 }

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
