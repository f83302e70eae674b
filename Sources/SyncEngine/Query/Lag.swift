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
      let (held, seen) = try known(of: device)
      let members = graph.resolve()
      var lag = Lag(theyLack: 0, weLack: 0, since: held.seqs.isEmpty ? nil : seen)
      let all = try log.allLogs()
      for (space, rows) in Dictionary(grouping: all, by: \.space.id) {
        guard let known = members.space(space), known == .governance || members.mayRead(device, known) else { continue }
        let reach = try log.reach(of: held, in: space)
        for row in rows {
          let mine = try log.tip(of: row.number)?.dot.seq ?? row.firstSeq - 1
          lag.theyLack += Int(mine - min(mine, reach[row.number] ?? 0))
        }
        for (id, branches) in Dictionary(grouping: rows, by: \.id) {
          let mine = try branches.map { try log.tip(of: $0.number)?.dot.seq ?? 0 }.max() ?? 0
          lag.weLack += Int(max(held.seqs[id] ?? 0, mine) - mine)
        }
      }
      let here = Set(all.map(\.id))
      for (id, seq) in held.seqs where !here.contains(id) { lag.weLack += Int(seq) }
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
      let changes = try logs.reduce(0) { sum, row in
        try sum + ((log.tip(of: row.number)?.dot.seq).map { $0 - row.firstSeq + 1 } ?? 0)
      }
      return (Int(changes), Set(logs.map(\.id)).count)
    }
  }
}
