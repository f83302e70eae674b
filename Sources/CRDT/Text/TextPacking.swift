// SPDX-License-Identifier: AGPL-3.0-or-later

/// Histories and their tips as the database keeps them. All numbers are LEB128:
///
///     tip     = version=1 count (log seq)*           everything seen, ascending by log
///               changes size length
///               count (number log seq)*              the heads, ascending by number
///     history = change*
///     change  = log seq parents count op* scalars    what its ops insert, in UTF-8
///     parents = 0                                    the change before this one
///             | 1                                    none
///             | n+1 distance{n} [found]              for two or more, the length that the author found
///     op      = head [index] [size]
///     head    = zigzag(position - end of the op before) << 3 | next << 2 | one << 1 | deletes
///
/// Distances are back from the change, falling. `next`: the op's index is one more than that of the op before
/// (the first's is 0), otherwise `index` says by how much more. `one`: the size is 1, otherwise `size` is two
/// less. The end of an insertion is behind it, that of a deletion where it was. Logs have their local
/// numbers: packed histories stay within one database.
struct TextPacking {
  private var writer = TextByteWriter()

  var bytes: [UInt8] { writer.bytes }

  mutating func write(_ tip: TextTip) {
    writer.number(UInt64(TextTip.packedVersion))
    writer.number(UInt64(tip.seen.dots.count))
    for dot in tip.seen.dots { write(dot) }
    writer.number(UInt64(tip.changeCount))
    writer.number(UInt64(tip.size))
    writer.number(UInt64(tip.length))
    writer.number(UInt64(tip.tips.count))
    for head in tip.tips {
      writer.number(UInt64(head.number))
      write(head.dot)
    }
  }

  mutating func write(_ dot: Dot, number: Int, parents: some Collection<Int32>, _ content: TextContent) {
    write(dot)
    let found = content.ops.reduce(content.length) { $0 - Int($1.size) }
    write(number, parents: parents, found: found)
    writer.number(UInt64(content.ops.count))
    var packing = TextOpPacking()
    for op in content.ops { packing.write(op, to: &writer) }
    for scalar in content.scalars { writer.scalar(scalar) }
  }

  private mutating func write(_ dot: Dot) {
    writer.number(UInt64(dot.log))
    writer.number(dot.seq)
  }

  private mutating func write(_ number: Int, parents: some Collection<Int32>, found: Int) {
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
