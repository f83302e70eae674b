// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Exchange
import Kinds
import SyncEngine

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Read a spreadsheet (CSV) or an export of records (JSON Lines).",
    discussion: """
      mujawara import calendrier.csv --as event --lang fr
      mujawara import annuaire.csv --as organisation --map name=title --map url=link
      mujawara import engagements.csv --as list --title Engagements
      mujawara import tout.jsonl --as jsonl
      Reading a file again updates what it brought and never doubles it. A row that can't be read stops \
      everything, unless --partial.
      """)

  enum Target: String, ExpressibleByArgument, CaseIterable {
    case event, list, organisation, thing, jsonl
  }

  @Argument(help: "The file; - for standard input.")
  var file: String

  @Option(name: .customLong("as"), help: "What its rows become: event, list, organisation, thing; jsonl for an export.")
  var target: Target?

  @Option(help: ArgumentHelp("What a column becomes: column=field, column=field:fr; column= leaves it out. May be given several times.", valueName: "column=field"))
  var map: [String] = []

  @Option(help: "The title of the list that rows go to. Else the file's name.")
  var title: String?

  @Option(help: "A list that is there, to which the rows are added.")
  var list: String?

  @Option(help: "What the file is called as a source, by which its rows are known again. Else its name.")
  var source: String?

  @Option(help: "The language of texts that name none.")
  var lang: String?

  @Option(help: "The time zone of times that name none.")
  var zone: String?

  @Option(help: "Who reads the records: place, network or public.")
  var privacy: PrivacyChoice?

  @Option(help: "The encoding, where the guess is wrong: UTF-8, Windows-1252, Windows-1256…")
  var encoding: String?

  @Option(help: "The delimiter, where the guess is wrong: , ; | or tab.")
  var delimiter: String?

  @Flag(help: "Only say what would be written.")
  var dryRun = false

  @Flag(help: "Write the good rows even if others can't be read, and exit with 3.")
  var partial = false

  @Flag(name: .shortAndLong, help: "Don't ask before writing.")
  var yes = false

  @Flag(help: "Bring back what was deleted here since.")
  var restore = false

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let desk = try Desk(global)
    let bytes = try InputFile.read(file)
    guard let target = try target ?? asked(desk) else { throw Failure(.usage, "Say what its rows become: --as event, list, organisation, thing or jsonl.") }
    target == .jsonl ? try LinesImport(self, desk).run(bytes) : try SheetImport(self, target, desk).run(bytes)
  }

  private func asked(_ desk: Desk) throws -> Target? {
    if file.hasSuffix(".jsonl") { return .jsonl }
    return Target(rawValue: try desk.context.prompt.line("What do its rows become? [event/list/organisation/thing]", flag: "--as"))
  }

  /// The name by which the file's rows are known again.
  var sourceName: String { source ?? (file == "-" ? "stdin" : fileName) }

  var fileName: String { file.split(separator: "/").last.map(String.init) ?? file }

  /// Asks before anything is written. With nobody to ask, `--yes` has to have said it.
  func confirm(_ question: String, _ desk: Desk) throws -> Bool {
    if yes { return true }
    return try desk.context.prompt.confirms(question, standard: false, flag: "--yes, or --dry-run")
  }
}

/// A spreadsheet: read, shown, and written if the person agrees.
struct SheetImport {
  private let command: ImportCommand
  private let kind: ImportCommand.Target
  private let desk: Desk

  init(_ command: ImportCommand, _ kind: ImportCommand.Target, _ desk: Desk) {
    self.command = command
    self.kind = kind
    self.desk = desk
  }

  func run(_ bytes: [UInt8]) throws {
    let table = try reader().read(bytes)
    let target = try target()
    let name = ([kind.rawValue] + table.columns).joined(separator: "\t")
    let mapping = try mapping(of: table, to: target, name)
    let plan = try ImportCSV(table, as: target, mapping: mapping, options(), into: desk.replica)
    let page = ImportPage(table, mapping, plan, desk)
    try page.say()
    try sayTitle(of: plan)
    if !command.partial, !plan.problems.isEmpty { throw page.refusal }
    if command.dryRun { return page.sayDry() }
    let todo = plan.count(.create) + plan.count(.update)
    if todo > 0 {
      guard try command.confirm("Write \(SessionWords.plural(todo, "row"))?", desk) else { return desk.note("Nothing was written.") }
      try plan.commit(to: desk.replica, partial: command.partial)
      desk.nudge()
    }
    try desk.replica.remember(mapping, named: name)
    try page.sum()
  }

  /// A list that the same source made before keeps the title that it has.
  private func sayTitle(of plan: ImportCSV) throws {
    guard let title = command.title else { return }
    guard kind == .list, command.list == nil else {
      return desk.output.fail("--title is the title of the list that an import makes; it says nothing here.")
    }
    guard let id = plan.list, let list = try desk.replica.follow(id), list.isVisible, desk.title(list) != title else { return }
    desk.output.fail("The rows go to “\(desk.title(list))”, which this file made before. To call it otherwise:  mujawara list edit \(try desk.short(id)) --title …")
  }

  private func reader() throws -> CSVReader {
    var reader = CSVReader()
    if let encoding = command.encoding {
      let key = SearchText.folded(encoding)
      guard let found = TextEncoding.allCases.first(where: { SearchText.folded($0.rawValue) == key }) else {
        throw Failure(.usage, "--encoding is one of: \(TextEncoding.allCases.map(\.rawValue).joined(separator: ", ")).")
      }
      reader.encoding = found
    }
    if let delimiter = command.delimiter {
      let character = delimiter == "tab" ? "\t" : delimiter
      guard let found = CSVDelimiter.allCases.first(where: { String($0.character) == character }) else {
        throw Failure(.usage, "--delimiter is one of: , ; | tab.")
      }
      reader.delimiter = found
    }
    return reader
  }

  private func target() throws -> ImportTarget {
    switch kind {
    case .event: return .events
    case .organisation, .jsonl: return .organisations
    case .thing: return .things
    case .list:
      if let list = command.list { return .items(of: ID16(try desk.find(list, [.list]).id)) }
      let stem = command.fileName.split(separator: ".").first.map(String.init) ?? command.fileName
      return .list(title: command.title ?? stem)
    }
  }

  /// As last time, or guessed; then as the person says.
  private func mapping(of table: CSVTable, to target: ImportTarget, _ name: String) throws -> Mapping {
    var mapping = try desk.replica.mapping(named: name, for: target, columns: table.columns) ?? target.guess(table)
    var said: [Mapping.Entry] = []
    for pair in command.map {
      var alone = Mapping(columns: table.columns)
      try alone.apply(pair, fields: target.fields)
      for entry in alone.entries { giveUp(entry, in: &mapping, except: said, target) }
      said += alone.entries
      try mapping.apply(pair, fields: target.fields)
    }
    return mapping
  }

  /// What is said goes before what was guessed or remembered: that column lets the field go, unless several may
  /// become it.
  private func giveUp(
    _ entry: Mapping.Entry, in mapping: inout Mapping, except said: [Mapping.Entry], _ target: ImportTarget
  ) {
    let field = target.fields.first { $0.name == entry.target.name }
    if field?.takesMany == true { return }
    for other in mapping.entries where other.target == entry.target && other.column != entry.column {
      if !said.contains(other) { mapping[other.column] = nil }
    }
  }

  private func options() throws -> ImportCSV.Options {
    var language: String?
    if let lang = command.lang {
      language = LanguageTag.canonical(lang)
      guard language != nil else { throw Failure(.unreadable, "\(lang) is no language tag: write fr, ar, es, en, pt-BR.") }
    }
    if let zone = command.zone, !ZoneRules.isKnown(zone) {
      throw Failure(.unreadable, "\(zone) is no time zone that this computer knows: write for example Europe/Paris.")
    }
    var options = ImportCSV.Options(
      source: command.sourceName, privacy: command.privacy?.privacy,
      input: desk.input(zone: command.zone, language: language))
    options.isRestoring = command.restore
    return options
  }
}
