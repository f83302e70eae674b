// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Kinds
import SyncEngine

struct AddRecord<N: Noun>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "add", abstract: "Write a new one down.", discussion: N.examples)
  }

  @Argument(help: "Its title.")
  var text: [String] = []

  @OptionGroup(title: "Of this kind") var flags: N.Flags
  @OptionGroup(title: "Of every record") var common: CommonFlags
  @OptionGroup var global: GlobalOptions

  func run() throws {
    let desk = try Desk(global)
    let new = NewRecord<N>(kind: N.kinds[0], name: text.joined(separator: " "), flags: flags, common: common, desk: desk)
    let record = try new.write()
    try desk.report([record], next: N.next(try desk.short(record.id)))
  }
}

/// A record in the making, from what its flags and its author's answers say.
struct NewRecord<N: Noun> {
  let kind: Kind
  let name: String
  let flags: N.Flags
  let common: CommonFlags
  let desk: Desk

  /// Writes it alone, and says so where more people read it than its kind's usual.
  func write() throws -> Record {
    var editor = RecordEditor()
    let privacy = common.privacy?.privacy ?? kind.privacy
    let handle = try make(in: &editor, privacy: privacy)
    let outcome = try desk.commit(editor)
    Sharing.announce(kind, privacy, desk)
    return try desk.fresh(outcome.id(handle))
  }

  /// Puts it into an editor.
  func make(in editor: inout RecordEditor, privacy: Privacy) throws -> RecordEditor.Handle {
    var changes = try titled(common.changes) + flags.changes
    changes = try N.prepare(changes, flags, kind, isNew: true, desk)
    if kind == .person { changes = try Sharing.consented(changes, to: privacy, desk) }
    let handle = try editor.create(kind, privacy, in: desk.replica)
    let language = try common.language ?? (Desk.writerLanguage == LanguageTag.undetermined ? nil : Desk.writerLanguage)
    if let language { editor.set(handle, CellKey(field: Field.lang.number), to: .text(language)) }
    let writer = FieldWriter(desk: desk, kind: kind, zone: try N.zone(flags), language: language)
    try writer.apply(changes, to: handle, of: nil, in: &editor)
    return handle
  }

  /// What names the record, asked for if nobody said it: a contact point's value, the title of any other.
  private func titled(_ changes: [FieldChange]) throws -> [FieldChange] {
    let field = kind == .contact ? "value" : "title"
    let isNamed = changes.contains { if case .set(field, _, _) = $0 { true } else { false } }
    if isNamed, name.isEmpty { return changes }
    let name = name.isEmpty ? try desk.context.prompt.line(N.question, flag: kind == .contact ? "VALUE" : "--title") : name
    guard !name.isEmpty else { throw Failure(.usage, "It needs a name: give --title.") }
    return [.set(name: field, text: name)] + changes
  }
}

/// Who else will read a record: what the program asks before, and says after.
enum Sharing {
  /// A person beyond the place needs to have agreed.
  static func consented(_ changes: [FieldChange], to privacy: Privacy, _ desk: Desk) throws -> [FieldChange] {
    guard privacy != .place else { return changes }
    let given = changes.compactMap { if case .set("consent", _, let text) = $0 { text } else { nil } }.last
    let consent = try given ?? desk.context.prompt.line(
      "Has this person agreed to be known beyond this place? [no/network/public]", flag: "--consent \(privacy.rawValue)")
    guard consent == "public" || consent == privacy.rawValue else {
      throw Failure(.usage, "A person is shared only as far as they agreed: give --consent \(privacy.rawValue), or --privacy place. Nothing was written.")
    }
    if given != nil { return changes }
    return changes + [.set(name: "consent", text: consent), .set(name: "consent_on", text: desk.today.iso)]
  }

  /// Says who reads a person or a contact point, whatever was chosen.
  static func announce(_ kind: Kind?, _ privacy: Privacy, _ desk: Desk) {
    guard kind == .person || kind == .contact else { return }
    let what = kind == .person ? "This person" : "This contact point"
    switch privacy {
    case .place: desk.note("\(what) is for this place's devices alone.")
    case .network: desk.note("\(what) is shared: every place of the network reads it, and what was read stays read.")
    case .public: desk.note("\(what) is public: every place reads it and may print or publish it.")
    }
  }
}
