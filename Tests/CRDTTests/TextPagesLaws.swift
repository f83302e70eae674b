// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

@Suite("A text that is kept beside its history") struct TextPagesLaws {
  @Test func `is the oracle's, and its history is what was put behind one another`() throws {
    for seed in UInt64(1)...150 {
      var devices = TextDevices(seed: seed)
      devices.run(steps: 40, strange: 10)
      var (tip, text, history) = (TextTip(), "", [UInt8]())
      for batch in devices.deliveries() {
        var pages = TextPages(tip: tip, text: text)
        let news = devices.changes.filter(batch.contains)
        try pages.merge(news, order: devices.order) { history }
        history += pages.addition
        (tip, text) = (try TextTip(packed: pages.tip.packed), pages.text)
      }
      #expect(text == devices.oracle.text, "seed \(seed)")
      let graph = try TextGraph(tip: tip, packedChanges: history)
      #expect(graph.text(order: devices.order) == text, "seed \(seed)")
    }
  }

  @Test func `isn't read where each change has seen all before it`() throws {
    var devices = TextDevices(seed: 9, count: 1)
    devices.run(steps: 60)
    var pages = TextPages()
    struct Read: Error {}
    for change in devices.changes { try pages.merge([change], order: devices.order) { throw Read() } }
    #expect(pages.text == devices.oracle.text)
  }

  @Test func `is what the naive reducer says at any frontier`() throws {
    for seed in UInt64(1)...60 {
      var devices = TextDevices(seed: seed)
      devices.run(steps: 30, strange: 10)
      let record = RecordID(high: 1, low: seed)
      let name = CellKey(field: 16)
      let changes = devices.changes.map { change in
        let op = Operation(cell: name, edit: .text(change.ops.map(\.edit)), id: OpID(dot: change.dot, index: 0))
        let before = change.dot.seq > 1 ? [Dot(log: change.dot.log, seq: change.dot.seq - 1)] : []
        return NaiveReducer.Change(dot: change.dot, parents: change.past.dots + before, ops: [record: [op]])
      }
      let reducer = NaiveReducer(changes)
      #expect(reducer.texts(of: record, order: devices.order)[name] ?? "" == devices.oracle.text, "seed \(seed)")
      for device in 0..<devices.count {
        let then = reducer.texts(of: record, at: devices.past(on: device).dots, order: devices.order)[name]
        #expect(then ?? "" == devices.text(on: device), "seed \(seed)")
      }
    }
  }
}

@Suite("Edits of a text on a later one") struct TextRebaseLaws {
  @Test func `keep everything that either side put in, and take away nothing else`() throws {
    for seed in UInt64(1)...300 {
      var devices = TextDevices(seed: seed, count: 1)
      let base = devices.fresh(devices.random.below(30))
      let one = some(&devices, on: base), other = some(&devices, on: base)
      let left = try TextEdit.apply(one, to: base), right = try TextEdit.apply(other, to: base)
      let length = base.unicodeScalars.count
      let merged = try TextEdit.apply(TextEdit.rebase(one, over: other, onLength: length), to: right)
      let kept = Set(left.unicodeScalars).intersection(right.unicodeScalars)
      let new = Set(left.unicodeScalars).union(right.unicodeScalars).subtracting(base.unicodeScalars)
      #expect(Set(merged.unicodeScalars) == kept.union(new), "seed \(seed)")
      #expect(merged.unicodeScalars.count == kept.union(new).count, "seed \(seed)")
      for side in [left, right] {
        let order = Array(side.unicodeScalars).filter { kept.union(new).contains($0) }
        #expect(Array(merged.unicodeScalars).filter { side.unicodeScalars.contains($0) } == order, "seed \(seed)")
      }
    }
  }

  @Test func `that reach past its end are refused`() {
    #expect(throws: TextError.misfit(.delete(at: 1, count: 2))) {
      try TextEdit.rebase([.delete(at: 1, count: 2)], over: [], onLength: 2)
    }
  }

  @Test func `that take a change back leave what others wrote, wherever that stands`() throws {
    for seed in UInt64(1)...150 {
      var devices = TextDevices(seed: seed)
      devices.run(steps: 30)
      let (graph, text) = try TextGraph.building(devices.changes, order: devices.order)
      for change in devices.changes {
        let past = change.past.merging(VersionVector(dots: [change.dot]))
        let inverse = try #require(graph.inverse(of: change.dot, past: past, order: devices.order))
        let after = try TextEdit.apply(inverse, to: devices.oracle.text(at: past))
        #expect(after == devices.oracle.text(at: before(change)), "seed \(seed)")
        let steps = try graph.transformed(inverse, from: past, order: devices.order)
        let undone = Set(try TextEdit.apply(steps, to: text).unicodeScalars)
        let own = inserted(by: change)
        let theirs = Set(text.unicodeScalars).subtracting(own)
        #expect(undone.isDisjoint(with: own), "seed \(seed)")
        #expect(undone.isSuperset(of: theirs), "seed \(seed)")
      }
    }
  }

  private func before(_ change: TextChange) -> VersionVector {
    VersionVector(dots: change.past.dots.filter { $0.log != change.dot.log } + [Dot(log: change.dot.log, seq: change.dot.seq - 1)])
  }

  private func inserted(by change: TextChange) -> Set<Unicode.Scalar> {
    Set(change.ops.flatMap { op -> [Unicode.Scalar] in
      if case .insert(_, let string) = op.edit { return Array(string.unicodeScalars) }
      return []
    })
  }

  private func some(_ devices: inout TextDevices, on text: String) -> [TextEdit] {
    var length = text.unicodeScalars.count
    var edits: [TextEdit] = []
    for _ in 0..<devices.random.below(6) {
      if length > 0, devices.random.chance(50) {
        let start = devices.random.below(length)
        let count = 1 + devices.random.below(min(length - start, 6))
        edits.append(.delete(at: start, count: count))
        length -= count
      } else {
        let count = 1 + devices.random.below(4)
        edits.append(.insert(at: devices.random.below(length + 1), devices.fresh(count)))
        length += count
      }
    }
    return edits
  }
}
