// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation
import Testing

@Suite("A note") struct RecordsNoteTests {
  private func text(_ home: Home, _ note: String = "Minutes") throws -> String? {
    try home.json("note", "show", note).first?["fields"]?["text"]?.string
  }

  /// An editor that runs a script with the file's name in `$1`.
  private func editing(_ home: Home, _ script: String) throws -> [String: String] {
    ["EDITOR": "sh '\(try home.write("editor", script + "\n"))'"]
  }

  @Test func `is written, read, found, and told in the log`() throws {
    let home = try foundedHome()
    try home.must("event", "add", "Assemblée", "--when", "2026-12-05")
    try home.must("note", "add", "Minutes", "--text", "ordre du jour\n- le poêle", "--held", "2026-12-05", "--meeting", "Assemblée", "--present", "Nour")
    try home.must("note", "append", "Minutes", "--", "- la clé")
    #expect(try text(home) == "ordre du jour\n- le poêle\n- la clé")
    let shown = try home.must("note", "show", "Minutes", "--history").output
    #expect(shown.contains("  text:\n    ordre du jour\n    - le poêle\n    - la clé\n"), "\(shown)")
    #expect(shown.contains("text: +9 characters"), "\(shown)")
    #expect(try home.titles("search", "POELE") == ["Minutes"])
    #expect(try home.titles("note", "ls", "clé") == ["Minutes"])
    #expect(try home.titles("search", "banane").isEmpty)
    try home.must("note", "edit", "Minutes", "--text", "ordre du soir\n- la clé", "--state", "approved")
    #expect(try text(home) == "ordre du soir\n- la clé")
    try home.must("note", "edit", "Minutes", "--text", "")
    #expect(try text(home) == nil)
    try home.must("note", "rm", "Minutes")
    #expect(try home.json("note", "ls").isEmpty)
  }

  @Test func `takes lines from standard input`() throws {
    let home = try foundedHome()
    let outcome = try home.shell("printf 'un\\ndeux\\n' | \"$0\" note add Minutes --text -; printf 'trois\\n' | \"$0\" note append Minutes; printf 'quatre' | \"$0\" note append Minutes -")
    #expect(outcome == 0)
    #expect(try text(home) == "un\ndeux\ntrois\nquatre")
  }

  @Test func `is opened in the editor as plain text`() throws {
    let home = try foundedHome()
    try home.must("note", "add", "Minutes", "--text", "# un\ndeux: x")
    let changed = try home.atTerminal(["note", "edit", "Minutes"], environment: editing(home, "sed -i -e s/deux/trois/ \"$1\"; echo fin >> \"$1\""))
    #expect(changed.status == 0, "\(changed.screen)")
    #expect(try text(home) == "# un\ntrois: x\nfin")
    let same = try home.atTerminal(["note", "edit", "Minutes"], environment: editing(home, "true"))
    #expect(same.status == 0 && same.screen.contains("Nothing was changed"), "\(same.screen)")
    let failed = try home.atTerminal(["note", "edit", "Minutes"], environment: editing(home, "echo x > \"$1\"; exit 3"))
    #expect(failed.status != 0)
    #expect(try text(home) == "# un\ntrois: x\nfin")
    #expect(try home.run("note", "edit", "Minutes").isFailure(64, saying: "note append"))
  }

  @Test func `keeps what another process writes while the editor is open`() throws {
    let home = try foundedHome()
    try home.must("note", "add", "Minutes", "--text", "un\ndeux\ntrois")
    let meanwhile = "\"\(Program.path)\" note edit Minutes --text 'un\nune et demie\ntrois' --replica \"\(home.folder)\" || exit 9"
    let outcome = try home.atTerminal(
      ["note", "edit", "Minutes"], environment: editing(home, meanwhile + "\nsed -i -e 's/un/UN/' -e 's/trois/trois, quatre/' \"$1\""))
    #expect(outcome.status == 0, "\(outcome.screen)")
    #expect(try text(home) == "UN\nune et demie\ntrois, quatre")
  }

  @Test func `is the same in two places that wrote it at once, line beside line`() throws {
    let (a, b) = try twoHomes()
    try a.must("note", "add", "Minutes", "--text", "présents :\n\ndécidé :\n")
    try carry(from: a, to: b)
    try a.must("note", "edit", "Minutes", "--text", "présents :\nNour\n\ndécidé :\n- ouvrir")
    try b.must("note", "append", "Minutes", "--", "- fermer")
    try carry(from: b, to: a)
    try carry(from: a, to: b)
    let merged = try #require(try text(a))
    #expect(merged == (try text(b)))
    #expect(merged.hasPrefix("présents :\nNour\n\ndécidé :\n"))
    #expect(merged.contains("- ouvrir") && merged.contains("- fermer"), "\(merged)")
    #expect(try a.json("conflicts").isEmpty)
  }

  @Test func `undo takes back one's own words alone, and gives them back`() throws {
    let (a, b) = try twoHomes()
    try a.must("note", "add", "Minutes", "--text", "un deux trois")
    try carry(from: a, to: b)
    try a.must("note", "edit", "Minutes", "--text", "un 2 trois quatre")
    try carry(from: a, to: b)
    try b.must("note", "edit", "Minutes", "--text", "zéro un 2 trois quatre")
    try carry(from: b, to: a)
    let undone = try a.json("undo").first
    #expect(undone?["edits"]?.array?.first?["after"]?.string == "zéro un deux trois")
    #expect(try text(a) == "zéro un deux trois")
    #expect(try a.must("undo").output.contains("text: +8 −4 characters"))
    #expect(try text(a) == "zéro un 2 trois quatre")
    try carry(from: a, to: b)
    #expect(try text(b) == "zéro un 2 trois quatre")
  }

  @Test func `larger than a change is written whole, and more than a text holds is refused`() throws {
    let home = try foundedHome()
    let large = String(repeating: "une ligne de compte-rendu, avec des accents é\n", count: 12_000)
    let file = try home.write("large", large)
    #expect(try home.shell("\"$0\" note add Minutes --text - < \"\(file)\"") == 0)
    #expect(try text(home).map { $0 + "\n" } == large)
    let huge = try home.write("huge", String(repeating: "0123456789abcdef", count: 1 << 18) + "x")
    #expect(try home.shell("\"$0\" note edit Minutes --text - < \"\(huge)\"") == 65)
    #expect(try text(home).map { $0 + "\n" } == large)
    #expect(try home.run("check", "--full").status == 0)
  }

  @Test func `goes out and in as a line of JSON`() throws {
    let (a, b) = (try foundedHome(), try foundedHome())
    try a.must("note", "add", "Minutes", "--text", "e\u{301} 👩‍🍳\n\tحب\r\nfin\n", "--lang", "fr")
    try a.must("export", "jsonl", "-o", a.file("out"), "--no-authors")
    try b.must("import", a.file("out"), "--as", "jsonl", "--yes")
    #expect(try text(b).map { Array($0.utf8) } == Array("e\u{301} 👩‍🍳\n\tحب\r\nfin\n".utf8))
    let again = try b.json("import", a.file("out"), "--as", "jsonl", "--yes").first
    #expect(again?["unchanged"]?.int == 1 || again?["updated"]?.int == 0, "\(String(describing: again))")
    #expect(try b.must("export", "jsonl", "--no-authors").output.contains("\\n\\tحب\\r\\nfin\\n"))
  }

  @Test func `takes its text along to another audience, and what came late after it`() throws {
    let (a, b) = try twoHomes()
    try a.must("note", "add", "Minutes", "--text", "un\ndeux")
    try carry(from: a, to: b)
    try a.must("note", "edit", "Minutes", "--privacy", "place")
    try a.must("note", "append", "Minutes", "trois")
    try b.must("note", "edit", "Minutes", "--text", "un\nun et demi\ndeux")
    try carry(from: b, to: a)
    #expect(try text(a) == "un\ndeux\ntrois")
    #expect(try a.must("conflicts").output.contains("text: +11 characters"))
    try a.must("resolve", "Minutes", "--carry")
    #expect(try text(a) == "un\nun et demi\ndeux\ntrois")
    #expect(try a.json("conflicts").isEmpty)
  }

  @Test func `of somebody else can't act on the terminal`() throws {
    let home = try foundedHome()
    try home.must("note", "add", "Minutes", "--text", "a\u{1B}[31m\u{202E}b\rc")
    let shown = try home.must("note", "show", "Minutes").output
    #expect(!shown.unicodeScalars.contains { "\u{1B}\u{202E}\r".unicodeScalars.contains($0) }, "\(shown.debugDescription)")
  }

  // MARK: Two places

  private func twoHomes() throws -> (Home, Home) {
    let (a, b) = (try foundedHome(), Home())
    let code = try a.json("invite", "--stick").first?["code"]?.string ?? ""
    try b.must("join", code, "--request", b.file("r"), "--name", "Steki", "--no-passphrase")
    try a.must("invite", "admit", b.file("r"), b.file("a"))
    try b.must("join", code, "--admission", b.file("a"))
    try carry(from: b, to: a)
    return (a, b)
  }

  private func carry(from one: Home, to other: Home) throws {
    let path = one.file(UUID().uuidString + ".mjb")
    try one.must("bundle", "write", path)
    try other.must("bundle", "read", path)
  }
}

extension Home {
  /// Runs a line of shell in which `$0` is the program.
  fileprivate func shell(_ line: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", line, Program.path]
    process.environment = ["MUJAWARA_HOME": folder, "HOME": base, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
