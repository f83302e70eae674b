// SPDX-License-Identifier: AGPL-3.0-or-later

/// A text that is kept beside its packed history, while changes are taken in. The history is read only where
/// authors didn't know of each other; what is to be put behind it is gathered.
public struct TextPages {
  public private(set) var tip: TextTip
  /// To be put behind the packed changes that were kept.
  public private(set) var addition: [UInt8] = []
  private var buffer: TextBuffer
  private var graph: TextGraph?

  /// Of a text without changes.
  public init() { self.init(tip: TextTip(), text: "") }

  public init(tip: TextTip, text: String) {
    self.tip = tip
    buffer = TextBuffer(text.scalarValues)
  }

  public var text: String { String(scalarValues: buffer.elements) }

  /// Takes changes in: each after those that it has seen, and none that comes after one that has seen it.
  /// - Parameter history: the packed changes as they were kept, asked for at most once.
  /// - Throws: `TextError`, or what `history` throws; then nothing must be kept.
  public mutating func merge(
    _ changes: [TextChange], order: any LogOrder, history: () throws -> [UInt8]
  ) throws {
    var rest = changes[...]
    while graph == nil, let change = rest.first, let next = try tip.append(change) {
      try buffer.apply(next.edits)
      addition += next.packedChange
      rest.removeFirst()
    }
    guard !rest.isEmpty else { return }
    var graph = try self.graph ?? TextGraph(tip: tip, packedChanges: history() + addition)
    try buffer.apply(graph.merge(Array(rest), order: order))
    addition += graph.packedChanges(from: tip.changeCount)
    tip = graph.tip
    self.graph = graph
  }
}
