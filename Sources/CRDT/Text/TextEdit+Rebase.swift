// SPDX-License-Identifier: AGPL-3.0-or-later

extension TextEdit {
  /// What an author's edits come to on a text that others have changed meanwhile: everything that either side
  /// put in is there, and nothing is gone that nobody took away.
  /// - Parameters:
  ///   - edits: on the text as the author saw it.
  ///   - others: what was done to that text since.
  ///   - length: of the text that both began with, in scalars.
  /// - Returns: the edits to make on the text after `others`.
  /// - Throws: `misfit` if either reaches past the end.
  public static func rebase(
    _ edits: [TextEdit], over others: [TextEdit], onLength length: Int
  ) throws(TextError) -> [TextEdit] {
    let base = String(repeating: "-", count: length)
    _ = try apply(edits, to: base)
    _ = try apply(others, to: base)
    let start = change(0, [.insert(at: 0, base)], after: [])
    var graph = TextGraph()
    _ = try graph.merge([start, change(1, others, after: [start.dot])], order: ByNumber())
    return try graph.merge([change(2, edits, after: [start.dot])], order: ByNumber())
  }

  private static func change(_ log: UInt32, _ edits: [TextEdit], after past: [Dot]) -> TextChange {
    let ops = edits.enumerated().map { TextOp(index: UInt32($0), edit: $1) }
    return TextChange(dot: Dot(log: log, seq: 1), past: VersionVector(dots: past), ops: ops)
  }

  private struct ByNumber: LogOrder {
    func log(_ one: UInt32, precedes other: UInt32) -> Bool { one < other }
  }
}

extension TextGraph {
  /// What edits of an earlier version come to on the text as it is now.
  /// - Parameters:
  ///   - edits: on the text of this past.
  ///   - past: closed, of changes that are here.
  public func transformed(
    _ edits: [TextEdit], from past: VersionVector, order: any LogOrder
  ) throws(TextError) -> [TextEdit] {
    var copy = self
    let ops = edits.enumerated().map { TextOp(index: UInt32($0), edit: $1) }
    let dot = Dot(log: Last.number, seq: 1)
    return try copy.merge([TextChange(dot: dot, past: past, ops: ops)], order: Last(order: order))
  }

  /// An order in which a log that no database numbers comes last.
  private struct Last: LogOrder {
    static let number = Dot.logLimit - 1
    let order: any LogOrder

    func log(_ one: UInt32, precedes other: UInt32) -> Bool {
      if one == Self.number { return false }
      return other == Self.number || order.log(one, precedes: other)
    }
  }

  /// What takes the ops of a change back, on the text that its author left.
  /// - Parameter past: everything that the change had seen.
  /// - Returns: nil if the change isn't here.
  public func inverse(of dot: Dot, past: VersionVector, order: any LogOrder) -> [TextEdit]? {
    guard let node = logs.node(at: dot, in: nodes) else { return nil }
    let before = past.dots.map { $0.log == dot.log ? Dot(log: dot.log, seq: dot.seq - 1) : $0 }
    var buffer = TextBuffer(text(at: VersionVector(dots: before), order: order).scalarValues)
    var result: [TextEdit] = []
    for edit in content(of: node).edits {
      switch edit {
      case .insert(let position, let string):
        let inserted = string.scalarValues
        buffer.insert(inserted, at: position)
        result.append(.delete(at: position, count: inserted.count))
      case .delete(let position, let count):
        let deleted = buffer.elements(in: position..<position + count)
        buffer.remove(at: position, count: count)
        result.append(.insert(at: position, String(scalarValues: deleted)))
      }
    }
    return result.reversed()
  }
}
