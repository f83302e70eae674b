// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import SyncEngine

/// A field of any kind, for text.
let titleField: UInt64 = 16
/// A field for numbers that are added up.
let countField: UInt64 = 17

extension TestPlace {
  var commons: SpaceID { replica.id(of: .commons) }
  var home: SpaceID { replica.id(of: .place(try! replica.placeID()!)) }

  /// Writes one new record.
  @discardableResult
  func write(_ text: String, to space: SpaceID? = nil) throws -> RecordID {
    try replica.commit(
      to: space ?? commons, [ContentEntry(.new(.number(12)), [FieldEdits(titleField, .text(text))])]
    ).created[0]
  }

  /// Changes a record, whoever wrote it.
  func edit(_ record: RecordID, _ text: String, in space: SpaceID? = nil) throws {
    try replica.commit(
      to: space ?? commons, [ContentEntry(.existing(record), [FieldEdits(titleField, .text(text))])])
  }

  func frontier(_ space: SpaceID? = nil) throws -> Frontier {
    try replica.snapshot(of: space ?? commons).frontier
  }

  /// How many changes this place holds of a space that the other doesn't.
  func lead(over other: TestPlace, in space: SpaceID? = nil) throws -> Int {
    let theirs = try other.frontier(space).seqs
    return try frontier(space).entries.reduce(0) { $0 + Int($1.seq - min($1.seq, theirs[$1.log] ?? 0)) }
  }
}

/// Random work on a replica: new records, edits of any record known, in commons and at home.
struct Worker {
  var random: Seeded
  private var records: [RecordID] = []

  init(seed: UInt64) { random = Seeded(seed) }

  mutating func work(at place: TestPlace, changes: Int) throws {
    for number in 0..<changes {
      place.clock.now += UInt64(random.below(200_000))
      if random.below(6) == 0 {
        try place.write("home \(number)", to: place.home)
      } else if records.isEmpty || random.below(3) == 0 {
        records.append(try place.write("record \(number)"))
      } else {
        try place.edit(records[random.below(records.count)], "edit \(number)")
      }
    }
  }
}

/// Two places of one network that hold the same.
func neighbours() throws -> (TestPlace, TestPlace) {
  let a = try TestPlace(named: "Ahl el-Hara")
  let b = try TestPlace(joining: a, named: "Backerei")
  try exchange([a, b])
  return (a, b)
}
