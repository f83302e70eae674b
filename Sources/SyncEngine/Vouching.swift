// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// Which changes of forked logs count (protocol.md section 6): those that a log with one history has seen. What it
/// says is a function of the set of changes held.
struct Vouching {
  private let replica: Replica
  private var log: LogStore { replica.log }

  init(_ replica: Replica) { self.replica = replica }

  /// Brings the extents up to date. The changes that count now and didn't, or the other way round.
  ///
  /// - Parameters:
  ///   - forked: spaces in which a log was found to have one more branch: whom it vouched for is seen anew.
  ///   - vouched: by space, what the logs with one history that grew have seen.
  func update(forked: Set<SpaceID>, vouched: [SpaceID: VersionVector]) throws -> [Dot] {
    var turned: [Dot] = []
    for space in forked.sorted() {
      for (number, extent) in try log.extents(in: space) { turned += try move(number, to: extent) }
    }
    for (space, seen) in vouched where !forked.contains(space) {
      for dot in seen.dots {
        guard let extent = try log.allExtents()[dot.log], dot.seq > extent else { continue }
        turned += try move(dot.log, to: dot.seq)
      }
    }
    return turned.sorted()
  }

  /// The changes between the old extent of a branch and the new one.
  private func move(_ number: UInt32, to extent: UInt64) throws -> [Dot] {
    guard let tip = try log.tip(of: number)?.dot.seq else { return [] }
    let before = min(try log.allExtents()[number] ?? tip, tip)
    let now = min(extent, tip)
    try log.setExtent(extent, of: number)
    let first = max(min(now, before) + 1, try log.log(number: number).firstSeq)
    return first > max(now, before) ? [] : (first...max(now, before)).map { Dot(log: number, seq: $0) }
  }

  /// Works out all extents anew, for records that are made anew.
  func rebuild() throws {
    try log.clearExtents()
    for space in Set(try log.allLogs().map(\.space.id)).sorted() {
      for (number, extent) in try log.extents(in: space) { try log.setExtent(extent, of: number) }
    }
  }
}
