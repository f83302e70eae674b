// SPDX-License-Identifier: AGPL-3.0-or-later

extension TextGraph {
  /// Takes changes in, and tells how the text becomes the merged one.
  ///
  /// The changes may be in any order, and some may be here already. Every change that touches the text and is
  /// in the past of one of them must be here or among them.
  /// - Returns: the edits to apply to the text, one after the other.
  /// - Throws: `late`, `circular` or `historyTooLarge`; then nothing has happened.
  public mutating func merge(_ changes: [TextChange], order: any LogOrder) throws(TextError) -> [TextEdit] {
    let news = try arranged(changes)
    guard !news.isEmpty else { return [] }
    try checkSize(news)
    let start = Int32(nodes.count)
    for change in news {
      var past = change.past
      past.include(change.dot)
      append(change.dot, parents: maximal(in: past))
      seen.merge(past)
    }
    var merge = TextMerge(onLength: length, order: order)
    for section in sections(from: start) { merge.run(section, filling: news, from: start, in: &self) }
    length = merge.length
    return edits(merge.splices)
  }

  /// The history of all these changes, whatever their order, and the text.
  public static func building(
    _ changes: [TextChange], order: any LogOrder
  ) throws(TextError) -> (graph: TextGraph, text: String) {
    var graph = TextGraph()
    let edits = try graph.merge(changes, order: order)
    return (graph, try TextEdit.apply(edits, to: ""))
  }

  private func checkSize(_ changes: [TextChange]) throws(TextError) {
    var total = size
    for change in changes { total += change.weight }
    guard total <= TextBounds.historyMax else { throw .historyTooLarge }
  }

  func edits(_ splices: [TextSplice]) -> [TextEdit] {
    var result: [TextEdit] = []
    result.reserveCapacity(splices.count)
    for splice in splices {
      if splice.deleted > 0 {
        result.append(.delete(at: Int(splice.position), count: Int(splice.deleted)))
      }
      guard splice.inserted > 0 else { continue }
      let inserted = scalars[Int(splice.first)..<Int(splice.first + splice.inserted)]
      result.append(.insert(at: Int(splice.position), String(scalars: inserted)))
    }
    return result
  }
}

