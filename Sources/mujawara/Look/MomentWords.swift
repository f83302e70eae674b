// SPDX-License-Identifier: AGPL-3.0-or-later

import Kinds
import SyncEngine

/// Which moment a page shows, and how far its times can be relied on.
struct MomentWords {
  private let moment: NamedMoment
  private let desk: Desk

  init(_ moment: NamedMoment, _ desk: Desk) {
    self.moment = moment
    self.desk = desk
  }

  func say() { desk.note("As of \(moment.words):") }

  /// Where a clock was far from the stamp, a change may be older or younger than its place in time.
  func say(of record: Record) throws {
    say()
    let doubtful = try desk.replica.history(of: record.id).filter { $0.author.isClockDoubtful }
    guard !doubtful.isEmpty else { return }
    desk.note("Of \(SessionWords.plural(doubtful.count, "change")) of it the clock is doubtful:  mujawara show \(try desk.short(record.id)) --history")
  }
}
