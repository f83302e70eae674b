// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine

/// Goes through the rows of a file, one after the other.
struct ImportPlanner {
  private let kind: Kind
  private let options: ImportCSV.Options
  private let replica: Replica
  private let space: SpaceID
  private let reader: RowReader
  private(set) var editor = RecordEditor()
  private(set) var planned: [ImportCSV.Planned] = []
  private(set) var problems: [ImportProblem] = []
  private(set) var list: RecordID?
  private var items: ItemList?
  private var isListDue = false
  private var listTitle = ""
  /// How often the texts that identify a row have come.
  private var repeats: [[String]: Int] = [:]
  private var taken: Set<String> = []
  /// Records of this source that aren't where an import puts them, by external id.
  private let elsewhere: [String: Record]

  init(_ target: ImportTarget, _ mapping: Mapping, _ options: ImportCSV.Options, _ replica: Replica) throws {
    kind = target.kind
    self.options = options
    self.replica = replica
    space = try Audience.space(for: options.privacy ?? target.kind.privacy, in: replica)
    reader = RowReader(kind: target.kind, mapping: mapping, input: options.input)
    let known = try replica.read(target.kind).filter { $0.text("source") == options.source }
    elsewhere = Dictionary(
      known.compactMap { record in record.text("external_id").map { ($0, record) } },
      uniquingKeysWith: { one, _ in one })
    try findList(target)
  }

  private mutating func findList(_ target: ImportTarget) throws {
    switch target {
    case .events, .organisations, .things: return
    case .items(let id): list = RecordID(id)
    case .list(let title):
      let id = RecordID.imported(
        kind: Kind.list.number, source: options.source, externalID: "list", into: space)
      list = id
      listTitle = title
      if let known = try replica.follow(id), known.isVisible { list = known.id } else { isListDue = true }
    }
    if let list { items = try ItemList(list, in: replica) }
  }

  mutating func plan(_ row: CSVRow) throws {
    let content = reader.read(row)
    let wrong = content.problems + lacking(content, row)
    problems += wrong
    guard wrong.isEmpty else { return }
    let name = content.externalID ?? nameRow(content.identity)
    guard taken.insert(name).inserted else {
      return problems.append(ImportProblem(line: row.line, column: nil, reason: .repeatedID(name)))
    }
    let id = RecordID.imported(kind: kind.number, source: options.source, externalID: name, into: space)
    let here = try replica.follow(id) ?? elsewhere[name]
    if let here, !here.isVisible, !options.isRestoring { return add(row, here.id, content, .gone, []) }
    let cells =
      content.cells + [
        (CellKey(field: Field.source.number), .text(options.source)),
        (CellKey(field: Field.externalID.number), .text(name)),
      ]
    try write(row, here, here?.id ?? id, cells, content)
  }

  /// What the fields say together is wrong, or isn't enough.
  private func lacking(_ content: RowContent, _ row: CSVRow) -> [ImportProblem] {
    guard content.problems.isEmpty else { return [] }
    var reasons: [ImportProblem.Reason] = []
    if content.title.unicodeScalars.count > ImportCSV.titleLimit { reasons.append(.titleTooLong(limit: ImportCSV.titleLimit)) }
    if kind == .event, !says("when", content), !isDraft(content) { reasons.append(.noTime) }
    return reasons.map { ImportProblem(line: row.line, column: nil, reason: $0) }
  }

  private func says(_ name: String, _ content: RowContent) -> Bool {
    content.cells.contains { $0.0.field == kind.field(named: name)?.number }
  }

  private func isDraft(_ content: RowContent) -> Bool {
    content.cells.contains { $0.0.field == kind.field(named: "status")?.number && $0.1 == .text("draft") }
  }

  /// Rows that say the same of themselves are told apart by their order.
  private mutating func nameRow(_ texts: [String]) -> String {
    repeats[texts, default: 0] += 1
    let count = repeats[texts] ?? 1
    return ID16.naming(row: count == 1 ? texts : texts + ["#\(count)"]).hex
  }

  private mutating func write(
    _ row: CSVRow, _ here: Record?, _ id: RecordID, _ cells: [(CellKey, Value)], _ content: RowContent
  ) throws {
    let isNew = here?.isVisible != true
    let space = here?.space ?? self.space
    let handle = isNew ? editor.create(kind.ref, id: id, in: space) : editor.edit(id, in: space)
    var changes: [ImportCSV.Planned.Change] = []
    for (cell, value) in cells {
      let old = here?.cell(cell.field, key: cell.key)?.value ?? .null
      guard old != value else { continue }
      editor.set(handle, cell, to: value)
      changes.append(change(cell, from: old, to: value))
    }
    if isNew, here?.position == nil { try append(handle) }
    if isNew, options.privacy == .public {
      editor.set(handle, CellKey(field: Field.isPublic.number), to: .bool(true))
    }
    add(row, id, content, isNew ? .create : changes.isEmpty ? .unchanged : .update, changes)
  }

  private mutating func append(_ item: RecordEditor.Handle) throws {
    guard let list, let items else { return }
    if isListDue {
      isListDue = false
      let handle = editor.create(Kind.list.ref, id: list, in: space)
      editor.set(
        handle, CellKey(field: Field.title.number, key: .text(options.input.language)), to: .text(listTitle))
      editor.set(handle, CellKey(field: Field.source.number), to: .text(options.source))
    }
    editor.append(item, to: items)
  }

  private func change(_ cell: CellKey, from old: Value, to new: Value) -> ImportCSV.Planned.Change {
    var key: String?
    if case .text(let text) = cell.key { key = text }
    return ImportCSV.Planned.Change(
      field: kind.field(cell.field)?.name ?? "#\(cell.field)", key: key, old: old, new: new)
  }

  private mutating func add(
    _ row: CSVRow, _ id: RecordID, _ content: RowContent, _ action: ImportCSV.Planned.Action,
    _ changes: [ImportCSV.Planned.Change]
  ) {
    planned.append(
      ImportCSV.Planned(line: row.line, id: id, title: content.title, action: action, changes: changes))
  }
}
