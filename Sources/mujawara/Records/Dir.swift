// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Kinds
import SyncEngine

struct Dir: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The directory: organisations, venues, media, persons, contact points.",
    discussion: """
      mujawara dir add organisation "Cantine des Pyrénées" --area "Paris 20e" --phone +33…
      mujawara dir add person Samir --phone +33…
      Persons and contact points are for this place alone unless you say otherwise.
      """,
    subcommands: [
      Add.self, ListRecords<DirNoun>.self, ShowRecord<DirNoun>.self, EditRecord<DirNoun>.self,
      RemoveRecord<DirNoun>.self,
    ])

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write an entry down.", discussion: DirNoun.examples)

    @Argument(help: "person, organisation, venue, medium or contact.")
    var kind: String

    @Argument(help: "Its name; of a contact point its number or address.")
    var name: [String] = []

    @Option(help: "A phone number. May be given several times.")
    var phone: [String] = []

    @Option(help: "An e-mail address. May be given several times.")
    var email: [String] = []

    @Option(help: "An address for messages. May be given several times.")
    var message: [String] = []

    @Option(help: "Who reads the contact points given here: place, network or public.")
    var contactPrivacy: PrivacyChoice = .place

    @OptionGroup(title: "Of this kind") var flags: DirFlags
    @OptionGroup(title: "Of every record") var common: CommonFlags
    @OptionGroup var global: GlobalOptions

    func run() throws {
      guard let kind = DirKinds.named(kind) else {
        throw Failure(.usage, "\(kind) is no kind of entry: write person, organisation, venue, medium or contact.")
      }
      let desk = try Desk(global)
      guard kind != .contact || points.isEmpty else { throw Failure(.usage, "A contact point is one number or address: write it as the name.") }
      let privacy = common.privacy?.privacy ?? kind.privacy
      let new = NewRecord<DirNoun>(kind: kind, name: name.joined(separator: " "), flags: flags, common: common, desk: desk)
      var editor = RecordEditor()
      let handle = try new.make(in: &editor, privacy: privacy)
      if kind == .contact { try complete(handle, in: &editor, desk) }
      let contacts = try points.map { try point($0.type, $0.value, of: handle, in: &editor, desk) }
      let outcome = try desk.commit(editor)
      let record = try desk.fresh(outcome.id(handle))
      try desk.report([record] + (try contacts.map { try desk.fresh(outcome.id($0)) }))
      Sharing.announce(kind, privacy, desk)
      if !contacts.isEmpty { Sharing.announce(.contact, contactPrivacy.privacy, desk) }
      desk.hint(DirNoun.next(try desk.short(record.id)))
    }

    private var points: [(type: String, value: String)] {
      phone.map { ("phone", $0) } + email.map { ("email", $0) } + message.map { ("message", $0) }
    }

    /// A contact point of the entry that is being made, in a space of its own.
    private func point(
      _ type: String, _ value: String, of entry: RecordEditor.Handle, in editor: inout RecordEditor, _ desk: Desk
    ) throws -> RecordEditor.Handle {
      let handle = try editor.create(.contact, contactPrivacy.privacy, in: desk.replica)
      let writer = FieldWriter(desk: desk, kind: .contact)
      try writer.apply([.set(name: "type", text: type), .set(name: "value", text: value)], to: handle, of: nil, in: &editor)
      editor.set(handle, CellKey(field: Kind.contact.field(named: "of")!.number), to: entry)
      return handle
    }

    /// Says what kind of address a contact point is, where its author didn't.
    private func complete(_ handle: RecordEditor.Handle, in editor: inout RecordEditor, _ desk: Desk) throws {
      guard flags.owner != nil || common.set.contains(where: { $0.hasPrefix("of=") }) else {
        throw Failure(.usage, "Say whose contact point it is: give --of ENTRY.")
      }
      guard flags.type == nil else { return }
      let type = Self.type(of: name.joined(separator: " "))
      try FieldWriter(desk: desk, kind: .contact).apply([.set(name: "type", text: type)], to: handle, of: nil, in: &editor)
    }

    static func type(of value: String) -> String {
      if value.lowercased().hasPrefix("http") { return "web" }
      if value.contains("@"), value.contains(".") { return "email" }
      let isNumber = value.allSatisfy { $0.isNumber || "+()-./ ".contains($0) } && value.contains(where: \.isNumber)
      return isNumber ? "phone" : "message"
    }
  }
}
