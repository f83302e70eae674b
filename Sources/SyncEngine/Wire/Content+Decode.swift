// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

extension Content {
  /// Reads an unpadded body and checks it against all of protocol.md section 6.
  public init(decoding bytes: [UInt8]) throws(DecodingError) {
    guard bytes.count <= Limits.body else { throw .limit(at: 0, "a body has at most 262,144 bytes") }
    var reader = ContentReader(bytes)
    self = try reader.content()
  }
}

/// Reads a body in one pass, counting ops and noting local references as they come.
private struct ContentReader {
  private var cbor: CBORReader
  private var ops = 0
  /// The op indexes of the records made so far, ascending.
  private var news: [UInt32] = []
  private var locals: [(index: UInt32, offset: Int)] = []

  /// The arrays and maps that the items of a body stand in.
  private enum Depth {
    static let bodyValue = 1
    static let edits = 4
    static let code = 5
    static let pair = 7
  }

  init(_ bytes: [UInt8]) { cbor = CBORReader(bytes) }

  mutating func content() throws(DecodingError) -> Content {
    var label: Int64?
    var entries: [ContentEntry]?
    var undoes: ChangeID?
    var unknown: [UnknownKey] = []
    var last: UInt64?
    for _ in 0..<(try cbor.readMapHeader()) {
      let key = try cbor.readKey(after: last)
      last = key
      switch key {
      case Content.Key.label: label = try cbor.readInt()
      case Content.Key.entries: entries = try readEntries()
      case Content.Key.undoes: undoes = try cbor.readID32()
      default: unknown.append(try cbor.readUnknown(key, inside: Depth.bodyValue))
      }
    }
    try cbor.finish()
    try checkLocals()
    return Content(
      label: try label.orMissing(Content.Key.label), entries: try entries.orMissing(Content.Key.entries),
      undoes: undoes, unknown: unknown)
  }

  private mutating func readEntries() throws(DecodingError) -> [ContentEntry] {
    let start = cbor.offset
    let count = try cbor.readArrayHeader()
    guard count <= Limits.ops else { throw .limit(at: start, "a body has at most 4,096 ops") }
    var entries: [ContentEntry] = []
    entries.reserveCapacity(count)
    var last: RecordID?
    for _ in 0..<count { entries.append(try readEntry(after: &last)) }
    return entries
  }

  private mutating func readEntry(after last: inout RecordID?) throws(DecodingError) -> ContentEntry {
    let start = cbor.offset
    try cbor.readArrayHeader(count: 2, "an entry of two")
    let ref = try readRef()
    if case .existing(let record) = ref {
      if let last, record <= last { throw .invalid(at: start, "existing records ascend by id") }
      last = record
    } else {
      guard last == nil else { throw .invalid(at: start, "new records come first") }
      news.append(UInt32(ops))
      try countOp(at: start)
    }
    return ContentEntry(ref, try readFields(isNew: last == nil))
  }

  private mutating func readRef() throws(DecodingError) -> EntryRef {
    switch cbor.next {
    case .uint: .new(.number(try cbor.readUInt(upTo: Limits.number, "a kind is at most 2^53")))
    case .text: .new(.name(try cbor.readText()))
    case .bytes: .existing(RecordID(try cbor.readID16()))
    default: throw cbor.mismatch("a kind or the id of a record")
    }
  }

  private mutating func readFields(isNew: Bool) throws(DecodingError) -> [FieldEdits] {
    let start = cbor.offset
    let count = try cbor.readMapHeader()
    guard isNew || count > 0 else { throw .invalid(at: start, "an existing record's entry edits something") }
    guard count <= Limits.ops else { throw .limit(at: start, "a body has at most 4,096 ops") }
    var fields: [FieldEdits] = []
    fields.reserveCapacity(count)
    for _ in 0..<count {
      let place = cbor.offset
      let field = try cbor.readKey(after: fields.last?.field)
      guard field <= Limits.number else { throw .limit(at: place, "a field is at most 2^53") }
      if isNew, field == SystemField.alive || field == SystemField.kind {
        throw .invalid(at: place, "a new record has no alive and kind of its own")
      }
      fields.append(FieldEdits(field, try readEdits()))
    }
    return fields
  }

  private mutating func readEdits() throws(DecodingError) -> [WireEdit] {
    guard cbor.next == .map else {
      try countOp(at: cbor.offset)
      return [.set(try readValue(inside: Depth.edits))]
    }
    let start = cbor.offset
    let count = try cbor.readMapHeader()
    var edits: [WireEdit] = []
    var last: UInt64?
    for _ in 0..<count {
      let code = try cbor.readKey(after: last)
      last = code
      try readEdits(code: code, into: &edits)
    }
    guard count > 0 else { throw .invalid(at: start, "a field's edits are not empty") }
    guard count > 1 || last != 0 else { throw .notCanonical(at: start) }
    return edits
  }

  private mutating func readEdits(code: UInt64, into edits: inout [WireEdit]) throws(DecodingError) {
    let start = cbor.offset
    switch code {
    case 0:
      try countOp(at: start)
      edits.append(.set(try readValue(inside: Depth.code)))
    case 1: try readPairs { (r: inout Self, key) throws(DecodingError) in
        .setKey(key, try r.readValue(inside: Depth.pair))
      } into: { edits.append($0) }
    case 2:
      try countOp(at: start)
      edits.append(.add(try cbor.readInt()))
    case 3: try readPairs { (r: inout Self, key) throws(DecodingError) in
        .addKey(key, try r.cbor.readInt())
      } into: { edits.append($0) }
    case 4:
      try countOp(at: start)
      edits.append(.text(try cbor.readTextEdits()))
    case 5:
      try countOp(at: start)
      edits.append(.keyedTexts(try readKeyedTexts()))
    default:
      try countOp(at: start)
      edits.append(.unknown(code: code, raw: try cbor.skip(inside: Depth.code)))
    }
  }

  private mutating func readPairs(
    _ edit: (inout Self, WireValue) throws(DecodingError) -> WireEdit, into take: (WireEdit) -> Void
  ) throws(DecodingError) {
    try readKeyed { (r: inout Self, key, start) throws(DecodingError) in
      try r.countOp(at: start)
      take(try edit(&r, key))
    }
  }

  private mutating func readKeyedTexts() throws(DecodingError) -> [KeyedText] {
    var texts: [KeyedText] = []
    try readKeyed { (r: inout Self, key, _) throws(DecodingError) in
      texts.append(KeyedText(key, try r.cbor.readTextEdits()))
    }
    return texts
  }

  /// Pairs of a key and something else; `take` is told where the pair starts, and reads the rest of it.
  private mutating func readKeyed(
    _ take: (inout Self, WireValue, Int) throws(DecodingError) -> Void
  ) throws(DecodingError) {
    let start = cbor.offset
    let count = try cbor.readArrayHeader()
    guard count > 0 else { throw .invalid(at: start, "a list of keyed edits is not empty") }
    var last = cbor.bytes(since: start)
    for place in 0..<count {
      let pairStart = cbor.offset
      try cbor.readArrayHeader(count: 2, "a key with its value")
      let keyStart = cbor.offset
      let key = try cbor.readCellKey(inside: Depth.pair)
      note(key, at: keyStart)
      let encoding = cbor.bytes(since: keyStart)
      guard place == 0 || last.lexicographicallyPrecedes(encoding) else {
        throw .invalid(at: keyStart, "keys ascend by their encoding")
      }
      last = encoding
      try take(&self, key, pairStart)
    }
  }

  private mutating func readValue(inside depth: Int) throws(DecodingError) -> WireValue {
    let start = cbor.offset
    let value = try cbor.readValue(inside: depth)
    note(value, at: start)
    return value
  }

  private mutating func note(_ value: WireValue, at offset: Int) {
    if case .value = value { return }
    value.forEachLocal { locals.append(($0, offset)) }
  }

  private mutating func countOp(at offset: Int) throws(DecodingError) {
    ops += 1
    guard ops <= Limits.ops else { throw .limit(at: offset, "a body has at most 4,096 ops") }
  }

  private func checkLocals() throws(DecodingError) {
    guard !locals.isEmpty else { return }
    let made = Set(news)
    for local in locals where !made.contains(local.index) {
      throw .invalid(at: local.offset, "a reference by op index names a new record of the body")
    }
  }
}

extension CBORReader {
  /// Takes a list of edits of one text off the front.
  fileprivate mutating func readTextEdits() throws(DecodingError) -> [TextEdit] {
    let start = offset
    let count = try readArrayHeader()
    guard count > 0 else { throw .invalid(at: start, "a text's edits are not empty") }
    guard count <= Limits.textEdits else { throw .limit(at: start, "a text has at most 4,096 edits in a body") }
    var edits: [TextEdit] = []
    edits.reserveCapacity(count)
    for _ in 0..<count { edits.append(try readTextEdit()) }
    return edits
  }

  private mutating func readTextEdit() throws(DecodingError) -> TextEdit {
    try readArrayHeader(count: 2, "a position with a text or a count")
    let position = try readBound("a position is below 2^30")
    let start = offset
    switch next {
    case .text:
      let text = try readText()
      guard !text.isEmpty else { throw .invalid(at: start, "an inserted text is not empty") }
      guard offset - start <= Limits.value else { throw .limit(at: start, "a value has at most 65,536 bytes") }
      return .insert(at: position, text)
    case .uint:
      let count = try readBound("a count is below 2^30")
      guard count > 0 else { throw .invalid(at: start, "a deletion takes something away") }
      return .delete(at: position, count: count)
    default: throw mismatch("a text or a count")
    }
  }

  private mutating func readBound(_ what: String) throws(DecodingError) -> Int {
    Int(try readUInt(upTo: UInt64(Limits.textPosition), what))
  }
}
