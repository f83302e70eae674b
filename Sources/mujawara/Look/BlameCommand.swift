// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Exchange
import Kinds
import SyncEngine

struct BlameCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "blame", abstract: "Who wrote what a record says, field by field, and when.",
    discussion: "Why a field says what it says:  mujawara why b4nz place")

  @Argument(help: "Its short id or title; a deleted one by its id.")
  var record: String

  @OptionGroup var past: PastOption
  @OptionGroup var global: GlobalOptions

  func run() throws {
    let desk = try Desk(global)
    let moment = try past.moment(desk)
    let found = try moment.map { try desk.find(record, at: $0) } ?? desk.find(record, isGoneToo: true)
    let page = try BlamePage(found, desk)
    if desk.context.isJSON { return try page.emit() }
    if let moment { try MomentWords(moment, desk).say(of: found) }
    try page.say()
  }
}

/// A record with the author of everything that it says.
struct BlamePage {
  private let record: Record
  private let desk: Desk
  private let words: AuthorWords
  private let blame: [Blame]

  init(_ record: Record, _ desk: Desk) throws {
    self.record = record
    self.desk = desk
    words = try AuthorWords(desk)
    blame = record.blame(by: desk.replica.history)
  }

  func say() throws {
    desk.output.print(try RecordLine(record, desk).text)
    var table = Table([.init("FIELD"), .init("VALUE", minimum: 12), .init("WRITTEN"), .init("BY", minimum: 8), .init("CHANGE"), .init("")])
    for line in blame where isShown(line) {
      for span in line.spans { try add(line, span.value, span.writer.dot, to: &table) }
      for count in line.counts { try add(line, .int(count.sum), count.last, to: &table) }
    }
    table.print(to: desk.output)
  }

  /// A new record that is there and has a kind is nothing to remark upon twice.
  private func isShown(_ line: Blame) -> Bool { line.cell.key.field != SystemField.kind }

  private func add(_ line: Blame, _ value: Value, _ dot: Dot, to table: inout Table) throws {
    let author = try desk.replica.authorship(of: dot)
    let rivals = line.rivals.isEmpty ? "" : "! \(SessionWords.plural(line.rivals.count, "rival"))"
    table.add(
      .user(FieldText.name(line.cell)), .user(try text(line.cell, value)), .own(words.time(author)),
      .user(words.name(author)), .own(String(author.change.hex.prefix(10)), .dim), .own(rivals))
  }

  private func text(_ cell: CellReading, _ value: Value) throws -> String {
    if cell.key.field == SystemField.alive { return record.isVisible ? "there" : "not there" }
    if cell.field?.shape == .set, case .text(let member) = cell.key.key { return value == .bool(true) ? member : "(not \(member))" }
    if let position = Position(value) { return "in \(try desk.reference(position.list))" }
    return try FieldText.text(value, cell.field, desk)
  }

  func emit() throws {
    for line in blame {
      desk.context.emit(
        "blame/1",
        [JSONMember("record", .string(ID16(record.id).hex))] + FieldJSON.members(line.cell.key, of: record)
          + [
            JSONMember("value", FieldJSON.value(line.cell)),
            JSONMember("spans", .array(try line.spans.map { try part($0.value, $0.writer.dot) })),
            JSONMember("rivals", .array(try line.rivals.map { try part($0.value, $0.op.dot) })),
            JSONMember("counts", .array(try line.counts.map { try part(.int($0.sum), $0.last) })),
          ])
    }
  }

  private func part(_ value: Value, _ dot: Dot) throws -> JSONValue {
    .object([JSONMember("value", JSONValue(value))] + words.members(try desk.replica.authorship(of: dot)))
  }
}
