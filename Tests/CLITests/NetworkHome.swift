// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation
import Testing

/// What tests of networks do with a home again and again.
extension Home {
  /// A place that has made a network.
  static func founding(_ name: String, in folder: String? = nil) throws -> Home {
    let home = Home(in: folder)
    try home.must("init", name, "--device", "\(name)-1", "--no-passphrase")
    return home
  }

  /// A place that joins by stick, with no connection at all.
  func admitting(_ name: String) throws -> Home {
    let home = Home()
    let code = try code("--stick")
    let (request, admission) = (home.file("request"), home.file("admission"))
    try home.must("join", code, "--request", request, "--name", name, "--device", "\(name)-1", "--no-passphrase")
    try must("invite", "admit", request, admission)
    try home.must("join", code, "--admission", admission)
    return home
  }

  /// The code of a new invitation.
  func code(_ flags: String...) throws -> String {
    let outcome = try run(["invite", "--json"] + flags)
    return try #require(try outcome.json.first?["code"]?.string, "\(outcome)")
  }

  /// A `serve` at work on a free port, and where it listens.
  func serving() throws -> (process: Running, address: String) {
    let process = try start("serve", "--listen", "127.0.0.1:0")
    return (process, try address(of: process, "Listening at "))
  }

  func address(of process: Running, _ words: String) throws -> String {
    let line = try process.line(words)
    let address = line.dropFirst(words.count).prefix { $0 != " " }
    return String(address.hasSuffix(".") ? address.dropLast() : address)
  }

  /// One value of the first JSON line that a command prints.
  func value(_ name: String, of arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) throws
    -> JSONValue
  {
    let outcome = try run(arguments + ["--json"])
    return try #require(try outcome.json.first?[name], "\(outcome)", sourceLocation: sourceLocation)
  }

  /// What two places that hold the same have in common: tips of all logs of the spaces that both read, and digests.
  func heads() throws -> Set<JSONValue> { Set(try must("dump", "heads", "--json").json) }

  func digest() throws -> String { try value("digest", of: "status").string! }

  /// Whether a full check finds nothing wrong.
  func isWhole() throws -> Bool {
    let outcome = try run("check", "--full", "--json")
    return try outcome.status == 0 && outcome.json.first?["damage"] == .array([])
  }

  func titles(_ noun: String) throws -> Set<String> {
    Set(try must(noun, "ls", "--json").json.compactMap { $0["fields"]?["title"]?.members?.first?.value.string })
  }
}
