// SPDX-License-Identifier: AGPL-3.0-or-later

/// A write that no other write of the same cell has overtaken.
public struct Head: Hashable, Sendable {
  public let op: OpID
  public let value: Value

  public init(op: OpID, value: Value) {
    self.op = op
    self.value = value
  }
}

/// What one log has counted in a cell.
public struct PartialSum: Hashable, Sendable {
  public let log: UInt32
  public let sum: Int64

  public init(log: UInt32, sum: Int64) {
    self.log = log
    self.sum = sum
  }
}

/// One datum of a record: all causally maximal writes, and for a counter what each log added.
///
/// One write is the normal case; several are concurrent. Which of them people see is a matter of reading
/// (`ReadPolicy`), never of this state.
public struct Cell: Hashable, Sendable {
  /// Strictly ascending by op, at most one per change, none in the past of another.
  public private(set) var heads: [Head]
  /// Strictly ascending by log.
  public private(set) var sums: [PartialSum]

  public init(heads: [Head] = [], sums: [PartialSum] = []) {
    self.heads = heads
    self.sums = sums
  }

  /// All additions together. It wraps around at 64 bits: a clamp would depend on the order of additions.
  public var total: Int64 { sums.reduce(0) { $0 &+ $1.sum } }

  /// Takes a write in, with what it dominates going out; it is dropped itself if a head dominates it.
  mutating func set(_ head: Head, past: VersionVector, history: some Causality, fresh: Bool) {
    if heads.count == 1, heads[0].op.dot != head.op.dot, past.covers(heads[0].op.dot) {
      heads[0] = head
      return
    }
    if isOvertaken(head.op, past: past, history: history, fresh: fresh) { return }
    heads.removeAll { past.covers($0.op.dot) }
    heads.insert(head, at: heads.firstIndex { head.op < $0.op } ?? heads.count)
  }

  mutating func add(_ delta: Int64, log: UInt32) {
    guard let slot = sums.firstIndex(where: { log <= $0.log }) else {
      return sums.append(PartialSum(log: log, sum: delta))
    }
    if sums[slot].log == log {
      sums[slot] = PartialSum(log: log, sum: sums[slot].sum &+ delta)
    } else {
      sums.insert(PartialSum(log: log, sum: delta), at: slot)
    }
  }

  /// Whether a head already here dominates the op. Within a change the higher index does; an op met again is
  /// overtaken by itself. A head in the op's own past cannot have seen it.
  private func isOvertaken(
    _ op: OpID, past: VersionVector, history: some Causality, fresh: Bool
  ) -> Bool {
    for rival in heads {
      if rival.op.dot == op.dot {
        if rival.op.index >= op.index { return true }
      } else if !fresh, !past.covers(rival.op.dot), history.has(rival.op.dot, seen: op.dot) {
        return true
      }
    }
    return false
  }
}
