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

  public init() { self.init(cells: [], clock: VersionVector()) }

  /// For decoders, which call `checkInvariants()` on what they read.
  public init(cells: [Entry], clock: VersionVector) {
    self.cells = cells
    self.clock = clock
  }

  /// Applies the ops of one change on this record.
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
      let slot = makeSlot(for: op.cell)
      switch op.edit {
      case .set(let value):
        cells[slot].cell.set(Head(op: op.id, value: value), past: past, history: history, fresh: fresh)
      case .add(let delta):
        cells[slot].cell.add(delta, log: dot.log)
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
