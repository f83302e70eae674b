// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation
import Testing

/// Two places that have both answered at once where an event is.
private func contested() throws -> (paris: Home, athens: Home, id: String) {
  let paris = try Home.founding("Cantine")
  let athens = try paris.admitting("Steki")
  try carry(from: athens, to: paris)
  let id = try paris.id("event", "add", "Assemblée", "--when", "2026-12-05", "--place", "Cantine")
  try carry(from: paris, to: athens)
  try paris.must("event", "edit", id, "--place", "Salle des fêtes")
  try athens.must("event", "edit", id, "--place", "Exarchia")
  try carry(from: paris, to: athens)
  try carry(from: athens, to: paris)
  return (paris, athens, id)
}

private func carry(from: Home, to: Home) throws {
  let bundle = from.file("bundle-\(UUID().uuidString).mjb")
  try from.must("bundle", "write", bundle)
  try to.must("bundle", "read", bundle)
}

@Suite("History that answers") struct HistoryTests {
  /// The changes of a record, oldest first.
  private func changes(_ home: Home, _ id: String) throws -> [String] {
    try home.json("show", id, "--history").compactMap { $0["change"]?.string }
  }

  // MARK: show --at

  @Test func `a record is shown as it was when a change had been written, and before`() throws {
    let home = try foundedHome()
    let id = try home.id("need", "add", "Riz", "--qty", "12kg")
    try home.must("need", "edit", id, "--qty", "10kg")
    try home.must("need", "edit", id, "--qty", "8kg")
    let changes = try changes(home, id)
    try #require(changes.count == 3)
    #expect(try home.must("show", id, "--at", changes[0]).output.contains("qty: 12 kg"))
    #expect(try home.must("need", "show", id, "--at", String(changes[1].prefix(10))).output.contains("qty: 10 kg"))
    #expect(try home.must("show", id, "--at", changes[1] + "^").output.contains("qty: 12 kg"))
    #expect(try home.must("show", id, "--at", "now").output.contains("qty: 8 kg"))
    #expect(try home.must("show", id, "--at", "today").output.contains("qty: 8 kg"))
    #expect(try home.json("show", id, "--at", changes[1], "--history").filter { $0["edits"] != nil }.count == 2)
    #expect(try home.run("show", id, "--at", changes[0] + "^").isFailure(4, saying: "no \(id) yet"))
    #expect(try home.run("show", id, "--at", "yesterday").isFailure(4, saying: "no \(id) yet"))
  }

  @Test func `a list is shown with the items that it had, also one that is deleted now`() throws {
    let home = try foundedHome()
    let list = try home.id("list", "add", "Courses")
    try home.must("item", "add", "Courses", "sel", "poivre")
    try home.must("item", "done", "sel")
    let then = try home.value("change", of: "log", "-n", "1").string!
    try home.must("item", "rm", "poivre")
    try home.must("item", "add", "Courses", "riz")
    try home.must("list", "rm", "Courses")
    let shown = try home.must("show", list, "--at", then).output
    #expect(shown.contains("[x]") && shown.contains("sel") && shown.contains("poivre") && !shown.contains("riz"))
    #expect(try home.must("list", "show", "courses", "--at", then).output.contains("poivre"))
    #expect(try home.titles("item", "ls").isEmpty && home.titles("list", "ls", "--at", then) == ["Courses"])
    #expect(try Set(home.titles("search", "poivre", "--at", then)) == ["poivre"])
    #expect(try home.titles("search", "poivre").isEmpty)
  }

  @Test func `an event's day is the one that it had`() throws {
    let home = try foundedHome()
    try home.must("event", "add", "Débat", "--when", "2026-12-05")
    let then = try home.value("change", of: "log", "-n", "1").string!
    try home.must("event", "move", "Débat", "--to", "2026-12-06")
    let days = ["agenda", "--from", "2026-12-01", "--to", "2026-12-31"]
    #expect(try home.run(days + ["--at", then, "--json"]).json.map { $0["when"] } == ["2026-12-05"])
    #expect(try home.run(days + ["--json"]).json.map { $0["when"] } == ["2026-12-06"])
  }

  @Test func `what is no moment is refused, and says what one is`() throws {
    let home = try foundedHome()
    let id = try home.id("need", "add", "Riz")
    #expect(try home.run("show", id, "--at", "whenever").isFailure(65, saying: "a change's id"))
    #expect(try home.run("show", id, "--at", "2026-13-01").isFailure(65))
    #expect(try home.run("show", "nothing", "--at", "now").isFailure(4, saying: "nothing"))
    #expect(try home.run("show", id, "--at", "2026-10..").isFailure(64, saying: "no end"))
    try home.must("need", "add", "Sel", "--privacy", "place")
    let other = try home.value("change", of: "log", "-n", "1", "--space", "place").string!
    #expect(try home.run("show", id, "--at", other).isFailure(64, saying: "another audience"))
    #expect(try home.run("diff", other, try changes(home, id)[0]).isFailure(64, saying: "different audiences"))
  }

  // MARK: log

  @Test func `log shows those that the filters take`() throws {
    let (paris, _, id) = try contested()
    try paris.must("need", "add", "Riz", "--privacy", "place")
    #expect(try paris.json("log", "--by", "Steki", "--record", id).count == 1)
    #expect(try paris.json("log", "--author", "Cantine-1", "--record", id).count == 2)
    #expect(try paris.json("log", "--kind", "event", "-n", "100").count == 3)
    #expect(try paris.json("log", "--kind", "need", "--kind", "event", "-n", "100").count == 4)
    #expect(try paris.json("log", "--space", "place", "--kind", "need").count == 1)
    #expect(try paris.json("log", "--space", "governance").allSatisfy { $0["kind"] == "governance" })
    let all = try paris.json("log", "-n", "1000")
    #expect(try paris.json("log", "--since", "today", "--until", "today", "-n", "1000") == all)
    #expect(try paris.json("log", "--since", "-2d", "-n", "1000") == all)
    #expect(try paris.json("log", "--until", "yesterday").isEmpty)
    #expect(try paris.json("log", "--since", "tomorrow").isEmpty)
    #expect(try paris.json("log", "-n", "2") == Array(all.prefix(2)))
    #expect(try paris.run("log", "--by", "nobody").isFailure(4, saying: "nobody"))
    #expect(try paris.run("log", "--kind", "thought").isFailure(64, saying: "event"))
    #expect(try paris.run("log", "--since", "sometime").isFailure(65))
    #expect(try paris.run("log", "--space", "outer").isFailure(64, saying: "commons"))
    #expect(try paris.run("log", "--record", "nothing").isFailure(4, saying: "nothing"))
  }

  // MARK: diff

  @Test func `diff tells what was made, deleted, changed and brought back, with who wrote it`() throws {
    let home = try foundedHome()
    let (rice, salt) = (try home.id("need", "add", "Riz", "--qty", "12kg"), try home.id("need", "add", "Sel"))
    try home.must("need", "rm", salt)
    let start = try home.value("change", of: "log", "-n", "1").string!
    try home.must("need", "edit", rice, "--qty", "10kg", "--tag", "cantine")
    try home.must("restore", salt)
    try home.must("offer", "add", "Pelle")
    let oil = try home.id("need", "add", "Huile")
    let middle = try home.value("change", of: "log", "-n", "1").string!
    try home.must("need", "rm", oil)
    let told = try home.must("diff", start, "now").output
    #expect(told.contains("qty: 12 kg → 10 kg") && told.contains("tags + cantine") && told.contains("laptop, Cantine"))
    #expect(told.contains("Sel  restored by") && told.contains("Pelle  made by") && !told.contains("Huile"))
    let differences = try home.json("diff", start, "now")
    #expect(Set(differences.compactMap { $0["did"]?.string }) == ["changed", "restored", "made"])
    #expect(try home.json("diff", start, "now", "--kind", "offer").count == 1)
    #expect(try home.json("diff", start, "now", "--record", "Riz").first?["edits"]?.array?.count == 2)
    #expect(try home.json("diff", middle, "now").first?["did"] == "deleted")
    #expect(try home.json("diff", "now", middle).first?["did"] == "restored")
    #expect(try home.json("diff", "now", "now").isEmpty)
    #expect(try home.must("diff", middle + "^", middle).output.contains("Huile  made"))
    #expect(try home.must("diff", "yesterday", "now").output.contains("Riz"))
    #expect(try home.run("diff", "now").status == 64)
  }

  // MARK: blame and why

  @Test func `blame names the author of every field, and how many rivals there are`() throws {
    let (paris, athens, id) = try contested()
    for home in [paris, athens] {
      let told = try home.must("blame", id).output
      #expect(told.contains("! 1 rival") && told.contains("Cantine-1, Cantine"))
      let lines = try home.json("blame", id)
      let place = try #require(lines.first { $0["field"] == "place" })
      let show = try #require(home.json("show", id).first)
      #expect(place["value"] == show["fields"]?["place"])
      let authors = (place["spans"]?.array ?? []) + (place["rivals"]?.array ?? [])
      #expect(Set(authors.compactMap { $0["by"]?.string }) == ["Cantine-1, Cantine", "Steki-1, Steki"])
      #expect(lines.first { $0["field"] == "title" }?["spans"]?.array?.first?["by"] == "Cantine-1, Cantine")
    }
    let before = try changes(paris, id)[0]
    #expect(try !paris.must("blame", id, "--at", before).output.contains("rival"))
    #expect(try paris.run("blame", "nothing").isFailure(4))
  }

  @Test func `why names the answers, who had seen which, and the rule that chose the one that is shown`() throws {
    let (paris, athens, id) = try contested()
    for home in [paris, athens] {
      let why = try #require(home.json("why", id, "place").first)
      #expect(why["rule"] == "choice")
      #expect(why["value"] == (try home.json("show", id).first?["fields"]?["place"]))
      let writes = why["writes"]?.array ?? []
      #expect(writes.map { $0["stands"] } == [true, true, false] && writes.map { $0["read"] } == [true, false, false])
      #expect(writes[0]["unseen"]?.array == [writes[1]["change"]!] && writes[1]["unseen"]?.array == [writes[0]["change"]!])
      #expect([writes[0]["change"], writes[1]["change"]].contains(writes[2]["replaced_by"]))
      let (one, other) = (writes[0]["stamp"]!, writes[1]["stamp"]!)
      #expect(number(one) > number(other) || one == other && writes[0]["change"]!.string! > writes[1]["change"]!.string!)
      let told = try home.must("why", id, "place").output
      #expect(told.contains("without having seen each other's") && told.contains("until somebody chooses"))
    }
    try paris.must("resolve", id, "place", "2")
    #expect(try paris.json("why", id, "place").first?["rule"] == "only")
    #expect(try paris.must("why", id, "alive").output.contains("there"))
    #expect(try paris.must("why", id, "title").output.contains("nobody else has written it"))
    #expect(try paris.run("why", id, "colour").isFailure(64, saying: "place"))
    #expect(try paris.run("why", id, "food").isFailure(4, saying: "Nobody has written"))
  }

  private func number(_ value: JSONValue) -> Int64 { if case .int(let number) = value { number } else { 0 } }

  @Test func `why explains what was deleted and edited at once`() throws {
    let (paris, athens, id) = try contested()
    try paris.must("event", "rm", id)
    try athens.must("event", "edit", id, "--food", "riz")
    try carry(from: athens, to: paris)
    #expect(try paris.json("why", id, "alive").first?["rule"] == "revived")
    try paris.must("resolve", id, "--delete")
    #expect(try paris.json("why", id, "alive").first?["rule"] == "deleted")
  }

  // MARK: restore

  @Test func `what was deleted is listed and comes back with all that it said`() throws {
    let home = try foundedHome()
    let id = try home.id("need", "add", "Riz", "--qty", "12kg", "--tag", "cantine")
    let before = try home.json("show", id).first?["fields"]
    #expect(try home.json("restore", "--list").isEmpty)
    try home.must("need", "rm", id)
    let listed = try home.json("restore", "--list")
    #expect(listed.count == 1 && listed.first?["title"] == "Riz" && listed.first?["by"] == "laptop, Cantine")
    #expect(try home.must("restore", "--list").output.contains(id))
    #expect(try home.must("restore", "riz").output.contains("Restored: need \(id)"))
    #expect(try home.json("need", "ls").first?["fields"] == before)
    try home.must("undo")
    #expect(try home.json("need", "ls").isEmpty)
    try home.must("restore", id)
    #expect(try home.titles("need", "ls") == ["Riz"])
    #expect(try home.run("restore", id).isFailure(64, saying: "isn't deleted"))
    #expect(try home.run("restore", "nothing").isFailure(4, saying: "nothing"))
    #expect(try home.run("restore").isFailure(64, saying: "--list"))
  }

  @Test func `what moved to another audience isn't deleted, and that is said`() throws {
    let home = try foundedHome()
    let id = try home.id("need", "add", "Riz")
    try home.must("need", "edit", id, "--privacy", "place")
    #expect(try home.json("restore", "--list").isEmpty)
    #expect(try home.run("restore", id).isFailure(64, saying: "place only"))
  }

  // MARK: undo

  @Test func `undo takes the last few back, newest first, and says what it would do before`() throws {
    let home = try foundedHome()
    let id = try home.id("need", "add", "Riz", "--qty", "12kg")
    for quantity in ["10kg", "8kg", "6kg"] { try home.must("need", "edit", id, "--qty", quantity) }
    let dry = try home.must("undo", "2", "--dry-run").output
    #expect(dry.contains("qty: 6 kg → 8 kg") && dry.contains("qty: 8 kg → 10 kg"))
    #expect(try home.must("need", "show", id).output.contains("qty: 6 kg"))
    try home.must("undo", "2")
    #expect(try home.must("need", "show", id).output.contains("qty: 10 kg"))
    try home.must("undo", "2")
    #expect(try home.must("need", "show", id).output.contains("qty: 6 kg"))
    try home.must("undo", "8")
    #expect(try home.json("need", "ls").isEmpty)
    #expect(try home.run("undo", "500").isFailure(64, saying: "not 500"))
    #expect(try home.run("undo", "0").isFailure(64))
  }

  @Test func `undo of a change by its id, and not of another's`() throws {
    let (paris, athens, id) = try contested()
    let theirs = try paris.value("change", of: "log", "--by", "Steki", "--record", id).string!
    #expect(try paris.run("undo", "--change", theirs).isFailure(64, saying: "Steki-1, Steki"))
    let own = try athens.value("change", of: "log", "--by", "Steki", "--record", id).string!
    try athens.must("undo", "--change", own)
    #expect(try athens.must("event", "show", id).output.contains("place: Salle des fêtes"))
    #expect(try athens.json("conflicts").isEmpty)
    #expect(try athens.must("undo", "--change", own).output.contains("nothing left"))
    #expect(try athens.run("undo", "2", "--change", own).isFailure(64))
    #expect(try athens.run("undo", "--change", "ffffffffff").isFailure(4))
  }

  @Test func `undo of making what others have worked on keeps it and names them`() throws {
    let paris = try Home.founding("Cantine")
    let athens = try paris.admitting("Steki")
    let id = try paris.id("need", "add", "Riz")
    let made = try changes(paris, id)[0]
    try carry(from: paris, to: athens)
    try athens.must("need", "edit", id, "--qty", "3")
    try carry(from: athens, to: paris)
    #expect(try paris.must("undo", "--change", made).output.contains("kept: \(id), worked on since by Steki-1, Steki"))
    #expect(try paris.titles("need", "ls") == ["Riz"])
  }

  @Test func `undo of a move to another audience leaves it there if others have worked on it`() throws {
    let paris = try Home.founding("Cantine")
    let athens = try paris.admitting("Steki")
    let id = try paris.id("need", "add", "Riz", "--privacy", "place")
    try paris.must("need", "edit", id, "--privacy", "network")
    try carry(from: paris, to: athens)
    try athens.must("need", "edit", "Riz", "--qty", "3")
    try carry(from: athens, to: paris)
    #expect(try paris.must("undo").output.contains("worked on since by Steki-1, Steki"))
    #expect(try paris.json("need", "ls").map { $0["privacy"] } == ["network"])
  }

  @Test func `text of others can't forge a line`() throws {
    let home = try foundedHome()
    let id = try home.id("need", "add", "Riz\u{1B}[2J\nmujawara: x")
    try home.must("need", "edit", id, "--area", "a\u{1B}[31m\nb")
    for command in [["blame", id], ["why", id, "area"], ["diff", "yesterday", "now"], ["log", "--record", id], ["undo", "--dry-run"]] {
      let outcome = try home.run(command)
      #expect(outcome.status == 0 && !outcome.output.contains("\u{1B}") && !outcome.output.contains("\nmujawara: x"), "\(command)")
    }
    try home.must("need", "rm", id)
    #expect(try !home.must("restore", "--list").output.contains("\u{1B}"))
  }
}
