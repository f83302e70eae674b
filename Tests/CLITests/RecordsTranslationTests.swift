// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Testing

@Suite("Translations know what they were made from")
struct RecordsTranslationTests {
  @Test func `one whose source has changed is marked, listed, and renewed`() throws {
    let home = try foundedHome()
    try home.must("need", "add", "Riz", "--lang", "fr", "--set", "title:ar=أرز")
    try home.must("need", "add", "Sel", "--lang", "fr", "--set", "title:ar=ملح")
    #expect(try home.json("need", "ls", "--outdated").isEmpty)
    try home.must("need", "edit", "Riz", "--lang", "fr", "--title", "Riz rond")
    #expect(try home.must("need", "show", "Riz").output.contains("title:ar: أرز (outdated: the text in fr changed since)"))
    let listed = try home.json("need", "ls", "--outdated")
    #expect(listed.count == 1 && listed[0]["outdated"]?.array?.first?["key"] == "ar")
    #expect(try home.must("need", "ls").output.contains("! outdated: title:ar"))
    try home.must("need", "edit", "Riz", "--lang", "ar", "--title", "أرز مدور")
    #expect(try home.json("need", "ls", "--outdated").isEmpty)
    try home.must("need", "edit", "Riz", "--lang", "fr", "--title", "Riz long")
    #expect(try home.json("need", "ls", "--outdated").count == 1)
    try home.must("undo")
    #expect(try home.json("need", "ls", "--outdated").isEmpty)
  }

  @Test func `one made while its source was edited is outdated for both`() throws {
    let two = try Neighbours()
    let id = try two.paris.id("need", "add", "Riz", "--lang", "fr")
    try two.meet()
    try two.paris.must("need", "edit", id, "--lang", "fr", "--title", "Riz rond")
    try two.athens.must("need", "edit", id, "--lang", "ar", "--title", "أرز")
    try two.meet()
    for home in [two.paris, two.athens] { #expect(try home.json("need", "ls", "--outdated").count == 1) }
  }

  @Test func `exported and imported again it stays what it was; elsewhere nothing is said of it`() throws {
    let home = try foundedHome()
    try home.must("need", "add", "Riz", "--lang", "fr")
    try home.must("need", "edit", "Riz", "--lang", "ar", "--title", "أرز")
    try home.must("need", "edit", "Riz", "--lang", "fr", "--title", "Riz rond")
    let file = home.file("out.jsonl")
    try home.must("export", "jsonl", "-o", file)
    #expect(try home.must("import", file, "--as", "jsonl", "--yes", "--json").json.first?["unchanged"] == 1)
    #expect(try home.json("need", "ls", "--outdated").count == 1)
    let other = try foundedHome()
    try other.must("import", file, "--as", "jsonl", "--yes")
    #expect(try other.json("need", "ls").count == 1 && other.json("need", "ls", "--outdated").isEmpty)
    try other.must("need", "edit", "Riz", "--lang", "fr", "--title", "Riz long")
    #expect(try other.json("need", "ls", "--outdated").isEmpty)
  }
}
