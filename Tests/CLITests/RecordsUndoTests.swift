// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Testing

@Suite("Undo puts back what was there")
struct RecordsUndoTests {
  @Test func `it shows before and after, and undo of undo does it again`() throws {
    let home = try foundedHome()
    try home.must("need", "add", "Riz", "--qty", "12kg")
    try home.must("need", "edit", "Riz", "--qty", "10kg")
    #expect(try home.must("undo").output.contains("qty: 10 kg → 12 kg"))
    #expect(try home.must("need", "show", "Riz").output.contains("qty: 12 kg"))
    #expect(try home.must("undo").output.contains("qty: 12 kg → 10 kg"))
    #expect(try home.must("need", "show", "Riz").output.contains("qty: 10 kg"))
  }

  @Test func `a new record goes, a deleted one comes back`() throws {
    let home = try foundedHome()
    try home.must("need", "add", "Riz")
    #expect(try home.must("undo").output.contains("goes"))
    #expect(try home.json("need", "ls", "--all").isEmpty)
    try home.must("need", "add", "Sel")
    try home.must("need", "rm", "Sel")
    #expect(try home.must("undo").output.contains("comes back"))
    #expect(try home.titles("need", "ls") == ["Sel"])
  }

  @Test func `an older change is taken back by name, and what was written since stays and is named`() throws {
    let home = try foundedHome()
    let id = try home.id("need", "add", "Riz", "--qty", "12kg")
    try home.must("need", "edit", id, "--qty", "10kg", "--area", "Belleville")
    try home.must("need", "edit", id, "--qty", "8kg")
    let changes = try home.json("show", id, "--history").compactMap { $0["change"]?.string }
    try #require(changes.count == 3)
    let undone = try home.must("undo", String(changes[1].prefix(10))).output
    #expect(undone.contains("area: Belleville → (nothing)"))
    #expect(undone.contains("kept: \(id) qty"))
    #expect(try home.must("need", "show", id).output.contains("qty: 8 kg"))
  }

  @Test func `dry-run writes nothing`() throws {
    let home = try foundedHome()
    try home.must("need", "add", "Riz")
    try home.must("undo", "--dry-run")
    #expect(try home.titles("need", "ls") == ["Riz"])
  }

  @Test func `where there is nothing, that is said, and it is no error`() throws {
    let home = try foundedHome()
    for _ in 0..<3 {
      let outcome = try home.run("undo", "--dry-run")
      #expect(outcome.status == 0, "\(outcome)")
    }
    #expect(try home.run("undo", "ffffffffff").isFailure(4, saying: "ffffffffff"))
  }
}

@Suite("Names of records")
struct RecordsNamesTests {
  @Test func `a short id, a whole id, a title, a word of it`() throws {
    let home = try foundedHome()
    let id = try home.id("need", "add", "Riz complet")
    let whole = try home.json("need", "ls").first?["id"]?.string ?? ""
    for name in [id, id.uppercased(), whole, "riz complet", "RIZ", "complet"] {
      #expect(try home.run("need", "show", name).status == 0, "\(name)")
    }
  }

  @Test func `several: exit 64 and all of them are named; none: exit 4`() throws {
    let home = try foundedHome()
    let ids = [try home.id("need", "add", "Riz long"), try home.id("need", "add", "Riz rond")]
    let refused = try home.run("need", "show", "riz")
    #expect(refused.isFailure(64, saying: ids[0]))
    #expect(refused.errors.contains(ids[1]))
    #expect(try home.run("need", "show", "sucre").isFailure(4, saying: "sucre"))
    #expect(try home.run("need", "show", "ri").isFailure(4, saying: "ri"))
  }

  @Test func `another noun's record isn't taken for one's own`() throws {
    let home = try foundedHome()
    let id = try home.id("offer", "add", "Perceuse")
    #expect(try home.run("need", "show", id).isFailure(4, saying: "offer"))
  }

  @Test func `a reference goes by a title too, and must mean the right kind`() throws {
    let home = try foundedHome()
    try home.must("dir", "add", "venue", "Salle des fêtes")
    try home.must("dir", "add", "organisation", "Salle")
    try home.must("event", "add", "Fête", "--when", "2026-12-05", "--venue", "salle des fêtes")
    #expect(try home.must("event", "show", "Fête").output.contains("venue: Salle des fêtes"))
    #expect(try home.run("event", "edit", "Fête", "--venue", "nulle part").isFailure(4, saying: "names no record"))
  }

  @Test func `a title is shown in the reader's language, and another's is marked`() throws {
    let home = try foundedHome()
    let id = try home.id("event", "add", "Assemblée", "--when", "2026-12-05", "--lang", "fr")
    try home.must("event", "edit", id, "--lang", "ar", "--title", "اجتماع")
    for (language, title) in [("fr", "Assemblée"), ("ar", "اجتماع"), ("es", "Assemblée (fr)")] {
      let shown = try home.run(["event", "ls"], environment: ["MUJAWARA_LANG": language]).output
      #expect(shown.contains(title), "\(language): \(shown)")
    }
  }

  @Test func `an unknown field is refused with those that there are`() throws {
    let home = try foundedHome()
    #expect(try home.run("need", "add", "Riz", "--set", "foo=1").isFailure(64, saying: "urgency"))
    #expect(try home.run("need", "add", "Riz", "--urgency", "vite").isFailure(64, saying: "3-5d"))
    #expect(try home.run("need", "add", "Riz", "--set", "foo").isFailure(64, saying: "field=value"))
    #expect(try home.json("need", "ls").isEmpty)
  }
}
