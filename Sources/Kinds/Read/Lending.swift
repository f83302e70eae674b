// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// A thing with the claims on it, and how each of them stands (`Allocation`).
public struct Lending: Sendable {
  public struct Entry: Sendable {
    public let claim: Record
    public let outcome: Allocation.Outcome
    /// How many it asks for; the most that anybody said where people disagree.
    public let quantity: Int64
    /// When it was handed out and came back.
    public let outAt: CivilDate?
    public let backAt: CivilDate?
    /// The last day for which it is claimed.
    public let due: CivilDate?
    /// Whether it is out after that day.
    public let isOverdue: Bool

    public var standing: Allocation.Standing { outcome.standing }
    public var isOut: Bool { outAt != nil && backAt == nil && standing != .withdrawn }
    /// Whether people have to come to terms about it.
    public var isContested: Bool { standing == .contested || outcome.isOverGranted }
  }

  public let thing: Record
  /// By the day from which they are claimed, then by id.
  public let entries: [Entry]
  /// The places of which anybody says that they keep it; several while people disagree.
  public let keepers: [PlaceID]
  /// Whether a claim waits for a keeper's word.
  public let needsGrant: Bool
  /// The least that anybody said where people disagree.
  public let capacity: Int64
  private let allocation: Allocation
  private let spans: ClaimSpans

  /// - Parameters:
  ///   - claims: those on this thing.
  ///   - today: by which what is past is over.
  public init(_ thing: Record, claims: [Record], today: CivilDate, in replica: Replica) throws {
    let asked = claims.map(Asked.init)
    let spans = ClaimSpans(asked.filter(\.isOpen).flatMap { $0.times.compactMap(\.self) })
    let keeping = Keeping(thing.view, in: replica)
    capacity = Self.capacity(of: thing)
    keepers = keeping.keepers
    needsGrant = keeping.needsGrant
    allocation = Allocation(
      capacity: capacity, needsGrant: keeping.needsGrant,
      claims: try asked.map { try $0.claim(spans, today, try keeping.answers(to: $0.record.view)) },
      history: replica.history)
    let outcomes = allocation.outcomes
    let sorted = asked.sorted { ($0.firstDay, $0.record.id) < ($1.firstDay, $1.record.id) }
    entries = sorted.compactMap { one in
      outcomes[one.record.id].map { Entry(one, $0, today: today) }
    }
    self.thing = thing
    self.spans = spans
  }

  /// The least count of a valid answer; 1 where nobody has said.
  private static func capacity(of thing: Record) -> Int64 {
    thing.counts("capacity").min() ?? 1
  }

  public var contested: [Entry] { entries.filter(\.isContested) }
  public func entry(_ claim: RecordID) -> Entry? { entries.first { $0.claim.id == claim } }

  /// Whose claims are known to leave too little for one more; nil if there is enough as far as is known here.
  public func obstacles(to quantity: Int64, when: When?) -> [Entry]? {
    allocation.obstacles(to: quantity, in: [spans.span(when)])?.compactMap(entry)
  }

  /// Who was granted what would leave too little for this claim; nil if there is enough.
  public func obstacles(toGranting claim: RecordID) -> [Entry]? {
    allocation.obstacles(toGranting: claim)?.compactMap(entry)
  }
}

extension Lending.Entry {
  fileprivate init(_ asked: Asked, _ outcome: Allocation.Outcome, today: CivilDate) {
    let claim = asked.record
    self.claim = claim
    self.outcome = outcome
    quantity = asked.quantity
    outAt = try? CivilDate(value: claim.value("out_at"))
    backAt = try? CivilDate(value: claim.value("back_at"))
    due = (try? When(value: claim.value("when")))?.extent.lastDay
    let isOut = outAt != nil && backAt == nil && outcome.standing != .withdrawn
    isOverdue = isOut && due.map { $0 < today } ?? false
  }
}

/// What a claim's record asks, by all answers that stand in it.
private struct Asked {
  let record: Record
  let quantity: Int64
  /// Nil: always.
  let times: [When?]

  init(_ record: Record) {
    self.record = record
    quantity = record.counts("qty").max() ?? 1
    let heads = record.heads("when").map(\.value)
    times = heads.isEmpty ? [nil] : heads.map { try? When(value: $0) }
  }

  var isWithdrawn: Bool { record.value("withdrawn") == .bool(true) }
  private var isOut: Bool { record.value("out_at") != .null }
  private var isBack: Bool { record.value("back_at") != .null }
  var isOpen: Bool { !isWithdrawn && !isBack }
  var firstDay: CivilDate { times.compactMap { $0?.firstDay }.min() ?? .earliest }

  /// What is out isn't over before it is back; what was never handed out is over with its last day.
  private func isOver(_ today: CivilDate) -> Bool {
    isBack || (!isOut && times.allSatisfy { $0.map { $0.rule == nil && ($0.extent.lastDay ?? .latest) < today } ?? false })
  }

  func claim(
    _ spans: ClaimSpans, _ today: CivilDate, _ answers: [Allocation.Answer]
  ) throws -> Allocation.Claim {
    Allocation.Claim(
      id: record.id, quantity: quantity, spans: times.map(spans.span), stakes: stakes, answers: answers,
      state: isWithdrawn ? .withdrawn : isOver(today) ? .over : .active)
  }

  /// Who made it, and who last said what it asks for, when and how many, and that it is asked after all.
  private var stakes: [Dot] {
    var dots: Set<Dot> = []
    let there = record.view.state[SystemField.alive]?.heads ?? []
    let made = there.filter { $0.value == .bool(true) }
    for head in made.isEmpty ? there : made { dots.insert(head.op.dot) }
    for name in ["of", "when", "qty", "withdrawn"] { for head in record.heads(name) { dots.insert(head.op.dot) } }
    return dots.sorted()
  }
}

extension Record {
  /// All writes that stand in a field without keys.
  func heads(_ name: String) -> [Head] {
    guard let field = field(name) else { return [] }
    return view.state[field.number]?.heads ?? []
  }

  /// All numbers that stand in a field and are in its range.
  fileprivate func counts(_ name: String) -> [Int64] {
    guard case .int(let range) = field(name)?.shape else { return [] }
    return heads(name).compactMap { head in
      if case .int(let number) = head.value, range.contains(number) { number } else { nil }
    }
  }
}

extension Lending {
  /// Whether a cell holds the keeper's word on a claim.
  static func isAnswer(_ cell: CellReading, in record: Record) -> Bool {
    record.kind == .claim && cell.key == Keeping.agreed
  }

  /// A thing with its claims, of those that this device reads.
  public init(of thing: Record, today: CivilDate, in replica: Replica) throws {
    let claims = try Self.claims(in: replica)[thing.id] ?? []
    try self.init(thing, claims: claims, today: today, in: replica)
  }

  /// Every thing with its claims, by the thing's id.
  public static func all(in replica: Replica, today: CivilDate) throws -> [Lending] {
    try replica.reading {
      let things = try replica.read(.thing)
      let claims = try things.isEmpty ? [:] : claims(in: replica)
      return try things.map { try Lending($0, claims: claims[$0.id] ?? [], today: today, in: replica) }
    }
  }

  /// Claims by the thing that they are on today; one that names several, since people disagree, is on each.
  static func claims(in replica: Replica) throws -> [RecordID: [Record]] {
    var found: [RecordID: [Record]] = [:]
    var today: [RecordID: RecordID] = [:]
    for claim in try replica.read(.claim) {
      var things: Set<RecordID> = []
      for head in claim.heads("of") {
        guard case .reference(let id) = head.value else { continue }
        if today[id] == nil { today[id] = try replica.follow(id)?.id ?? id }
        things.insert(today[id]!)
      }
      for thing in things { found[thing, default: []].append(claim) }
    }
    return found
  }

  /// Things of which claims are contested, or more was promised than there is.
  public static func contested(in replica: Replica, today: CivilDate) throws -> [Lending] {
    try all(in: replica, today: today).filter { !$0.contested.isEmpty }
  }
}
