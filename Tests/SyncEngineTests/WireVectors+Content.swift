// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto

@testable import SyncEngine

/// Bodies and their ops.
func contentVectors() -> VectorFile {
  let world = WireWorld()
  let tent = RecordIDs.tent(world)
  let named: [(String, Content)] = [
    ("new records with a local reference", WireWorld.Bodies.first),
    ("edits of every code", WireWorld.Bodies.edit(tent)),
    ("a counter", WireWorld.Bodies.answer(tent)),
    ("an undo", WireWorld.Bodies.undo(tent, of: world.admit.id)),
    ("texts", texts(tent)),
    ("no entries", Content(label: 1 << 40, entries: [])),
    ("an unknown key", Content(label: 0, entries: [], unknown: [.init(key: 9, raw: [0x81, 0xf5])])),
    ("a value of 65,536 bytes", largest(65_533)),
  ]
  let cases = named.map { name, content in
    let bytes = content.encoded()
    var vector = VectorCase(name, "content", bytes)
    if bytes.count > 4096 { vector.json = nil }
    vector.ops = opLines(content, world.admit.id)
    return vector
  }
  return VectorFile(
    about: """
      Unpadded bodies of protocol.md section 6. `ops` are those of a change whose id is `change`: index, \
      record, field, key as CBOR or "-", "set" or "add", value as CBOR; for an edit of a text "text" and its edits: +position:UTF-8 or -position:count.
      """,
    given: ["change": world.admit.id.hex], cases: cases + refusedContent(world))
}

func opLines(_ content: Content, _ change: ID32) -> [String] {
  content.operations(changeID: change, dot: Dot(log: 1, seq: 1)).flatMap { record in
    record.ops.map { op in
      let key = op.cell.key.map { Hex.encode($0.encoded()) } ?? "-"
      let edit =
        switch op.edit {
        case .set(let value): "set \(Hex.encode(value.encoded()))"
        case .add(let delta): "add \(Hex.encode(Value.int(delta).encoded()))"
        case .text(let edits): "text \(edits.map(line).joined(separator: " "))"
        }
      return "\(op.id.index) \(ID16(record.record).hex) \(op.cell.field) \(key) \(edit)"
    }
  }
}

private func line(_ edit: TextEdit) -> String {
  switch edit {
  case .insert(let position, let string): "+\(position):\(Hex.encode(Array(string.utf8)))"
  case .delete(let position, let count): "-\(position):\(count)"
  }
}

/// Texts without and under keys, beside a cell of the same name and a record made after them.
private func texts(_ tent: RecordID) -> Content {
  let keyed: [KeyedText] = [
    KeyedText(.local(0), [.delete(at: 0, count: 1)]),
    KeyedText(.value(.text("fr")), [.insert(at: Limits.textPosition, "é"), .delete(at: 3, count: Limits.textPosition)]),
  ]
  return Content(
    label: 0,
    entries: [
      .init(.new(.number(15)), [.init(16, [.text([.insert(at: 0, "bon\u{301}jour"), .delete(at: 3, count: 1)])])]),
      .init(.new(.number(15))),
      .init(
        .existing(tent),
        [.init(16, [.set(.value(.int(4))), .text([.insert(at: 2, "🏕\n")]), .keyedTexts(keyed.sorted(by: isBefore))])]),
    ])
}

private func isBefore(_ one: KeyedText, _ other: KeyedText) -> Bool {
  one.key.encoded().lexicographicallyPrecedes(other.key.encoded())
}

private func largest(_ count: Int) -> Content {
  Content(
    label: 0, entries: [.init(.new(.number(12)), [.init(4, .bytes([UInt8](repeating: 6, count: count)))])])
}

/// Bodies that break one rule each.
func refusedContent(_ world: WireWorld) -> [VectorCase] {
  let tent = ID16(RecordIDs.tent(world))
  let other = ID16(high: 1, low: 1)
  /// A body around entries.
  func body(_ entries: [CBOR]) -> [UInt8] {
    CBOR.map([.init(1, .uint(0)), .init(2, .array(entries))]).encoded()
  }
  func entry(_ ref: CBOR, _ field: UInt64, _ edits: CBOR) -> CBOR {
    .array([ref, .map([.init(field, edits)])])
  }
  /// A body that edits field 4 of the tent.
  func edit(_ edits: CBOR) -> [UInt8] { body([entry(.bytes(tent.bytes), 4, edits)]) }
  func coded(_ code: UInt64, _ value: CBOR) -> CBOR { .map([.init(code, value)]) }
  func bad(_ name: String, _ bytes: [UInt8], _ kind: String, _ why: String? = nil) -> VectorCase {
    VectorCase("refused: \(name)", "content", bytes, refused: kind, why)
  }
  let new = CBOR.array([.uint(12), .map([])])
  let old = entry(.bytes(tent.bytes), 4, .uint(1))
  let local = "a reference by op index names a new record of the body"
  let keys = "keys ascend by their encoding"
  let most = "a body has at most 4,096 ops"
  let reserved = "a new record has no alive and kind of its own"
  let aKey = "a text, bytes, an integer or a reference as key"
  let pair = CBOR.array([.uint(1), .uint(1)])
  let keyedText = CBOR.array([.uint(1), .array([pair])])
  /// One edit of a text.
  func edited(_ parts: [CBOR]) -> [UInt8] { edit(coded(4, .array([.array(parts)]))) }
  return [
    bad("a value of 65,537 bytes", largest(65_534).encoded(), "limit", "a value has at most 65,536 bytes"),
    bad("a body over 262,144 bytes", tooLong(), "limit", "a body has at most 262,144 bytes"),
    bad("4,097 new records", body([CBOR](repeating: new, count: 4097)), "limit", most),
    bad(
      "4,097 ops on one field", edit(coded(1, .array((0..<4097).map { .array([.uint($0), .null]) }))),
      "limit", most),
    bad("alive set in a new", body([entry(.uint(12), 0, .bool(true))]), "invalid", reserved),
    bad("kind set in a new", body([entry(.uint(12), 1, .uint(12))]), "invalid", reserved),
    bad("no label", CBOR.map([.init(2, .array([]))]).encoded(), "missing", "key 1"),
    bad("no entries", CBOR.map([.init(1, .uint(0))]).encoded(), "missing", "key 2"),
    bad(
      "label as text", CBOR.map([.init(1, .text("0")), .init(2, .array([]))]).encoded(), "unexpected",
      "an integer"),
    bad(
      "undoes of 31 bytes", CBOR.edited(body([])) { $0[3] = .bytes([UInt8](repeating: 1, count: 31)) },
      "unexpected",
      "32 bytes"),
    bad("an entry of three", body([.array([.uint(12), .map([]), .null])]), "unexpected", "an entry of two"),
    bad(
      "a ref of 15 bytes", body([entry(.bytes([UInt8](repeating: 1, count: 15)), 4, .null)]), "unexpected",
      "16 bytes"),
    bad(
      "a negative kind", body([.array([.nint(0), .map([])])]), "unexpected", "a kind or the id of a record"),
    bad(
      "a kind over 2^53", body([.array([.uint(1 << 53 + 1), .map([])])]), "limit", "a kind is at most 2^53"),
    bad(
      "a field over 2^53", body([entry(.uint(12), 1 << 53 + 1, .null)]), "limit", "a field is at most 2^53"),
    bad("a new record after an existing one", body([old, new]), "invalid", "new records come first"),
    bad("an existing record twice", body([old, old]), "invalid", "existing records ascend by id"),
    bad(
      "existing records descending",
      body([
        entry(.bytes(max(tent, other).bytes), 4, .null),
        entry(.bytes(min(tent, other).bytes), 4, .null),
      ]), "invalid", "existing records ascend by id"),
    bad(
      "an existing record without edits", body([.array([.bytes(tent.bytes), .map([])])]), "invalid",
      "an existing record's entry edits something"),
    bad("code 0 alone in a map", edit(coded(0, .uint(1))), "notCanonical"),
    bad("no code in a map", edit(.map([])), "invalid", "a field's edits are not empty"),
    bad("no keyed edits", edit(coded(1, .array([]))), "invalid", "a list of keyed edits is not empty"),
    bad(
      "keys descending", edit(coded(1, .array([.array([.uint(2), .null]), .array([.uint(1), .null])]))),
      "invalid", keys),
    bad(
      "keys in the order of text, not of bytes",
      edit(coded(1, .array([.array([.text("aa"), .null]), .array([.text("b"), .null])]))), "invalid", keys),
    bad("a key twice", edit(coded(3, .array([pair, pair]))), "invalid", keys),
    bad("a key that is null", edit(coded(1, .array([.array([.null, .uint(1)])]))), "unexpected", aKey),
    bad(
      "a key that is a group", edit(coded(1, .array([.array([.array([.uint(1)]), .uint(1)])]))), "unexpected",
      aKey),
    bad(
      "a pair of three", edit(coded(1, .array([.array([.uint(1), .uint(1), .uint(1)])]))), "unexpected",
      "a key with its value"),
    bad("an addition of text", edit(coded(2, .text("1"))), "unexpected", "an integer"),
    bad("an integer of 2^63", edit(.uint(1 << 63)), "limit", "integers have 64 bits, signed"),
    bad("an integer of -2^63 - 1", edit(.nint(1 << 63)), "limit", "integers have 64 bits, signed"),
    bad("a group without a tag", edit(.array([])), "unexpected", "a tag"),
    bad("a tag over 2^32", edit(.array([.uint(1 << 32 + 1)])), "limit", "a tag is at most 2^32"),
    bad("a tag that is text", edit(.array([.text("a")])), "unexpected", "an unsigned integer"),
    bad("a map in a value", edit(.array([.uint(1), .map([])])), "unexpected", "a value"),
    bad(
      "a reference of three", edit(.array([.uint(0), .bytes(tent.bytes), .null])), "unexpected",
      "a reference of two"),
    bad(
      "a reference of 32 bytes", edit(.array([.uint(0), .bytes(world.admit.id.bytes)])), "unexpected",
      "16 bytes"),
    bad(
      "a local reference to an edit", body([entry(.uint(12), 4, .array([.uint(0), .uint(1)]))]), "invalid",
      local),
    bad(
      "a local reference past the ops", body([entry(.uint(12), 4, .array([.uint(0), .uint(9)]))]), "invalid",
      local),
    bad("a local reference without a new", edit(.array([.uint(0), .uint(0)])), "invalid", local),
    bad(
      "a local reference of 4,096", body([entry(.uint(12), 4, .array([.uint(0), .uint(4096)]))]), "limit",
      "op indexes are below 4,096"),
    bad(
      "depth 17", edit((0..<12).reduce(.array([.uint(1)])) { inner, _ in .array([.uint(1), inner]) }),
      "tooDeep"),
    bad(
      "an unknown code at depth 17",
      edit(coded(6, (0..<11).reduce(.array([])) { inner, _ in .array([inner]) })),
      "tooDeep"),
    bad("a text without edits", edit(coded(4, .array([]))), "invalid", "a text's edits are not empty"),
    bad("an edit of a text with three parts", edited([.uint(0), .uint(1), .uint(1)]), "unexpected", "a position with a text or a count"),
    bad("an empty insertion", edited([.uint(0), .text("")]), "invalid", "an inserted text is not empty"),
    bad("a deletion of nothing", edited([.uint(0), .uint(0)]), "invalid", "a deletion takes something away"),
    bad("a negative position", edited([.nint(0), .uint(1)]), "unexpected", "an unsigned integer"),
    bad("a position of 2^30", edited([.uint(1 << 30), .text("a")]), "limit", "a position is below 2^30"),
    bad("a count of 2^30", edited([.uint(0), .uint(1 << 30)]), "limit", "a count is below 2^30"),
    bad("an insertion of bytes", edited([.uint(0), .bytes([0x61])]), "unexpected", "a text or a count"),
    bad(
      "an insertion of 65,537 bytes", edited([.uint(0), .text(String(repeating: "a", count: 65_534))]), "limit",
      "a value has at most 65,536 bytes"),
    bad(
      "4,097 edits of a text",
      edit(coded(4, .array([CBOR](repeating: .array([.uint(0), .uint(1)]), count: 4097)))), "limit",
      "a text has at most 4,096 edits in a body"),
    bad("no keyed texts", edit(coded(5, .array([]))), "invalid", "a list of keyed edits is not empty"),
    bad(
      "a keyed text twice", edit(coded(5, .array([keyedText, keyedText]))), "invalid", keys),
    bad("a keyed text without edits", edit(coded(5, .array([.array([.uint(1), .array([])])]))), "invalid", "a text's edits are not empty"),
    bad(
      "a local reference to an edit as a text's key",
      edit(coded(5, .array([.array([.array([.uint(0), .uint(0)]), .array([.array([.uint(0), .uint(1)])])])]))), "invalid", local),
    bad("a byte after the body", body([new]) + [0], "leftover"),
  ]
}

private func tooLong() -> [UInt8] {
  let fields = (2..<6).map { FieldEdits($0, .bytes([UInt8](repeating: 7, count: 65_531))) }
  return Content(label: 0, entries: [.init(.new(.number(12)), fields)]).encoded()
}
