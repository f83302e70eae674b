// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Exchange
import Kinds
import SyncEngine
import Transport

/// What the commands about records work with: the open replica, and how its reader counts days and reads texts.
struct Desk {
  let context: Context
  let replica: Replica
  let now: CivilDateTime
  /// This computer's zone, if it has a name that travels; nil leaves times floating.
  let zone: String?
  /// The reader's languages, best first.
  let languages: [String]
  /// Things and stocks as they were last worked out.
  let scarce = ScarceStore()

  init(_ global: GlobalOptions) throws {
    context = Context(global)
    replica = try context.open()
    now = ZoneRules.now()
    let machine = ZoneRules.ofThisMachine
    zone = ZoneRules.isKnown(machine) ? machine : nil
    languages = Self.readerLanguages
  }

  var output: Output { context.output }
  var today: CivilDate { now.date }

  /// From MUJAWARA_LANG, then from what the system is set to.
  private static var readerLanguages: [String] {
    let named = ["MUJAWARA_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"].compactMap(GlobalOptions.environment)
    let tags = named.flatMap { $0.split { ":, ".contains($0) } }
      .compactMap { LanguageTag.canonical($0.prefix { !".@".contains($0) }) }
    return tags.reduce(into: []) { known, tag in if !known.contains(tag) { known.append(tag) } }
  }

  /// The language of texts that name none: said in MUJAWARA_LANG, else undetermined.
  static var writerLanguage: String {
    GlobalOptions.environment("MUJAWARA_LANG").flatMap { $0.split(separator: ":").first }
      .flatMap { LanguageTag.canonical($0) } ?? LanguageTag.undetermined
  }

  /// Reads what people type by this reader's clock; references are looked for among `kinds`, all if empty.
  func input(zone: String? = nil, language: String? = nil, kinds: [Kind] = []) -> FieldInput {
    FieldInput(
      today: today, now: now.time, zone: zone ?? self.zone, language: language ?? Self.writerLanguage,
      resolve: { text in try one(text, kinds).map { ($0.id, $0.view.kind) } })
  }

  /// Writes, and tells a running `serve` that there is something new.
  @discardableResult
  func commit(_ editor: RecordEditor) throws -> RecordEditor.Outcome {
    let outcome = try editor.commit(to: replica)
    scarce.forget()
    if !outcome.changes.isEmpty { nudge() }
    return outcome
  }

  func nudge() { Nudge.send(folder: context.folder) }

  /// The record as it stands now, after a write.
  func fresh(_ id: RecordID) throws -> Record {
    guard let record = try replica.read(id) else { throw Failure(.failed, "The record that was written can't be read.") }
    return record
  }

  func emit(_ record: Record) throws {
    output.print(try RecordJSON(replica, directory: Kinds.Directory(replica)).json(record).text)
  }

  /// A record's title in the reader's language, else the one there is; null if it has none.
  func titleJSON(_ record: Record) -> JSONValue {
    record.title(preferring: languages).map { .string($0.text) } ?? .null
  }

  /// One line of state for each record and a hint, or the records as JSON.
  func report(_ records: [Record], did: String? = nil, next: String? = nil) throws {
    if context.isJSON {
      for record in records { try emit(record) }
      return
    }
    for record in records {
      output.print((did.map { $0 + ": " } ?? "") + (try RecordLine(record, self).text))
    }
    if let next { hint(next) }
  }

  /// What to run next; left out where programs or screen readers want the record alone.
  func hint(_ next: String) {
    guard !context.isJSON, !output.options.plain else { return }
    output.print(output.styled("Next: \(next)", .dim))
  }

  /// Something that the person should know about what was done, not an error.
  func note(_ sentence: String) {
    if !context.isJSON { output.print(sentence) }
  }
}
