// SPDX-License-Identifier: AGPL-3.0-or-later

/// The ops of a change that have an effect.
struct TextContent {
  private(set) var ops: [TextGraph.Op] = []
  /// What they insert.
  private(set) var scalars: [Unicode.Scalar] = []
  /// How long the text was that the author left.
  private(set) var length: Int

  init(ops: [TextGraph.Op], scalars: [Unicode.Scalar], length: Int) {
    self.ops = ops
    self.scalars = scalars
    self.length = length
  }

  /// Nothing, on a text of this length.
  init(onLength found: Int) { length = found }

  /// Leaves void ops out.
  init(_ change: [TextOp], onLength found: Int) {
    length = found
    for op in change {
      guard let next = TextBounds.length(after: op.edit, on: length) else { continue }
      length = next
      switch op.edit {
      case .insert(let position, let string):
        let start = scalars.count
        scalars += string.unicodeScalars
        append(op.index, at: position, size: scalars.count - start)
      case .delete(let position, let count):
        append(op.index, at: position, size: -count)
      }
    }
  }

  /// The ops as edits.
  var edits: [TextEdit] {
    var first = 0
    return ops.map { op in
      if op.deleted > 0 { return .delete(at: Int(op.position), count: Int(op.deleted)) }
      defer { first += Int(op.inserted) }
      return .insert(at: Int(op.position), String(scalars: scalars[first..<first + Int(op.inserted)]))
    }
  }

  /// Adds an op, if it is within the text.
  mutating func append(_ op: TextGraph.Op) -> Bool {
    guard op.position <= length, op.deleted <= length - Int(op.position) else { return false }
    length += Int(op.size)
    ops.append(op)
    return length <= TextBounds.historyMax
  }

  mutating func append(_ scalar: Unicode.Scalar) { scalars.append(scalar) }

  private mutating func append(_ index: UInt32, at position: Int, size: Int) {
    ops.append(TextGraph.Op(index: index, position: Int32(position), size: Int32(size)))
  }
}
