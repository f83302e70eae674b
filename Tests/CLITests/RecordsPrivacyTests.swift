// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Testing

@Suite("Who reads a record is chosen, said, and changed without loss")
struct RecordsPrivacyTests {
  private func privacy(_ home: Home, _ words: String) throws -> String? {
    try home.json("search", words).first?["privacy"]?.string
  }

  @Test func `persons and contact points are for the place alone unless somebody says otherwise`() throws {
    let home = try foundedHome()
    try home.must("dir", "add", "person", "Samir", "--phone", "+33 1 23 45")
    let entries = try home.json("dir", "show", "Samir")
    #expect(entries.count == 2)
    #expect(entries.allSatisfy { $0["privacy"] == "place" })
    #expect(entries.last?["fields"]?["value"] == "+33 1 23 45")
    #expect(entries.last?["fields"]?["of"]?["record"] == entries.first?["id"])
  }

  @Test func `a contact point of a shared entry stays with the place`() throws {
    let home = try foundedHome()
    try home.must("dir", "add", "organisation", "Steki", "--email", "a@steki.example")
    #expect(try home.json("dir", "show", "Steki").map { $0["privacy"] } == ["network", "place"])
  }

  @Test func `a person isn't shared without consent`() throws {
    let home = try foundedHome()
    #expect(try home.run("dir", "add", "person", "Samir", "--privacy", "network").isFailure(64, saying: "--consent"))
    #expect(try home.json("dir", "ls").isEmpty)
    try home.must("dir", "add", "person", "Samir")
    #expect(try home.run("dir", "edit", "Samir", "--privacy", "network").isFailure(64, saying: "agreed"))
    #expect(try privacy(home, "Samir") == "place")
    let shared = try home.must("dir", "edit", "Samir", "--consent", "network", "--privacy", "network").output
    #expect(shared.contains("every place reads it"))
    #expect(try privacy(home, "Samir") == "network")
  }

  @Test func `sharing a person is said`() throws {
    let home = try foundedHome()
    let told = try home.must("dir", "add", "person", "Samir", "--privacy", "public", "--consent", "public").output
    #expect(told.contains("This person is public"))
  }

  @Test func `a smaller audience is for what comes after, and that is said`() throws {
    let home = try foundedHome()
    let old = try home.id("need", "add", "Riz", "--qty", "12kg", "--lang", "fr")
    let told = try home.must("need", "edit", old, "--privacy", "place", "--area", "Belleville").output
    #expect(told.contains("What others have read stays read."))
    let now = try home.json("need", "ls")
    #expect(now.count == 1)
    #expect(now.first?["privacy"] == "place")
    #expect(now.first?["fields"]?["title"]?["fr"] == "Riz")
    #expect(now.first?["fields"]?["area"] == "Belleville")
  }

  @Test func `what is edited along with a smaller audience never stood in the larger one`() throws {
    let home = try foundedHome()
    let old = try home.id("need", "add", "Riz")
    let whole = try home.json("show", old).first?["id"]?.string ?? ""
    try home.must("need", "edit", old, "--privacy", "place", "--area", "SECRET")
    let history = try home.run("show", old, "--history", "--json").output
    #expect(history.contains("SECRET"))
    for change in try home.json("log", "--number", "50") where change["records"]?.array?.contains(.string(whole)) == true {
      let body = try home.run("dump", "change", change["change"]?.string ?? "", "--json").output
      #expect(!body.contains("SECRET"))
    }
  }

  @Test func `an old id still means the record where it is now`() throws {
    let home = try foundedHome()
    let old = try home.id("need", "add", "Riz")
    try home.must("need", "edit", old, "--privacy", "place")
    #expect(try home.json("show", old).first?["privacy"] == "place")
  }

  @Test func `undo of a change of audience takes back both halves, and undo of that does both again`() throws {
    let home = try foundedHome()
    try home.must("need", "add", "Riz")
    try home.must("need", "edit", "Riz", "--privacy", "place")
    for expected in ["network", "place", "network"] {
      try home.must("undo")
      let now = try home.json("need", "ls")
      #expect(now.map { $0["privacy"]?.string } == [expected])
      #expect(try home.titles("need", "ls") == ["Riz"])
    }
  }

  @Test func `a list takes its items along`() throws {
    let home = try foundedHome()
    try home.must("list", "add", "Courses")
    try home.must("item", "add", "Courses", "riz", "sel")
    #expect(try home.must("list", "edit", "Courses", "--privacy", "place").output.contains("2 items went along"))
    try home.must("item", "add", "Courses", "poivre")
    let items = try home.json("item", "ls", "Courses")
    #expect(items.count == 3)
    #expect(items.allSatisfy { $0["privacy"] == "place" })
  }

  @Test func `public is a mark in the network`() throws {
    let home = try foundedHome()
    let id = try home.id("event", "add", "Fête", "--when", "2026-12-05", "--privacy", "public")
    #expect(try privacy(home, "Fête") == "public")
    try home.must("event", "edit", id, "--privacy", "network")
    #expect(try privacy(home, "Fête") == "network")
    #expect(try home.json("show", id).first?["id"]?.string?.count == 32)
  }
}
