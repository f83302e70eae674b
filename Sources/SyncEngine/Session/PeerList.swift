// SPDX-License-Identifier: AGPL-3.0-or-later

/// What the other's LIST of a space says, seen from here (protocol.md section 12, rule 2).
struct PeerList {
  /// As it came; CHANGES name heads by their places in it.
  let entries: [Frame.List.Entry]
  private let names: SessionNames
  private let space: SpaceID
  /// Places of entries by the log's keyed name: one for each branch, and rungs of ladders.
  private var places: [UInt64: [Int]] = [:]
  /// The logs behind keyed names, as far as known.
  private var logs: [UInt64: LogID] = [:]
  /// Changes by place in the list, as far as known.
  private var tips: [Int: ChangeID] = [:]

  /// What the other holds of the logs that are known here: nothing before these is sent.
  private(set) var held = Held()
  /// Logs of which nothing is sent before it is known what both hold.
  private(set) var suspects: Set<LogID> = []
  /// Logs that both list and of which no entry is known here.
  private(set) var strange: Set<LogID> = []
  /// Logs that the other holds another branch of.
  private(set) var forks: [ForkSighting] = []
  /// Tips of this side's own that the other is sure to hold.
  private(set) var common: [ChangeID] = []
  /// Of each log, how far it has been shown to be held there.
  private var shown: [LogID: UInt64] = [:]

  init(
    _ list: Frame.List, mine: Frontier, names: SessionNames, store: any SessionStore
  ) throws(SessionProblem) {
    entries = list.entries
    self.names = names
    space = list.space
    guard Set(entries).count == entries.count else { throw .malformed("LIST repeats an entry") }
    for (place, entry) in entries.enumerated() { places[entry.log, default: []].append(place) }
    var rest = mine.entries[...]
    while let first = rest.first {
      let branches = rest.prefix { $0.log == first.log }
      rest = rest.dropFirst(branches.count)
      try compare(branches, of: first.log, author: first.author, store)
    }
  }

  /// What the other has shown to hold.
  var known: Held { Held(seqs: shown, tips: held.tips) }

  private mutating func compare(
    _ mine: ArraySlice<Frontier.Entry>, of log: LogID, author: PublicKey, _ store: any SessionStore
  ) throws(SessionProblem) {
    let name = names.log(log)
    logs[name] = log
    guard let places = places[name] else { return }
    for place in places { try recognise(place, of: log, mine, store) }
    if let seq = places.compactMap({ tips[$0] == nil ? nil : entries[$0].seq }).max() {
      shown[log] = seq
      return
    }
    let end = mine.map(\.seq).max() ?? 0
    if let first = places.map({ entries[$0].seq }).min(), first > end {
      // They have more of it, or another branch: then nothing comes, and a ladder shows it.
      strange.insert(log)
      shown[log] = places.map { entries[$0].seq }.max()
      held.tips.formUnion(mine.map(\.tip))
    } else {
      forks.append(ForkSighting(space: space, log: log, author: author))
      guard !places.contains(where: { entries[$0].seq == 1 }) else { return }
      strange.insert(log)
      suspects.insert(log)
    }
  }

  /// Looks for the change that an entry names.
  private mutating func recognise(
    _ place: Int, of log: LogID, _ mine: ArraySlice<Frontier.Entry>, _ store: any SessionStore
  ) throws(SessionProblem) {
    let theirs = entries[place]
    if let own = mine.first(where: { $0.seq == theirs.seq && names.tip($0.tip) == theirs.tip }) {
      common.append(own.tip)
      tips[place] = own.tip
      held.tips.insert(own.tip)
    } else {
      let ids = try storing { try store.ids(of: log, at: theirs.seq) }
      guard let id = ids.first(where: { names.tip($0) == theirs.tip }) else { return }
      tips[place] = id
      held.tips.insert(id)
    }
  }

  /// Notes changes of a log that came, so that heads can name its tip.
  mutating func note(_ changes: [Change], of log: LogID) {
    guard let first = changes.first?.header.seq, let last = changes.last else { return }
    let name = names.log(log)
    logs[name] = log
    shown[log] = max(shown[log] ?? 0, last.header.seq)
    held.tips.insert(last.id)
    for place in places[name] ?? [] where tips[place] == nil && entries[place].seq >= first {
      let offset = entries[place].seq - first
      guard offset < UInt64(changes.count) else { continue }
      let id = changes[Int(offset)].id
      if names.tip(id) == entries[place].tip { tips[place] = id }
    }
  }

  /// The change at a place in the list, if it is held here or came before.
  mutating func tip(at place: Int, _ store: any SessionStore) throws -> ChangeID? {
    guard entries.indices.contains(place) else { return nil }
    if let known = tips[place] { return known }
    guard let log = logs[entries[place].log],
      let id = try store.ids(of: log, at: entries[place].seq).first(where: { names.tip($0) == entries[place].tip })
    else { return nil }
    tips[place] = id
    return id
  }
}
