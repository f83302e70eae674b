// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// Where a record's row lies, so that what is read together stands together: its kind, then the list it is in.
struct Shelf: Hashable, Comparable {
  let bytes: [UInt8]

  init(bytes: [UInt8]) { self.bytes = bytes }

  init(kind: Value, list: RecordID? = nil) {
    bytes = Self.prefix(kind: kind) + (list?.bytes ?? [])
  }

  /// Four bytes for a numbered kind (0 where none is known); a named one after four bytes of 0xff.
  static func prefix(kind: Value) -> [UInt8] {
    switch kind {
    case .int(let number) where number >= 0 && number < 0xffff_ffff:
      var bytes: [UInt8] = []
      appendBigEndian(UInt32(number), to: &bytes)
      return bytes
    case .text(let name):
      return [0xff, 0xff, 0xff, 0xff] + Array(name.utf8) + [0]
    default:
      return [0, 0, 0, 0]
    }
  }

  /// The kind that the shelf is of.
  var kind: Value {
    guard bytes.count >= 4 else { return .null }
    let number = bytes[..<4].reduce(0) { $0 << 8 | UInt32($1) }
    if number < 0xffff_ffff { return number == 0 ? .null : .int(Int64(number)) }
    return .text(String(decoding: bytes[4...].prefix { $0 != 0 }, as: UTF8.self))
  }

  /// The list that the shelf's records stand in.
  var list: RecordID? {
    let prefix = Self.prefix(kind: kind).count
    return bytes.count == prefix + RecordID.byteCount ? RecordID(Array(bytes[prefix...])) : nil
  }

  static func < (one: Shelf, other: Shelf) -> Bool { one.bytes.lexicographicallyPrecedes(other.bytes) }
}
