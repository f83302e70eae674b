// SPDX-License-Identifier: AGPL-3.0-or-later

/// A record's whole state: its cells, and who last touched it. A pure function of the set of changes applied.
///
/// Changes may come in any order. Domination is tested in both directions, so that a change that starts to
/// count after its descendants have been applied leaves the same state as if it had come first.
public struct RecordState: Hashable, Sendable {
  /// A cell with its key.
  public struct Entry: Hashable, Sendable {
    public let key: CellKey
    public internal(set) var cell: Cell

    public init(key: CellKey, cell: Cell) {
      self.key = key
      self.cell = cell
    }
  }

  /// Strictly ascending by key; no cell is empty.
  public private(set) var cells: [Entry]
  /// For each log, its last change that touched the record.
  public private(set) var clock: VersionVector
  /// The record's texts, which are kept apart; strictly ascending by name.
  public private(set) var texts: [TextMark]

  public init() { self.init(cells: [], clock: VersionVector()) }

  /// For decoders, which call `checkInvariants()` on what they read.
  public init(cells: [Entry], clock: VersionVector, texts: [TextMark] = []) {
    self.cells = cells
    self.clock = clock
    self.texts = texts
  }

  /// Notes how a text stands, in place of what was noted of it before.
  public mutating func note(_ mark: TextMark) {
    let slot = texts.firstIndex { mark.name <= $0.name } ?? texts.count
    if slot < texts.count, texts[slot].name == mark.name {
      texts[slot] = mark
    } else {
      texts.insert(mark, at: slot)
    }
  }

  /// What was noted of a text; nil if nobody has written it.
  public func text(_ name: CellKey) -> TextMark? { texts.first { $0.name == name } }

  /// Applies the ops of one change on this record. Of edits of texts it is noted only that the change touches
  /// the record: who keeps the texts merges them, and says how they stand by `note(_:)`.
  ///
  /// Applying a change's writes again is harmless. Additions count each time: the caller applies a change
  /// that holds any exactly once.
  /// - Parameters:
  ///   - ops: all with `dot` in their ids; of two on the same cell the higher index holds.
  ///   - past: everything that the change had seen, and itself.
  ///   - history: asked for the pasts of heads that the change had not seen.
  ///   - fresh: a promise that nothing applied so far has this change in its past, and that it has not been
  ///     applied itself. Then `history` is not asked.
  public mutating func apply(
    _ ops: [Operation], of dot: Dot, past: VersionVector, history: some Causality, fresh: Bool = false
  ) {
    guard !ops.isEmpty else { return }
    precondition(past.covers(dot), "the past of a change includes the change")
    for op in ops {
      precondition(op.id.dot == dot, "an op is applied with the change that holds it")
      switch op.edit {
      case .set(let value):
        let head = Head(op: op.id, value: value)
        cells[makeSlot(for: op.cell)].cell.set(head, past: past, history: history, fresh: fresh)
      case .add(let delta):
        cells[makeSlot(for: op.cell)].cell.add(delta, log: dot.log)
      case .text: break
      }
    }
    clock.include(dot)
  }

  /// The field's cell without a key.
  public subscript(field: UInt64) -> Cell? { cell(CellKey(field: field)) }

  public func cell(_ key: CellKey) -> Cell? {
    let slot = slot(of: key)
    return slot < cells.count && cells[slot].key == key ? cells[slot].cell : nil
  }

  /// All cells of a field, the one without a key first, then by key.
  public func cells(of field: UInt64) -> [(key: Value?, cell: Cell)] {
    let first = slot(of: CellKey(field: field))
    return cells[first...].prefix { $0.key.field == field }.map { ($0.key.key, $0.cell) }
  }

  /// Where the cell stands, or would stand.
  private func slot(of key: CellKey) -> Int {
    var low = 0
    var high = cells.count
    while low < high {
      let middle = (low + high) / 2
      if cells[middle].key < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func makeSlot(for key: CellKey) -> Int {
    if cells.isEmpty || cells[cells.count - 1].key < key {
      cells.append(Entry(key: key, cell: Cell()))
      return cells.count - 1
    }
    let slot = slot(of: key)
    if cells[slot].key != key { cells.insert(Entry(key: key, cell: Cell()), at: slot) }
    return slot
  }
}
