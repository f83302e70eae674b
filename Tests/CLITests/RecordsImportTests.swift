// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation
import Testing

@Suite("Spreadsheets are shown, then read, and read again without doubling")
struct RecordsImportTests {
  @Test func `the three files of the demonstration make an agenda, a list and a directory`() throws {
    let home = try foundedHome()
    #expect(try home.must("import", Examples.calendar, "--as", "event", "--yes").output.contains("25 new, 0 updated, 0 unchanged."))
    #expect(try home.must("import", Examples.commitments, "--as", "list", "--title", "Engagements", "--yes").output.contains("20 new"))
    #expect(try home.must("import", Examples.spaces, "--as", "organisation", "--yes").output.contains("245 new"))
    #expect(try home.json("event", "ls", "--all").count == 25)
    #expect(try home.json("item", "ls", "Engagements").count == 20)
    #expect(try home.json("dir", "ls").count == 245)
    for (file, kind) in [(Examples.calendar, "event"), (Examples.commitments, "list"), (Examples.spaces, "organisation")] {
      let again = try home.must("import", file, "--as", kind, "--yes").output
      #expect(again.contains("0 new, 0 updated"), "\(again)")
    }
    #expect(try home.json("dir", "ls").count == 245)
    #expect(try home.json("list", "ls").count == 1)
  }

  @Test func `October 2017, day by day`() throws {
    let home = try foundedHome()
    try home.must("import", Examples.calendar, "--as", "event", "--yes")
    let agenda = try home.json("agenda", "--month", "2017-10")
    let dated = agenda.filter { $0["vague"] == false }
    let weekly = dated.filter { $0["title"]?.string?.hasPrefix("Jeudis") == true }
    #expect(weekly.compactMap { $0["when"]?.string } == ["2017-10-05", "2017-10-12", "2017-10-19", "2017-10-26"])
    let monthly = dated.filter { $0["title"]?.string?.hasPrefix("Campagne") == true }
    #expect(monthly.compactMap { $0["when"]?.string } == ["2017-10-05"])
    #expect(dated.contains { $0["when"] == "2017-09-18/2017-10-10" && $0["place"] == "Caracas" })
    #expect(agenda.filter { $0["vague"] == true }.compactMap { $0["when"]?.string }.sorted() == ["2017-10/..", "2017-10~"])
    let told = try home.must("agenda", "--month", "2017-10").output
    #expect(told.contains("Thursday 12 October 2017\n"))
    #expect(told.contains("Not settled to the day\n"))
    #expect(!told.contains("November"))
  }

  @Test func `the mapping, the delimiter and the encoding are shown before anything is written`() throws {
    let home = try foundedHome()
    let told = try home.must("import", Examples.calendar, "--as", "event", "--dry-run").output
    #expect(told.contains("25 rows, semicolons, UTF-8"))
    #expect(told.contains("edtf → when"))
    #expect(told.contains("line 2  new  Concours public d'affiches · Monday 18 September 2017 to Tuesday 10 October 2017"))
    #expect(told.contains("Nothing was written"))
    #expect(try home.json("event", "ls", "--all").isEmpty)
  }

  @Test func `nobody to ask and no --yes: nothing is written, and the flag is named`() throws {
    let home = try foundedHome()
    for flags in [["--no-input"], []] {
      let refused = try home.run(["import", Examples.calendar, "--as", "event"] + flags)
      #expect(refused.status == 64)
      #expect(refused.errors.contains("--yes"))
    }
    #expect(try home.json("event", "ls", "--all").isEmpty)
  }

  @Test(arguments: [("y\n", 25), ("n\n", 0), ("\n", 0)]) func `at a terminal the person decides`(_ answer: String, _ count: Int) throws {
    let home = try foundedHome()
    _ = try home.atTerminal(["import", Examples.calendar, "--as", "event"], typing: answer)
    #expect(try home.json("event", "ls", "--all").count == count)
  }

  private static let bad = "when;title\n2017-09-21;Bon\n2017-13-99;Mauvais\n2017-09-22;Bon aussi;de trop\n"

  @Test func `a bad row is named by its line, and nothing is written`() throws {
    let home = try foundedHome()
    let refused = try home.run("import", try home.write("bad.csv", Self.bad), "--as", "event", "--yes")
    #expect(refused.status == 65)
    #expect(refused.errors.contains("line 3, column when: “2017-13-99”"))
    #expect(refused.errors.contains("line 4: 3 fields"))
    #expect(try home.json("event", "ls", "--all").isEmpty)
  }

  @Test func `the good rows alone, and exit 3`() throws {
    let home = try foundedHome()
    let partly = try home.run("import", try home.write("bad.csv", Self.bad), "--as", "event", "--yes", "--partial")
    #expect(partly.status == 3)
    #expect(try home.titles("event", "ls", "--all") == ["Bon"])
  }

  @Test func `a column goes where it is told to, and the next time too`() throws {
    let home = try foundedHome()
    let file = try home.write("annuaire.csv", "qui,où\nSteki,Exarchia\n")
    try home.must("import", file, "--as", "organisation", "--map", "qui=title", "--map", "où=area", "--yes")
    _ = try home.write("annuaire.csv", "qui,où\nSteki,Athènes\n")
    let again = try home.must("import", file, "--as", "organisation", "--yes").output
    #expect(again.contains("qui → title"))
    #expect(again.contains("0 new, 1 updated, 0 unchanged."))
    #expect(again.contains("area: Exarchia → Athènes"))
    #expect(try home.json("dir", "ls").map { $0["fields"]?["area"] } == ["Athènes"])
  }

  @Test func `an import is undone as one`() throws {
    let home = try foundedHome()
    try home.must("import", Examples.spaces, "--as", "organisation", "--yes")
    try home.must("undo")
    #expect(try home.json("dir", "ls").isEmpty)
    let told = try home.must("import", Examples.spaces, "--as", "organisation", "--yes").output
    #expect(told.contains("245 were deleted here and stay so"))
  }

  @Test func `what was exported comes in again, and again changes nothing`() throws {
    let (one, other) = (try foundedHome(), try foundedHome())
    try one.must("import", Examples.calendar, "--as", "event", "--yes")
    try one.must("list", "add", "Courses")
    try one.must("item", "add", "Courses", "riz", "sel")
    try one.must("export", "jsonl", "-o", one.file("tout.jsonl"))
    #expect(try other.must("import", one.file("tout.jsonl"), "--yes").output.contains("28 new"))
    #expect(try other.titles("item", "ls", "Courses") == ["riz", "sel"])
    #expect(try other.must("import", one.file("tout.jsonl"), "--yes").output.contains("0 new, 0 updated, 28 unchanged"))
    let (out, back) = (try one.must("export", "jsonl", "--no-authors"), try other.must("export", "jsonl", "--no-authors"))
    let records = { (text: String) in text.split(separator: "\n").filter { !$0.contains("\"kind\":\"place\"") && !$0.contains("\"kind\":\"device\"") } }
    #expect(records(out.output).count == records(back.output).count)
  }

  @Test(arguments: ["{\n", "[]\n", "{\"schema\":\"other/1\"}\n"])
  func `what is no export is refused by its line`(_ text: String) throws {
    let home = try foundedHome()
    let refused = try home.run("import", try home.write("x.jsonl", text), "--as", "jsonl", "--yes")
    #expect(refused.status == 65)
    #expect(refused.errors.contains("line 1"))
  }

  @Test func `a file that isn't there, and one without a header`() throws {
    let home = try foundedHome()
    #expect(try home.run("import", home.file("none.csv"), "--as", "event", "--yes").isFailure(65, saying: "none.csv"))
    #expect(try home.run("import", try home.write("empty.csv", ""), "--as", "event", "--yes").isFailure(65, saying: "empty"))
  }

  @Test func `an export is never written over a file, and is for its owner's eyes`() throws {
    let home = try foundedHome()
    let file = try home.write("out.jsonl", "mine")
    #expect(try home.run("export", "jsonl", "-o", file).isFailure(1, saying: "out.jsonl"))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
  }

  @Test func `an event without a time is a bad row, a draft isn't`() throws {
    let home = try foundedHome()
    let refused = try home.run("import", Examples.spaces, "--as", "event", "--yes")
    #expect(refused.status == 65 && refused.errors.contains("line 2: nothing says when the event is"))
    #expect(try home.json("event", "ls", "--all").isEmpty)
    let file = try home.write("some.csv", "title,when,status\nFête,2026-12-05,\nUn jour,,draft\nJamais,,\n")
    #expect(try home.run("import", file, "--as", "event", "--yes", "--partial").status == 3)
    #expect(try Set(home.titles("event", "ls", "--all")) == ["Fête", "Un jour"])
  }

  @Test func `another title for a list that was made before is said not to count`() throws {
    let home = try foundedHome()
    try home.must("import", Examples.commitments, "--as", "list", "--title", "Engagements", "--yes")
    let again = try home.must("import", Examples.commitments, "--as", "list", "--title", "Promesses", "--yes")
    #expect(again.errors.contains("“Engagements”") && again.errors.contains("mujawara list edit"))
    #expect(try home.titles("list", "ls") == ["Engagements"])
    #expect(!(try home.must("import", Examples.commitments, "--as", "list", "--yes").errors.contains("list edit")))
  }

  @Test func `what is said of a column goes before what was guessed of another, and remembered`() throws {
    let home = try foundedHome()
    let file = try home.write("annuaire.csv", "titre,nom\nSteki,Exarchia\n")
    try home.must("import", file, "--as", "organisation", "--map", "nom=title", "--map", "titre=area", "--yes")
    #expect(try home.titles("dir", "ls") == ["Exarchia"])
    let again = try home.must("import", file, "--as", "organisation", "--map", "titre=title", "--yes").output
    #expect(again.contains("titre → title") && again.contains("nom → (left out)"))
    #expect(try Set(home.titles("dir", "ls")) == ["Exarchia", "Steki"])
    let twice = try home.run("import", file, "--as", "organisation", "--map", "titre=title", "--map", "nom=title", "--yes")
    #expect(twice.isFailure(64, saying: "two columns"))
  }
}
