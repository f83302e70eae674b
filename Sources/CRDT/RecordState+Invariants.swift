// SPDX-License-Identifier: AGPL-3.0-or-later

/// What a record's state must never be. Decoders check what they read, tests what they made.
public enum BrokenInvariant: Error, Hashable, Sendable {
  /// Cells out of order, or two with one key.
  case cellsUnsorted
  /// A key that is neither text, bytes, integer nor reference.
  case keyOfWrongType
  /// A cell with neither a head nor a sum.
  case emptyCell
  /// Heads out of order, or one twice.
  case headsUnsorted
  /// Two heads of one change in one cell, where the higher index should have won.
  case twoHeadsOfOneChange
  /// A head whose change had been seen by the author of another.
  case dominatedHead
  /// Partial sums out of order, or two of one log.
  case sumsUnsorted
  /// A head or a sum by a change or log that the clock does not know.
  case clockBehind
  /// Texts out of order, or two of one name.
  case textsUnsorted
  /// A text of which nothing is known but its name.
  case emptyText
}

extension RecordState {
  /// Everything that can be checked without the history of changes.
  public func checkInvariants() throws(BrokenInvariant) {
    if !strictlyAscending(cells, by: { $0.key < $1.key }) { throw .cellsUnsorted }
    for entry in cells {
      if let key = entry.key.key, !CellKey.allows(key) { throw .keyOfWrongType }
      try entry.cell.checkInvariants(clock: clock)
    }
    if !strictlyAscending(texts, by: { $0.name < $1.name }) { throw .textsUnsorted }
    for mark in texts { try mark.checkInvariants(clock: clock) }
  }

  /// Also that heads are concurrent with one another.
  public func checkInvariants(history: some Causality) throws(BrokenInvariant) {
    try checkInvariants()
    for entry in cells {
      for head in entry.cell.heads {
        for rival in entry.cell.heads where rival != head {
          if history.has(rival.op.dot, seen: head.op.dot) { throw .dominatedHead }
        }
      }
    }
  }
}

extension TextMark {
  fileprivate func checkInvariants(clock: VersionVector) throws(BrokenInvariant) {
    if let key = name.key, !CellKey.allows(key) { throw .keyOfWrongType }
    if heads.isEmpty != isOverfull { throw .emptyText }
    if !strictlyAscending(heads, by: { $0 < $1 }) { throw .headsUnsorted }
    if !heads.allSatisfy({ clock.covers($0) }) { throw .clockBehind }
  }
}

extension Cell {
  fileprivate func checkInvariants(clock: VersionVector) throws(BrokenInvariant) {
    if heads.isEmpty && sums.isEmpty { throw .emptyCell }
    if !strictlyAscending(heads, by: { $0.op < $1.op }) { throw .headsUnsorted }
    if !strictlyAscending(heads, by: { $0.op.dot < $1.op.dot }) { throw .twoHeadsOfOneChange }
    if !strictlyAscending(sums, by: { $0.log < $1.log }) { throw .sumsUnsorted }
    if !heads.allSatisfy({ clock.covers($0.op.dot) }) { throw .clockBehind }
    if !sums.allSatisfy({ clock[$0.log] > 0 }) { throw .clockBehind }
  }
}

private func strictlyAscending<Element>(
  _ elements: [Element], by precedes: (Element, Element) -> Bool
) -> Bool {
  zip(elements, elements.dropFirst()).allSatisfy(precedes)
}
