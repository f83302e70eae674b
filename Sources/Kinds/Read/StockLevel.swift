// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// How much of a stock there is: the sum of its movements, by unit. Nothing is ever set: who counts writes what their
/// count differs by from what their replica had, so what others took or brought meanwhile adds up with it.
public struct StockLevel: Sendable {
  /// How much of one unit.
  public struct Amount: Hashable, Sendable {
    public let sum: ExactSum
    /// Nil for pieces without a unit.
    public let unit: String?

    /// `12.5 kg`
    public var text: String { unit.map { "\(sum.text) \($0)" } ?? sum.text }
  }

  public struct Movement: Sendable {
    public let record: Record
    /// Nil where it says no amount that can be summed: it then isn't.
    public let delta: Amount?
    /// What was found, of a count.
    public let counted: Amount?
  }

  /// Why the sum may be wrong though it is the same everywhere: somebody had better count again.
  public enum Doubt: Hashable, Sendable {
    /// Counts made at the same time, whose corrections may be of the same thing.
    case countedAtOnce([RecordID])
    /// A count that reckoned with a movement which has been taken back since.
    case takenBack(count: RecordID, movement: RecordID)
  }

  public let stock: Record
  /// Oldest first, by stamp; it is for reading only.
  public let movements: [Movement]
  /// The stock's own unit first, if anything of it moved, then by unit.
  public let amounts: [Amount]
  public let doubts: [Doubt]
  public let minimum: Amount?

  public init(_ stock: Record, movements: [Record], takenBack: [Record] = [], in replica: Replica) {
    let own = stock.text("unit")
    let history = replica.history
    let ordered = movements.map { (stamp: $0.creationStamp(history), record: $0) }
      .sorted { ($0.stamp, $0.record.id) < ($1.stamp, $1.record.id) }
    self.stock = stock
    self.movements = ordered.map { Movement($0.record, own) }
    amounts = Self.sums(self.movements.compactMap(\.delta), own)
    minimum = Amount(stock.value("minimum"), own)
    let gone = takenBack.map { movement in
      Made(movement, unit: Self.key(Movement(movement, own).delta?.unit), history)
    }
    doubts = Self.doubts(self.movements, gone, history)
  }

  /// Units that differ by case alone are one.
  static func key(_ unit: String?) -> String { SearchText.folded(unit ?? "") }

  private static func sums(_ deltas: [Amount], _ own: String?) -> [Amount] {
    var sums: [String: Amount] = [:]
    for delta in deltas {
      let before = sums[key(delta.unit)]
      sums[key(delta.unit)] = Amount(sum: (before?.sum ?? ExactSum()) + delta.sum, unit: before?.unit ?? delta.unit)
    }
    let first = sums.removeValue(forKey: key(own))
    return [first].compactMap(\.self) + sums.sorted { $0.key < $1.key }.map(\.value)
  }

  /// How much there is of a unit.
  public func sum(of unit: String?) -> ExactSum {
    amounts.first { Self.key($0.unit) == Self.key(unit) }?.sum ?? ExactSum()
  }

  public var isBelowMinimum: Bool {
    guard let minimum else { return false }
    return sum(of: minimum.unit) < minimum.sum
  }

  // MARK: Doubts

  private static func doubts(_ movements: [Movement], _ takenBack: [Made], _ history: some Causality) -> [Doubt] {
    let counts = movements.compactMap { movement in
      movement.counted.map { Made(movement.record, unit: key($0.unit), history) }
    }
    let latest = counts.filter { one in !counts.contains { $0.hasSeen(one) } }
    var doubts: [Doubt] = []
    for unit in Set(latest.map(\.unit)).sorted() {
      let same = latest.filter { $0.unit == unit }
      let apart = same.filter { one in same.contains { $0.dots.isDisjoint(with: one.dots) } }
      if !apart.isEmpty { doubts.append(.countedAtOnce(apart.map(\.record.id).sorted())) }
    }
    for gone in takenBack.sorted(by: { $0.record.id < $1.record.id }) {
      let deletions = gone.record.heads(of: SystemField.alive).map(\.op.dot)
      for count in latest where count.hasSeen(gone) && !deletions.contains(where: count.past.covers) {
        doubts.append(.takenBack(count: count.record.id, movement: gone.record.id))
      }
    }
    return doubts
  }

  /// A movement with the changes that made it and what they had seen.
  private struct Made {
    let record: Record
    let unit: String
    let dots: Set<Dot>
    let past: VersionVector

    init(_ record: Record, unit: String, _ history: some Causality) {
      self.record = record
      self.unit = unit
      dots = Set(record.heads(of: SystemField.kind).map(\.op.dot))
      past = dots.reduce(VersionVector()) { $0.merging(history.past(of: $1)) }
    }

    /// Of the same unit, and in another change: what one change made, its author knew at once.
    func hasSeen(_ other: Made) -> Bool {
      unit == other.unit && !other.dots.isEmpty && dots.isDisjoint(with: other.dots)
        && other.dots.allSatisfy(past.covers)
    }
  }
}

extension StockLevel.Amount {
  /// Nil for words and for what can't be summed; without a unit it is of the stock's own.
  init?(_ value: Value, _ own: String?) {
    guard case .amount(let number, let unit) = Quantity(value: value), let sum = ExactSum(number) else { return nil }
    self.init(sum: sum, unit: unit ?? own)
  }
}

extension StockLevel.Movement {
  fileprivate init(_ record: Record, _ own: String?) {
    self.record = record
    delta = StockLevel.Amount(record.value("delta"), own)
    counted = StockLevel.Amount(record.value("counted"), own)
  }
}

extension Record {
  fileprivate func heads(of field: UInt64) -> [Head] { view.state[field]?.heads ?? [] }

  fileprivate func creationStamp(_ history: some Arbiter) -> UInt64 {
    heads(of: SystemField.kind).map { history.stamp(of: $0.op.dot) }.min() ?? 0
  }
}

extension StockLevel {
  /// A stock as its movements leave it, of those that this device reads.
  public init(of stock: Record, in replica: Replica) throws {
    let found = try Self.movements(in: replica)[stock.id] ?? []
    self.init(stock, found, in: replica)
  }

  /// Every stock with its movements, by the stock's id.
  public static func all(in replica: Replica) throws -> [StockLevel] {
    try replica.reading {
      let stocks = try replica.read(.stock)
      let movements = try stocks.isEmpty ? [:] : movements(in: replica)
      return stocks.map { StockLevel($0, movements[$0.id] ?? [], in: replica) }
    }
  }

  private init(_ stock: Record, _ all: [Record], in replica: Replica) {
    self.init(
      stock, movements: all.filter(\.isVisible), takenBack: all.filter { !$0.isVisible && $0.movedTo == nil }, in: replica)
  }

  /// Movements by the stock that they are of today, those too that were taken back.
  static func movements(in replica: Replica) throws -> [RecordID: [Record]] {
    var found: [RecordID: [Record]] = [:]
    var today: [RecordID: RecordID] = [:]
    for view in try replica.records(kind: Kind.movement.value, includingDeleted: true) {
      let movement = Record(view, history: replica.history)
      guard let id = movement.reference("of") else { continue }
      if today[id] == nil { today[id] = try replica.follow(id)?.id ?? id }
      found[today[id]!, default: []].append(movement)
    }
    for stock in found.keys { found[stock]?.sort { $0.id < $1.id } }
    return found
  }

  /// Stocks of which somebody had better count again.
  public static func doubtful(in replica: Replica) throws -> [StockLevel] {
    try all(in: replica).filter { !$0.doubts.isEmpty }
  }
}
