// SPDX-License-Identifier: AGPL-3.0-or-later

/// Comparing: roots, lists and the turn of the rounds.
extension Session {
  /// Sends ROOT for these spaces, which are this round's besides those begun already.
  mutating func begin(_ spaces: [SpaceID]) throws(SessionProblem) {
    for space in spaces {
      let mine = try storing { try store.snapshot(of: space) }
      let digest = mine.digest.map { names.digest($0, anchorID: store.anchorID) }
      let root = Frame.Root(
        space: space, root: names.root(mine), digest: digest, round: UInt64(report.rounds))
      exchanges.append(SpaceExchange(space: space, mine: mine, root: root))
      send(.root(root))
    }
  }

  mutating func take(_ root: Frame.Root) throws(SessionProblem) {
    if root.round == UInt64(report.rounds) + 1 { try leaveOutWhatTheyDontShare() }
    if state == .closing { return }
    guard root.round == UInt64(report.rounds) else { throw .malformed("ROOT of another round") }
    guard let place = exchanges.firstIndex(where: { $0.space == root.space }) else {
      if state == .spaces { return }
      throw .malformed("ROOT before governance is done")
    }
    guard exchanges[place].theirs == nil else { throw .malformed("ROOT twice") }
    exchanges[place].theirs = root
    if !exchanges[place].isEqual { try sendList(place) }
    try advance()
  }

  private mutating func sendList(_ place: Int) throws(SessionProblem) {
    let (space, mine) = (exchanges[place].space, exchanges[place].mine.frontier)
    var listed = try withLadders(mine, of: space)
    if version == 1 { listed = listed.limited(to: 1) }
    var most = Self.entriesOfLog
    while true {
      let list = Frame.list(.init(space: space, entries: names.list(listed)))
      let bytes = list.payload()
      if bytes.count <= Limits.frame {
        effects.append(.send(Frame.encoded(type: list.type, payload: bytes)))
        exchanges[place].listed = listed
        return
      }
      guard most > 1 else { throw .limit("the space has too many logs for one LIST") }
      most /= 2
      listed = listed.limited(to: most)
    }
  }

  /// The tips, and rungs below those of logs that were strange to this side in the round before and of which
  /// nothing came since.
  private func withLadders(_ mine: Frontier, of space: SpaceID) throws(SessionProblem) -> Frontier {
    guard let before = strange[space] else { return mine }
    var entries = Set(mine.entries)
    for (log, tips) in before where tips == Set(mine.entries.filter { $0.log == log }.map(\.tip)) {
      entries.formUnion(try storing { try store.ladder(of: log) })
    }
    return Frontier(Array(entries))
  }

  mutating func take(_ list: Frame.List) throws(SessionProblem) {
    let place = try exchange(of: list.space)
    guard exchanges[place].list == nil else { throw .malformed("LIST twice") }
    let theirs = try PeerList(list, mine: exchanges[place].mine.frontier, names: names, store: store)
    exchanges[place].list = theirs
    for fork in theirs.forks where !report.forks.contains(fork) {
      report.forks.append(fork)
      effects.append(.progress(.fork(fork)))
    }
  }

  /// Where the space stands among this round's, whose roots are there and differ.
  func exchange(of space: SpaceID) throws(SessionProblem) -> Int {
    guard let place = exchanges.firstIndex(where: { $0.space == space }), exchanges[place].isUnequal else {
      throw .malformed("a frame about a space that is not being compared")
    }
    return place
  }

  /// Goes on if all that the state waits for is there.
  mutating func advance() throws(SessionProblem) {
    guard exchanges.allSatisfy(\.isFinished) else { return }
    switch state {
    case .governance: try enterSpaces()
    case .spaces: try endRound()
    case .idle, .opening, .closing, .ended: break
    }
  }

  /// Governance is done: from now on it is known who the other is.
  private mutating func enterSpaces() throws(SessionProblem) {
    let membership = try storing { try store.membership() }
    guard let peer = membership.device(forNoise: peerStatic) else { throw .notMember }
    report.peer = peer.id
    report.peerPlace = peer.place
    effects.append(.progress(.peer(peer.id)))
    _ = try storing { try store.shareDueKeys() }
    state = .spaces
    try begin(sharedSpaces(membership, with: peer.id))
    try advance()
  }

  /// The spaces that both named in HELLO and that Resolve lets both read, ascending.
  private func sharedSpaces(_ membership: Membership, with peer: DeviceID) -> [SpaceID] {
    let theirs = Set(membership.spaces(readBy: peer).map { $0.id(in: store.network) })
    let mine = Set(membership.spaces(readBy: store.keys.card.device).map { $0.id(in: store.network) })
    return mySpaces.filter {
      mine.contains($0) && theirs.contains($0) && theirSpaces.contains(names.hello($0))
    }
  }

  private mutating func endRound() throws(SessionProblem) {
    let isAllEqual = exchanges.allSatisfy(\.isEqual)
    if isAllEqual && !hasLeftOut {
      conclude()
    } else if isAllEqual || report.rounds == Self.rounds || isInVain {
      report.problem = .unequal
      close(.finishedUnequal)
    } else {
      wasIdle = isIdle
      try beginNextRound()
    }
  }

  private var isIdle: Bool { !exchanges.contains(where: \.hasMoved) }

  /// Whether another round would change nothing. One idle round may be followed by another, if a log may have two
  /// branches: ladders then show what both hold.
  private var isInVain: Bool {
    guard isIdle else { return false }
    return wasIdle || version == 1 || !exchanges.contains { $0.hasStrangers(names) }
  }

  /// All roots are equal: that of the digests decides.
  private mutating func conclude() {
    let faulty = exchanges.filter { !$0.hasEqualDigest }.map(\.space)
    if faulty.isEmpty { report.converged = true } else { report.problem = .digestsDiffer(faulty) }
    close(faulty.isEmpty ? .converged : .finishedUnequal)
  }

  private mutating func beginNextRound() throws(SessionProblem) {
    let spaces = exchanges.map(\.space)
    noteWhatTheyHold()
    strange = [:]
    for exchange in exchanges {
      for log in exchange.list?.strange ?? [] {
        let tips = exchange.mine.frontier.entries.filter { $0.log == log }.map(\.tip)
        strange[exchange.space, default: [:]][log] = Set(tips)
      }
    }
    exchanges = []
    report.rounds += 1
    effects.append(.progress(.round(report.rounds)))
    _ = try storing { try store.shareDueKeys() }
    try begin(spaces)
  }

  /// The other has gone on or ended, so it won't compare spaces of which it hasn't sent a root: what it holds
  /// of them stays unknown, and the two haven't converged.
  mutating func leaveOutWhatTheyDontShare() throws(SessionProblem) {
    guard state == .spaces, exchanges.contains(where: { $0.theirs == nil }) else { return }
    exchanges.removeAll { $0.theirs == nil }
    hasLeftOut = true
    try advance()
  }
}
