// SPDX-License-Identifier: AGPL-3.0-or-later

extension TextGraph {
  /// Reads what `packed` has written.
  /// - Throws: `unknownVersion` or `damaged` unless these bytes are the packed form of a history in which
  ///   each op fits the length of the text that its author found. Whether lengths found after a merge and the
  ///   text beside the history are right takes a walk: compare `text(order:)`.
  public init(packed bytes: [UInt8]) throws(TextError) {
    self.init()
    var reader = TextByteReader(bytes)
    let version = try reader.byte()
    guard version == Self.packedVersion else { throw .unknownVersion(version) }
    try readSeen(&reader)
    for _ in 0..<(try reader.count()) { try readNode(&reader) }
    length = tips.count == 1 ? nodes[Int(tips[0])].length : 0
    if tips.count > 1 { length = Int32(try reader.number(upTo: UInt64(scalars.count))) }
    guard reader.rest == 0 else { throw reader.damaged }
  }

  private mutating func readSeen(_ reader: inout TextByteReader) throws(TextError) {
    for _ in 0..<(try reader.count()) {
      let dot = try readDot(&reader)
      if let last = seen.dots.last, last.log >= dot.log { throw reader.damaged }
      seen.include(dot)
    }
  }

  private func readDot(_ reader: inout TextByteReader) throws(TextError) -> Dot {
    let log = try reader.number(upTo: UInt64(Dot.logLimit) - 1)
    let seq = try reader.number(upTo: Dot.seqLimit - 1)
    guard seq > 0 else { throw reader.damaged }
    return Dot(log: UInt32(log), seq: seq)
  }

  private mutating func readNode(_ reader: inout TextByteReader) throws(TextError) {
    let dot = try readDot(&reader)
    guard seen.covers(dot), logs.canAppend(dot, to: nodes) else { throw reader.damaged }
    let parents = try readParents(&reader)
    var length = parents.count == 1 ? nodes[Int(parents[0])].length : 0
    if parents.count > 1 { length = Int32(try reader.number(upTo: UInt64(scalars.count))) }
    append(dot, parents: parents)
    let own = try readOps(&reader, length: &length)
    var inserted: [Unicode.Scalar] = []
    for op in own where op.inserted > 0 {
      guard Int(op.inserted) <= reader.rest else { throw reader.damaged }
      for _ in 0..<op.inserted { inserted.append(try reader.scalar()) }
    }
    guard scalars.count + inserted.count <= TextBounds.historyMax else { throw reader.damaged }
    fillLast(with: own[...], inserted[...], length: length)
  }

  private func readParents(_ reader: inout TextByteReader) throws(TextError) -> [Int32] {
    let number = nodes.count
    let code = try reader.number(upTo: UInt64(number) + 1)
    guard code > 0 else {
      guard number > 0 else { throw reader.damaged }
      return [Int32(number) - 1]
    }
    var result: [Int32] = []
    for _ in 1..<code {
      let distance = try reader.number(upTo: UInt64(number))
      guard distance > 0 else { throw reader.damaged }
      let parent = Int32(number - Int(distance))
      if let last = result.last, last >= parent { throw reader.damaged }
      result.append(parent)
    }
    if result == [Int32(number) - 1] { throw reader.damaged }
    return result
  }

  /// Ops that fit one after the other.
  private func readOps(_ reader: inout TextByteReader, length: inout Int32) throws(TextError) -> [Op] {
    var result: [Op] = []
    var packing = TextOpPacking()
    for _ in 0..<(try reader.count()) {
      let op = try packing.read(from: &reader)
      guard op.position <= length, op.deleted <= length - op.position else { throw reader.damaged }
      guard Int(length) + Int(op.inserted) <= TextBounds.historyMax else { throw reader.damaged }
      length += op.size
      result.append(op)
    }
    return result
  }
}
