// SPDX-License-Identifier: AGPL-3.0-or-later

/// A set of changes that is closed under the past: for each log, the position up to which everything is in
/// it.
public struct VersionVector: Hashable, Sendable {
  /// The last change of each log, strictly ascending by log, none at position 0.
  public private(set) var dots: [Dot]

  public init() { dots = [] }

  /// From (log, seq) pairs in any order; of two with the same log the greater seq holds.
  public init(_ pairs: some Sequence<(UInt32, UInt64)>) {
    self.init(dots: pairs.map { Dot(log: $0.0, seq: $0.1) })
  }

  public init(dots: some Sequence<Dot>) {
    self.init()
    for dot in dots { include(dot) }
  }

  public var entries: LazyMapSequence<[Dot], (log: UInt32, seq: UInt64)> {
    dots.lazy.map { (log: $0.log, seq: $0.seq) }
  }

  public var isEmpty: Bool { dots.isEmpty }

  /// The position reached in a log; 0 if nothing of it is in the set.
  public subscript(log: UInt32) -> UInt64 {
    let slot = slot(of: log)
    return holds(log, at: slot) ? dots[slot].seq : 0
  }

  public func covers(_ dot: Dot) -> Bool {
    let slot = slot(of: dot.log)
    return holds(dot.log, at: slot) ? dots[slot] >= dot : dot.seq == 0
  }

  /// Whether everything in the other is also here.
  public func dominates(_ other: VersionVector) -> Bool {
    var slot = 0
    for dot in other.dots {
      while slot < dots.count, dots[slot].log < dot.log { slot += 1 }
      guard slot < dots.count, dots[slot].log == dot.log, dots[slot] >= dot else { return false }
    }
    return true
  }

  public mutating func include(_ dot: Dot) {
    guard dot.seq > 0 else { return }
    if let last = dots.last, last.log < dot.log { return dots.append(dot) }
    let slot = slot(of: dot.log)
    if !holds(dot.log, at: slot) {
      dots.insert(dot, at: slot)
    } else if dots[slot] < dot {
      dots[slot] = dot
    }
  }

  public mutating func merge(_ other: VersionVector) {
    if dominates(other) { return }
    if dots.isEmpty { return dots = other.dots }
    if other.dots.count == 1 { return include(other.dots[0]) }
    dots = interleaved(dots, other.dots)
  }

  public func merging(_ other: VersionVector) -> VersionVector {
    var result = self
    result.merge(other)
    return result
  }

  /// Where the log stands, or would stand.
  private func slot(of log: UInt32) -> Int {
    let floor = UInt64(log) << 40
    var low = 0
    var high = dots.count
    while low < high {
      let middle = (low + high) / 2
      if dots[middle].rawValue < floor { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func holds(_ log: UInt32, at slot: Int) -> Bool {
    slot < dots.count && dots[slot].log == log
  }
}

private func interleaved(_ one: [Dot], _ other: [Dot]) -> [Dot] {
  var result: [Dot] = []
  result.reserveCapacity(one.count + other.count)
  var rest = other[...]
  for dot in one {
    while let next = rest.first, next.log < dot.log { result.append(rest.removeFirst()) }
    if let next = rest.first, next.log == dot.log {
      result.append(max(dot, rest.removeFirst()))
    } else {
      result.append(dot)
    }
  }
  return result + rest
}
