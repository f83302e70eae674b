// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// Why a movement of a stock can't be written.
public enum StockError: Error, Equatable, Sendable {
  /// Words, or a number with more than six decimals or beyond 10^12.
  case notAnAmount(String)
  /// The stock is in another unit, and the program converts none.
  case otherUnit(given: String, own: String)
  /// Less than nothing, or nothing where something has to move.
  case notPositive(String)
}

/// What happens to a stock.
public enum StockDeed: Hashable, Sendable {
  case brought, taken, spoiled
  /// To or from another stock.
  case moved(other: RecordID, isIn: Bool)
  case counted

  fileprivate var word: String {
    switch self {
    case .brought: "in"
    case .taken: "out"
    case .spoiled: "spoiled"
    case .moved: "moved"
    case .counted: "counted"
    }
  }
}

extension RecordEditor {
  /// A new claim on a thing, read by those who read the thing.
  public mutating func claim(_ thing: Record) -> Handle {
    let handle = create(Kind.claim.ref, in: thing.space)
    set(handle, Self.cell(.claim, "of"), to: .reference(thing.id))
    return handle
  }

  /// The keeper's word on a claim.
  public mutating func answer(_ claim: Record, isYes: Bool) {
    set(edit(claim), Self.cell(.claim, "agreed"), to: .bool(isYes))
  }

  public mutating func withdraw(_ claim: Record) {
    set(edit(claim), Self.cell(.claim, "withdrawn"), to: .bool(true))
  }

  /// A movement of a stock by an amount that people typed; of a count, what they found.
  public mutating func record(_ deed: StockDeed, _ text: String, of level: StockLevel) throws -> Handle {
    let amount = try level.amount(text)
    guard amount.sum >= ExactSum(), deed == .counted || !amount.sum.isZero else { throw StockError.notPositive(text) }
    let isLess =
      switch deed {
      case .taken, .spoiled, .moved(_, isIn: false): true
      case .brought, .counted, .moved: false
      }
    let delta = deed == .counted ? amount.sum - level.sum(of: amount.unit) : isLess ? -amount.sum : amount.sum
    let handle = create(Kind.movement.ref, in: level.stock.space)
    set(handle, Self.cell(.movement, "of"), to: .reference(level.stock.id))
    set(handle, Self.cell(.movement, "type"), to: .text(deed.word))
    set(handle, Self.cell(.movement, "delta"), to: try Self.value(delta, amount.unit, text))
    if deed == .counted { set(handle, Self.cell(.movement, "counted"), to: try Self.value(amount.sum, amount.unit, text)) }
    if case .moved(let other, _) = deed { set(handle, Self.cell(.movement, "other"), to: .reference(other)) }
    return handle
  }

  private static func value(_ sum: ExactSum, _ unit: String?, _ text: String) throws -> Value {
    guard let number = sum.number else { throw StockError.notAnAmount(text) }
    return Quantity.amount(number, unit: unit).value
  }

  private static func cell(_ kind: Kind, _ name: String) -> CellKey { CellKey(field: kind.field(named: name)!.number) }
}

extension StockLevel {
  /// Reads `3`, `1,5 kg`: in the stock's own unit where none is named, and in no other.
  public func amount(_ text: String) throws -> Amount {
    guard case .amount(let number, let unit) = Quantity(text), let sum = ExactSum(number) else {
      throw StockError.notAnAmount(text)
    }
    let own = stock.text("unit") ?? amounts.first?.unit
    if let unit, let own, Self.key(unit) != Self.key(own) { throw StockError.otherUnit(given: unit, own: own) }
    return Amount(sum: sum, unit: own ?? unit)
  }
}
