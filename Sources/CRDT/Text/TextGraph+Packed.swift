// SPDX-License-Identifier: AGPL-3.0-or-later

/// A history as the database keeps it. All numbers are LEB128:
///
///     history = version=1 count (log seq)*           everything seen, ascending by log
///               count change* [length]               the text's length if there are several heads
///     change  = log seq parents count op* scalars    what its ops insert, in UTF-8
///     parents = 0                                    the change before this one
///             | 1                                    none
///             | n+1 distance{n} [found]              for two or more, the length that the author found
///     op      = head [index] [size]
///     head    = zigzag(position - end of the op before) << 3 | next << 2 | one << 1 | deletes
///
/// Distances are back from the change, falling. `next`: the op's index is one more than that of the op before
/// (the first's is 0), otherwise `index` says by how much more. `one`: the size is 1, otherwise `size` is two
/// less. Logs have their local numbers: packed histories stay within one database.
extension TextGraph {
  static let packedVersion: UInt8 = 1

  public var packed: [UInt8] {
    var writer = TextByteWriter()
    writer.number(UInt64(Self.packedVersion))
    writer.number(UInt64(seen.dots.count))
    for dot in seen.dots { write(dot, to: &writer) }
    writer.number(UInt64(nodes.count))
    for node in nodes.indices { write(node, to: &writer) }
    if tips.count > 1 { writer.number(UInt64(length)) }
    return writer.bytes
  }

  private func write(_ dot: Dot, to writer: inout TextByteWriter) {
    writer.number(UInt64(dot.log))
    writer.number(dot.seq)
  }

  private func write(_ number: Int, to writer: inout TextByteWriter) {
    let node = nodes[number]
    let own = ops[Int(node.ops.lowerBound)..<Int(node.ops.upperBound)]
    write(node.dot, to: &writer)
    writeParents(of: number, found: node.length - own.reduce(0) { $0 + $1.size }, to: &writer)
    writer.number(UInt64(own.count))
    var packing = TextOpPacking()
    for op in own { packing.write(op, to: &writer) }
    let inserted = own.reduce(0) { $0 + Int($1.inserted) }
    for scalar in scalars[Int(node.firstScalar)..<Int(node.firstScalar) + inserted] { writer.scalar(scalar) }
  }

  private func writeParents(of number: Int, found: Int32, to writer: inout TextByteWriter) {
    let parents = parents(of: Int32(number))
    if parents.count == 1, parents.first == Int32(number) - 1 { return writer.number(0) }
    writer.number(UInt64(parents.count) + 1)
    for parent in parents { writer.number(UInt64(number - Int(parent))) }
    if parents.count > 1 { writer.number(UInt64(found)) }
  }
}

/// What an op's packed form leaves out because the op before tells it.
struct TextOpPacking {
  private var end: Int64 = 0
  private var index: Int64 = -1

  mutating func write(_ op: TextGraph.Op, to writer: inout TextByteWriter) {
    let distance = Int64(op.position) - end
    let isNext = Int64(op.index) == index + 1
    let size = UInt64(abs(op.size))
    var head = UInt64(bitPattern: distance << 1 ^ distance >> 63) << 3
    if isNext { head |= 4 }
    if size == 1 { head |= 2 }
    if op.deleted > 0 { head |= 1 }
    writer.number(head)
    if !isNext { writer.number(UInt64(Int64(op.index) - index - 2)) }
    if size > 1 { writer.number(size - 2) }
    advance(past: op)
  }

  mutating func read(from reader: inout TextByteReader) throws(TextError) -> TextGraph.Op {
    let head = try reader.number(upTo: 1 << 40)
    let zigzag = Int64(head >> 3)
    let position = end + (zigzag >> 1 ^ -(zigzag & 1))
    var opIndex = index + 1
    if head & 4 == 0 { opIndex += Int64(try reader.number(upTo: UInt64(UInt32.max))) + 1 }
    let size = head & 2 == 0 ? try reader.number(upTo: UInt64(TextBounds.historyMax)) + 2 : 1
    guard (0...Int64(TextBounds.historyMax)).contains(position), opIndex <= UInt32.max,
      size <= TextBounds.historyMax
    else { throw reader.damaged }
    let op = TextGraph.Op(
      index: UInt32(opIndex), position: Int32(position), size: head & 1 == 0 ? Int32(size) : -Int32(size))
    advance(past: op)
    return op
  }

  private mutating func advance(past op: TextGraph.Op) {
    end = Int64(op.position) + Int64(op.inserted)
    index = Int64(op.index)
  }
}
