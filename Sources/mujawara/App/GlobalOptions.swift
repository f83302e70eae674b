// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Glibc

/// What every command takes.
struct GlobalOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of the replica. Else MUJAWARA_HOME, else ~/.local/share/mujawara.", valueName: "dir"))
  var replica: String?

  @Flag(help: "Print JSON Lines for programs (docs/json.md).")
  var json = false

  @Flag(help: "Plain lines without marks or truncation.")
  var plain = false

  @Flag(help: "Never ask; fail and name the flag that would answer.")
  var noInput = false

  @Flag(help: "No colours. Also by NO_COLOR.")
  var noColor = false

  @Option(
    help: ArgumentHelp(
      "Read the passphrase from this file. Also by MUJAWARA_PASSPHRASE_FILE.", valueName: "file"))
  var passphraseFile: String?

  @Option(help: ArgumentHelp("Read the passphrase from this open descriptor.", valueName: "n"))
  var passphraseFd: Int32?

  func validate() throws {
    if replica == "" { throw ValidationError("--replica needs the name of a folder; this one is empty.") }
  }

  /// The replica's folder, absolute.
  var folder: String {
    let path = replica ?? Self.environment("MUJAWARA_HOME") ?? Self.standardFolder
    return path.hasPrefix("/") ? path : currentFolder + "/" + path
  }

  private static var standardFolder: String {
    if let data = environment("XDG_DATA_HOME") { return data + "/mujawara" }
    return (environment("HOME") ?? "/root") + "/.local/share/mujawara"
  }

  private var currentFolder: String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return String(cString: path)
  }

  /// A variable that is set and not empty.
  static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
