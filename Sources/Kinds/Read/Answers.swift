// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// Who comes to an event, to all its dates and to single ones.
public struct Answers: Sendable {
  /// One answer with whose it is.
  public struct Entry: Sendable {
    public let key: AnswerKey
    public let answer: Answer
    /// What another device of the place answered at the same time.
    public let others: [Answer]
  }

  /// Seats, by what was answered. Nobody is left out for coming late: where there are more than fit, people talk.
  public struct Total: Hashable, Sendable {
    public var yes: Int64 = 0
    public var maybe: Int64 = 0
    /// How many answered that they don't come.
    public var no = 0
    /// How many people fit; nil if nobody said.
    public var capacity: Int64?

    /// Whether more seats are promised than there are.
    public var isOver: Bool { capacity.map { yes > $0 } ?? false }
    public var isEmpty: Bool { yes == 0 && maybe == 0 && no == 0 }
  }

  public static let field = Kind.event.field(named: "rsvp")!.number

  /// Answers for the whole event first, then by day; by place and name within. Answers that were taken back, and
  /// those that this version can't read, are left out.
  public let entries: [Entry]
  private let capacity: Int64?

  public init(_ event: Record) {
    var entries: [Entry] = []
    for cell in event.cells(of: Self.field) {
      guard let key = cell.key.key.flatMap(AnswerKey.init), let answer = Answer(value: cell.value) else { continue }
      let others = cell.heads.compactMap { Answer(value: $0.value) }.filter { $0 != answer }
      entries.append(Entry(key: key, answer: answer, others: others))
    }
    self.entries = entries.sorted { Self.rank($0.key) < Self.rank($1.key) }
    if case .int(let capacity) = event.value("capacity") { self.capacity = capacity } else { capacity = nil }
  }

  private static func rank(_ key: AnswerKey) -> (String, PlaceID, String) {
    (key.day?.iso ?? "", key.place, key.name ?? "")
  }

  /// The days for which somebody answered apart, ascending.
  public var days: [CivilDate] { Set(entries.compactMap(\.key.day)).sorted() }

  /// What holds for a date: an answer for that day, else the same person's for the whole event. With nil, the
  /// answers for the whole event.
  public func entries(on day: CivilDate?) -> [Entry] {
    guard let day else { return entries.filter { $0.key.day == nil } }
    let apart = entries.filter { $0.key.day == day }
    let known = Set(apart.map { $0.key.on(nil) })
    return entries.filter { $0.key.day == nil && !known.contains($0.key) } + apart
  }

  public func total(on day: CivilDate?) -> Total {
    var total = Total(capacity: capacity)
    for entry in entries(on: day) {
      switch entry.answer.word {
      case .yes: total.yes = Self.sum(total.yes, entry.answer.seats)
      case .maybe: total.maybe = Self.sum(total.maybe, entry.answer.seats)
      case .no: total.no += 1
      }
    }
    return total
  }

  private static func sum(_ one: Int64, _ other: Int64) -> Int64 {
    let (sum, isOver) = one.addingReportingOverflow(other)
    return isOver ? .max : sum
  }
}

extension RecordEditor {
  /// Writes an answer, or takes one back. It has an effect only if this device belongs to the key's place.
  public mutating func answer(_ event: Record, _ key: AnswerKey, _ answer: Answer?) {
    set(edit(event), CellKey(field: Answers.field, key: key.value), to: answer?.value ?? .null)
  }
}
