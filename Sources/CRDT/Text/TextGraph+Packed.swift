// SPDX-License-Identifier: AGPL-3.0-or-later

extension TextGraph {
  /// The changes for the database. What is packed once stays as it is: more is only ever put behind it.
  public var packedChanges: [UInt8] { packedChanges(from: 0) }

  /// The changes from a number on, to be put behind the packed form of those before.
  public func packedChanges(from start: Int) -> [UInt8] {
    var packing = TextPacking()
    for node in Int32(start)..<max(Int32(start), Int32(nodes.count)) {
      packing.write(
        nodes[Int(node)].dot, number: Int(node), parents: parents(of: node), content(of: node))
    }
    return packing.bytes
  }

  /// Reads what `TextTip.packed` and `packedChanges` have written.
  /// - Throws: `unknownVersion` or `damaged` unless these bytes are the packed form of a history in which
  ///   each op fits the length of the text that its author found. Whether lengths found after a merge and the
  ///   text beside the history are right takes a walk: compare `text(order:)`.
  public init(tip: TextTip, packedChanges bytes: [UInt8]) throws(TextError) {
    self.init()
    seen = tip.seen
    var reader = TextByteReader(bytes)
    for _ in 0..<tip.changeCount { try read(&reader) }
    length = Int32(tip.length)
    let isLengthRight = tips.count > 1 || tips.allSatisfy { nodes[Int($0)].length == length }
    guard reader.rest == 0, self.tip == tip, isLengthRight else { throw reader.damaged }
  }

  private mutating func read(_ reader: inout TextByteReader) throws(TextError) {
    let dot = try reader.dot()
    guard seen.covers(dot), logs.canAppend(dot, to: nodes) else { throw reader.damaged }
    let parents = try readParents(&reader)
    var found = parents.count == 1 ? Int(nodes[Int(parents[0])].length) : 0
    if parents.count > 1 { found = Int(try reader.number(upTo: UInt64(scalars.count))) }
    let content = try TextContent(&reader, onLength: found)
    append(dot, parents: parents)
    guard size + content.ops.count + content.scalars.count <= TextBounds.historyMax else {
      throw reader.damaged
    }
    fill(Int32(nodes.count) - 1, with: content)
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
}

extension TextContent {
  /// Ops that fit one after the other, and what they insert.
  fileprivate init(_ reader: inout TextByteReader, onLength found: Int) throws(TextError) {
    self.init(onLength: found)
    var packing = TextOpPacking()
    for _ in 0..<(try reader.count()) {
      guard append(try packing.read(from: &reader)) else { throw reader.damaged }
    }
    for op in ops where op.inserted > 0 {
      guard Int(op.inserted) <= reader.rest else { throw reader.damaged }
      for _ in 0..<op.inserted { append(try reader.scalar()) }
    }
  }
}
