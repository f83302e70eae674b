// SPDX-License-Identifier: AGPL-3.0-or-later

import FaultDisk
import Foundation
import Synchronization

/// How many outcomes of each power cut are tried: more for a night with `MUJAWARA_CRASHES`.
let crashOutcomes = ProcessInfo.processInfo.environment["MUJAWARA_CRASHES"].flatMap { Int($0) } ?? 3

/// What a disk was like before each of its steps, and how many steps of the script were acknowledged by then.
final class DiskRecord: Sendable {
  struct Moment {
    let surface: FaultDisk.Surface
    let acknowledged: Int
  }

  private let moments = Mutex<[Moment]>([])
  private let acknowledged = Atomic(0)

  func watch(_ disk: FaultDisk) {
    disk.observe { [unowned disk] _ in
      let moment = Moment(surface: disk.surface, acknowledged: self.acknowledged.load(ordering: .relaxed))
      self.moments.withLock { $0.append(moment) }
    }
  }

  func acknowledge() { acknowledged.add(1, ordering: .relaxed) }

  var all: [Moment] { moments.withLock { $0 } }
}
