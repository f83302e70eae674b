// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Kinds
import SyncEngine

struct EditRecord<N: Noun>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "edit", abstract: "Change it by flags, or without any in your editor.",
      discussion: "An option with an empty value takes the field's value away, such as --body ''.")
  }

  @Argument(help: "Its short id or title.")
  var record: String

  @OptionGroup(title: "Of this kind") var flags: N.Flags
  @OptionGroup(title: "Of every record") var common: CommonFlags
  @OptionGroup var global: GlobalOptions

  func run() throws {
    let desk = try Desk(global)
    let found = try desk.find(record, N.kinds)
    guard let kind = found.kind else { throw Failure(.newerVersion, "A newer mujawara made this record. Update this one to edit it.") }
    let given = try common.changes + flags.changes
    let zone = try N.zone(flags)
    var writer = FieldWriter(desk: desk, kind: kind, zone: zone, language: try common.language)
    if given.isEmpty, common.privacy == nil, zone == nil {
      guard let typed = try TextEdit(found, desk).ask(checking: { try RecordEdit(found, $0, writer, nil).check() })
      else { return desk.note("Nothing was changed.") }
      writer.language = nil
      return try RecordEdit(found, typed, writer, nil).run()
    }
    let changes = try N.prepare(given, flags, kind, isNew: false, desk)
    try RecordEdit(found, changes, writer, common.privacy?.privacy).run()
  }
}

/// Changes of fields and of the audience, in the order that shows nobody more than is meant.
struct RecordEdit {
  private let record: Record
  private let changes: [FieldChange]
  private let writer: FieldWriter
  private let privacy: Privacy?
  private var desk: Desk { writer.desk }

  init(_ record: Record, _ changes: [FieldChange], _ writer: FieldWriter, _ privacy: Privacy?) {
    self.record = record
    self.changes = changes
    self.writer = writer
    let now = Audience.privacy(of: record, in: writer.desk.replica)
    self.privacy = privacy == now ? nil : privacy
  }

  /// Throws what `run` would throw about the fields.
  func check() throws { _ = try edits(of: record) }

  func run() throws {
    try check()
    let isNarrowing = privacy == .place || (privacy == .network && Audience.privacy(of: record, in: desk.replica) == .public)
    var now = record
    if isNarrowing { now = try move(now) }
    let editor = try edits(of: now)
    if !editor.isEmpty { try desk.commit(editor) }
    now = try desk.fresh(now.id)
    if !isNarrowing { now = try move(now) }
    try desk.report([now], next: "mujawara undo · mujawara sync")
  }

  private func edits(of record: Record) throws -> RecordEditor {
    var editor = RecordEditor()
    try writer.apply(changes, to: editor.edit(record), of: record, in: &editor)
    return editor
  }

  /// The record in its new audience; the same where that doesn't change.
  private func move(_ record: Record) throws -> Record {
    guard let privacy else { return record }
    return try AudienceChange(record, to: privacy, desk).run()
  }
}

/// Moves a record to another audience and says what that means.
struct AudienceChange {
  private let record: Record
  private let privacy: Privacy
  private let desk: Desk

  init(_ record: Record, to privacy: Privacy, _ desk: Desk) {
    self.record = record
    self.privacy = privacy
    self.desk = desk
  }

  func run() throws -> Record {
    let move = try AudienceMove(record, to: privacy, in: desk.replica)
    let id = try move.commit(to: desk.replica)
    desk.nudge()
    try say(move)
    return try desk.fresh(id)
  }

  private func say(_ move: AudienceMove) throws {
    let old = try desk.short(record.id)
    if move.isMarkOnly {
      desk.note(privacy == .public ? "It may now stand in feeds and posters." : "It is taken out of feeds and posters; what was published stays published.")
      return
    }
    let new = try desk.short(move.newID)
    if privacy == .place {
      desk.note("Moved to this place only, as \(new) (was \(old)). What others have read stays read.")
    } else {
      desk.note("Moved to the network, as \(new) (was \(old)): every place reads it from now on, and what was read stays read.")
    }
    if !move.along.isEmpty { desk.note("\(Belongings.words(move.along)) went along.") }
    if record.kind == .thing, !move.along.isEmpty { desk.note("What was granted is to be granted again.") }
    for contact in move.staying {
      desk.note("Stays where it is: \(try RecordLine(contact, desk).text)")
    }
  }
}
