// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

@Suite("Text: what has no effect, and what is refused") struct TextVoidTests {
  private let order = RankedLogs()

  @Test func `an op that doesn't fit has no effect, and the next finds the text without it`() throws {
    let strange: [TextEdit] = [
      .insert(at: 4, "x"), .insert(at: -1, "x"), .insert(at: .max, "x"), .insert(at: .min, "x"),
      .insert(at: 1, ""), .delete(at: 0, count: 0), .delete(at: 0, count: 4), .delete(at: 3, count: 1),
      .delete(at: -1, count: 1), .delete(at: 1, count: .max), .delete(at: .max, count: .max),
      .delete(at: 1, count: -1), .delete(at: 1, count: .min),
    ]
    for edit in strange {
      let first = change(0, 1, [.insert(at: 0, "abc")])
      let second = change(0, 2, [edit, .insert(at: 3, "d")])
      let (graph, text) = try TextGraph.building([second, first], order: order)
      #expect(text == "abcd", "\(edit)")
      #expect(graph.text(order: order) == text)
      #expect(graph.tip.length == 4, "\(edit)")
      let read = try TextGraph(tip: graph.tip, packedChanges: graph.packedChanges)
      #expect(read == graph, "\(edit)")
    }
  }

  @Test func `an author's text has a bound, and merged texts may pass it`() throws {
    let half = String(repeating: "a", count: TextBounds.scalarsMax / 2 + 1)
    let one = change(0, 1, [.insert(at: 0, half), .insert(at: 0, half), .insert(at: 0, "b")])
    let other = change(1, 1, [.insert(at: 0, half)])
    let past = VersionVector(dots: [one.dot, other.dot])
    let edits: [TextEdit] = [
      .insert(at: 0, "c"), .delete(at: 0, count: 2), .insert(at: 0, "d"), .delete(at: 0, count: 2),
      .insert(at: 0, "e"), .insert(at: 0, "f"),
    ]
    let ops = edits.enumerated().map { TextOp(index: UInt32($0), edit: $1) }
    let late = TextChange(dot: Dot(log: 0, seq: 2), past: past, ops: ops)
    let text = try TextGraph.building([one, other, late], order: order).text
    #expect(text.unicodeScalars.count == TextBounds.scalarsMax)
    #expect(text.first == "e")
  }

  @Test func `void ops leave nothing but their change`() throws {
    let empty = try TextGraph.building([change(0, 1, [])], order: order).graph
    let void = try TextGraph.building([change(0, 1, [.delete(at: 0, count: 1)])], order: order).graph
    #expect(empty == void)
    #expect(void.contains(Dot(log: 0, seq: 1)) && void.tip.heads == [Dot(log: 0, seq: 1)])
  }

  @Test func `a change that comes after one that had seen it is refused, and nothing has happened`() throws {
    let first = change(0, 1, [.insert(at: 0, "abc")])
    let second = TextChange(
      dot: Dot(log: 1, seq: 1), past: VersionVector(dots: [first.dot]),
      ops: [TextOp(index: 0, edit: .delete(at: 1, count: 1))])
    var graph = try TextGraph.building([second], order: order).graph
    let before = graph
    #expect(throws: TextError.late(first.dot)) { try graph.merge([first], order: order) }
    #expect(graph == before)
    #expect(try TextGraph.building([second, first], order: order).text == "ac")
  }

  @Test func `the tip takes each change once, and only after all that it has`() throws {
    let first = change(0, 1, [.insert(at: 0, "abc")])
    let apart = change(1, 1, [.insert(at: 0, "x")])
    let second = change(0, 2, [.delete(at: 1, count: 1), .delete(at: 9, count: 1)])
    var tip = TextTip()
    let additions = try [first, first, apart, second, first].map { try tip.append($0)?.edits }
    #expect(additions == [[.insert(at: 0, "abc")], nil, nil, [.delete(at: 1, count: 1)], nil])
    #expect(tip == (try TextGraph.building([first, second], order: order).graph.tip))
  }

  @Test func `changes that claim to have seen each other are refused`() throws {
    let dots = [Dot(log: 0, seq: 1), Dot(log: 1, seq: 1)]
    let changes = dots.map { TextChange(dot: $0, past: VersionVector(dots: dots), ops: []) }
    #expect(throws: TextError.circular(dots[0])) { try TextGraph.building(changes, order: order) }
    let ahead = TextChange(dot: dots[0], past: VersionVector([(UInt32(0), UInt64(2))]), ops: [])
    #expect(throws: TextError.circular(dots[0])) { try TextGraph.building([ahead], order: order) }
  }

  @Test func `edits that don't fit are not applied`() {
    for edit: TextEdit in [
      .insert(at: 4, "x"), .insert(at: -1, ""), .delete(at: 2, count: 2), .delete(at: 1, count: -1),
      .delete(at: .max, count: .max),
    ] {
      #expect(throws: TextError.misfit(edit)) { try TextEdit.apply([edit], to: "abc") }
    }
  }

  @Test func `a cluster of scalars is edited by its scalars`() throws {
    let text = try TextEdit.apply([.insert(at: 1, "\u{301}"), .delete(at: 3, count: 1)], to: "e👩‍🚒")
    #expect(text == "e\u{301}👩🚒")
  }

  private func change(_ log: UInt32, _ seq: UInt64, _ edits: [TextEdit]) -> TextChange {
    let ops = edits.enumerated().map { TextOp(index: UInt32($0), edit: $1) }
    return TextChange(dot: Dot(log: log, seq: seq), past: VersionVector([(log, seq - 1)]), ops: ops)
  }
}
