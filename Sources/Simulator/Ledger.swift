// SPDX-License-Identifier: AGPL-3.0-or-later
import SyncEngine

/// The commits that returned: nothing in it may ever be missing.
struct Ledger {
  struct Entry {
    let change: ChangeID
    let space: SpaceID
    /// Who wrote it.
    let host: Int
  }

  private(set) var entries: [Entry] = []

  mutating func acknowledge(_ change: ChangeID, in space: SpaceID, by host: Host) {
    entries.append(Entry(change: change, space: space, host: host.index))
  }

  /// Strikes out what went with a disk that was put back to an older state: what nobody else holds any more.
  mutating func strikeOut(_ isLost: (Entry) throws -> Bool) rethrows -> Int {
    let before = entries.count
    entries = try entries.filter { try !isLost($0) }
    return before - entries.count
  }
}
