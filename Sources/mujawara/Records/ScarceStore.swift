// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Kinds
import SyncEngine

/// Things with their claims and stocks with their movements, read once for a command that shows many.
final class ScarceStore {
  fileprivate var lendings: [RecordID: Lending]?
  fileprivate var levels: [RecordID: StockLevel]?

  func forget() { (lendings, levels) = (nil, nil) }
}

extension Desk {
  /// All things with their claims.
  var lendings: [RecordID: Lending] {
    get throws {
      if let known = scarce.lendings { return known }
      let read = try Lending.all(in: replica, today: today).map { ($0.thing.id, $0) }
      let lendings = Dictionary(uniqueKeysWithValues: read)
      scarce.lendings = lendings
      return lendings
    }
  }

  /// All stocks with their movements.
  var levels: [RecordID: StockLevel] {
    get throws {
      if let known = scarce.levels { return known }
      let read = try StockLevel.all(in: replica).map { ($0.stock.id, $0) }
      let levels = Dictionary(uniqueKeysWithValues: read)
      scarce.levels = levels
      return levels
    }
  }

  /// The thing that a claim is on, with all claims on it; nil if it isn't here.
  func lending(ofClaim claim: Record) throws -> Lending? {
    guard let named = claim.reference("of"), let thing = try replica.follow(named) else { return nil }
    return try lendings[thing.id]
  }

  /// A thing's claims; a deleted one has none that matter.
  func lending(_ thing: Record) throws -> Lending {
    try lendings[thing.id] ?? Lending(thing, claims: [], today: today, in: replica)
  }

  func level(_ stock: Record) throws -> StockLevel {
    try levels[stock.id] ?? StockLevel(stock, movements: [], in: replica)
  }
}
