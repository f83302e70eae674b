// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// How far back to look into the log.
public enum Moment: Hashable, Sendable {
  case now
  /// All changes that are stamped at or before this, in milliseconds since 1970.
  ///
  /// A stamp is a bounded clock (protocol.md section 5), not a wall clock: where an author's clock was doubtful, a
  /// change may have been written at another time. Since stamps rise along causality, whatever a change had seen
  /// is there with it.
  case stamp(UInt64)
  /// These changes and all that their authors had seen.
  case changes([ChangeID])
  /// What the authors of these changes had seen when they wrote them.
  case before([ChangeID])
}

/// The changes that belong to a moment, by this replica's numbers: a set that is closed under the past.
public struct Horizon: Hashable, Sendable {
  /// The spaces that the moment says something about: one that is given by changes, of their own spaces alone.
  public let spaces: Set<SpaceID>
  let changes: VersionVector

  /// Whether a change belongs to the moment.
  public func covers(_ dot: Dot) -> Bool { changes.covers(dot) }
}

/// Why a question about the past has no answer.
public enum HistoryError: Error, Equatable, Sendable {
  /// A moment names a change that isn't stored here.
  case unknownChange(ChangeID)
}

extension Replica {
  /// The changes that belong to a moment. What counts among them is what is known to count today, and a space that
  /// this device doesn't read today isn't looked into.
  public func horizon(_ moment: Moment) throws -> Horizon {
    try database.read {
      switch moment {
      case .now: try horizon { try log.tip(of: $0.number)?.dot }
      case .stamp(let stamp): try horizon { try log.last(of: $0, stampedBy: stamp) }
      case .changes(let ids): try horizon(of: try ids.map(dot))
      case .before(let ids): try horizon(before: try ids.map(dot))
      }
    }
  }

  private func horizon(_ last: (LogRow) throws -> Dot?) throws -> Horizon {
    let logs = try log.allLogs()
    return Horizon(spaces: Set(logs.map(\.space.id)), changes: VersionVector(dots: try logs.compactMap(last)))
  }

  private func horizon(of dots: [Dot]) throws -> Horizon {
    var past = VersionVector()
    for dot in dots { past.merge(try log.seen(by: dot)) }
    return Horizon(spaces: try spaces(of: dots), changes: past)
  }

  private func horizon(before dots: [Dot]) throws -> Horizon {
    let changes = try dots.map { try stored($0) }
    let own = try dots.compactMap { try log.previous(of: $0) }
    return Horizon(
      spaces: try spaces(of: dots), changes: try horizon(of: changes.flatMap(\.heads) + own).changes)
  }

  private func spaces(of dots: [Dot]) throws -> Set<SpaceID> {
    Set(try dots.map { try log.log(number: $0.log).space.id })
  }

  private func stored(_ dot: Dot) throws -> StoredChange {
    guard let change = try log.change(dot) else { throw StoreError.damaged("a change has no row") }
    return change
  }

  private func dot(of id: ChangeID) throws -> Dot {
    guard let dot = try log.dot(of: id) else { throw HistoryError.unknownChange(id) }
    return dot
  }
}

extension LogStore {
  /// The last change of a log that is stamped at or before `stamp`; nil if there is none. Stamps rise along a log,
  /// so it is found by halving.
  func last(of row: LogRow, stampedBy stamp: UInt64) throws -> Dot? {
    guard let tip = try tip(of: row.number) else { return nil }
    var (low, high) = (row.firstSeq - 1, tip.dot.seq + 1)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if self.stamp(of: Dot(log: row.number, seq: middle)) <= stamp { low = middle } else { high = middle }
    }
    try throwFailure()
    return low < row.firstSeq ? nil : Dot(log: row.number, seq: low)
  }
}
