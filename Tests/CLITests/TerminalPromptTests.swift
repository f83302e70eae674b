// SPDX-License-Identifier: AGPL-3.0-or-later
import Foundation
import Testing

@testable import mujawara

private func prompt(_ answers: [String], canAsk: Bool = true) -> (Prompt, Captured) {
  let captured = Captured(terminal: true)
  var rest = answers[...]
  return (Prompt(output: captured.output, canAsk: canAsk) { rest.popFirst() }, captured)
}

@Suite("Questions are asked of people only")
struct TerminalPromptTests {
  @Test("nobody there: the flag is named, nothing is printed")
  func cannotAsk() {
    let (prompt, captured) = prompt(["x"], canAsk: false)
    #expect(throws: PromptError.cannotAsk(flag: "--title")) { try prompt.line("Title:", flag: "--title") }
    #expect(captured.standard.contents == "")
  }

  @Test("a pipe is nobody, and so is --no-input")
  func pipes() {
    #expect(!Prompt(output: Captured(terminal: false).output, noInput: false).canAsk)
    #expect(!Prompt(output: Captured(terminal: true).output, noInput: true).canAsk)
  }

  @Test("a line is trimmed and harmless; the end of input is told")
  func line() throws {
    let (prompt, captured) = prompt(["  Cantine\u{1B} ", ""])
    #expect(try prompt.line("Name:", flag: "--name") == "Cantine␛")
    #expect(try prompt.line("Name:", flag: "--name") == "")
    #expect(throws: PromptError.ended) { try prompt.line("Name:", flag: "--name") }
    #expect(captured.standard.contents == "Name: Name: Name: \n")
  }

  @Test("yes and no in four languages", arguments: [
    ("y", true), ("OUI", true), ("Sí", true), ("نعم", true), ("n", false), ("Non", false), ("لا", false),
  ])
  func yesNo(answer: String, means: Bool) throws {
    #expect(try prompt([answer]).0.confirms("Same?", standard: !means, flag: "--yes") == means)
  }

  @Test("return means the standard answer; three unclear answers mean none")
  func unclear() throws {
    #expect(try prompt([""]).0.confirms("Same?", standard: true, flag: "--yes"))
    #expect(try !prompt(["maybe", ""]).0.confirms("Same?", standard: false, flag: "--yes"))
    #expect(throws: PromptError.unclear) {
      try prompt(["a", "b", "c", "y"]).0.confirms("Same?", standard: true, flag: "--yes")
    }
    #expect(try prompt([" ateneu "]).0.confirms("Type the name:", typing: "ateneu", flag: "--confirm"))
    #expect(try !prompt(["Ateneu"]).0.confirms("Type the name:", typing: "ateneu", flag: "--confirm"))
  }
}

@Suite("The user's editor changes a text that nobody else sees", .serialized)
final class TerminalEditorTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

  init() throws {
    for name in ["", "/runtime", "/replica"] {
      try FileManager.default.createDirectory(atPath: folder + name, withIntermediateDirectories: true)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func editor(_ command: String, runtime: Bool = true) -> Editor {
    var environment = ["PATH": "/usr/bin:/bin", "EDITOR": command, "OUT": folder + "/out"]
    if runtime { environment["XDG_RUNTIME_DIR"] = folder + "/runtime" }
    return Editor(environment: environment, replicaFolder: folder + "/replica")
  }

  private func left() throws -> [String] {
    try ["/runtime", "/replica"].flatMap { try FileManager.default.contentsOfDirectory(atPath: folder + $0) }
  }

  private func out() throws -> [String] {
    try String(contentsOfFile: folder + "/out", encoding: .utf8).split(separator: "\n").map(String.init)
  }

  @Test("what is saved comes back, and the file is gone")
  func roundTrip() throws {
    #expect(try editor("printf 'plus\\nfin\\n' >>").edit("début أرز") == "début أرز\nplus\nfin")
    #expect(try editor("true").edit("") == "")
    #expect(try left() == [])
  }

  @Test("the file is the user's alone, in memory where there is such a folder, else in the replica's")
  func places() throws {
    _ = try editor("stat -c '%a %n' >\"$OUT\"").edit("x", name: "need.md")
    let facts = try out()[0]
    #expect(facts.hasPrefix("600 \(folder)/runtime/mujawara-edit-") && facts.hasSuffix("/need.md"))
    _ = try editor("stat -c '%n' >\"$OUT\"", runtime: false).edit("x")
    #expect(try out()[0].hasPrefix(folder + "/replica/"))
    var nowhere = editor("true", runtime: false)
    nowhere.replicaFolder = nil
    #expect(throws: EditorError.noFolder) { try nowhere.edit("x") }
  }

  @Test("the folder around it is closed to others and takes the editor's other files with it")
  func folderMode() throws {
    _ = try editor("f() { stat -c %a \"${1%/*}\" >\"$OUT\"; cp \"$1\" \"$1~\"; }; f").edit("x")
    #expect(try out() == ["700"])
    #expect(try left() == [])
  }

  @Test("an editor that fails, dies, or saves what is no text is told, and the file is gone")
  func failures() throws {
    #expect(throws: EditorError.ended(status: 3)) { try editor("exit 3;").edit("x") }
    #expect(throws: EditorError.ended(status: 128 + 9)) { try editor("kill -9 $$;").edit("x") }
    #expect(throws: EditorError.ended(status: 127)) { try editor("no-such-editor").edit("x") }
    #expect(throws: EditorError.notText) { try editor("printf '\\377' >").edit("x") }
    #expect(throws: EditorError.file(ENOENT)) { try editor("rm").edit("x") }
    var small = editor("true")
    small.limit = 3
    #expect(throws: EditorError.tooLong(limit: 3)) { try small.edit("long") }
    #expect(try left() == [])
  }

  @Test("VISUAL goes before EDITOR, and there is always one")
  func choice() {
    #expect(Editor(environment: ["VISUAL": "nano -w", "EDITOR": "ed"]).command == "nano -w")
    #expect(Editor(environment: ["VISUAL": " ", "EDITOR": "ed"]).command == "ed")
    #expect(Editor(environment: ["PATH": folder]).command == "vi")
  }
}
