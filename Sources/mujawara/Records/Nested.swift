// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Kinds
import SyncEngine

extension Listing {
  /// A list's items with boxes, those under others indented, under the headings of their sections.
  ///
  /// Where nobody sees an indent, each line says instead what it stands under.
  static func items(_ lines: [Outline.Line], _ desk: Desk) throws {
    var section = ""
    var above: [String] = []
    for line in lines {
      let heading = line.record.text("section") ?? ""
      if line.depth == 0, heading != section, !heading.isEmpty { desk.output.print("  \(desk.output.styled(desk.output.user(heading), .bold))") }
      if line.depth == 0 { section = heading }
      above = above.prefix(line.depth) + [desk.title(line.record)]
      desk.output.print(try row(line, under: line.depth > 0 ? above[line.depth - 1] : nil, desk))
    }
  }

  private static func row(_ line: Outline.Line, under parent: String?, _ desk: Desk) throws -> String {
    let box =
      switch line.record.text("state") {
      case "done": "[x]"
      case "doing": "[~]"
      case "dropped": "[-]"
      default: "[ ]"
      }
    let isSpoken = desk.output.options.plain || desk.output.isAccessible
    var details = try RecordLine(line.record, desk).details
    if isSpoken, let parent { details.append("under \(desk.output.user(parent))") }
    if line.isCut { details.append("! it and another were put under each other at once") }
    let title = desk.output.user(desk.title(line.record))
    let indent = String(repeating: "  ", count: isSpoken ? 1 : min(line.depth, 20) + 1)
    return "\(indent)\(box) \(try desk.short(line.record.id))  " + ([title] + details).joined(separator: " · ")
  }

  /// What isn't over, and what such items stand under.
  static func open(_ lines: [Outline.Line]) -> [Outline.Line] {
    var kept: [Outline.Line] = []
    for line in lines.reversed() {
      let holdsOpen = kept.last.map { $0.depth > line.depth } ?? false
      if holdsOpen || !ItemNoun.isOver(line.record) { kept.append(line) }
    }
    return kept.reversed()
  }

  /// Items that stand in no list, by why.
  static func loose(_ loose: [Outline.Loose], _ desk: Desk) throws {
    for group in loose {
      desk.output.print(desk.output.styled(words(group.reason), .bold))
      try items(group.lines, desk)
    }
  }

  private static func words(_ reason: Outline.Loose.Reason) -> String {
    switch reason {
    case .noList: "In no list"
    case .moved: "In a list that has moved to another audience"
    case .deleted: "In a list or under an item that was deleted"
    case .unknown: "In a list that hasn't come here"
    case .cut: "Put under each other at once"
    }
  }
}

/// Lists that stand under others.
struct Sublists {
  private let lists: [RecordID: Record]
  private let nesting: Nesting

  /// - Parameter horizon: those of a moment; nil for now.
  init(_ desk: Desk, at horizon: Horizon? = nil) throws {
    let all = try horizon.map { try desk.replica.read(.list, at: $0) } ?? desk.replica.read(.list)
    lists = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })
    nesting = Nesting(all.compactMap(\.edge), by: desk.replica.history)
  }

  /// Those under one, at whatever depth, in their order.
  func under(_ list: RecordID) -> [(record: Record, depth: Int)] {
    nesting.walk(from: list).compactMap { id, depth in lists[id].map { ($0, depth) } }
  }

  /// Whether it and another were put under each other at once, so that it stands at the top.
  func isCut(_ list: RecordID) -> Bool { nesting.cut.contains(list) }

  func print(under list: RecordID, _ desk: Desk) throws {
    if isCut(list) { desk.output.print("  ! it and another list were put under each other at once: it stands at the top") }
    for (record, depth) in under(list) {
      let isSpoken = desk.output.options.plain || desk.output.isAccessible
      let indent = String(repeating: "  ", count: isSpoken ? 1 : min(depth, 20) + 1)
      desk.output.print(indent + (try RecordLine(record, desk).text))
    }
  }
}

/// What goes where a record goes.
enum Belongings {
  /// `3 items and 1 list`.
  static func words(_ records: [Record]) -> String {
    let kinds: [(Kind, String)] = [
      (.item, "item"), (.list, "list"), (.contact, "contact point"), (.claim, "claim"), (.movement, "movement"),
    ]
    let counts = kinds.map { kind, word in (count: records.count { $0.kind == kind }, word: word) }
    return counts.filter { $0.count > 0 }.map { SessionWords.plural($0.count, $0.word) }.joined(separator: " and ")
  }
}
