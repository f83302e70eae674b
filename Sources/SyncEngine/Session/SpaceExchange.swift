// SPDX-License-Identifier: AGPL-3.0-or-later

/// One space in one round: what both sides said of it so far (protocol.md section 12, rules 2 to 4).
struct SpaceExchange {
  let space: SpaceID
  /// As it was when ROOT was sent.
  let mine: SpaceSnapshot
  let root: Frame.Root
  var theirs: Frame.Root?
  /// What the LIST that was sent names: this side's tips, and ladders.
  var listed: Frontier?
  /// What they hold, once LIST came.
  var list: PeerList?
  /// What they are sent, once LIST came and it is this space's turn.
  var outgoing: OutgoingRuns?
  /// Changes that came, whatever became of them.
  var received: UInt64 = 0
  var isDoneSent = false
  var isDoneReceived = false

  init(space: SpaceID, mine: SpaceSnapshot, root: Frame.Root) {
    self.space = space
    self.mine = mine
    self.root = root
  }

  /// Whether both said the same of what they hold.
  var isEqual: Bool { theirs?.root == root.root }

  /// Whether both said the same of what they make of it.
  var hasEqualDigest: Bool { theirs?.digest == root.digest }

  var isUnequal: Bool { theirs != nil && !isEqual }

  var isFinished: Bool { isEqual || (isDoneSent && isDoneReceived) }

  /// Whether some log stands in both LISTs and none of its entries in both: both sides see that alike, and that
  /// the log may have two branches.
  func hasStrangers(_ names: SessionNames) -> Bool {
    guard let listed, let list else { return false }
    let mine = names.list(listed)
    let common = Set(mine).intersection(list.entries)
    return !Set(mine.map(\.log)).intersection(list.entries.map(\.log)).isSubset(of: common.map(\.log))
  }

  /// Whether anything was sent either way.
  var hasMoved: Bool { received > 0 || (outgoing?.sent ?? 0) > 0 }
}
