// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser

/// The way in: synchronous, since an asynchronous one costs a short command most of its time.
@main
enum Entry {
  static func main() {
    do {
      var command = try parse(Array(CommandLine.arguments.dropFirst()))
      try command.run()
    } catch {
      Failure.exit(with: error)
    }
    Sink.standardOutput.flush()
  }

  /// Goes straight to the command that is named. Looking at all of them, as the root does, takes most of a short
  /// command's time; it is left to what isn't plain: help, and mistakes, which it words best.
  private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
    if arguments.starts(with: ["help", "exit-codes"]) { return try parse(Array(arguments.dropFirst())) }
    let isHelp = arguments.contains { ["--help", "-h", "help"].contains($0) }
    if !isHelp, let named = Shortcuts.command(named: arguments),
      let command = try? named.type.parseAsRoot(Array(arguments.dropFirst(named.words)))
    {
      return command
    }
    return try Mujawara.parseAsRoot(arguments)
  }
}

struct Mujawara: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mujawara",
    abstract: "Shared lists, needs, events and a directory for places that help each other, without a server.",
    usage: "mujawara [COMMAND] [--replica DIR] [--json] [--no-input]",
    discussion: """
      Every place keeps a whole copy, works offline, and exchanges signed and sealed changes with its \
      neighbours: over the network, or with files on a USB stick.

      Examples:
        mujawara init "Cantine" --device laptop      make a network
        mujawara need add "12 kg de riz" --tag cantine
        mujawara sync                                exchange with the neighbours
        mujawara bundle write /media/stick           or by stick

      Exit codes: mujawara exit-codes
      """,
    groupedSubcommands: [
      CommandGroup(name: "Start:", subcommands: [Init.self, Invite.self, Join.self]),
      CommandGroup(
        name: "Daily:",
        subcommands: [
          ListCommand.self, ItemCommand.self, NeedCommand.self, OfferCommand.self, EventCommand.self, NoteCommand.self,
          ThingCommand.self, StockCommand.self, Dir.self, AgendaCommand.self, SearchCommand.self, Undo.self, Restore.self,
          Redact.self,
        ]),
      CommandGroup(name: "Sync:", subcommands: [Sync.self, Serve.self, PeerCommand.self, BundleCommand.self]),
      CommandGroup(
        name: "Look:",
        subcommands: [
          Status.self, LogCommand.self, Show.self, BlameCommand.self, WhyCommand.self, DiffCommand.self,
          ConflictsCommand.self, Resolve.self, Check.self, Dump.self,
        ]),
      CommandGroup(name: "People:", subcommands: [PlaceCommand.self, DeviceCommand.self, SpaceCommand.self]),
      CommandGroup(name: "Exchange:", subcommands: [ImportCommand.self, ExportCommand.self]),
      CommandGroup(name: "Other:", subcommands: [Version.self, ExitCodes.self]),
    ])

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let context = Context(global)
    if context.hasReplica || context.isJSON { return try Status.print(context) }
    context.output.print("mujawara: lists, needs, events and a directory for places that help each other.")
    context.output.print("There is no replica at \(context.output.user(context.folder)) yet.")
    context.output.print()
    context.output.print("  mujawara init NAME          make a network, with your place as its first")
    context.output.print("  mujawara join CODE          join one that you were invited to")
    context.output.print("  mujawara --help             everything else")
  }
}
