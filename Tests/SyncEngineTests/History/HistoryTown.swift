// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Testing

@testable import SyncEngine

/// Places that write about the same records in commons, at once and one after the other: made, edited, keyed,
/// counted, moved, deleted and brought back. One clock is three hours slow.
struct HistoryTown {
  static let text: ClosedRange<UInt64> = 16...18
  static let tags: UInt64 = 6
  static let count: UInt64 = 19

  var random: Seeded
  let places: [TestPlace]
  /// Holds what all held before anything was written, and nothing after.
  let blank: TestPlace
  private(set) var records: [RecordID] = []

  init(seed: UInt64, places count: Int = 3) throws {
    random = Seeded(seed)
    let first = try TestPlace(named: "A")
    var places = [first]
    for number in 1..<count {
      places.append(try TestPlace(joining: first, named: "P\(number)", asDevice: number == 2))
    }
    blank = try TestPlace(joining: first, named: "blank")
    try exchange(places + [blank])
    self.places = places
    if count > 1 { places[1].clock.now -= 3 * 3_600_000 }
  }

  mutating func work(_ steps: Int) throws {
    for _ in 0..<steps {
      if places.count > 1, random.below(4) == 0 { try meet() } else { try write(at: places[random.below(places.count)]) }
    }
    try exchange(places)
  }

  private mutating func meet() throws {
    let one = random.below(places.count)
    let other = (one + 1 + random.below(places.count - 1)) % places.count
    try places[one].take(from: places[other])
  }

  mutating func write(at place: TestPlace) throws {
    place.clock.now += UInt64(random.below(180_000))
    let known = try records.filter { try place.replica.record($0) != nil }
    guard let record = known.isEmpty || random.below(5) == 0 ? nil : known[random.below(known.count)] else {
      let made = try place.replica.commit(to: place.commons, [ContentEntry(.new(.number(12)), someFields())])
      return records.append(made.created[0])
    }
    try place.replica.commit(to: place.commons, [ContentEntry(.existing(record), edits(of: record))])
  }

  private mutating func someFields() -> [FieldEdits] {
    [FieldEdits(Self.tags, [someTag()]), FieldEdits(Self.text.lowerBound, .text("v\(random.below(4))"))]
  }

  private mutating func someTag() -> WireEdit {
    .setKey(.value(.text("t\(random.below(3))")), .value(.bool(random.below(3) > 0)))
  }

  private mutating func edits(of record: RecordID) -> [FieldEdits] {
    switch random.below(10) {
    case 0: return [FieldEdits(SystemField.alive, .bool(false))]
    case 1: return [FieldEdits(SystemField.alive, .bool(true))]
    case 2: return [FieldEdits(Self.tags, [someTag()])]
    case 3: return [FieldEdits(Self.count, [.add(Int64(random.below(9)) - 4)])]
    case 4: return [FieldEdits(SystemField.at, .tuple(Position.tag, [.reference(record), .bytes([UInt8(random.below(200))])]))]
    case 5 where random.below(4) == 0: return [FieldEdits(SystemField.moved, .reference(RecordID(ID16(high: random.next(), low: random.next()))))]
    case 6:
      return Self.text.map { FieldEdits($0, .text("v\(random.below(4))")) }
    default:
      let field = Self.text.lowerBound + UInt64(random.below(3))
      return [FieldEdits(field, random.below(5) == 0 ? .null : .text("v\(random.below(4))"))]
    }
  }
}

/// The changes of commons as they travel, with what had seen what, worked out from their headers alone.
struct RawHistory {
  let changes: [Change]
  private let parents: [ChangeID: [ChangeID]]

  init(of place: TestPlace) throws {
    changes = try place.changes(in: .commons)
    parents = Dictionary(uniqueKeysWithValues: changes.map { ($0.id, $0.header.heads + ($0.header.prev.map { [$0] } ?? [])) })
  }

  /// The changes and all that they had seen.
  func past(of ids: some Sequence<ChangeID>) -> Set<ChangeID> {
    var found: Set<ChangeID> = []
    var left = Array(ids)
    while let id = left.popLast() {
      guard let before = parents[id], found.insert(id).inserted else { continue }
      left += before
    }
    return found
  }

  /// The naive reducer over the bodies, by the numbers of a replica that holds them.
  func reducer(_ replica: Replica) throws -> NaiveReducer {
    NaiveReducer(
      try changes.map { change in
        let dot = try replica.log.dot(of: change.id)!
        let before = try (parents[change.id] ?? []).compactMap { try replica.log.dot(of: $0) }
        return NaiveReducer.Change(dot: dot, parents: before, ops: try Self.ops(of: change, dot, replica))
      })
  }

  private static func ops(of change: Change, _ dot: Dot, _ replica: Replica) throws -> [RecordID: [CRDT.Operation]] {
    guard change.header.kind == .content, let body = try replica.plainBody(of: change.id) else { return [:] }
    let parts = try Content(decoding: body).operations(changeID: change.id, dot: dot)
    return Dictionary(parts.map { ($0.record, $0.ops) }) { $0 + $1 }
  }
}

extension Replica {
  /// The digest of commons as of a moment.
  func digest(at horizon: Horizon) throws -> [UInt8] {
    var digest = StateDigest.empty
    let commons = id(of: .commons)
    try eachRecord(at: horizon) { view in
      if view.space == commons { digest.replace(view.id, RecordState(), by: view.state, log: log) }
    }
    return digest.bytes
  }
}

extension RecordState {
  /// The cells as the naive reducer has them.
  var naive: [CellKey: NaiveReducer.NaiveCell] {
    Dictionary(uniqueKeysWithValues: cells.map { entry in
      let sums = Dictionary(uniqueKeysWithValues: entry.cell.sums.map { ($0.log, $0.sum) })
      return (entry.key, NaiveReducer.NaiveCell(heads: Set(entry.cell.heads), sums: sums))
    })
  }
}
