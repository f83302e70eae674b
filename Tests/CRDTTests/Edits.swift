// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

/// Edits that touch everything a record can hold.
enum Edits {
  static let composed = Value.text("caf\u{E9}")
  static let decomposed = Value.text("cafe\u{301}")
  static let record = RecordID(Array(0..<16))!

  static let values: [Value] = [
    .null, .bool(false), .bool(true), .int(-1), .int(.max), .text(""), composed, decomposed, .bytes([]),
    .bytes([0, 255]), .reference(record), .tuple(1, []), .tuple(2, [.int(1), composed]),
    .tuple(2, [.int(1), decomposed]),
  ]

  static let keys: [Value?] = [nil, .int(-3), .int(3), composed, decomposed, .bytes([1]), .reference(record)]

  static func any(_ random: inout Seeded) -> [(CellKey, Edit)] {
    (0...random.below(4)).map { _ in one(&random) }
  }

  /// As `any`, without additions, which may not be applied twice.
  static func sets(_ random: inout Seeded) -> [(CellKey, Edit)] {
    any(&random).filter { if case .set = $0.1 { true } else { false } }
  }

  private static func one(_ random: inout Seeded) -> (CellKey, Edit) {
    switch random.below(8) {
    case 0: (CellKey(field: SystemField.alive), .set(.bool(random.chance(40))))
    case 1: (CellKey(field: SystemField.moved), .set(random.chance(80) ? .null : .reference(record)))
    case 2, 3: (CellKey(field: 8, key: random.pick(keys)), .add(Int64(random.below(21)) - 10))
    case 4: (CellKey(field: 9), .set(random.pick(values)))
    default: (CellKey(field: 10 + UInt64(random.below(2)), key: random.pick(keys)), .set(random.pick(values)))
    }
  }
}
