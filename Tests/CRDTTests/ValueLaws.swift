// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

@Suite("Values") struct ValueLaws {
  @Test func `texts are equal by their bytes, not by what they look like`() {
    #expect("caf\u{E9}" == "cafe\u{301}")
    #expect(Edits.composed != Edits.decomposed)
    #expect(Set([Edits.composed, Edits.decomposed]).count == 2)
    #expect(Edits.decomposed < Edits.composed)
    #expect(Value.text("caf" + "\u{E9}") == Edits.composed)
  }

  @Test func `values of two types are never equal`() {
    #expect(Value.bool(true) != .int(1))
    #expect(Value.text("a") != .bytes([0x61]))
    #expect(Value.tuple(1, []) != .tuple(2, []))
  }

  @Test func `the order is total and agrees with equality and hashes`() {
    let values = Edits.values + [.int(.min), .int(0), .text("a"), .text("z\u{0}"), .tuple(1, [.null])]
    for one in values {
      for other in values {
        #expect([one < other, one == other, other < one].filter(\.self).count == 1)
        if one == other { #expect(one.hashValue == other.hashValue) }
        for third in values where one < other && other < third { #expect(one < third) }
      }
    }
  }

  @Test func `the order is the documented one`() {
    let ascending: [Value] = [
      .null, .bool(false), .bool(true), .int(.min), .int(-1), .int(0), .int(.max), .text(""), .text("a"),
      .text("ab"), .text("b"), .text("\u{FFFD}"), .text("\u{1F600}"), .bytes([]), .bytes([1]), .bytes([1, 0]),
      .bytes([2]), .reference(Edits.record), .tuple(1, [.text("b")]), .tuple(2, []), .tuple(2, [.int(1)]),
      .tuple(2, [.int(1), .null]), .tuple(2, [.int(2)]),
    ]
    var random = Seeded(1)
    #expect(ascending.shuffled(using: &random).sorted() == ascending)
  }

  @Test func `cells stand by field, the one without a key first`() {
    let ascending = [
      CellKey(field: 1, key: .text("z")), CellKey(field: 2), CellKey(field: 2, key: .int(1)),
      CellKey(field: 2, key: .text("")), CellKey(field: 3),
    ]
    #expect(ascending.reversed().sorted() == ascending)
  }
}

@Suite("Record ids") struct RecordIDLaws {
  @Test func `they keep their 16 bytes and sort as bytes do`() {
    var random = Seeded(1)
    let all = (0..<500).map { _ in (0..<16).map { _ in UInt8(random.pick([0, 1, 127, 128, 255])) } }
    for (one, other) in zip(all, all.dropFirst()) {
      #expect(RecordID(one)!.bytes == one)
      #expect((RecordID(one)! < RecordID(other)!) == one.lexicographicallyPrecedes(other))
    }
    #expect(RecordID(Array(all[0].dropLast())) == nil)
    #expect(RecordID(all[0] + [0]) == nil)
  }
}

@Suite("Version vectors") struct VersionVectorLaws {
  @Test func `dots pack a log and a position`() {
    let last = Dot(log: Dot.logLimit - 1, seq: Dot.seqLimit - 1)
    #expect(last.rawValue == .max)
    #expect(last.log == 0xFF_FFFF && last.seq == 0xFF_FFFF_FFFF)
    #expect(Dot(log: 1, seq: 9) < Dot(log: 2, seq: 1))
  }

  @Test func `they behave as dictionaries from log to position`() {
    for seed in UInt64(1)...300 {
      var random = Seeded(seed)
      let (one, model) = generate(&random)
      let (other, otherModel) = generate(&random)
      let merged = model.merging(otherModel, uniquingKeysWith: max)
      #expect(one.merging(other) == VersionVector(merged.map { ($0.key, $0.value) }))
      #expect(one.merging(other) == other.merging(one))
      #expect(one.merging(one) == one)
      #expect(one.dominates(other) == otherModel.allSatisfy { (model[$0.key] ?? 0) >= $0.value })
      for log in UInt32(0)...7 {
        #expect(one[log] == model[log] ?? 0)
        for seq in UInt64(1)...4 {
          #expect(one.covers(Dot(log: log, seq: seq)) == (model[log] ?? 0 >= seq))
        }
      }
      #expect(one.entries.map(\.log) == model.keys.sorted())
    }
  }

  @Test func `position 0 is none`() {
    #expect(VersionVector([(3, 0)]).isEmpty)
    #expect(VersionVector().covers(Dot(log: 3, seq: 0)))
  }

  private func generate(_ random: inout Seeded) -> (VersionVector, [UInt32: UInt64]) {
    var vector = VersionVector()
    var model: [UInt32: UInt64] = [:]
    for _ in 0..<random.below(9) {
      let dot = Dot(log: UInt32(random.below(8)), seq: UInt64(1 + random.below(4)))
      vector.include(dot)
      model[dot.log] = max(model[dot.log] ?? 0, dot.seq)
    }
    return (vector, model)
  }
}
