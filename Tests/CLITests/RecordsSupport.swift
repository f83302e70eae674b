// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation
import Testing

/// A place that has just been founded, where people write records.
func foundedHome() throws -> Home {
  let home = Home()
  try home.must("init", "Cantine", "--device", "laptop", "--no-passphrase")
  return home
}

/// The files that every story imports.
enum Examples {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Examples").standardizedFileURL.path
  static let calendar = folder + "/calendar-2017.csv"
  static let commitments = folder + "/commitments-2017.csv"
  static let spaces = folder + "/spaces.csv"
}

extension Home {
  /// The short id in the first line that a command prints: `need 7tqr  Riz · …`.
  func id(_ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
    let outcome = try run(arguments)
    let words = outcome.output.split(separator: "\n").first?.split(separator: " ") ?? []
    try #require(outcome.status == 0 && words.count > 1, "\(arguments): \(outcome)", sourceLocation: sourceLocation)
    return String(words[1])
  }

  func id(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
    try id(arguments, sourceLocation: sourceLocation)
  }

  /// The objects that a command prints with `--json`.
  func json(_ arguments: String...) throws -> [JSONValue] { try run(arguments + ["--json"]).json }

  /// The title of every record that a listing shows, in its order.
  func titles(_ arguments: String...) throws -> [String] {
    try run(arguments + ["--json"]).json.compactMap { $0["fields"]?["title"]?.members?.first?.value.string }
  }

  /// Puts a file beside the replica and gives its path.
  func write(_ name: String, _ text: String) throws -> String {
    try text.write(toFile: file(name), atomically: true, encoding: .utf8)
    return file(name)
  }

  /// Runs a command at a terminal of its own, where somebody types `answers`; gives what the terminal was sent.
  func atTerminal(
    _ arguments: [String], typing answers: String = "", environment: [String: String] = [:]
  ) throws -> (status: Int32, screen: String) {
    let command = ([Program.path] + arguments).map { "'" + $0.replacingOccurrences(of: "'", with: "'\\''") + "'" }
    let typed = try write("typed", answers)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/script")
    process.arguments = ["-qec", command.joined(separator: " "), "/dev/null"]
    var all = ["MUJAWARA_HOME": folder, "HOME": base, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "TERM": "xterm"]
    all.merge(environment) { $1 }
    process.environment = all
    process.standardInput = FileHandle(forReadingAtPath: typed)
    let screen = file("screen-\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: screen, contents: nil)
    process.standardOutput = FileHandle(forWritingAtPath: screen)
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let shown = String(decoding: FileManager.default.contents(atPath: screen) ?? Data(), as: UTF8.self)
    return (process.terminationStatus, shown)
  }
}
