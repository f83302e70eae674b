// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine
import Testing

/// Two places that write the same fields of one record, of every policy that kinds have, at once and one after the
/// other.
private struct Quarrel {
  let places: [TestPlace]
  let id: RecordID
  var random: TimeGenerator

  init(seed: UInt64) throws {
    let a = try TestPlace()
    places = [a, try TestPlace(joining: a)]
    id = try a.add(.need, [("title:fr", "Riz")])
    random = TimeGenerator(seed: seed)
    try exchange(places[0], places[1])
    for _ in 0..<40 {
      if random.int(0...4) == 0 { try places[0].take(from: places[1]) } else { try write() }
      if random.int(0...6) == 0 { try places[1].take(from: places[0]) }
    }
    try exchange(places[0], places[1])
  }

  private mutating func write() throws {
    let place = places[random.int(0...1)]
    var editor = RecordEditor()
    let handle = editor.edit(id, in: place.commons)
    let number = Int64(random.int(0...3))
    switch random.int(0...4) {
    case 0: editor.set(handle, CellKey(field: Kind.need.field(named: "area")!.number), to: .text("area \(number)"))
    case 1: editor.set(handle, CellKey(field: Kind.need.field(named: "qty")!.number), to: .text("qty \(number)"))
    case 2: editor.set(handle, CellKey(field: Field.tags.number, key: .text("tag")), to: .bool(number > 1))
    case 3: editor.set(handle, CellKey(field: Field.isPublic.number), to: .bool(number > 1))
    default: editor.count(handle, CellKey(field: 99), by: number)
    }
    try editor.commit(to: place.replica)
  }
}

@Suite("Who wrote it, and why it holds") struct BlameLaws {
  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func `blame names the authors of what stands, and nobody else`(seed: UInt64) throws {
    let quarrel = try Quarrel(seed: seed)
    for place in quarrel.places {
      let record = try #require(try place.replica.read(quarrel.id))
      let blame = record.blame(by: place.replica.history)
      #expect(blame.count == record.view.state.cells.count)
      for line in blame {
        let cell = try #require(record.view.state.cell(line.cell.key))
        let named = line.spans.map(\.writer) + line.rivals.map(\.op)
        #expect(named.sorted() == cell.heads.map(\.op))
        #expect(line.spans.map(\.value) == (cell.heads.isEmpty ? [] : [line.cell.value]))
        #expect(line.counts.map(\.sum) == cell.sums.map(\.sum))
      }
    }
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func `why names every write, tells what stands from what was seen, and gives the value that is read`(seed: UInt64) throws {
    let quarrel = try Quarrel(seed: seed)
    for place in quarrel.places {
      let record = try #require(try place.replica.read(quarrel.id))
      let changes = try place.replica.history(of: quarrel.id)
      for cell in record.cells {
        let why = try #require(try Explanation(of: cell.key, in: record, place.replica))
        #expect(why.cell.value == record.cell(cell.key.field, key: cell.key.key)?.value)
        #expect(Set(why.writes.map(\.op.dot)) == Set(changes.filter { writes($0, cell.key) }.map(\.dot)))
        for write in why.writes { try check(write, why, place.replica) }
        try checkRule(why, place.replica)
      }
    }
  }

  private func writes(_ entry: HistoryEntry, _ key: CellKey) -> Bool {
    guard case .content(let parts, _) = entry.kind else { return false }
    return parts.contains { $0.ops.contains { $0.cell == key } }
  }

  /// By the ancestors alone, which a moment of one change gives.
  private func seen(_ later: OpID, _ earlier: OpID, _ replica: Replica) throws -> Bool {
    let id = try replica.authorship(of: later.dot).change
    return try replica.horizon(.changes([id])).covers(earlier.dot)
  }

  private func check(_ write: Explanation.Write, _ why: Explanation, _ replica: Replica) throws {
    guard case .set = write.edit else { return #expect(!write.stands && write.replacedBy == nil) }
    let sets = why.writes.filter { if case .set = $0.edit { $0.op != write.op } else { false } }
    let isSeen = try sets.contains { try seen($0.op, write.op, replica) }
    #expect(write.stands == !isSeen)
    #expect((write.replacedBy != nil) == isSeen)
    if let replacement = write.replacedBy { #expect(try seen(replacement, write.op, replica)) }
    let unseen = try sets.filter { other in
      try other.stands && !seen(other.op, write.op, replica) && !seen(write.op, other.op, replica)
    }
    #expect(write.unseen == unseen.map(\.op).sorted())
  }

  private func checkRule(_ why: Explanation, _ replica: Replica) throws {
    let standing = why.writes.filter(\.stands)
    let values = Set(standing.map(\.edit))
    let ranked = try standing.map { write in (key: try replica.authorship(of: write.op.dot), write: write) }
      .sorted { ($0.key.stamp, $0.key.change) > ($1.key.stamp, $1.key.change) }
    switch why.rule {
    case .only: #expect(standing.count == 1)
    case .agreed: #expect(standing.count > 1 && values.count == 1)
    case .stamp, .id, .choice:
      #expect(values.count > 1 && ranked.first?.write.isRead == true)
      #expect(ranked.first?.write.edit == .set(why.cell.value))
      if why.rule != .choice { #expect((ranked[0].key.stamp > ranked[1].key.stamp) == (why.rule == .stamp)) }
    case .anyTrue: #expect(values.count > 1 && why.cell.value == .bool(values.contains(.set(.bool(true)))))
    case .allTrue: #expect(values.count > 1 && why.cell.value == .bool(values == [.set(.bool(true))]))
    case .sum: #expect(standing.isEmpty && why.cell.sum == why.writes.reduce(0) { $0 + added($1) })
    default: Issue.record("no such rule was expected: \(why.rule)")
    }
  }

  private func added(_ write: Explanation.Write) -> Int64 { if case .add(let delta) = write.edit { delta } else { 0 } }
}
