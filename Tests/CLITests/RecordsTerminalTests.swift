// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation
import Testing

@Suite("Text of records reaches no terminal as it is")
struct RecordsTerminalTests {
  /// Colours, a screen cleared, a title set, a line forged, a line rewritten, an order turned.
  private static let hostile = "Riz\u{1B}[31mrouge\u{1B}[2J\u{1B}]0;titre\u{07}\r\nneed zzzz  forgé\u{202E}fin\u{9B}31m"

  private func isHarmless(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { scalar in
      let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
      return (!isControl || scalar == "\n" || scalar == "\t") && !(0x202A...0x202E).contains(scalar.value)
    }
  }

  private func poisoned() throws -> Home {
    let home = try foundedHome()
    let file = try home.write("hostile.csv", "title,area,link\n\"Steki\u{1B}[31m\u{202E}x\",A,https://a.example\n")
    _ = try home.run("import", file, "--as", "organisation", "--yes", "--partial")
    try home.must("need", "add", Self.hostile, "--area", Self.hostile, "--tag", Self.hostile, "--body", Self.hostile)
    try home.must("list", "add", Self.hostile)
    try home.must("event", "add", Self.hostile, "--when", "2026-12-05", "--place", Self.hostile)
    return home
  }

  @Test func `neither what is printed nor what is refused holds an escape`() throws {
    let home = try poisoned()
    let commands = [
      ["need", "ls"], ["need", "show", "riz"], ["show", "riz", "--history"], ["list", "ls"], ["event", "ls"], ["agenda", "--month", "2026-12"],
      ["agenda", "--month", "2026-12", "--plain"], ["search", "rouge"], ["need", "ls", "--plain"], ["undo", "--dry-run"],
      ["need", "show", Self.hostile + "?"], ["need", "edit", "riz", "--until", Self.hostile], ["dir", "ls"],
    ]
    for command in commands {
      let outcome = try home.run(command)
      #expect(isHarmless(outcome.output), "\(command): \(outcome.output.debugDescription)")
      #expect(isHarmless(outcome.errors), "\(command): \(outcome.errors.debugDescription)")
    }
  }

  @Test func `a title forges no line of its own`() throws {
    let home = try poisoned()
    #expect(try home.must("need", "ls", "--plain").lines.count == 1)
    #expect(!(try home.must("need", "ls").lines.contains { $0.hasPrefix("need zzzz") }))
  }

  @Test func `at a terminal it stands between isolates`() throws {
    let home = try foundedHome()
    try home.must("need", "add", "أرز", "--lang", "ar")
    let (status, screen) = try home.atTerminal(["need", "ls"], environment: ["NO_COLOR": "1"])
    #expect(status == 0)
    #expect(screen.contains("\u{2068}أرز\u{2069}"))
    #expect(!screen.contains("\u{1B}"))
    #expect(!(try home.must("need", "ls").output.contains("\u{2068}")))
  }

  @Test func `json keeps every character, escaped`() throws {
    let home = try foundedHome()
    try home.must("need", "add", Self.hostile)
    let output = try home.run("need", "ls", "--json").output
    #expect(output.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
    #expect(try home.json("need", "ls").first?["fields"]?["title"]?["und"]?.string == Self.hostile)
  }
}

@Suite("What isn't said is asked at a terminal, and named elsewhere")
struct RecordsPromptTests {
  @Test func `an add without a title`() throws {
    let home = try foundedHome()
    #expect(try home.run("need", "add").isFailure(64, saying: "--title"))
    let (status, screen) = try home.atTerminal(["need", "add"], typing: "Riz\n")
    #expect(status == 0 && screen.contains("What is needed?"), "\(screen)")
    #expect(try home.titles("need", "ls") == ["Riz"])
  }

  @Test func `no-input asks nobody, even at a terminal`() throws {
    let home = try foundedHome()
    let (status, _) = try home.atTerminal(["need", "add", "--no-input"], typing: "Riz\n")
    #expect(status == 64)
    #expect(try home.json("need", "ls").isEmpty)
  }

  @Test func `a promise without a name`() throws {
    let home = try foundedHome()
    try home.must("need", "add", "Riz")
    #expect(try home.run("need", "promise", "Riz").isFailure(64, saying: "--by"))
    #expect(try home.atTerminal(["need", "promise", "Riz"], typing: "Nour\n").status == 0)
    #expect(try home.json("need", "ls").first?["fields"]?["promised_by"] == "Nour")
  }

  @Test func `a person who is shared`() throws {
    let home = try foundedHome()
    #expect(try home.atTerminal(["dir", "add", "person", "Samir", "--privacy", "network"], typing: "no\n").status == 64)
    #expect(try home.json("dir", "ls").isEmpty)
    #expect(try home.atTerminal(["dir", "add", "person", "Samir", "--privacy", "network"], typing: "network\n").status == 0)
    #expect(try home.json("dir", "ls").first?["fields"]?["consent"] == "network")
  }
}

@Suite("Edit without flags opens the person's editor")
struct RecordsEditorTests {
  /// An editor that runs a line of sed over the text.
  private func edit(_ home: Home, _ arguments: [String], sed: String, typing: String = "") throws -> (status: Int32, screen: String) {
    let editor = try home.write("editor", "#!/bin/sh\nsed -i -e '\(sed)' \"$1\"\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: editor)
    return try home.atTerminal(arguments, typing: typing, environment: ["EDITOR": editor])
  }

  private func need() throws -> Home {
    let home = try foundedHome()
    try home.must("need", "add", "Riz", "--lang", "fr", "--qty", "12kg", "--tag", "cantine", "--body", "un\n\ndeux", "--until", "2026-12-05")
    return home
  }

  @Test func `what was changed is written, and nothing else`() throws {
    let home = try need()
    #expect(try edit(home, ["need", "edit", "Riz"], sed: "s/^qty: 12 kg/qty: 10 kg/").status == 0)
    let history = try home.json("show", "Riz", "--history").filter { $0["schema"] == "mujawara/history/1" }
    #expect(history.count == 2)
    #expect(history.last?["edits"]?.array?.compactMap { $0["field"]?.string } == ["qty"])
    #expect(try home.json("need", "ls").first?["fields"]?["body"]?["fr"] == "un\n\ndeux")
  }

  @Test func `nothing changed, nothing written`() throws {
    let home = try need()
    let (status, screen) = try edit(home, ["need", "edit", "Riz"], sed: "s/nowhere//")
    #expect(status == 0 && screen.contains("Nothing was changed."), "\(screen)")
    #expect(try home.json("show", "Riz", "--history").count == 2)
  }

  @Test func `a line taken out takes the value away, one put in adds one`() throws {
    let home = try need()
    #expect(try edit(home, ["need", "edit", "Riz"], sed: "/^until/d; s/^tags: cantine/tags: urgent\\narea: Belleville/").status == 0)
    let fields = try home.json("need", "ls").first?["fields"]
    #expect(fields?["until"] == nil)
    #expect(fields?["tags"] == ["urgent"])
    #expect(fields?["area"] == "Belleville")
  }

  @Test func `a mistake is told and can be mended or given up`() throws {
    let home = try need()
    let (status, screen) = try edit(home, ["need", "edit", "Riz"], sed: "s/^until: .*/until: 2026-13-01/", typing: "n\n")
    #expect(status == 64 && screen.contains("2026-13-01"), "\(screen)")
    #expect(try home.json("need", "ls").first?["fields"]?["until"] == "2026-12-05")
  }

  @Test func `an event's time and rule are two lines`() throws {
    let home = try foundedHome()
    try home.must("event", "add", "Assemblée", "--when", "2026-12-05 19:00", "--zone", "Europe/Paris", "--repeat", "monthly on the 5th")
    #expect(try edit(home, ["event", "edit", "Assemblée"], sed: "s/^repeat: .*/repeat: weekly on Saturday/").status == 0)
    #expect(try home.must("event", "show", "Assemblée").output.contains("19:00 Europe/Paris · weekly on Saturday"))
  }

  @Test func `without a terminal it is said what to give instead`() throws {
    #expect(try need().run("need", "edit", "Riz").isFailure(64, saying: "--set field=value"))
  }
}
