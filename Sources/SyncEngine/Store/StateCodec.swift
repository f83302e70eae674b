// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// How a record's state stands in its row: local to this database, so with local numbers for logs.
///
/// `clock count, (log, seq)…, cell count, (field, key or null, head count, (log, seq, index, value)…,
/// sum count, (log, sum)…)…`, each a CBOR item; where there are texts then `text count, (field, key or null, head
/// count, (log, seq)…, hash)…`.
package enum StateCodec {
  package static func encode(_ state: RecordState) -> [UInt8] {
    var writer = CBORWriter(reserving: 64 + 32 * state.cells.count)
    writer.uint(UInt64(state.clock.dots.count))
    for dot in state.clock.dots { write(dot, to: &writer) }
    writer.uint(UInt64(state.cells.count))
    for entry in state.cells { write(entry, to: &writer) }
    guard !state.texts.isEmpty else { return writer.bytes }
    writer.uint(UInt64(state.texts.count))
    for mark in state.texts { write(mark, to: &writer) }
    return writer.bytes
  }

  private static func write(_ mark: TextMark, to writer: inout CBORWriter) {
    writer.uint(mark.name.field)
    (mark.name.key ?? .null).encode(into: &writer)
    writer.uint(UInt64(mark.heads.count))
    for dot in mark.heads { write(dot, to: &writer) }
    writer.bytes(mark.hash)
  }

  private static func write(_ dot: Dot, to writer: inout CBORWriter) {
    writer.uint(UInt64(dot.log))
    writer.uint(dot.seq)
  }

  private static func write(_ entry: RecordState.Entry, to writer: inout CBORWriter) {
    writer.uint(entry.key.field)
    (entry.key.key ?? .null).encode(into: &writer)
    writer.uint(UInt64(entry.cell.heads.count))
    for head in entry.cell.heads {
      write(head.op.dot, to: &writer)
      writer.uint(UInt64(head.op.index))
      head.value.encode(into: &writer)
    }
    writer.uint(UInt64(entry.cell.sums.count))
    for sum in entry.cell.sums {
      writer.uint(UInt64(sum.log))
      writer.int(sum.sum)
    }
  }

  /// Throws `StoreError.damaged` for bytes that `encode` gives for no state.
  package static func decode(_ bytes: [UInt8]) throws -> RecordState {
    do {
      var reader = CBORReader(bytes)
      let dots = try list(&reader) { try readDot(&$0) }
      let clock = VersionVector(dots: dots)
      guard clock.dots == dots else { throw StoreError.damaged("the clock of a record's state is out of order") }
      let cells = try list(&reader) { try readEntry(&$0) }
      let hasTexts = !reader.isAtEnd
      let texts = hasTexts ? try list(&reader) { try readMark(&$0) } : []
      guard hasTexts != texts.isEmpty else { throw StoreError.damaged("a record's state has a list of no texts") }
      try reader.finish()
      let state = RecordState(cells: cells, clock: clock, texts: texts)
      try state.checkInvariants()
      return state
    } catch is DecodingError {
      throw StoreError.damaged("a record's state can't be read")
    } catch let broken as BrokenInvariant {
      throw StoreError.damaged("a record's state is none: \(broken)")
    }
  }

  /// A count and as many items.
  private static func list<T>(_ reader: inout CBORReader, _ item: (inout CBORReader) throws -> T) throws -> [T] {
    var rest = try reader.readUInt()
    var items: [T] = []
    while rest > 0 {
      items.append(try item(&reader))
      rest -= 1
    }
    return items
  }

  private static func readDot(_ reader: inout CBORReader) throws -> Dot {
    let (log, seq) = (try reader.readUInt(), try reader.readUInt())
    guard log < UInt64(Dot.logLimit), seq < Dot.seqLimit else {
      throw StoreError.damaged("a record's state names an impossible change")
    }
    return Dot(log: UInt32(log), seq: seq)
  }

  private static func readMark(_ reader: inout CBORReader) throws -> TextMark {
    let field = try reader.readUInt()
    let key = try Value(decoding: &reader)
    let heads = try list(&reader) { try readDot(&$0) }
    return TextMark(
      name: CellKey(field: field, key: key == .null ? nil : key), heads: heads, hash: try reader.readBytes())
  }

  private static func readEntry(_ reader: inout CBORReader) throws -> RecordState.Entry {
    let field = try reader.readUInt()
    let key = try Value(decoding: &reader)
    let heads = try list(&reader) { reader in
      let dot = try readDot(&reader)
      let index = try reader.readUInt(upTo: UInt64(UInt32.max), "an op's index has 32 bits")
      return Head(op: OpID(dot: dot, index: UInt32(index)), value: try Value(decoding: &reader))
    }
    let sums = try list(&reader) { reader in
      let log = try reader.readUInt(upTo: UInt64(Dot.logLimit) - 1, "the local number of a log has 24 bits")
      return PartialSum(log: UInt32(log), sum: try reader.readInt())
    }
    return RecordState.Entry(
      key: CellKey(field: field, key: key == .null ? nil : key), cell: Cell(heads: heads, sums: sums))
  }
}

/// Dots as the database holds a list of them: eight bytes each, in the order given.
package enum DotList {
  package static func encode(_ dots: [Dot]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 * dots.count)
    for dot in dots { appendBigEndian(dot.rawValue, to: &bytes) }
    return bytes
  }

  package static func decode(_ bytes: [UInt8]) throws(StoreError) -> [Dot] {
    guard bytes.count % 8 == 0 else { throw .damaged("a list of changes has the wrong size") }
    var dots: [Dot] = []
    for at in stride(from: 0, to: bytes.count, by: 8) {
      let dot = Dot(rawValue: readBigEndian(bytes, at: at))
      guard dot.log < Dot.logLimit - 1 else { throw .damaged("an impossible change") }
      dots.append(dot)
    }
    return dots
  }
}
