// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// How a record's state stands in its row: local to this database, so with local numbers for logs.
///
/// `clock count, (log, seq)…, cell count, (field, key or null, head count, (log, seq, index, value)…,
/// sum count, (log, sum)…)…`, each a CBOR item.
enum StateCodec {
  static func encode(_ state: RecordState) -> [UInt8] {
    var writer = CBORWriter(reserving: 64 + 32 * state.cells.count)
    writer.uint(UInt64(state.clock.dots.count))
    for dot in state.clock.dots { write(dot, to: &writer) }
    writer.uint(UInt64(state.cells.count))
    for entry in state.cells { write(entry, to: &writer) }
    return writer.bytes
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

  /// Throws `DecodingError` for a damaged row.
  static func decode(_ bytes: [UInt8]) throws -> RecordState {
    var reader = CBORReader(bytes)
    let clock = VersionVector(dots: try (0..<reader.readUInt()).map { _ in try readDot(&reader) })
    let cells = try (0..<reader.readUInt()).map { _ in try readEntry(&reader) }
    try reader.finish()
    return RecordState(cells: cells, clock: clock)
  }

  private static func readDot(_ reader: inout CBORReader) throws -> Dot {
    Dot(log: UInt32(truncatingIfNeeded: try reader.readUInt()), seq: try reader.readUInt())
  }

  private static func readEntry(_ reader: inout CBORReader) throws -> RecordState.Entry {
    let field = try reader.readUInt()
    let key = try Value(decoding: &reader)
    let heads = try (0..<reader.readUInt()).map { _ in
      let dot = try readDot(&reader)
      let index = UInt32(truncatingIfNeeded: try reader.readUInt())
      return Head(op: OpID(dot: dot, index: index), value: try Value(decoding: &reader))
    }
    let sums = try (0..<reader.readUInt()).map { _ in
      PartialSum(log: UInt32(truncatingIfNeeded: try reader.readUInt()), sum: try reader.readInt())
    }
    return RecordState.Entry(
      key: CellKey(field: field, key: key == .null ? nil : key), cell: Cell(heads: heads, sums: sums))
  }
}

/// Dots as the database holds a list of them: eight bytes each, in the order given.
enum DotList {
  static func encode(_ dots: [Dot]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 * dots.count)
    for dot in dots { appendBigEndian(dot.rawValue, to: &bytes) }
    return bytes
  }

  static func decode(_ bytes: [UInt8]) -> [Dot] {
    stride(from: 0, to: bytes.count - bytes.count % 8, by: 8).map { Dot(rawValue: readBigEndian(bytes, at: $0)) }
  }
}
