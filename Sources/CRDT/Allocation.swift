// SPDX-License-Identifier: AGPL-3.0-or-later

/// Who has what of a scarce thing, as far as anybody can know: a pure function of the claims on it, of what their
/// authors had seen, and of its keeper's answers.
///
/// No stamp has a say. Of two claims the one that the other's author had seen goes first; between claims that
/// hadn't seen each other and don't fit together nothing decides but people, and all of them are contested. Taking
/// a claim away never makes another one's standing worse, adding one never makes it better.
public struct Allocation: Sendable {
  public struct Claim: Sendable {
    public enum State: Hashable, Sendable { case active, withdrawn, over }

    public let id: RecordID
    /// How many it asks for.
    public let quantity: Int64
    /// When, on any clock; none of them empty. Several where people gave several times and haven't chosen: it
    /// then asks for all of them.
    public let spans: [Range<Int64>]
    /// The changes that ask what it asks. Whoever changes what is asked asks anew.
    public let stakes: [Dot]
    /// By whoever was the keeper when they answered.
    public let answers: [Answer]
    public let state: State

    public init(
      id: RecordID, quantity: Int64 = 1, spans: [Range<Int64>], stakes: [Dot], answers: [Answer] = [],
      state: State = .active
    ) {
      precondition(spans.allSatisfy { !$0.isEmpty }, "a span has a beginning and an end after it")
      precondition(!stakes.isEmpty, "somebody asked for what is claimed")
      self.id = id
      self.quantity = quantity
      self.spans = spans
      self.stakes = stakes
      self.answers = answers
      self.state = state
    }
  }

  /// A keeper's word on a claim.
  public struct Answer: Hashable, Sendable {
    public let dot: Dot
    /// Nil where they took back what they had said.
    public let isYes: Bool?

    public init(dot: Dot, isYes: Bool?) {
      self.dot = dot
      self.isYes = isYes
    }
  }

  public enum Standing: String, CaseIterable, Hashable, Sendable {
    /// The keeper hasn't answered yet.
    case requested
    /// Its author knew of others who have it; it holds once they let go.
    case waiting
    /// Others claimed it at the same time, and there isn't enough for all; or the keeper said both yes and no.
    case contested
    case held
    case granted
    case declined
    case withdrawn
    case over
  }

  public struct Outcome: Hashable, Sendable {
    public let standing: Standing
    /// The claims that stand in its way, or that it is contested with, ascending.
    public let others: [RecordID]
    /// Whether the keeper promised more than there is, this claim included.
    public let isOverGranted: Bool
  }

  public let capacity: Int64
  public let outcomes: [RecordID: Outcome]
  private let parties: [Party]
  private let needsGrant: Bool

  /// - Parameters:
  ///   - needsGrant: whether a claim waits for its keeper's word.
  ///   - claims: each once, in any order.
  public init(capacity: Int64, needsGrant: Bool, claims: [Claim], history: some Causality) {
    self.capacity = capacity
    self.needsGrant = needsGrant
    let parties = claims.filter { $0.state == .active }.sorted { $0.id < $1.id }.map { Party($0, history) }
    self.parties = parties
    var outcomes: [RecordID: Outcome] = [:]
    for claim in claims where claim.state != .active {
      let standing: Standing = claim.state == .withdrawn ? .withdrawn : .over
      outcomes[claim.id] = Outcome(standing: standing, others: [], isOverGranted: false)
    }
    for party in parties {
      outcomes[party.claim.id] = party.outcome(
        among: parties.filter { $0.claim.id != party.claim.id }, capacity: capacity, needsGrant: needsGrant)
    }
    precondition(outcomes.count == claims.count, "each claim is given once")
    self.outcomes = outcomes
  }

  public subscript(claim: RecordID) -> Outcome? { outcomes[claim] }

  /// The claims that would leave too little for one more, made by somebody who has seen all of these; nil if there
  /// is enough. Where a keeper answers, only what was granted stands in its way.
  public func obstacles(to quantity: Int64, in spans: [Range<Int64>]) -> [RecordID]? {
    let before = parties.filter { $0.isGranted || ($0.isOpen && !needsGrant) }.filter { $0.overlaps(spans) }
    if Party.peak(of: before, in: spans) + Int128(quantity) <= Int128(capacity) { return nil }
    return before.map(\.claim.id)
  }

  /// The granted claims that leave too little for this one, were it granted too; nil if there is enough.
  public func obstacles(toGranting claim: RecordID) -> [RecordID]? {
    guard let party = parties.first(where: { $0.claim.id == claim }) else { return nil }
    let before = parties.filter { $0.isGranted && $0.claim.id != claim && $0.overlaps(party.claim.spans) }
    return party.fits(before, capacity) ? nil : before.map(\.claim.id)
  }
}

/// An active claim with what its author, and those who answered it, had seen.
private struct Party: Sendable {
  private struct Word {
    let answer: Allocation.Answer
    let past: VersionVector

    func overtakes(_ other: Word) -> Bool { answer.dot != other.answer.dot && past.covers(other.answer.dot) }
  }

  let claim: Allocation.Claim
  private let pasts: [VersionVector]
  private let isYes: Bool
  private let isNo: Bool

  init(_ claim: Allocation.Claim, _ history: some Causality) {
    self.claim = claim
    pasts = claim.stakes.map { history.past(of: $0) }
    let words = claim.answers.map { Word(answer: $0, past: history.past(of: $0.dot)) }
    let last = words.filter { word in !words.contains { $0.overtakes(word) } }
    let apt = last.filter { claim.stakes.allSatisfy($0.past.covers) }
    isYes = apt.contains { $0.answer.isYes == true }
    isNo = apt.contains { $0.answer.isYes == false }
  }

  var isGranted: Bool { isYes && !isNo }
  /// Neither granted nor declined, or both.
  var isOpen: Bool { isYes == isNo }

  func overlaps(_ spans: [Range<Int64>]) -> Bool {
    claim.spans.contains { own in spans.contains(where: own.overlaps) }
  }

  /// Whether the other's author had seen all that this claim asks. An order: it has no circles, since a change
  /// isn't seen before it is made.
  func precedes(_ other: Party) -> Bool {
    claim.stakes.allSatisfy { stake in
      zip(other.claim.stakes, other.pasts).contains { $0 != stake && $1.covers(stake) }
    }
  }

  /// The most that parties ask for at one time within the spans: it is reached where a span begins.
  static func peak(of parties: [Party], in spans: [Range<Int64>]) -> Int128 {
    let starts = spans.map(\.lowerBound) + parties.flatMap { $0.claim.spans.map(\.lowerBound) }
    let loads = starts.filter { start in spans.contains { $0.contains(start) } }.map { start in
      parties.filter { $0.claim.spans.contains { $0.contains(start) } }.reduce(0) { $0 + Int128($1.claim.quantity) }
    }
    return loads.max() ?? 0
  }

  func outcome(among all: [Party], capacity: Int64, needsGrant: Bool) -> Allocation.Outcome {
    if isNo && !isYes { return outcome(.declined) }
    let rivals = all.filter { $0.overlaps(claim.spans) }
    let granted = rivals.filter(\.isGranted)
    if isGranted {
      let isOver = !fits(granted, capacity)
      return outcome(.granted, isOver ? granted : [], isOverGranted: isOver)
    }
    if isYes { return outcome(.contested) }
    let open = rivals.filter(\.isOpen)
    if needsGrant { return outcome(.requested, fits(granted, capacity) ? [] : granted) }
    let before = granted + open.filter { $0.precedes(self) }
    if !fits(before, capacity) { return outcome(.waiting, before) }
    let beside = open.filter { !$0.precedes(self) && !precedes($0) }
    return fits(before + beside, capacity) ? outcome(.held) : outcome(.contested, beside)
  }

  func fits(_ others: [Party], _ capacity: Int64) -> Bool {
    Self.peak(of: others, in: claim.spans) + Int128(claim.quantity) <= Int128(capacity)
  }

  private func outcome(
    _ standing: Allocation.Standing, _ others: [Party] = [], isOverGranted: Bool = false
  ) -> Allocation.Outcome {
    Allocation.Outcome(
      standing: standing, others: others.map(\.claim.id).sorted(), isOverGranted: isOverGranted)
  }
}
