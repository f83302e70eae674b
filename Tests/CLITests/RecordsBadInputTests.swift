// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation
import Testing

/// What can't be read is named by its place and its reason, and nothing of it is written.
@Suite("Input that can't be read") struct RecordsBadInputTests {
  let home: Home

  init() throws { home = try foundedHome() }

  private func isUntouched(since heads: Set<JSONValue>) throws -> Bool { try home.heads() == heads && home.isWhole() }

  /// Imports a file that must be refused as a whole: one line that names the spot, and the sum of it last.
  private func refused(_ bytes: Data, _ words: String..., flags: [String] = []) throws {
    let path = home.file(UUID().uuidString + ".csv")
    try bytes.write(to: URL(filePath: path))
    let before = try home.heads()
    let outcome = try home.run(["import", path, "--as", "event", "--yes"] + flags)
    #expect(outcome.status == 65, "\(outcome)")
    for word in words { #expect(outcome.errors.contains(word), "\(word): \(outcome)") }
    #expect(outcome.errors.split(separator: "\n").allSatisfy { $0.hasPrefix("mujawara: ") }, "\(outcome)")
    #expect(outcome.errors.contains("othing was written"), "\(outcome)")
    #expect(outcome.errors.utf8.count < 2_000, "no flood")
    #expect(try isUntouched(since: before))
  }

  @Test func `a spreadsheet that is nothing, or no text`() throws {
    try refused(Data(), "empty")
    try refused(Data("\n\n\n".utf8), "empty")
    try refused(Data([0x50, 0x4B, 3, 4, 0x14, 0, 6, 0]) + Data(repeating: 7, count: 900), "line 1", "control character")
    try refused(Data("when;title\n2017-09-21;A\0B\n".utf8), "line 2", "control character")
  }

  @Test func `a spreadsheet with a row that breaks the form`() throws {
    try refused(Data("when;title\n2017-09-21;\"Bon\n2017-09-22;Deux\n".utf8), "line 2", "quotation mark")
    try refused(Data("when;title\n2017-09-21;Bon;de trop\n".utf8), "line 2", "3 fields")
    try refused(Data("when;title\n2017-09-21;\n".utf8), "line 2")
    let latin = Data("when;title\n2017-09-21;".utf8) + Data([0xFF, 0xFE])
    try refused(latin, "line 2", "--encoding", flags: ["--encoding", "UTF-8"])
  }

  @Test func `a spreadsheet that claims too much`() throws {
    try refused(Data("when;title\n2017-09-21;\(String(repeating: "x", count: 3_000_000))\n".utf8), "line 2", "65536")
    try refused(Data(((0..<5_000).map { "c\($0)" }.joined(separator: ";") + "\n").utf8), "line 1", "1000 fields")
  }

  @Test func `a spreadsheet with a date that there isn't`() throws {
    for date in ["2017-13-01", "2017-02-30", "demain peut-être", "25:00"] {
      try refused(Data("when;title\n2017-09-21;Bon\n\(date);Mauvais\n".utf8), "line 3", "when", date)
    }
  }

  @Test func `a file that isn't there, or is a folder`() throws {
    for path in [home.file("none.csv"), home.base] {
      let outcome = try home.run("import", path, "--as", "event", "--yes", "--json")
      #expect(outcome.isFailure(65, saying: path), "\(outcome)")
    }
  }

  @Test func `an export that isn't one`() throws {
    let before = try home.heads()
    let files = [
      ("{\"a\":1\n", ["line 1"]), ("{}\n", ["line 1", "mujawara/record/1"]), ("nonsense\n{}\n", ["line 1", "line 2"]),
    ]
    for (text, words) in files {
      let outcome = try home.run("import", try home.write("x.jsonl", text), "--as", "jsonl", "--yes")
      #expect(outcome.status == 65, "\(outcome)")
      for word in words { #expect(outcome.errors.contains(word), "\(word): \(outcome)") }
    }
    #expect(try isUntouched(since: before))
  }

  @Test func `an encoding, a delimiter, a column or a field that there isn't`() throws {
    let file = try home.write("a.csv", "when;title\n2017-09-21;Bon\n")
    let before = try home.heads()
    for (flags, word) in [
      (["--encoding", "Klingon"], "UTF-8"), (["--delimiter", "x"], "tab"), (["--map", "nix=title"], "nix"),
      (["--map", "when=nix"], "nix"), (["--map", "when"], "column=field"),
    ] {
      let outcome = try home.run(["import", file, "--as", "event", "--yes"] + flags)
      #expect(outcome.isFailure(64, saying: word), "\(flags): \(outcome)")
    }
    for flags in [["--zone", "Mars/Base"], ["--lang", "!"]] {
      let outcome = try home.run(["import", file, "--as", "event", "--yes"] + flags)
      #expect(outcome.isFailure(65, saying: flags[1]), "\(flags): \(outcome)")
    }
    #expect(try isUntouched(since: before))
  }

  @Test func `a date of an event`() throws {
    let before = try home.heads()
    for text in [
      "2026-13-45", "2026-02-30", "31 February 2026", "25:99", "thu 25:00", "gibberish", "2026-12-01/2026-11-01",
      "2026-12-01T10:00/09:00", "99999999999-01-01", "2026-12-01T10:00[Mars/Base]",
      String(repeating: "9", count: 60_000),
    ] {
      let outcome = try home.run("event", "add", "X", "--when", text)
      #expect(outcome.isFailure(65, saying: "when"), "\(text.prefix(40)): \(outcome)")
      #expect(outcome.errors.contains("Nothing was changed") && outcome.errors.count < 500, "\(outcome)")
    }
    for rule in ["weekly:xx", "every -1 days", "monthly:day=32", "yearly:until=2020-01-01"] {
      let outcome = try home.run("event", "add", "X", "--when", "2026-12-01", "--repeat", rule)
      #expect(outcome.isFailure(65), "\(rule): \(outcome)")
    }
    #expect(try isUntouched(since: before))
  }

  @Test func `a date of a need, or of a listing`() throws {
    let before = try home.heads()
    #expect(try home.run("need", "add", "Riz", "--until", "2026-02-30", "--json").isFailure(65, saying: "30"))
    #expect(try home.run("need", "add", "Riz", "--until", "un jour").isFailure(65, saying: "until"))
    #expect(try home.run("agenda", "--month", "2026-13").isFailure(65, saying: "13"))
    #expect(try home.run("agenda", "--from", "2026-13-01").isFailure(65, saying: "13"))
    #expect(try isUntouched(since: before))
  }
}
