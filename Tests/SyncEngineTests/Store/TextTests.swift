// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import SQLite
import SyncEngine
import Testing

private let name = CellKey(field: 16)
private let note = EntryRef.new(.number(15))

@Suite("A text that several people write") struct TextTests {
  @Test func `is the same on all replicas, whatever came in which order, and what the slow reducer says`() throws {
    for seed in UInt64(1)...6 {
      let group = try TextGroup(seed: seed)
      try group.run(steps: 40)
      try group.settle()
      let digest = try group.places[0].digest()
      for place in group.places {
        #expect(try place.digest() == digest, "seed \(seed)")
        #expect(try place.replica.check(full: true).damage == [], "seed \(seed)")
        for name in group.names { #expect(try group.text(name, place) == group.expected(name, place), "seed \(seed)") }
      }
      try group.expectEqual(group.late(shuffled: true), digest, "seed \(seed)")
      try group.expectEqual(group.late(shuffled: false), digest, "seed \(seed)")
      try group.places[0].replica.rebuild()
      #expect(try group.places[0].digest() == digest)
      #expect(try group.places[0].replica.check(full: true).damage == [])
      try group.places[0].reopen()
      #expect(try group.text(name, group.places[0]) == group.text(name, group.places[1]))
    }
  }

  @Test func `never interleaves what two people typed at one place`() throws {
    let a = try TestPlace()
    let commons = a.replica.id(of: .commons)
    let id = try a.write([.insert(at: 0, "[]")])
    let b = try TestPlace(joining: a)
    for (place, word) in [(a, "salut"), (b, "marhaba")] {
      for (offset, letter) in word.enumerated() {
        try place.edit(id, [.insert(at: 1 + offset, String(letter))], in: commons)
      }
    }
    for (place, word) in [(a, "tard"), (b, "matin")] {
      for letter in word.reversed() { try place.edit(id, [.insert(at: 1, String(letter))], in: commons) }
    }
    try exchange([a, b])
    let text = try a.text(id)
    #expect(text == "[tardsalutmatinmarhaba]" || text == "[matinmarhabatardsalut]")
    #expect(try b.text(id) == text)
  }

  @Test func `says who wrote which of its scalars`() throws {
    let a = try TestPlace()
    let commons = a.replica.id(of: .commons)
    let id = try a.write([.insert(at: 0, "bon jour")])
    let b = try TestPlace(joining: a)
    try b.edit(id, [.delete(at: 3, count: 1), .insert(at: 3, "🌞ne ")], in: commons)
    try exchange([a, b])
    let spans = try a.replica.textSpans(name, of: id, in: commons)
    let authors = try spans.map { ($0.count, try a.replica.authorship(of: $0.op.dot).device) }
    #expect(authors.map(\.0) == [3, 4, 4])
    #expect(authors.map(\.1) == [a.replica.deviceID, b.replica.deviceID, a.replica.deviceID])
  }

  @Test func `keeps a record that was deleted by somebody who didn't know of the edit`() throws {
    let a = try TestPlace()
    let commons = a.replica.id(of: .commons)
    let id = try a.write([.insert(at: 0, "x")])
    let b = try TestPlace(joining: a)
    try a.replica.commit(to: commons, [ContentEntry(.existing(id), [FieldEdits(SystemField.alive, .bool(false))])])
    try b.edit(id, [.insert(at: 1, "y")], in: commons)
    try exchange([a, b])
    #expect(try a.replica.record(id)?.isVisible == true)
    #expect(try a.text(id) == "xy")
    #expect(try a.digest() == b.digest())
  }

  @Test func `isn't written by edits of another text than the one that stands`() throws {
    let a = try TestPlace()
    let commons = a.replica.id(of: .commons)
    let id = try a.write([.insert(at: 0, "x")])
    let seen = try a.replica.text(name, of: id, in: commons)
    try a.edit(id, [.insert(at: 0, "y")], in: commons)
    let entry = ContentEntry(.existing(id), [FieldEdits(16, [.text([.delete(at: 0, count: 1)])])])
    #expect(throws: ReplicaError.textChanged) { try a.replica.commit([(commons, [entry])], upon: [seen]) }
    #expect(try a.text(id) == "yx")
    let now = try a.replica.text(name, of: id, in: commons)
    try a.replica.commit([(commons, [entry])], upon: [now])
    #expect(try a.text(id) == "x")
  }

  @Test func `passes over edits that reach past its end`() throws {
    let a = try TestPlace()
    let commons = a.replica.id(of: .commons)
    let id = try a.write([.insert(at: 0, "abc")])
    try a.edit(id, [.insert(at: 9, "x"), .delete(at: 1, count: 7), .insert(at: 3, "d")], in: commons)
    #expect(try a.text(id) == "abcd")
    #expect(try a.replica.check(full: true).damage == [])
  }

  @Test func `that is damaged on the disk is found by a check, and made anew`() throws {
    for statement in [
      "UPDATE text SET plain=x'6162'", "UPDATE text SET weight=0, tip=x'00'",
      "UPDATE texthistory SET changes=substr(changes, 1, length(changes) - 1)", "DELETE FROM texthistory",
      "DELETE FROM text",
    ] {
      let a = try TestPlace()
      let id = try a.write([.insert(at: 0, "xy")])
      let copy = try TestPlace(copyOf: a) { folder in
        try Connection(path: folder + "/replica.sqlite", mode: .readWrite).execute(statement)
      }
      let found = (try? copy.replica.check(full: true).damage) ?? ["a check that can't go on"]
      #expect(!found.isEmpty, "\(statement)")
      try copy.replica.rebuild()
      #expect(try copy.replica.check(full: true).damage == [])
      #expect(try copy.text(id) == "xy")
    }
  }
}

@Suite("Taking back what was written in a text") struct TextUndoTests {
  @Test func `leaves what others wrote, and can be taken back itself`() throws {
    let a = try TestPlace()
    let commons = a.replica.id(of: .commons)
    let id = try a.write([.insert(at: 0, "one two three")])
    let b = try TestPlace(joining: a)
    let mine = try a.edit(id, [.delete(at: 4, count: 3), .insert(at: 4, "2222"), .insert(at: 13, "!") ], in: commons)
    #expect(try a.text(id) == "one 2222 thre!e")
    try b.take(from: a)
    try b.edit(id, [.insert(at: 6, "<b>"), .delete(at: 0, count: 4)], in: commons)
    try exchange([a, b])
    #expect(try a.text(id) == "22<b>22 thre!e")
    let undo = try a.undo(mine)
    #expect(try a.text(id) == "two<b> three" || a.text(id) == "<b>two three")
    try exchange([a, b])
    #expect(try b.text(id) == a.text(id))
    try a.undo(undo)
    #expect(try a.text(id) == "22<b>22 thre!e")
    #expect(try a.replica.check(full: true).damage == [])
  }

  @Test func `of a deletion larger than a change takes several`() throws {
    let a = try TestPlace()
    let commons = a.replica.id(of: .commons)
    let part = String(repeating: "é0123456789\n", count: 2_000)
    let id = try a.write([.insert(at: 0, part)])
    for _ in 1..<20 { try a.edit(id, [.insert(at: 0, part)], in: commons) }
    let whole = try a.text(id)
    let deletion = try a.edit(id, [.delete(at: 0, count: whole.unicodeScalars.count)], in: commons)
    #expect(try a.text(id) == "")
    try a.undo(deletion)
    #expect(try a.text(id) == whole)
  }

  @Test func `is for the changes of one's own record the end of it`() throws {
    let a = try TestPlace()
    let id = try a.write([.insert(at: 0, "x")])
    let last = try #require(try a.replica.lastOwnChange())
    let undo = try a.undo(last)
    #expect(try a.replica.record(id)?.isVisible == false)
    try a.undo(undo)
    #expect(try a.replica.record(id)?.isVisible == true)
    #expect(try a.text(id) == "x")
  }
}

/// Places that write the texts of one record and sync at random.
private final class TextGroup {
  let places: [TestPlace]
  let record: RecordID
  let names = [name, CellKey(field: 16, key: .text("fr")), CellKey(field: 16, key: .text("ar"))]
  private var random: Seeded

  init(seed: UInt64) throws {
    random = Seeded(seed)
    let a = try TestPlace(named: "A")
    record = try a.write([.insert(at: 0, "notes")])
    let b = try TestPlace(joining: a, named: "B")
    try exchange([a, b])
    places = [a, b, try TestPlace(joining: a, named: "C")]
    try exchange(places)
  }

  private var commons: SpaceID { places[0].replica.id(of: .commons) }

  func run(steps: Int) throws {
    for _ in 0..<steps {
      let place = places[random.below(places.count)]
      switch random.below(10) {
      case 0..<7: try write(place)
      case 7: try place.replica.commit(to: commons, [ContentEntry(.existing(record), [FieldEdits(4, .text("t"))])])
      default: try place.take(from: places[random.below(places.count)])
      }
    }
  }

  func settle() throws { try exchange(places) }

  private func write(_ place: TestPlace) throws {
    var edits: [WireEdit] = []
    if random.below(3) > 0 { edits.append(.text(try some(name, place))) }
    if edits.isEmpty || random.below(3) == 0 {
      let keyed = names.dropFirst().filter { _ in random.below(2) == 0 }
      let texts = try keyed.map { KeyedText(.value($0.key!), try some($0, place)) }
        .sorted { $0.key.encoded().lexicographicallyPrecedes($1.key.encoded()) }
      if !texts.isEmpty { edits.append(.keyedTexts(texts)) }
    }
    guard !edits.isEmpty else { return }
    try place.replica.commit(to: commons, [ContentEntry(.existing(record), [FieldEdits(16, edits)])])
  }

  /// Now and then one that doesn't fit.
  private func some(_ name: CellKey, _ place: TestPlace) throws -> [TextEdit] {
    var length = try text(name, place).unicodeScalars.count
    return (0..<1 + random.below(3)).map { _ in
      if random.below(12) == 0 { return .delete(at: random.below(length + 1), count: length + 1) }
      if length > 0, random.below(3) == 0 {
        let start = random.below(length)
        let count = 1 + random.below(min(length - start, 5))
        length -= count
        return .delete(at: start, count: count)
      }
      let word = ["a", "bé", "👩‍🍳", "حب", "\n"][random.below(5)]
      defer { length += word.unicodeScalars.count }
      return .insert(at: random.below(length + 1), word)
    }
  }

  func text(_ name: CellKey, _ place: TestPlace) throws -> String {
    try place.replica.text(name, of: record, in: commons).text
  }

  /// What the naive reducer makes of the changes that a place holds, by the parents that their headers name.
  func expected(_ name: CellKey, _ place: TestPlace) throws -> String {
    var entries: [HistoryEntry] = []
    try place.replica.eachChangeBackwards { entry in
      if entry.space == self.commons { entries.append(entry) }
      return true
    }
    let dots = Dictionary(uniqueKeysWithValues: entries.map { ($0.author.change, $0.dot) })
    let changes = try entries.map { entry in
      let header = try #require(try place.replica.signedChange(entry.author.change)).header
      let parents = (header.heads + [header.prev].compactMap(\.self)).map { dots[$0]! }
      var ops: [RecordID: [CRDT.Operation]] = [:]
      if case .content(let parts, _) = entry.kind { for part in parts { ops[part.record] = part.ops } }
      return NaiveReducer.Change(dot: entry.dot, parents: parents, ops: ops)
    }
    let logs = try place.replica.logIDs()
    let texts = NaiveReducer(changes).texts(of: record, order: IDOrder(ids: logs))
    return texts[name] ?? ""
  }

  /// A replica that gets the changes one by one or in batches, keys when they come.
  func late(shuffled: Bool) throws -> TestPlace {
    let late = try TestPlace(lateDeviceOf: places[0])
    try places[0].replica.settle()
    var changes = try places[0].changes(in: .commons)
    if shuffled {
      for change in changes.shuffled(using: &random) { _ = try late.replica.ingest([change]) }
    } else {
      while !changes.isEmpty {
        let batch = Array(changes.prefix(1 + random.below(20)))
        changes.removeFirst(batch.count)
        _ = try late.replica.ingest(batch + batch)
      }
    }
    return late
  }

  func expectEqual(_ place: TestPlace, _ digest: [UInt8], _ comment: Comment) throws {
    #expect(try place.digest() == digest, comment)
    for name in names { #expect(try text(name, place) == text(name, places[0]), comment) }
    #expect(try place.replica.check(full: true).damage == [], comment)
  }
}

/// Logs by their ids.
private struct IDOrder: LogOrder {
  let ids: [UInt32: LogID]

  func log(_ one: UInt32, precedes other: UInt32) -> Bool { ids[one]! < ids[other]! }
}

extension Replica {
  /// The ids of logs by their local numbers.
  fileprivate func logIDs() throws -> [UInt32: LogID] {
    var ids: [UInt32: LogID] = [:]
    try eachChangeBackwards { entry in
      let header = try #require(try signedChange(entry.author.change)).header
      ids[entry.dot.log] = header.logID
      return true
    }
    return ids
  }
}

extension TestPlace {
  /// A new note with a text.
  fileprivate func write(_ edits: [TextEdit]) throws -> RecordID {
    try replica.commit(
      to: replica.id(of: .commons), [ContentEntry(note, [FieldEdits(name.field, [.text(edits)])])]).created[0]
  }

  @discardableResult
  fileprivate func edit(_ id: RecordID, _ edits: [TextEdit], in space: SpaceID) throws -> ChangeID {
    try replica.commit(to: space, [ContentEntry(.existing(id), [FieldEdits(name.field, [.text(edits)])])]).change
  }

  fileprivate func text(_ id: RecordID) throws -> String {
    try replica.text(name, of: id, in: replica.id(of: .commons)).text
  }

  @discardableResult
  fileprivate func undo(_ id: ChangeID) throws -> ChangeID {
    let step = try #require(try replica.compensation(for: id))
    return try replica.commit(
      ([step.entries] + step.more).map { (step.space, $0) }, undoes: step.undoes, upon: step.texts)[0].change
  }
}
