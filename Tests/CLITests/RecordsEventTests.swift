// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Testing

@Suite("Events repeat, move, are called off, and say their weekday")
struct RecordsEventTests {
  private func assembly() throws -> Home {
    let home = try foundedHome()
    try home.must(
      "event", "add", "Assemblée", "--when", "2026-12-05 19:00-21:00", "--zone", "Europe/Paris", "--repeat",
      "monthly on the 5th", "--place", "Cantine")
    return home
  }

  @Test func `what is written down is told with its weekday and its rule`() throws {
    let told = try assembly().must("event", "show", "Assemblée").output
    #expect(told.contains("Saturday 5 December 2026, 19:00–21:00 Europe/Paris · monthly on the 5th"))
  }

  @Test func `one date moves, and the others stay`() throws {
    let home = try assembly()
    let told = try home.must("event", "move", "Assemblée", "--on", "2027-01-05", "--to", "2027-01-06").output
    #expect(told.contains("Tuesday 5 January 2027: moved to Wednesday 6 January 2027, 19:00–21:00"))
    let dates = try home.json("agenda", "--from", "2026-12-01", "--to", "2027-02-28").map { $0["when"]?.string ?? "" }
    #expect(dates == [
      "2026-12-05T19:00/2026-12-05T21:00[Europe/Paris]", "2027-01-06T19:00/2027-01-06T21:00[Europe/Paris]", "2027-02-05T19:00/2027-02-05T21:00[Europe/Paris]",
    ])
  }

  @Test func `one date is called off and stays to be seen, then takes place after all`() throws {
    let home = try assembly()
    try home.must("event", "cancel", "Assemblée", "--on", "2027-01-05")
    #expect(try home.must("agenda", "--month", "2027-01").output.contains("CANCELLED"))
    #expect(try home.json("agenda", "--month", "2027-01").first?["cancelled"] == true)
    try home.must("event", "reopen", "Assemblée", "--on", "2027-01-05")
    #expect(try home.json("agenda", "--month", "2027-01").first?["cancelled"] == false)
  }

  @Test func `the whole event is called off`() throws {
    let home = try assembly()
    try home.must("event", "cancel", "Assemblée")
    #expect(try home.json("agenda", "--month", "2027-01").first?["cancelled"] == true)
  }

  @Test func `a date that the rule doesn't have can't move; the next one is named`() throws {
    let home = try assembly()
    let refused = try home.run("event", "move", "Assemblée", "--on", "2027-01-06", "--to", "2027-01-07")
    #expect(refused.isFailure(64, saying: "The next is Friday 5 February 2027 (2027-02-05)"))
  }

  @Test func `of what repeats, one says which date moves`() throws {
    #expect(try assembly().run("event", "move", "Assemblée", "--to", "2027-01-07").isFailure(64, saying: "--on"))
  }

  @Test func `what doesn't repeat moves as it is`() throws {
    let home = try foundedHome()
    try home.must("event", "add", "Fête", "--when", "2026-12-05 19:00-21:00")
    #expect(try home.must("event", "move", "Fête", "--to", "2026-12-12").output.contains("Saturday 12 December 2026, 19:00–21:00"))
  }

  @Test func `a first time that doesn't fit its rule is refused, with the one that does`() throws {
    let home = try foundedHome()
    let refused = try home.run("event", "add", "Assemblée", "--when", "2026-12-03 19:00", "--repeat", "monthly on the 5th")
    #expect(refused.isFailure(64, saying: "Saturday 5 December 2026"))
    #expect(try home.json("event", "ls", "--all").isEmpty)
  }

  @Test func `at a terminal the one that fits is offered`() throws {
    let home = try foundedHome()
    let (status, screen) = try home.atTerminal(
      ["event", "add", "Assemblée", "--when", "2026-12-03 19:00", "--repeat", "monthly on the 5th"], typing: "y\n")
    #expect(status == 0, "\(screen)")
    #expect(try home.json("agenda", "--month", "2026-12").first?["original"] == "2026-12-05")
  }

  @Test func `a new time keeps the rule, a new rule the time, and none ends it`() throws {
    let home = try assembly()
    try home.must("event", "edit", "Assemblée", "--when", "2026-12-05 18:00")
    #expect(try home.must("event", "show", "Assemblée").output.contains("18:00"))
    #expect(try home.must("event", "show", "Assemblée").output.contains("monthly on the 5th"))
    try home.must("event", "edit", "Assemblée", "--repeat", "weekly")
    #expect(try home.json("agenda", "--month", "2027-01").count == 5)
    try home.must("event", "edit", "Assemblée", "--repeat", "none")
    #expect(try home.json("agenda", "--month", "2027-01").isEmpty)
  }

  @Test(arguments: ["05/06/2026", "2026-13-01", "31 february", "19:61"])
  func `a time that can't be, or reads two ways, is refused`(_ text: String) throws {
    let home = try foundedHome()
    #expect(try home.run("event", "add", "X", "--when", text).isFailure(65, saying: "when: “\(text)”"))
    #expect(try home.json("event", "ls", "--all").isEmpty)
  }

  @Test func `an event needs a time, a draft doesn't`() throws {
    let home = try foundedHome()
    #expect(try home.run("event", "add", "Fête").isFailure(64, saying: "--when"))
    try home.must("event", "add", "Fête", "--status", "draft")
    #expect(try home.json("event", "ls").count == 1)
  }

  @Test func `a date that was moved is named by its old day or its new one`() throws {
    let home = try assembly()
    try home.must("event", "move", "Assemblée", "--on", "2027-01-05", "--to", "2027-01-07")
    let told = try home.must("event", "move", "Assemblée", "--on", "2027-01-07", "--to", "2027-01-08").output
    #expect(told.contains("Tuesday 5 January 2027: moved to Friday 8 January 2027, 19:00–21:00"))
    try home.must("event", "cancel", "Assemblée", "--on", "2027-01-08")
    #expect(try home.json("agenda", "--month", "2027-01").map { $0["cancelled"] } == [true])
    #expect(try home.run("event", "cancel", "Assemblée", "--on", "2027-01-07").isFailure(64))
  }

  @Test func `of two dates moved to one day, somebody has to say which`() throws {
    let home = try assembly()
    try home.must("event", "move", "Assemblée", "--on", "2027-01-05", "--to", "2027-01-20")
    try home.must("event", "move", "Assemblée", "--on", "2027-02-05", "--to", "2027-01-20")
    #expect(try home.run("event", "cancel", "Assemblée", "--on", "2027-01-20").isFailure(64, saying: "2027-01-05 and 2027-02-05"))
  }

  @Test func `an end before the start is a short night, or a mistake`() throws {
    let home = try foundedHome()
    #expect(try home.run("event", "add", "X", "--when", "2026-12-05 21:00-19:00").isFailure(65, saying: "before it starts"))
    #expect(try home.must("event", "add", "Veillée", "--when", "2026-12-05 22:00-02:00").output.contains("22:00–Sun 6 Dec 02:00"))
    try home.must("event", "add", "Garde", "--when", "2026-12-05 21:00..2026-12-06 19:00")
    #expect(try home.json("event", "ls").count == 2)
  }

  @Test func `a title has its bound`() throws {
    let home = try foundedHome()
    try home.must("need", "add", String(repeating: "é", count: 500))
    #expect(try home.run("need", "add", String(repeating: "é", count: 501)).isFailure(65, saying: "at most 500 characters"))
    #expect(try home.run("need", "add", "X", "--title", String(repeating: "é", count: 501)).status == 65)
  }
}
