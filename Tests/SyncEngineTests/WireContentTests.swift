// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

@testable import SyncEngine

@Suite("Wire: content bodies") struct WireContentTests {
  private let dot = Dot(log: 3, seq: 7)
  private let change = ID32(hex: String(repeating: "c7", count: 32))!
  private let old = RecordID(ID16(hex: String(repeating: "0b", count: 16))!)

  @Test("Ops are numbered in order of appearance, and a new record is one op that writes two cells")
  func numbering() throws {
    let entries: [ContentEntry] = [
      .init(
        .existing(old),
        [.init(9, [.add(-2), .set(.value(.int(4))), .unknown(code: 6, raw: [0xf6])]), .init(5, .null)]),
      .init(.new(.number(12)), [.init(4, .text("tente"))]),
      .init(.new(.name("soupe")), [.init(4, [.setKey(.value(.text("fr")), .local(1))])]),
    ]
    let content = try Content(arranging: entries, label: -3)
    let decoded = try Content(decoding: content.encoded())
    #expect(decoded == content)
    let first = RecordID(change: change, index: 0)
    let second = RecordID(change: change, index: 2)
    let expected: [RecordOperations] = [
      .init(record: first, isNew: true, ops: [
        op(0, 0, .set(.bool(true))), op(1, 0, .set(.int(12))), op(4, 1, .set(.text("tente"))),
      ]),
      .init(record: second, isNew: true, ops: [
        op(0, 2, .set(.bool(true))), op(1, 2, .set(.text("soupe"))),
        op(4, 3, .set(.reference(first)), key: .text("fr")),
      ]),
      .init(record: old, isNew: false, ops: [
        op(5, 4, .set(.null)), op(9, 5, .set(.int(4))), op(9, 6, .add(-2)),
      ]),
    ]
    #expect(decoded.operations(changeID: change, dot: dot) == expected)
    #expect(decoded.opCount == 8)
  }

  @Test("Generated bodies are not all empty, and every op that they name comes out once")
  func generated() throws {
    var seeded = WireSeeded(77)
    var ops = 0
    var locals = 0
    for _ in 0..<200 {
      let content = seeded.content()
      let operations = content.operations(changeID: change, dot: dot)
      let indexes = operations.flatMap(\.ops).map(\.id.index)
      #expect(indexes == indexes.sorted())
      #expect(indexes.allSatisfy { $0 < content.opCount })
      let edits = content.entries.flatMap(\.fields).flatMap(\.edits)
      let unknown = edits.count { $0.code > 5 }
      #expect(Set(indexes).count == content.opCount - unknown)
      ops += content.opCount
      for edit in edits { edit.value?.forEachLocal { _ in locals += 1 } }
    }
    #expect(ops > 1000)
    #expect(locals > 50)
  }

  @Test("Arranging joins entries of one record and refuses what others would")
  func arranging() throws {
    let apart: [ContentEntry] = [
      .init(.existing(old), [.init(7, .int(1))]), .init(.existing(old), [.init(6, .int(2))]),
    ]
    let joined = try Content(arranging: apart, label: 0)
    #expect(joined.entries == [.init(.existing(old), [.init(6, .int(2)), .init(7, .int(1))])])
    #expect(throws: ContentError.twice(field: 6)) {
      try Content(arranging: [.init(.existing(old), [.init(6, .int(1)), .init(6, .int(2))])], label: 0)
    }
    #expect(throws: ContentError.reservedField(0)) {
      try Content(arranging: [.init(.new(.number(1)), [.init(0, .bool(false))])], label: 0)
    }
    #expect(throws: ContentError.danglingReference(1)) {
      let dangling = ContentEntry(.new(.number(1)), [.init(6, [.set(.local(1))])])
      return try Content(arranging: [dangling, .init(.existing(old))], label: 0)
    }
    #expect(throws: ContentError.valueTooLong(field: 6)) {
      let long = Value.bytes([UInt8](repeating: 0, count: 65_536))
      return try Content(arranging: [.init(.existing(old), [.init(6, long)])], label: 0)
    }
    #expect(throws: ContentError.tooManyOps(4097)) {
      try Content(arranging: [ContentEntry](repeating: .init(.new(.number(1))), count: 4097), label: 0)
    }
  }

  @Test("The largest body that is allowed is taken, and one byte more is not")
  func largest() throws {
    func body(_ last: Int) -> Content {
      let fields = (2..<5).map { FieldEdits($0, .bytes([UInt8](repeating: 7, count: 65_531))) }
      return Content(
        label: 0,
        entries: [.init(.new(.number(1)), fields + [.init(5, .bytes([UInt8](repeating: 7, count: last)))])])
    }
    let most = 65_531 + 262_144 - body(65_531).encoded().count
    #expect(body(most).encoded().count == 262_144)
    #expect(try Content(decoding: body(most).encoded()) == body(most))
    #expect(throws: SyncEngine.DecodingError.self) { try Content(decoding: body(most + 1).encoded()) }
  }

  private func op(_ field: UInt64, _ index: UInt32, _ edit: Edit, key: Value? = nil) -> Operation {
    Operation(cell: CellKey(field: field, key: key), edit: edit, id: OpID(dot: dot, index: index))
  }
}
