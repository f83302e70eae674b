// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Testing

@Suite("Redact takes back for good")
struct RecordsRedactTests {
  @Test func `it shows what goes, and what stood before comes back`() throws {
    let home = try foundedHome()
    let id = try home.id("need", "add", "Riz", "--area", "Belleville")
    try home.must("need", "edit", id, "--area", "12 rue des Lilas")
    let slip = try #require(try home.json("show", id, "--history").last?["change"]?.string)
    #expect(try home.must("redact", slip, "--dry-run").output.contains("changed need"))
    #expect(try home.must("need", "show", id).output.contains("Lilas"))
    #expect(try home.must("redact", slip, "--yes").output.contains("Gone here"))
    let shown = try home.must("need", "show", id).output
    #expect(shown.contains("Belleville") && !shown.contains("Lilas"))
    #expect(try home.must("log").output.contains("taken back for good"))
    #expect(try home.json("log").contains { $0["kind"]?.string == "redacted" && $0["change"]?.string == slip })
    #expect(try home.must("check", "--full").status == 0)
  }

  @Test func `what it made is gone`() throws {
    let home = try foundedHome()
    let id = try home.id("need", "add", "Riz")
    let made = try #require(try home.json("show", id, "--history").last?["change"]?.string)
    try home.must("redact", made, "--yes")
    #expect(try home.json("need", "ls", "--all").isEmpty)
    #expect(try home.run("show", id).status == 4)
    #expect(try home.json("redact", made, "--yes").first?["redacted"] != nil)
  }

  @Test func `it asks, and says what it can't find`() throws {
    let home = try foundedHome()
    let id = try home.id("need", "add", "Riz")
    let made = try #require(try home.json("show", id, "--history").last?["change"]?.string)
    #expect(try home.run("redact", made).isFailure(64, saying: "--yes"))
    #expect(try home.run("redact", "ffffffffff", "--yes").isFailure(4, saying: "ffffffffff"))
    #expect(try home.titles("need", "ls") == ["Riz"])
  }
}
