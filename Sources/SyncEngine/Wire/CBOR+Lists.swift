// SPDX-License-Identifier: AGPL-3.0-or-later

extension CBORWriter {
  mutating func ids(_ ids: [ID32]) {
    array(count: ids.count)
    for id in ids { self.id(id) }
  }

  mutating func ids(_ ids: [ID16]) {
    array(count: ids.count)
    for id in ids { self.id(id) }
  }

  mutating func uints(_ numbers: [UInt64]) {
    array(count: numbers.count)
    for number in numbers { uint(number) }
  }
}

extension CBORReader {
  /// An array of ids, strictly ascending.
  mutating func readIDs(
    _ counts: ClosedRange<Int>, _ what: String
  ) throws(DecodingError) -> [ID32] {
    let start = offset
    let count = try readArrayHeader()
    guard counts.contains(count) else { throw .limit(at: start, what) }
    var ids: [ID32] = []
    ids.reserveCapacity(count)
    for _ in 0..<count {
      let place = offset
      let id = try readID32()
      if let last = ids.last, id <= last { throw .invalid(at: place, "ids ascend") }
      ids.append(id)
    }
    return ids
  }

  /// The keys of a `crit` list, strictly ascending.
  mutating func readCritical() throws(DecodingError) -> [UInt64] {
    let start = offset
    let count = try readArrayHeader()
    guard (1...Limits.critical).contains(count) else { throw .limit(at: start, "1 to 64 critical keys") }
    var keys: [UInt64] = []
    for _ in 0..<count {
      let place = offset
      let key = try readUInt()
      if let last = keys.last, key <= last { throw .invalid(at: place, "critical keys ascend") }
      keys.append(key)
    }
    return keys
  }
}
