// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Exchange
import Kinds
import SyncEngine

struct Restore: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring back what was deleted, as it was.",
    discussion: """
      mujawara restore --list              what was deleted, the latest first
      mujawara restore Riz                 by its short id, or words of its title
      """)

  @Argument(help: "Short ids or titles.")
  var records: [String] = []

  @Flag(help: "List what was deleted, with who did it and when.")
  var list = false

  @OptionGroup var global: GlobalOptions

  func run() throws {
    guard list == records.isEmpty else { throw Failure(.usage, "Name what is to come back, or say --list.") }
    let desk = try Desk(global)
    if list { return try DeletedPage(desk).print() }
    let found = try records.map { try deleted($0, desk) }
    var editor = RecordEditor()
    for record in found { editor.restore(record) }
    try desk.commit(editor)
    try desk.report(try found.map { try desk.fresh($0.id) }, did: "Restored", next: "mujawara undo (deletes again) · mujawara sync")
  }

  private func deleted(_ name: String, _ desk: Desk) throws -> Record {
    if let record = try desk.gone(name) { return record }
    let found = try desk.find(name, isGoneToo: true)
    guard !found.isVisible else { throw Failure(.usage, try standing(found, name, desk)) }
    guard !found.view.state.hasMoved else {
      throw Failure(.notAllowed, "\(name) has moved to an audience that this device doesn't read. It can't come back here. Nothing was changed.")
    }
    return found
  }

  private func standing(_ record: Record, _ name: String, _ desk: Desk) throws -> String {
    let id = try desk.short(record.id)
    if !record.outlivedDeletions.isEmpty { return "\(name) was deleted while it was edited, and is still there. Keep it:  mujawara resolve \(id) --keep" }
    return "\(name) isn't deleted: \(record.kindName) \(id) \(desk.title(record)), read by \(RecordLine(record, desk).audience). Nothing was changed."
  }
}

/// What was deleted, the latest first.
struct DeletedPage {
  private let desk: Desk
  private let words: AuthorWords

  init(_ desk: Desk) throws {
    self.desk = desk
    words = try AuthorWords(desk)
  }

  func print() throws {
    let deleted = try desk.replica.readDeleted().map { ($0, try deletion(of: $0)) }
      .sorted { ($0.1.stamp, $0.0.id) > ($1.1.stamp, $1.0.id) }
    if desk.context.isJSON {
      for (record, author) in deleted { try emit(record, author) }
      return
    }
    var table = Table([.init("ID"), .init("WHAT", minimum: 12), .init("DELETED"), .init("BY", minimum: 8)])
    for (record, author) in deleted {
      table.add(
        .own(try desk.short(record.id), .cyan), .user("\(record.kindName) \(desk.title(record))"),
        .own(words.time(author)), .user(words.name(author)))
    }
    if deleted.isEmpty { desk.note("Nothing was deleted.") } else { table.print(to: desk.output) }
    if let first = deleted.first { desk.hint("mujawara restore \(try desk.short(first.0.id))") }
  }

  private func deletion(of record: Record) throws -> Authorship {
    let alive = record.system(by: desk.replica.history).first { $0.key.field == SystemField.alive }
    guard let writer = alive?.heads.first else { throw StoreError.damaged("a deleted record that nobody deleted") }
    return try desk.replica.authorship(of: writer.op.dot)
  }

  private func emit(_ record: Record, _ author: Authorship) throws {
    desk.context.emit(
      "deleted/1",
      [
        JSONMember("record", .string(ID16(record.id).hex)), JSONMember("kind", .string(record.kindName)),
        JSONMember("title", desk.titleJSON(record)),
      ] + words.members(author))
  }
}
