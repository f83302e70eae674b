// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

/// State is a pure function of the set of changes: the naive reducer's.
@Suite("Record state") struct RecordStateLaws {
  @Test func `in causal order it is the naive reducer's after every change`() throws {
    for seed in UInt64(1)...400 {
      var (history, random) = generate(seed, Edits.any)
      var state = RecordState()
      var applied: [Change] = []
      for change in history.causalOrder(&random) {
        state.apply(change, in: history, fresh: true)
        applied.append(change)
        try state.checkInvariants(history: history)
        #expect(Portrait(state) == Portrait(applied, in: history), "seed \(seed)")
      }
    }
  }

  /// A change may start to count after its descendants did.
  @Test func `in any order at all it is the naive reducer's after every change`() throws {
    for seed in UInt64(1)...400 {
      var (history, random) = generate(seed, Edits.any)
      var state = RecordState()
      var applied: [Change] = []
      for change in history.changes.shuffled(using: &random) {
        state.apply(change, in: history, fresh: false)
        applied.append(change)
        try state.checkInvariants(history: history)
        #expect(Portrait(state) == Portrait(applied, in: history), "seed \(seed)")
      }
    }
  }

  @Test func `as of any frontier it is what the changes up to there make`() throws {
    for seed in UInt64(1)...200 {
      var (history, random) = generate(seed, Edits.any)
      for _ in 0..<5 {
        let frontier = (0...random.below(3)).map { _ in random.pick(history.dots) }
        let past = NaiveReducer(history.changes, in: history).past(of: frontier)
        let state = try RecordState.applying(
          history.changes.filter { past.contains($0.dot) }, in: history, fresh: true)
        #expect(Portrait(state) == Portrait(history.changes, in: history, at: frontier), "seed \(seed)")
      }
    }
  }

  @Test func `any two orders give the same state, to the order of its cells and heads`() throws {
    for seed in UInt64(1)...400 {
      var (history, random) = generate(seed, Edits.any)
      let causal = try RecordState.applying(history.causalOrder(&random), in: history, fresh: true)
      let other = try RecordState.applying(history.causalOrder(&random), in: history, fresh: true)
      let shuffled = history.changes.shuffled(using: &random)
      let acausal = try RecordState.applying(shuffled, in: history, fresh: false)
      #expect(causal == other && causal == acausal, "seed \(seed)")
    }
  }

  @Test func `writes may arrive again at any time`() throws {
    for seed in UInt64(1)...400 {
      var (history, random) = generate(seed, Edits.sets)
      let once = try RecordState.applying(history.changes, in: history, fresh: true)
      let again = (history.changes + history.changes + history.changes).shuffled(using: &random)
      #expect(try RecordState.applying(again, in: history, fresh: false) == once, "seed \(seed)")
      var twice = once
      for change in history.changes { twice.apply(change, in: history, fresh: false) }
      #expect(twice == once, "seed \(seed)")
    }
  }

  @Test func `a change may be applied in pieces, and pieces of many changes mixed`() throws {
    for seed in UInt64(1)...400 {
      var (history, random) = generate(seed, Edits.any)
      let whole = try RecordState.applying(history.changes, in: history, fresh: true)
      var pieces = RecordState()
      for op in history.changes.flatMap(\.ops).shuffled(using: &random) {
        let past = history.past(of: op.id.dot)
        pieces.apply([op], of: op.id.dot, past: past, history: history)
      }
      #expect(pieces == whole, "seed \(seed)")
    }
  }

  @Test func `a change without ops on the record leaves no trace`() {
    var state = RecordState()
    let dot = Dot(log: 1, seq: 1)
    state.apply([], of: dot, past: VersionVector(dots: [dot]), history: History())
    #expect(state == RecordState())
  }

  @Test func `cells are found by field and key`() throws {
    for seed in UInt64(1)...100 {
      let (history, _) = generate(seed, Edits.any)
      let state = try RecordState.applying(history.changes, in: history, fresh: true)
      for field in UInt64(0)...12 {
        let expected = state.cells.filter { $0.key.field == field }
        let found = state.cells(of: field)
        #expect(found.map(\.key) == expected.map(\.key.key))
        #expect(found.map(\.cell) == expected.map(\.cell))
        #expect(state[field] == expected.first { $0.key.key == nil }?.cell)
        for key in Edits.keys {
          let cell = state.cell(CellKey(field: field, key: key))
          #expect(cell == expected.first { $0.key.key == key }?.cell)
        }
      }
    }
  }

  private func generate(
    _ seed: UInt64, _ edits: (inout Seeded) -> [(CellKey, Edit)]
  ) -> (History, Seeded) {
    var devices = Devices(seed: seed)
    devices.run(steps: 25, edits: edits)
    return (devices.history, devices.random)
  }
}

@Suite("Invariants of a record's state") struct RecordStateInvariants {
  private let one = Head(op: OpID(dot: Dot(log: 1, seq: 1), index: 0), value: .int(1))
  private let two = Head(op: OpID(dot: Dot(log: 2, seq: 1), index: 0), value: .int(2))
  private let clock = VersionVector([(1, 1), (2, 1)])

  @Test func `each broken one is named`() {
    let later = Head(op: OpID(dot: one.op.dot, index: 1), value: .int(3))
    let sums = [PartialSum(log: 2, sum: 0), PartialSum(log: 1, sum: 0)]
    #expect(broken([(4, nil, Cell(heads: [one, two]))]) == nil)
    #expect(broken([(4, nil, Cell(heads: [one])), (4, nil, Cell(heads: [two]))]) == .cellsUnsorted)
    #expect(broken([(5, nil, Cell(heads: [one])), (4, nil, Cell(heads: [two]))]) == .cellsUnsorted)
    #expect(broken([(4, .bool(true), Cell(heads: [one]))]) == .keyOfWrongType)
    #expect(broken([(4, nil, Cell())]) == .emptyCell)
    #expect(broken([(4, nil, Cell(heads: [two, one]))]) == .headsUnsorted)
    #expect(broken([(4, nil, Cell(heads: [one, later]))]) == .twoHeadsOfOneChange)
    #expect(broken([(4, nil, Cell(sums: sums))]) == .sumsUnsorted)
    #expect(broken([(4, nil, Cell(heads: [two]))], clock: VersionVector([(1, 1)])) == .clockBehind)
    #expect(broken([(4, nil, Cell(sums: [sums[0]]))], clock: VersionVector([(1, 1)])) == .clockBehind)
  }

  @Test func `a head that another had seen is found`() {
    var devices = Devices(seed: 1, count: 2)
    let first = devices.write(0, [])
    devices.sync(1, from: 0)
    let second = devices.write(1, [])
    let heads = [first, second].map { Head(op: OpID(dot: $0, index: 0), value: .null) }
    let entry = RecordState.Entry(key: CellKey(field: 4), cell: Cell(heads: heads))
    let state = RecordState(cells: [entry], clock: VersionVector(dots: [first, second]))
    #expect(throws: BrokenInvariant.dominatedHead) { try state.checkInvariants(history: devices.history) }
  }

  private func broken(
    _ cells: [(UInt64, Value?, Cell)], clock: VersionVector? = nil
  ) -> BrokenInvariant? {
    let entries = cells.map { RecordState.Entry(key: CellKey(field: $0.0, key: $0.1), cell: $0.2) }
    do throws(BrokenInvariant) {
      try RecordState(cells: entries, clock: clock ?? self.clock).checkInvariants()
      return nil
    } catch {
      return error
    }
  }
}
