// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Testing

@Suite("Every noun is added, listed, shown, edited and removed in the same words")
struct RecordsNounTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var noun: String
    var add: [String]
    var edit: [String]
    /// What `show` says before and after the edit.
    var before: String
    var after: String
    var testDescription: String { noun + " " + (add.first ?? "") }
  }

  static let cases: [Case] = [
    Case(noun: "list", add: ["Courses", "--purpose", "dimanche"], edit: ["--purpose", "lundi"], before: "purpose: dimanche", after: "purpose: lundi"),
    Case(noun: "need", add: ["Riz", "--qty", "12kg", "--urgency", "3-5d"], edit: ["--qty", "10 kg"], before: "qty: 12 kg", after: "qty: 10 kg"),
    Case(noun: "offer", add: ["Perceuse", "--until", "2026-12-05"], edit: ["--until", "2026-12-06"],
      before: "until: Saturday 5 December 2026", after: "until: Sunday 6 December 2026"),
    Case(noun: "event", add: ["Assemblée", "--when", "2026-12-05 19:00", "--zone", "Europe/Paris"], edit: ["--when", "2026-12-06 20:00"],
      before: "Saturday 5 December 2026, 19:00 Europe/Paris", after: "Sunday 6 December 2026, 20:00"),
    Case(noun: "dir", add: ["organisation", "Steki", "--area", "Athènes"], edit: ["--area", "Exarchia"], before: "area: Athènes", after: "area: Exarchia"),
    Case(noun: "dir", add: ["venue", "Salle des fêtes", "--capacity", "80"], edit: ["--capacity", "90"], before: "capacity: 80", after: "capacity: 90"),
    Case(noun: "dir", add: ["medium", "Radio", "--type", "radio"], edit: ["--link", "https://radio.example"],
      before: "type: radio", after: "link: https://radio.example"),
    Case(noun: "dir", add: ["person", "Samir", "--skill", "soudure"], edit: ["--skill", "plomberie"], before: "skills: soudure", after: "skills: plomberie"),
  ]

  @Test(arguments: cases) func `a record's life`(_ one: Case) throws {
    let home = try foundedHome()
    let id = try home.id([one.noun, "add"] + one.add)
    #expect(try home.must(one.noun, "ls").output.contains(id))
    #expect(try home.must(one.noun, "show", id).output.contains(one.before))
    let edited = try home.run([one.noun, "edit", id] + one.edit)
    #expect(edited.status == 0, "\(edited)")
    #expect(try home.must("show", id).output.contains(one.after))
    #expect(try home.must(one.noun, "rm", id).output.contains("Deleted"))
    #expect(try home.json(one.noun, "ls", "--all").isEmpty)
    #expect(try home.run(one.noun, "show", "zzzz").status == 4)
    #expect(try home.must("show", id).output.contains("DELETED"))
    try home.must("undo")
    #expect(try home.must("show", id).output.contains(one.after))
  }

  @Test func `items stand in their list in the order that people give them`() throws {
    let home = try foundedHome()
    try home.must("list", "add", "Courses")
    try home.must("item", "add", "Courses", "riz", "oignons", "sel")
    #expect(try home.titles("item", "ls", "Courses") == ["riz", "oignons", "sel"])
    try home.must("item", "move", "sel", "--up")
    #expect(try home.titles("item", "ls", "Courses") == ["riz", "sel", "oignons"])
    try home.must("item", "move", "riz", "--down")
    try home.must("item", "move", "oignons", "--before", "sel")
    #expect(try home.titles("item", "ls", "Courses") == ["oignons", "sel", "riz"])
    try home.must("item", "move", "oignons", "--after", "riz")
    #expect(try home.titles("item", "ls", "Courses") == ["sel", "riz", "oignons"])
    #expect(try home.run("item", "move", "riz", "--up", "--down").isFailure(64, saying: "--before"))
  }

  @Test func `an item that is done leaves the list's open ones, and can be opened again`() throws {
    let home = try foundedHome()
    try home.must("list", "add", "Courses")
    try home.must("item", "add", "Courses", "riz", "sel")
    #expect(try home.must("item", "done", "riz", "--by", "Nour").output.contains("done · by Nour"))
    #expect(try home.titles("item", "ls", "Courses") == ["sel"])
    #expect(try home.must("list", "show", "Courses").output.contains("[x]"))
    try home.must("item", "reopen", "riz")
    #expect(try home.titles("item", "ls", "Courses") == ["riz", "sel"])
    try home.must("item", "drop", "sel")
    #expect(try home.titles("item", "ls", "Courses") == ["riz"])
  }

  @Test func `an item goes to another list, and is read by those who read that one`() throws {
    let home = try foundedHome()
    try home.must("list", "add", "Courses")
    try home.must("list", "add", "Dedans", "--privacy", "place")
    try home.must("item", "add", "Courses", "riz", "sel")
    let moved = try home.must("item", "move", "riz", "--to", "Dedans").output
    #expect(moved.contains("What others have read stays read."))
    #expect(try home.titles("item", "ls", "Dedans") == ["riz"])
    #expect(try home.titles("item", "ls", "Courses") == ["sel"])
    #expect(try home.json("item", "ls", "Dedans").first?["privacy"] == "place")
  }

  @Test func `a list goes with its items`() throws {
    let home = try foundedHome()
    try home.must("list", "add", "Courses")
    try home.must("item", "add", "Courses", "riz", "sel")
    #expect(try home.must("list", "rm", "Courses").output.contains("2 items"))
    #expect(try home.json("search", "riz").isEmpty)
    try home.must("undo")
    #expect(try home.titles("item", "ls", "Courses") == ["riz", "sel"])
  }

  @Test func `a need is promised once, done, and opened again`() throws {
    let home = try foundedHome()
    try home.must("need", "add", "Riz", "--qty", "12kg")
    #expect(try home.must("need", "promise", "Riz", "--by", "Nour").output.contains("promised · by Nour"))
    #expect(try home.run("need", "promise", "Riz", "--by", "Samir").isFailure(64, saying: "Nour"))
    try home.must("need", "done", "Riz")
    #expect(try home.json("need", "ls").isEmpty)
    #expect(try home.json("need", "ls", "--all").count == 1)
    try home.must("need", "reopen", "Riz")
    #expect(try home.json("need", "ls").first?["fields"]?["promised_by"] == nil)
    try home.must("need", "withdraw", "Riz", "--reason", "duplicate")
    #expect(try home.json("need", "ls", "--all").first?["fields"]?["closing"] == "duplicate")
  }

  @Test func `what can't be used up is promised again and again`() throws {
    let home = try foundedHome()
    try home.must("offer", "add", "Traduction", "--inexhaustible")
    try home.must("offer", "promise", "Traduction", "--to", "Nour")
    #expect(try home.must("offer", "promise", "Traduction", "--to", "Samir").output.contains("to Samir"))
  }

  @Test func `tags come and go`() throws {
    let home = try foundedHome()
    try home.must("need", "add", "Riz", "--tag", "cantine", "--tag", "urgent")
    try home.must("need", "add", "Sel", "--tag", "cantine")
    #expect(try home.titles("need", "ls", "--tag", "Urgent") == ["Riz"])
    try home.must("need", "edit", "Riz", "--untag", "urgent")
    #expect(try home.json("need", "ls", "--tag", "urgent").isEmpty)
  }

  @Test func `fields go by other names too`() throws {
    let home = try foundedHome()
    try home.must("need", "add", "Riz", "--set", "quartier=Belleville", "--set", "note=rappeler")
    let fields = try home.json("need", "ls").first?["fields"]
    #expect(fields?["area"] == "Belleville")
    #expect(fields?["body"]?["und"] == "rappeler")
  }
}
