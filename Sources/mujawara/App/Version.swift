// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Exchange

struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Say which version this is.")

  static let number = "0.1.0"
  /// What peers are told (HELLO).
  static let program = "mujawara \(number)"

  @OptionGroup var global: GlobalOptions

  func run() {
    let context = Context(global)
    if context.isJSON {
      context.emit(
        "version/1",
        [JSONMember("version", .string(Self.number)), JSONMember("protocol", 1), JSONMember("format", 1)])
    } else {
      context.output.print("mujawara \(Self.number) (protocol 1). It calls nobody: there is nothing to switch off.")
    }
  }
}

struct ExitCodes: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "exit-codes", abstract: "List the exit codes.")

  @OptionGroup var global: GlobalOptions

  func run() {
    let context = Context(global)
    for status in ExitStatus.allCases {
      if context.isJSON {
        context.emit("exit-code/1", [JSONMember("exit", .int(Int64(status.rawValue))), JSONMember("meaning", .string(status.meaning))])
      } else {
        context.output.print("\(status.rawValue)\t\(status.meaning)")
      }
    }
  }
}
