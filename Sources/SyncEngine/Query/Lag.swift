// SPDX-License-Identifier: AGPL-3.0-or-later

/// How far a device was behind this replica, and this replica behind it, when it was last heard from.
public struct Lag: Sendable, Equatable {
  /// Changes here that it wasn't known to hold.
  public var theyLack: Int
  /// Changes that it had shown to hold and that aren't here.
  public var weLack: Int
  /// When it was last heard from, in milliseconds since 1970; nil if never.
  public var since: UInt64?
}

extension Replica {
  /// Compares what is here, of governance and of the spaces that both read, with what a device was last known to
  /// hold.
  public func lag(of device: DeviceID) throws -> Lag {
    try database.read {
      let (seqs, seen) = try known(of: device)
      let members = graph.resolve()
      var lag = Lag(theyLack: 0, weLack: 0, since: seqs.isEmpty ? nil : seen)
      for row in try log.allLogs() {
        guard let space = members.space(row.space.id), space == .governance || members.mayRead(device, space) else {
          continue
        }
        let mine = try log.tip(of: row.number)?.dot.seq ?? 0
        let theirs = seqs[row.id] ?? 0
        if mine > theirs { lag.theyLack += Int(mine - theirs) } else { lag.weLack += Int(theirs - mine) }
      }
      let here = Set(try log.allLogs().map(\.id))
      for (id, seq) in seqs where !here.contains(id) { lag.weLack += Int(seq) }
      return lag
    }
  }

  /// What waits, and for which changes.
  public func waiting() throws -> (count: Int, missing: [ChangeID]) {
    try database.read { (try pending.size(), try pending.missing()) }
  }

  /// How many changes and logs are stored.
  public func sizes() throws -> (changes: Int, logs: Int) {
    try database.read {
      let logs = try log.allLogs()
      return (Int(try logs.reduce(0) { $0 + (try log.tip(of: $1.number)?.dot.seq ?? 0) }), logs.count)
    }
  }
}
