// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Exchange
import Kinds
import SyncEngine

/// Edits of records by somebody who didn't know yet that they had moved to another audience. They wait where the
/// record was, for somebody who reads both spaces to carry them over or leave them.
struct LateEditing {
  private let desk: Desk

  init(_ desk: Desk) { self.desk = desk }

  /// By the id of the record as it was.
  var all: [LateEdits] {
    get throws {
      var moved: [Record] = []
      try desk.replica.eachRecord { view in
        guard !view.isVisible, view.state[SystemField.moved] != nil else { return }
        moved.append(try Record(view, in: desk.replica))
      }
      return try moved.sorted { $0.id < $1.id }.compactMap { try LateEdits($0, in: desk.replica) }
    }
  }

  func say(_ edits: LateEdits) throws {
    let output = desk.output
    let id = try desk.short(edits.new.id)
    output.print("\(output.styled(id, .cyan))  \(output.user(desk.title(edits.new))), edited where it was before it moved:")
    for cell in edits.cells {
      let now = edits.new.cell(cell.key.field, key: cell.key.key)?.value ?? .null
      let (late, here) = (try FieldText.text(cell, desk), try FieldText.text(now, cell.field, desk))
      output.print("  \(output.user(FieldText.name(cell))): \(output.user(late)) (here: \(output.user(here)))")
    }
    for prose in edits.proses {
      let steps = CRDT.TextEdit.difference(from: prose.moved, to: prose.late)
      output.print("  \(output.user(FieldText.name(prose.name, edits.new.proseField(prose.name)))): \(TextWords.summary(of: steps))")
    }
    desk.hint("mujawara resolve \(id) --carry, or --leave")
  }

  func emit(_ edits: LateEdits) throws {
    let cells = edits.cells.map { cell in
      JSONValue.object(
        [JSONMember("field", cell.field.map { .string($0.name) } ?? .int(Int64(cell.key.field)))]
          + (cell.key.key.map { [JSONMember("key", JSONValue($0))] } ?? [])
          + [
            JSONMember("late", JSONValue(cell.value)),
            JSONMember("here", JSONValue(edits.new.cell(cell.key.field, key: cell.key.key)?.value ?? .null)),
          ])
    }
    let proses = try edits.proses.map { prose in
      JSONValue.object(
        [JSONMember("field", edits.new.proseField(prose.name).map { .string($0.name) } ?? .int(Int64(prose.name.field)))]
          + (prose.name.key.map { [JSONMember("key", JSONValue($0))] } ?? [])
          + [
            JSONMember("late", .string(prose.late)),
            JSONMember("here", .string(try desk.replica.prose(prose.name, of: edits.new).text)),
          ])
    }
    desk.context.emit(
      "late/1",
      [
        JSONMember("record", .string(ID16(edits.new.id).hex)), JSONMember("was", .string(ID16(edits.old.id).hex)),
        JSONMember("edits", .array(cells + proses)),
      ])
  }

  /// Items that were put into lists where those were before they moved.
  var items: [LateItems] { get throws { try LateItems.all(in: desk.replica) } }

  func say(_ late: LateItems) throws {
    let output = desk.output
    let id = try desk.short(late.new.id)
    output.print("\(output.styled(id, .cyan))  \(output.user(desk.title(late.new))), put into it where it was before it moved:")
    for item in late.items { output.print("  " + (try RecordLine(item, desk).text)) }
    desk.hint("mujawara resolve \(id) --carry, or --leave")
  }

  func emit(_ late: LateItems) {
    desk.context.emit(
      "late-items/1",
      [
        JSONMember("record", .string(ID16(late.new.id).hex)), JSONMember("was", .string(ID16(late.old.id).hex)),
        JSONMember("items", .array(late.items.map { .string(ID16($0.id).hex) })),
      ])
  }

  /// Writes what came late on the record where it is now, or lets it be; either way nobody is asked again.
  func settle(_ record: Record, carrying: Bool) throws {
    let waiting = try all.filter { $0.new.id == record.id }
    let late = try items.filter { $0.new.id == record.id }
    guard !waiting.isEmpty || !late.isEmpty else { throw ResolveError.notContested }
    var editor = RecordEditor()
    for items in late {
      if carrying { try items.carryOver(&editor, in: desk.replica) } else { items.leave(&editor) }
    }
    for edits in waiting {
      if carrying { edits.carryOver(&editor) }
      editor.set(editor.edit(edits.old), CellKey(field: SystemField.moved), to: .reference(record.id))
    }
    try desk.commit(editor)
  }
}
