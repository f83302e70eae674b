// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Testing

@Suite("People say who comes")
struct RecordsAnswerTests {
  private func canteen(_ home: Home) throws {
    try home.must(
      "event", "add", "Cantine", "--when", "2026-12-05 19:00", "--zone", "Europe/Paris", "--repeat", "weekly",
      "--capacity", "5")
  }

  @Test func `for every date, and otherwise for one`() throws {
    let home = try foundedHome()
    try canteen(home)
    #expect(try home.must("event", "rsvp", "Cantine", "yes", "--seats", "3").output.contains("3 of 5 coming"))
    try home.must("event", "rsvp", "Cantine", "maybe", "--for", "Nour", "--note", "avec soupe")
    try home.must("event", "rsvp", "Cantine", "no", "--on", "2026-12-12")
    let told = try home.must("event", "show", "Cantine").output
    #expect(told.contains("    Cantine: yes, 3 seats\n") && told.contains("Nour, Cantine: maybe (avec soupe)"))
    #expect(told.contains("Who comes on Saturday 12 December 2026\n    Cantine: no\n"))
    let dates = try home.json("agenda", "--from", "2026-12-01", "--to", "2026-12-13")
    #expect(dates.map { $0["answers"]?["yes"] } == [3, 0])
    #expect(dates.map { $0["answers"]?["maybe"] } == [1, 1])
    #expect(try home.must("agenda", "--month", "2026-12").output.contains("3 of 5 coming · 1 maybe"))
    #expect(try home.must("undo").output.contains("rsvp"))
    #expect(try home.json("agenda", "--from", "2026-12-12", "--to", "2026-12-12").map { $0["answers"]?["yes"] } == [3])
  }

  @Test func `a date that isn't one, and seats that aren't taken, are refused`() throws {
    let home = try foundedHome()
    try canteen(home)
    #expect(try home.run("event", "rsvp", "Cantine", "yes", "--on", "2026-12-13").isFailure(64, saying: "2026-12-19"))
    #expect(try home.run("event", "rsvp", "Cantine", "no", "--seats", "2").isFailure(64, saying: "--seats"))
    #expect(try home.run("event", "rsvp", "Cantine", "yes", "--seats", "0").isFailure(64, saying: "10000"))
    #expect(try home.run("event", "rsvp", "Cantine", "yes", "--for", "").isFailure(64, saying: "--for"))
    #expect(try home.run("event", "rsvp", "Cantine", "perhaps").status == 64)
    #expect(try home.json("event", "ls").first?["fields"]?["rsvp"] == nil)
  }

  @Test func `two places promise more than fits: both are named, and nobody is left out`() throws {
    let two = try Neighbours()
    try canteen(two.paris)
    try two.meet()
    try two.paris.must("event", "rsvp", "Cantine", "yes", "--seats", "3")
    try two.athens.must("event", "rsvp", "Cantine", "yes", "--seats", "4", "--for", "Eleni")
    try two.meet()
    for home in [two.paris, two.athens] {
      let told = try home.must("event", "show", "Cantine").output
      #expect(told.contains("! over-promised: 7 seats for 5: "))
      #expect(told.contains("Cantine 3") && told.contains("Eleni, Steki 4"))
      #expect(try home.must("event", "ls").output.contains("! over-promised: 7 of 5 coming"))
      #expect(try home.json("agenda", "--month", "2026-12").allSatisfy { $0["answers"]?["over_promised"] == true })
      #expect(try home.json("conflicts").isEmpty)
    }
  }

  @Test func `for a date that is called off meanwhile the answer is kept, and says so`() throws {
    let two = try Neighbours()
    try canteen(two.paris)
    try two.meet()
    try two.athens.must("event", "rsvp", "Cantine", "yes", "--on", "2026-12-12")
    try two.paris.must("event", "cancel", "Cantine", "--on", "2026-12-12")
    try two.meet()
    #expect(try two.paris.must("event", "show", "Cantine").output.contains("Who comes on Saturday 12 December 2026 (CANCELLED)\n    Steki: yes"))
    try two.paris.must("event", "edit", "Cantine", "--when", "2026-12-04 19:00")
    let told = try two.paris.must("event", "show", "Cantine").output
    #expect(told.contains("(CANCELLED)") && told.contains("Steki: yes"))
    try two.paris.must("event", "reopen", "Cantine", "--on", "2026-12-12")
    #expect(try two.paris.must("event", "show", "Cantine").output.contains("(not one of its dates any more)"))
    try two.meet()
    try two.athens.must("event", "rsvp", "Cantine", "no", "--on", "2026-12-12")
  }

  @Test func `what another place exported is no answer here`() throws {
    let home = try foundedHome()
    try canteen(home)
    try home.must("event", "rsvp", "Cantine", "yes", "--seats", "3")
    let file = home.file("out.jsonl")
    try home.must("export", "jsonl", "-o", file)
    let other = try foundedHome()
    try other.must("import", file, "--as", "jsonl", "--yes")
    #expect(try other.json("event", "ls").first?["fields"]?["rsvp"] == nil)
    #expect(try home.must("import", file, "--as", "jsonl", "--yes", "--json").json.first?["updated"] == 0)
  }
}
