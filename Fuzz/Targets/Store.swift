// SPDX-License-Identifier: AGPL-3.0-or-later
import SyncEngine

/// What the database holds as blobs: a disk can damage it, and so can whoever had the disk.
extension FuzzTarget {
  static let store = [
    recoding("state", refusedBy: StoreError.self) { bytes in
      let state = try StateCodec.decode(bytes)
      do { try state.checkInvariants() } catch { throw BrokenLaw("a broken state was read: \(error)") }
      return StateCodec.encode(state)
    },
    recoding("dots", longest: 256, refusedBy: StoreError.self) { DotList.encode(try DotList.decode($0)) },
  ]
}
