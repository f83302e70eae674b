// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Kinds
import SyncEngine

struct NoteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "note", abstract: "Minutes and other texts that several people write.",
    discussion: """
      mujawara note add "Assemblée de décembre" --held 2026-12-03
      mujawara note append Assemblée "Décidé : on ouvre le dimanche."
      mujawara note edit Assemblée
      What two people write at once both stays, each where its author put it.
      """,
    subcommands: [
      AddRecord<NoteNoun>.self, ListRecords<NoteNoun>.self, ShowRecord<NoteNoun>.self, Edit.self, Append.self,
      RemoveRecord<NoteNoun>.self,
    ])

  struct Edit: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "edit", abstract: "Write its text in your editor, or change it by flags.",
      discussion: """
        Without flags your editor opens the text. What others write meanwhile stays, beside what you write.
        An option with an empty value takes the field's value away: --held ''.
        """)

    @Argument(help: "Its short id or title.")
    var record: String

    @OptionGroup(title: "Of this kind") var flags: NoteFlags
    @OptionGroup(title: "Of every record") var common: CommonFlags
    @OptionGroup var global: GlobalOptions

    func run() throws {
      let desk = try Desk(global)
      let note = try desk.find(record, [.note])
      let given = try common.changes + flags.changes
      if given.isEmpty, common.privacy == nil { return try NoteText(note, desk).editInEditor() }
      let changes = try NoteNoun.prepare(given, flags, .note, isNew: false, desk)
      let writer = FieldWriter(desk: desk, kind: .note, language: try common.language)
      try RecordEdit(note, changes, writer, common.privacy?.privacy).run()
    }
  }

  struct Append: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add lines at the end of its text.",
      discussion: """
        mujawara note append Assemblée "Décidé : on ouvre le dimanche."
        mujawara note append Assemblée -- "- un point, qui commence par un tiret"
        Without a text, or with -, they are read from standard input.
        """)

    @Argument(help: "Its short id or title.")
    var record: String

    @Argument(help: "What to add, as a line of its own.")
    var text: [String] = []

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let desk = try Desk(global)
      let note = try desk.find(record, [.note])
      let isGiven = !text.isEmpty && text != ["-"]
      let lines = isGiven ? text.joined(separator: " ") : try StandardInput.text()
      try NoteText(note, desk).append(lines)
    }
  }
}

enum NoteNoun: Noun {
  typealias Flags = NoteFlags
  static let word = "note"
  static let kinds = [Kind.note]
  static let examples = """
    Examples:
      mujawara note add "Assemblée de décembre" --held 2026-12-03 --meeting Assemblée --present Nour --present Samir
      mujawara note add Recette --text "Riz, lentilles, oignons frits"
      mujawara note add Compte-rendu --text - < compte-rendu.md
    """
  static let question = "What is it called?"
  static func next(_ id: String) -> String { "mujawara note edit \(id) · mujawara sync" }

  static func prepare(
    _ changes: [FieldChange], _ flags: NoteFlags, _ kind: Kind, isNew: Bool, _ desk: Desk
  ) throws -> [FieldChange] {
    guard flags.text == "-" else { return changes }
    let text = try StandardInput.text()
    return changes.map { $0 == .set(name: "text", text: "-") ? .set(name: "text", text: text) : $0 }
  }
}

struct NoteFlags: NounFlags {
  @Option(help: "Its whole text; - reads it from standard input.")
  var text: String?

  @Option(help: "The day that it tells of: 2026-12-05, today.")
  var held: String?

  @Option(help: "The event that these are the minutes of.")
  var meeting: String?

  @Option(help: "Who was there. May be given several times.")
  var present: [String] = []

  @Option(help: "draft or approved.")
  var state: String?

  var changes: [FieldChange] {
    FieldChange.given(("text", text), ("held", held), ("meeting", meeting), ("state", state))
      + FieldChange.all("present", present)
  }
}

/// The text of one note in the making.
struct NoteText {
  /// Bytes that an editor may give back: more than any text takes.
  private static let limit = 17 << 20

  private let note: Record
  private let desk: Desk
  private let name = CellKey(field: Kind.note.field(named: "text")!.number)

  init(_ note: Record, _ desk: Desk) {
    self.note = note
    self.desk = desk
  }

  func editInEditor() throws {
    guard desk.context.prompt.canAsk else {
      throw Failure(.usage, "Say what to change: --text, --title, --set field=value; or use  mujawara note append. Only at a terminal is the editor opened.")
    }
    let opened = try desk.replica.prose(name, of: note).text
    var editor = Editor(replicaFolder: desk.context.folder)
    editor.limit = Self.limit
    let saved = try editor.edit(opened, name: "note.md")
    let endsWithLine = opened.hasSuffix("\n") && !saved.isEmpty
    try write(from: opened, to: endsWithLine ? saved + "\n" : saved)
  }

  func append(_ lines: String) throws {
    guard !lines.isEmpty else { throw Failure(.usage, "There is nothing to add.") }
    let opened = try desk.replica.prose(name, of: note).text
    let isOnNewLine = opened.isEmpty || opened.unicodeScalars.last == "\n"
    try write(from: opened, to: opened + (isOnNewLine ? "" : "\n") + lines)
  }

  private func write(from opened: String, to saved: String) throws {
    var editor = RecordEditor()
    editor.write(editor.edit(note), name, from: opened, to: saved)
    guard try !desk.commit(editor).changes.isEmpty else { return desk.note("Nothing was changed.") }
    try desk.report([try desk.fresh(note.id)], next: "mujawara undo · mujawara sync")
  }
}

/// What comes on standard input where a text is wanted.
enum StandardInput {
  /// Without the line end at its end.
  static func text() throws -> String {
    guard let text = String(validating: try InputFile.read("-"), as: UTF8.self) else {
      throw Failure(.unreadable, "What came on standard input isn't UTF-8.")
    }
    return text.hasSuffix("\n") || text.hasSuffix("\r\n") ? String(text.dropLast()) : text
  }
}
