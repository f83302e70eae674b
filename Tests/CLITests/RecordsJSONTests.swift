// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Testing

@Suite("The JSON of the record commands is as docs/json.md has it")
struct RecordsJSONTests {
  private func names(_ value: JSONValue) -> [String] { value.members?.map(\.name) ?? [] }

  private func stocked() throws -> Home {
    let home = try foundedHome()
    try home.must("event", "add", "Assemblée", "--when", "2026-12-05 19:00", "--zone", "Europe/Paris", "--lang", "fr", "--tag", "cantine")
    return home
  }

  @Test func `a record, from every command that prints one`() throws {
    let home = try stocked()
    let commands = [
      ["event", "ls"], ["event", "show", "Assemblée"], ["show", "Assemblée"], ["search", "assemblee"],
      ["event", "edit", "Assemblée", "--place", "Cantine"], ["event", "cancel", "Assemblée"], ["event", "reopen", "Assemblée"],
      ["event", "move", "Assemblée", "--to", "2026-12-06"], ["event", "rm", "Assemblée"], ["need", "add", "Riz"],
      ["need", "promise", "Riz", "--by", "Nour"], ["need", "done", "Riz"],
    ]
    for command in commands {
      let printed = try home.run(command + ["--json"])
      #expect(printed.status == 0, "\(command): \(printed)")
      let value = try #require(try printed.json.first, "\(command)")
      #expect(value["schema"] == "mujawara/record/1", "\(command)")
      #expect(names(value) == ["schema", "id", "kind", "privacy", "space", "presence", "fields", "changed"], "\(command)")
    }
  }

  @Test func `an event's fields`() throws {
    let event = try #require(stocked().json("event", "ls").first)
    #expect(event["kind"] == "event")
    #expect(event["fields"]?["title"]?["fr"] == "Assemblée")
    #expect(event["fields"]?["tags"] == ["cantine"])
    #expect(event["fields"]?["when"]?["when"] == "2026-12-05T19:00[Europe/Paris]")
    #expect(event["changed"]?["by"] == "laptop, Cantine")
  }

  @Test func `an occurrence`() throws {
    let one = try #require(stocked().json("agenda", "--month", "2026-12").first)
    #expect(names(one) == [
      "schema", "event", "title", "when", "original", "instant", "place", "vague", "cancelled", "moved", "contested",
      "answers",
    ])
    #expect(one["schema"] == "mujawara/occurrence/1")
    #expect(one["instant"] == 1_796_493_600)
  }

  @Test func `a history, an undo, an import, an export`() throws {
    let home = try stocked()
    let history = try #require(home.json("show", "Assemblée", "--history").last)
    #expect(names(history) == ["schema", "record", "change", "by", "device", "stamp", "wall", "clock_doubtful", "new", "edits"])
    let brought = try #require(home.json("import", Examples.commitments, "--as", "list", "--yes").first)
    #expect(names(brought) == ["schema", "new", "updated", "unchanged", "gone", "bad", "written"])
    #expect(brought["new"] == 20)
    let undo = try #require(home.json("undo").first)
    #expect(names(undo) == ["schema", "undoes", "edits", "kept", "changes"])
    #expect(names(undo["edits"]?.array?.first ?? .null) == ["record", "field", "before", "after"])
    let out = try #require(home.json("export", "jsonl", "-o", home.file("out.jsonl")).first)
    #expect(names(out) == ["schema", "records", "file"])
  }

  @Test func `an error is one line beside its sentence`() throws {
    let refused = try stocked().run("need", "show", "rien", "--json")
    #expect(refused.status == 4)
    #expect(refused.output.isEmpty)
    let line = refused.errors.split(separator: "\n").last.map(String.init) ?? ""
    let error = try JSONValue(parsing: Array(line.utf8))
    #expect(names(error) == ["schema", "exit", "message"])
    #expect(error["exit"] == 4)
  }

  @Test func `an id from JSON names the record`() throws {
    let home = try stocked()
    let id = try home.json("event", "ls").first?["id"]?.string ?? ""
    #expect(try home.json("show", id).first?["id"]?.string == id)
  }
}
