// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Testing

@testable import SyncEngine

/// What people read off commons: of each visible record every cell's value and sum.
private func read(_ place: TestPlace, at horizon: Horizon? = nil) throws -> [RecordID: [CellKey: Value]] {
  var read: [RecordID: [CellKey: Value]] = [:]
  let horizon = try horizon ?? place.replica.horizon(.now)
  try place.replica.eachRecord(at: horizon) { view in
    guard view.space == place.commons, view.isVisible else { return }
    let cells = view.state.cells.filter { $0.key.field != SystemField.alive }.map { entry in
      let value = entry.cell.winner(by: place.replica.log)?.value ?? (entry.cell.total == 0 ? .null : .int(entry.cell.total))
      return (entry.key, value)
    }
    read[view.id] = Dictionary(uniqueKeysWithValues: cells).filter { $0.value != .null }
  }
  return read
}

@Suite("Undo") struct UndoLaws {
  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `of the last few changes of a place alone brings back what was before them`(seed: UInt64) throws {
    var town = try HistoryTown(seed: seed, places: 1)
    try town.work(30)
    let place = town.places[0]
    for _ in 0..<4 {
      for _ in 0..<3 { try town.write(at: place) }
      let count = 1 + town.random.below(12)
      let ids = try place.replica.lastOwnChanges(count)
      try #require(ids.count == count)
      let expected = try read(place, at: place.replica.horizon(.before([ids[count - 1]])))
      let before = try place.digest()
      let shown = try place.replica.undo(ids, isDry: true)
      #expect(try place.digest() == before, "a rehearsal writes nothing")
      let done = try place.replica.undo(ids)
      #expect(shown.map(\.entries) == done.map(\.entries))
      #expect(try read(place) == expected)
      #expect(try place.replica.check(full: true).damage == [])
    }
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func `of undo is what was before, as often as one likes`(seed: UInt64) throws {
    var town = try HistoryTown(seed: seed, places: 1)
    try town.work(25)
    let place = town.places[0]
    let after = try read(place)
    let first = try place.replica.lastOwnChanges(1)
    try #require(first.count == 1)
    let before = try read(place, at: place.replica.horizon(.before(first)))
    for round in 0..<5 {
      try place.replica.undo(try place.replica.lastOwnChanges(1))
      #expect(try read(place) == (round % 2 == 0 ? before : after))
    }
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `leaves alone what others have written, and every cell that the change didn't write`(seed: UInt64) throws {
    var town = try HistoryTown(seed: seed)
    try town.work(60)
    for place in town.places {
      for id in try place.replica.lastOwnChanges(4) {
        guard case .content(let parts, _)? = try place.replica.entry(id)?.kind else { continue }
        let before = try states(town, place)
        let done = try place.replica.undo([id])
        let after = try states(town, place)
        let written = Set(done.flatMap(\.steps).map { Cell(record: $0.record, key: $0.cell) })
        for (cell, heads) in before where !written.contains(cell) { #expect(after[cell] == heads) }
        for cell in written {
          #expect(parts.contains { $0.record == cell.record })
          let strangers = Set((before[cell] ?? []).filter { !isOwn($0, place) }.map(\.value))
          if !strangers.isEmpty { #expect(Set((after[cell] ?? []).map(\.value)) == strangers) }
        }
      }
    }
    try exchange(town.places)
    #expect(Set(try town.places.map { try $0.digest() }).count == 1)
  }

  private struct Cell: Hashable {
    let record: RecordID
    let key: CellKey
  }

  private func states(_ town: HistoryTown, _ place: TestPlace) throws -> [Cell: [Head]] {
    var states: [Cell: [Head]] = [:]
    for record in town.records {
      for entry in try place.replica.record(record)?.state.cells ?? [] {
        states[Cell(record: record, key: entry.key)] = entry.cell.heads
      }
    }
    return states
  }

  private func isOwn(_ head: Head, _ place: TestPlace) -> Bool {
    (try? place.replica.authorship(of: head.op.dot).device) == place.replica.deviceID
  }

  // MARK: By name

  private func value(_ place: TestPlace, _ record: RecordID) throws -> [Value]? {
    try place.replica.record(record)?.state[titleField]?.heads.map(\.value)
  }

  @Test func `of a change in the middle, twice, takes it back once`() throws {
    let a = try TestPlace()
    let record = try a.write("one")
    let add = try a.replica.commit(to: a.commons, [ContentEntry(.existing(record), [FieldEdits(countField, [.add(5)])])])
    try a.edit(record, "two")
    try a.replica.undo([add.change])
    try a.replica.undo([add.change])
    #expect(try a.replica.record(record)?.state[countField]?.total == 0)
    #expect(try value(a, record) == [.text("two")])
  }

  @Test func `of an undo that was undone takes the first change back again`() throws {
    let a = try TestPlace()
    let record = try a.write("one")
    try a.edit(record, "two")
    let edit = try a.replica.lastOwnChanges(1)
    for expected in ["one", "two"] {
      try a.replica.undo(try a.replica.lastOwnChanges(1))
      #expect(try value(a, record) == [.text(expected)])
    }
    try a.replica.undo(edit)
    #expect(try value(a, record) == [.text("one")])
  }

  @Test func `of a move of an item that somebody deleted leaves it alone, so that it stays deleted`() throws {
    let (a, b) = try neighbours()
    let item = try a.write("salt")
    let lists = [try a.write("list"), try a.write("other")].map { list in
      Value.tuple(Position.tag, [.reference(list), .bytes([1])])
    }
    for list in lists {
      try a.replica.commit(to: a.commons, [ContentEntry(.existing(item), [FieldEdits(SystemField.at, list)])])
    }
    let move = try a.replica.lastOwnChanges(1)
    try exchange([a, b])
    try b.replica.commit(to: b.commons, [ContentEntry(.existing(item), [FieldEdits(SystemField.alive, .bool(false))])])
    try exchange([a, b])
    let done = try a.replica.undo(move)
    #expect(done.flatMap(\.changes).isEmpty && done.flatMap(\.kept).map(\.record) == [item])
    #expect(try a.replica.record(item)?.presence == .deleted)
    #expect(try a.replica.record(item)?.state[SystemField.at]?.heads.map(\.value) == [lists[1]])
  }

  @Test func `of a move that the deletion hadn't seen leaves it for people to decide, in the list where it was`() throws {
    let (a, b) = try neighbours()
    let item = try a.write("salt")
    let lists = [try a.write("list"), try a.write("other")].map { list in
      Value.tuple(Position.tag, [.reference(list), .bytes([1])])
    }
    try a.replica.commit(to: a.commons, [ContentEntry(.existing(item), [FieldEdits(SystemField.at, lists[0])])])
    try exchange([a, b])
    try b.replica.commit(to: b.commons, [ContentEntry(.existing(item), [FieldEdits(SystemField.alive, .bool(false))])])
    try a.replica.commit(to: a.commons, [ContentEntry(.existing(item), [FieldEdits(SystemField.at, lists[1])])])
    let move = try a.replica.lastOwnChanges(1)
    try exchange([a, b])
    try a.replica.undo(move)
    try exchange([a, b])
    for place in [a, b] {
      let view = try #require(try place.replica.record(item))
      #expect(view.isVisible && view.presence != .visible)
      #expect(view.state[SystemField.at]?.heads.map(\.value) == [lists[0]])
    }
  }

  @Test func `of making a record on which others have worked keeps it whole`() throws {
    let (a, b) = try neighbours()
    let record = try a.write("rice")
    let made = try a.replica.lastOwnChanges(1)
    try exchange([a, b])
    try b.edit(record, "rice, 12 kg")
    try exchange([a, b])
    let done = try a.replica.undo(made)
    #expect(done.allSatisfy(\.isEmpty) && done.allSatisfy(\.changes.isEmpty))
    #expect(done.first?.kept.map(\.record) == [record] && done.first?.kept.first?.cell == nil)
    #expect(try a.replica.record(record)?.isVisible == true)
  }

  @Test func `of one of two answers leaves the other's, and of the answer to a conflict the first of them`() throws {
    let (a, b) = try neighbours()
    let record = try a.write("rice")
    try exchange([a, b])
    try a.edit(record, "rice of a")
    try b.edit(record, "rice of b")
    let answer = try a.replica.lastOwnChanges(1)
    try exchange([a, b])
    try a.replica.undo(answer)
    #expect(try value(a, record) == [.text("rice of b")])
    try a.replica.undo(try a.replica.lastOwnChanges(1))
    #expect(try value(a, record) == [.text("rice of a")], "an undo of it says again what was said")
    try exchange([a, b])
    #expect(try value(b, record) == [.text("rice of a")])
  }

  @Test func `of what one change made short takes as many changes as the long texts ask for`() throws {
    let a = try TestPlace()
    let long = String(repeating: "x", count: 60_000)
    let records = try (0..<9).map { try a.write("\($0)" + long) }
    try a.replica.commit(to: a.commons, records.sorted().map { ContentEntry(.existing($0), [FieldEdits(titleField, .null)]) })
    let done = try a.replica.undo(try a.replica.lastOwnChanges(1))
    #expect(done.flatMap(\.changes).count == 3)
    for (number, record) in records.enumerated() { #expect(try value(a, record) == [.text("\(number)" + long)]) }
    let again = try a.replica.undo(try a.replica.lastOwnChanges(1))
    #expect(again.count == 3)
    for record in records { #expect(try value(a, record) == [.null]) }
  }

  @Test func `of names given on the way in isn't offered`() throws {
    let a = try TestPlace()
    #expect(try a.replica.lastOwnChanges(1) == [])
    let b = try TestPlace(joining: a)
    try exchange([a, b])
    #expect(try b.replica.lastOwnChanges(3) == [])
  }
}
