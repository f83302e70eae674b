// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Exchange
import Kinds
import SyncEngine

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write records down for other programs.", subcommands: [Lines.self])

  struct Lines: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "jsonl", abstract: "Everything that this device reads, one record a line.",
      discussion: """
        The file is in the clear, with what is for this place alone too: keep it as you keep the replica. \
        mujawara import FILE --as jsonl reads it back.
        """)

    @Option(name: .shortAndLong, help: "The file to write; it mustn't be there yet. Else standard output.")
    var output: String?

    @Option(help: ArgumentHelp("Only this kind. May be given several times.", valueName: "kind"))
    var kind: [String] = []

    @Flag(help: "Leave out who wrote what and when: replicas that agree give the same bytes.")
    var noAuthors = false

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let desk = try Desk(global)
      let kinds = try kind.map { name in
        guard let kind = Kind.named(name) ?? DirKinds.named(name) else {
          throw Failure(.usage, "\(name) is no kind: \(Kind.all.map(\.name).joined(separator: ", ")).")
        }
        return kind
      }
      let text = try ExportJSONL.text(of: desk.replica, kinds: kinds.isEmpty ? nil : kinds, authors: !noAuthors)
      guard let output, output != "-" else { return desk.output.write(text) }
      try OutputFile.write(text, to: output)
      let count = text.utf8.count { $0 == 0x0A }
      if desk.context.isJSON {
        desk.context.emit("export/1", [JSONMember("records", .int(Int64(count))), JSONMember("file", .string(output))])
      } else {
        desk.output.print("\(SessionWords.plural(count, "record")) written to \(desk.output.user(output)), in the clear: keep it safe.")
      }
    }
  }
}
