// SPDX-License-Identifier: AGPL-3.0-or-later

/// How a cell with several heads is read. It never changes what is stored, so replicas whose versions declare
/// different policies still hold the same state.
public enum ReadPolicy: Hashable, Sendable {
  /// The winner.
  case latest
  /// The winner, with all heads beside it if their values differ, until someone picks.
  case conflicts
  /// True if any head is: a set whose members are added rather than removed.
  case anyTrue
  /// True only if all heads are: a list of blocked things, a consent.
  case allTrue
  /// The greatest value in the order of `Value`.
  case max
  /// The least.
  case min
  /// The members of all heads that are groups, together, each once and in order.
  case union
  /// A counter's total.
  case sum
}

/// What a cell says under a policy.
public struct Reading: Hashable, Sendable {
  /// `.null` if there is none.
  public let value: Value
  /// The heads among which people must choose, the winner first; empty where they need not.
  public let competing: [Head]
  /// Who wrote the value; of several that did, the winner among them.
  public let writer: Head?

  public init(value: Value, competing: [Head] = [], writer: Head? = nil) {
    self.value = value
    self.competing = competing
    self.writer = writer
  }
}

extension Cell {
  /// Of concurrent heads the one with the greatest (stamp, change id, op index).
  public func winner(by arbiter: some Arbiter) -> Head? {
    arbiter.greatest(of: heads)
  }

  public func read(_ policy: ReadPolicy, by arbiter: some Arbiter) -> Reading {
    switch policy {
    case .sum: return Reading(value: sums.isEmpty ? .null : .int(total))
    case .latest: return reading(of: winner(by: arbiter))
    case .conflicts: return readConflicts(by: arbiter)
    case .anyTrue: return readTruth(by: arbiter) { $0.contains(.bool(true)) }
    case .allTrue: return readTruth(by: arbiter) { $0.allSatisfy { $0 == .bool(true) } }
    case .max: return read(heads.map(\.value).filter { $0 != .null }.max(), by: arbiter)
    case .min: return read(heads.map(\.value).filter { $0 != .null }.min(), by: arbiter)
    case .union: return readUnion(by: arbiter)
    }
  }

  private func reading(of head: Head?) -> Reading {
    Reading(value: head?.value ?? .null, writer: head)
  }

  private func read(_ value: Value?, by arbiter: some Arbiter) -> Reading {
    guard let value else { return reading(of: winner(by: arbiter)) }
    return reading(of: arbiter.greatest(of: heads.filter { $0.value == value }))
  }

  private func readConflicts(by arbiter: some Arbiter) -> Reading {
    let winner = winner(by: arbiter)
    if heads.allSatisfy({ $0.value == winner?.value }) { return reading(of: winner) }
    let competing = heads.sorted { arbiter.prefers($0.op, to: $1.op) }
    return Reading(value: competing[0].value, competing: competing, writer: winner)
  }

  /// Null if nobody says anything; else whether it holds, by the latest head that says the same.
  private func readTruth(by arbiter: some Arbiter, _ holds: ([Value]) -> Bool) -> Reading {
    let values = heads.map(\.value)
    if values.allSatisfy({ $0 == .null }) { return reading(of: winner(by: arbiter)) }
    let truth = holds(values)
    let agreeing = heads.filter { ($0.value == .bool(true)) == truth }
    return Reading(value: .bool(truth), writer: arbiter.greatest(of: agreeing))
  }

  /// A value that is no group counts as its own single member. Heads that agree are read as they stand; else
  /// the group has the winner's tag, or 0, which no group on the wire has, if the winner is none.
  private func readUnion(by arbiter: some Arbiter) -> Reading {
    let said = heads.filter { $0.value != .null }
    let winner = arbiter.greatest(of: said.isEmpty ? heads : said)
    if said.allSatisfy({ $0.value == winner?.value }) { return reading(of: winner) }
    let members = said.flatMap(\.value.members).sorted()
    let distinct = members.indices.filter { $0 == 0 || members[$0] != members[$0 - 1] }.map { members[$0] }
    return Reading(value: .tuple(winner?.value.groupTag ?? 0, distinct), writer: winner)
  }
}

extension Value {
  fileprivate var members: [Value] {
    if case .tuple(_, let values) = self { values } else { [self] }
  }

  fileprivate var groupTag: UInt64? {
    if case .tuple(let tag, _) = self { tag } else { nil }
  }
}

extension Arbiter {
  fileprivate func greatest(of heads: [Head]) -> Head? {
    guard var best = heads.first else { return nil }
    for rival in heads.dropFirst() where prefers(rival.op, to: best.op) { best = rival }
    return best
  }

  /// By stamp, then change id, then index.
  func prefers(_ one: OpID, to other: OpID) -> Bool {
    if one.dot == other.dot { return one.index > other.index }
    let stamp = stamp(of: one.dot)
    let otherStamp = self.stamp(of: other.dot)
    if stamp != otherStamp { return stamp > otherStamp }
    return changeID(of: other.dot).lexicographicallyPrecedes(changeID(of: one.dot))
  }
}
