// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Testing

@Suite("Items stand under items, and lists under lists")
struct RecordsNestingTests {
  private func courses() throws -> Home {
    let home = try foundedHome()
    try home.must("list", "add", "Courses")
    try home.must("item", "add", "Courses", "riz", "sel")
    try home.must("item", "add", "--under", "riz", "basmati", "rond")
    try home.must("item", "add", "--under", "basmati", "bio")
    return home
  }

  /// The rows of a list, without ids.
  private func rows(_ text: String) -> [String] {
    text.split(separator: "\n").filter { $0.contains("[") }.map { line in
      let box = line.firstIndex(of: "[")!
      return line[..<box] + line[box...].split(separator: " ", omittingEmptySubsequences: true).filter { $0 != "[" && $0 != "]" }
        .dropFirst().joined(separator: " ")
    }
  }

  @Test func `what stands under something is indented, or says so where nobody sees that`() throws {
    let home = try courses()
    let shown = rows(try home.must("list", "show", "Courses").output)
    #expect(shown == ["  riz", "    basmati", "      bio", "    rond", "  sel"])
    let plain = rows(try home.must("list", "show", "Courses", "--plain").output)
    #expect(plain == ["  riz", "  basmati · under riz", "  bio · under basmati", "  rond · under riz", "  sel"])
    let json = try home.json("item", "ls", "Courses")
    #expect(json.map { $0["fields"]?["title"]?["und"] } == ["riz", "basmati", "bio", "rond", "sel"])
    #expect(json[1]["fields"]?["at"]?["list"] == json[0]["id"] && json[2]["fields"]?["at"]?["list"] == json[1]["id"])
    #expect(rows(try home.must("item", "show", "riz").output) == ["  basmati", "    bio", "  rond"])
  }

  @Test func `it moves with what it stands under, and never under itself`() throws {
    let home = try courses()
    #expect(try home.run("item", "move", "riz", "--under", "bio").isFailure(64, saying: "would stand under itself"))
    try home.must("list", "add", "Marché")
    try home.must("item", "move", "riz", "--to", "Marché")
    #expect(try home.titles("item", "ls", "Marché") == ["riz", "basmati", "bio", "rond"])
    #expect(try home.titles("item", "ls", "Courses") == ["sel"])
    try home.must("item", "move", "bio", "--to", "Courses", "--first")
    #expect(try home.titles("item", "ls", "Courses") == ["bio", "sel"])
    try home.must("item", "move", "rond", "--to", "Courses", "--before", "sel")
    #expect(try home.titles("item", "ls", "Courses") == ["bio", "rond", "sel"])
    try home.must("item", "move", "bio", "--last")
    try home.must("item", "move", "sel", "--under", "riz", "--first")
    #expect(try home.titles("item", "ls") == ["rond", "bio", "riz", "sel", "basmati"])
    #expect(try home.run("item", "move", "bio", "--to", "Marché", "--after", "rond").isFailure(64, saying: "doesn't stand in"))
    #expect(try home.run("item", "move", "bio", "--to", "Marché", "--up").status == 64)
    #expect(try home.run("item", "move", "bio").status == 64)
  }

  @Test func `what is done is left out, unless something under it isn't`() throws {
    let home = try courses()
    try home.must("item", "done", "riz", "bio", "rond")
    #expect(try home.titles("item", "ls", "Courses") == ["riz", "basmati", "sel"])
    try home.must("item", "done", "basmati")
    #expect(try home.titles("item", "ls", "Courses") == ["sel"])
    #expect(try home.titles("item", "ls", "Courses", "--all").count == 5)
  }

  @Test func `what goes takes along what stands under it`() throws {
    let home = try courses()
    #expect(try home.must("item", "rm", "riz").output.contains("With it: 3 items."))
    #expect(try home.titles("item", "ls") == ["sel"])
    try home.must("undo")
    #expect(try home.titles("item", "ls").count == 5)
    try home.must("list", "add", "Épices")
    try home.must("item", "add", "Épices", "cumin")
    try home.must("list", "move", "Épices", "--under", "Courses")
    #expect(try home.run("list", "move", "Courses", "--under", "Épices").isFailure(64, saying: "would stand under itself"))
    #expect(try home.must("list", "show", "Courses").output.contains("Épices · under Courses"))
    #expect(try home.must("list", "edit", "Courses", "--privacy", "place").output.contains("6 items and 1 list went along."))
    #expect(try home.titles("item", "ls", "Épices") == ["cumin"])
    try home.must("list", "move", "Épices", "--top")
    try home.must("list", "rm", "Courses")
    #expect(try home.titles("list", "ls") == ["Épices"])
  }

  @Test func `put under each other by two at once, both are still in their list`() throws {
    let two = try Neighbours()
    try two.paris.must("list", "add", "Courses")
    try two.paris.must("item", "add", "Courses", "riz", "sel", "thé")
    try two.meet()
    try two.paris.must("item", "move", "riz", "--under", "sel")
    try two.athens.must("item", "move", "sel", "--under", "riz")
    try two.meet()
    for home in [two.paris, two.athens] {
      let shown = try home.must("list", "show", "Courses").output
      #expect(rows(shown).count == 3 && rows(shown).first == "  thé")
      #expect(shown.contains("! it and another were put under each other at once"))
      #expect(try home.titles("item", "ls").sorted() == ["riz", "sel", "thé"])
    }
  }

  @Test func `put into two lists at once, an item is in one and names the other`() throws {
    let two = try Neighbours()
    for title in ["Courses", "Marché", "Cave"] { try two.paris.must("list", "add", title) }
    try two.paris.must("item", "add", "Courses", "riz")
    try two.meet()
    try two.paris.must("item", "move", "riz", "--to", "Marché")
    try two.athens.must("item", "move", "riz", "--to", "Cave")
    try two.meet()
    let told = try [two.paris, two.athens].map { try $0.must("item", "ls").output }
    #expect(told[0] == told[1])
    #expect(told[0].components(separatedBy: "riz").count == 2)
    #expect(told[0].contains("! put into Marché") || told[0].contains("! put into Cave"))
    #expect(try two.paris.must("show", "riz", "--history").output.contains("placed in Marché"))
  }

  /// Paris takes its list to itself while Athens puts an item into it.
  private func late() throws -> Neighbours {
    let two = try Neighbours()
    try two.paris.must("list", "add", "Courses")
    try two.paris.must("item", "add", "Courses", "riz", "--section", "Légumes")
    try two.meet()
    try two.paris.must("list", "edit", "Courses", "--privacy", "place")
    try two.athens.must("item", "add", "Courses", "sel", "--section", "Épices")
    try two.meet()
    return two
  }

  @Test func `put into a list that has moved meanwhile, an item is seen there, and can be carried over`() throws {
    let two = try late()
    for home in [two.paris, two.athens] {
      let told = try home.must("item", "ls").output
      #expect(told.contains("In a list that has moved to another audience\n  Épices\n"))
      #expect(rows(told).contains("  sel"))
    }
    #expect(try two.athens.json("conflicts").isEmpty)
    #expect(try two.paris.json("conflicts").map { $0["schema"] } == ["mujawara/late-items/1"])
    #expect(try two.paris.must("conflicts").output.contains("put into it where it was before it moved"))
    try two.paris.must("resolve", "Courses", "--carry")
    #expect(try two.paris.titles("item", "ls", "Courses") == ["riz", "sel"])
    #expect(try two.paris.must("list", "show", "Courses").output.contains("Épices"))
    #expect(try two.paris.json("conflicts").isEmpty)
    try two.meet()
    #expect(try two.athens.json("item", "ls").isEmpty)
  }

  @Test func `what was carried over goes back by undo`() throws {
    let two = try late()
    try two.paris.must("resolve", "Courses", "--carry")
    try two.paris.must("undo")
    #expect(try two.paris.titles("item", "ls", "Courses") == ["riz"])
    try two.meet()
    #expect(rows(try two.athens.must("item", "ls").output) == ["  sel"])
  }

  @Test func `or left to those who put it there`() throws {
    let two = try late()
    try two.paris.must("resolve", "Courses", "--leave")
    #expect(try two.paris.json("conflicts").isEmpty)
    try two.meet()
    #expect(try two.athens.must("item", "ls").output.contains("In no list\n"))
    #expect(try two.paris.titles("item", "ls", "Courses") == ["riz"])
  }
}
