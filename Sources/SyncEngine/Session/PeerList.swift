// SPDX-License-Identifier: AGPL-3.0-or-later

/// What the other's LIST of a space says, seen from here.
struct PeerList {
  /// As it came; CHANGES name heads by their places in it.
  private let entries: [Frame.List.Entry]
  private let names: SessionNames
  private let space: SpaceID
  /// Places of entries by the log's keyed name.
  private var places: [UInt64: Int] = [:]
  /// The logs behind keyed names, as far as known.
  private var logs: [UInt64: LogID] = [:]
  /// Tips by place in the list, as far as known.
  private var tips: [Int: ChangeID] = [:]

  /// The seq up to which the other holds each log that is known here.
  private(set) var held: [LogID: UInt64] = [:]
  /// Logs that the other holds another branch of.
  private(set) var forks: [ForkSighting] = []
  /// Tips of this side's own that the other is sure to hold.
  private(set) var common: [ChangeID] = []

  init(
    _ list: Frame.List, mine: Frontier, names: SessionNames, store: any SessionStore
  ) throws(SessionProblem) {
    entries = list.entries
    self.names = names
    space = list.space
    for (place, entry) in entries.enumerated() {
      guard places.updateValue(place, forKey: entry.log) == nil else {
        throw .malformed("LIST repeats a log")
      }
    }
    for entry in mine.entries { try compare(entry, store) }
  }

  private mutating func compare(_ mine: Frontier.Entry, _ store: any SessionStore) throws(SessionProblem) {
    let name = names.log(mine.log)
    logs[name] = mine.log
    guard let place = places[name] else { return }
    let theirs = entries[place]
    if theirs.seq > mine.seq {
      held[mine.log] = theirs.seq
      return
    }
    let id = try storing { theirs.seq == mine.seq ? mine.tip : try store.id(of: mine.log, at: theirs.seq) }
    guard let id, names.tip(id) == theirs.tip else {
      forks.append(ForkSighting(space: space, log: mine.log, author: mine.author))
      return
    }
    held[mine.log] = theirs.seq
    tips[place] = id
    if theirs.seq == mine.seq { common.append(id) }
  }

  /// Notes changes of a log that came, so that heads can name its tip.
  mutating func note(_ changes: [Change], of log: LogID) {
    guard let first = changes.first?.header.seq else { return }
    let name = names.log(log)
    logs[name] = log
    held[log] = max(held[log] ?? 0, first + UInt64(changes.count) - 1)
    guard let place = places[name], entries[place].seq >= first else { return }
    let offset = entries[place].seq - first
    guard offset < UInt64(changes.count) else { return }
    let id = changes[Int(offset)].id
    if names.tip(id) == entries[place].tip { tips[place] = id }
  }

  /// The tip at a place in the list, if it is held here or came before.
  mutating func tip(at place: Int, _ store: any SessionStore) throws -> ChangeID? {
    guard entries.indices.contains(place) else { return nil }
    if let known = tips[place] { return known }
    guard let log = logs[entries[place].log], let id = try store.id(of: log, at: entries[place].seq),
      names.tip(id) == entries[place].tip
    else { return nil }
    tips[place] = id
    return id
  }
}
