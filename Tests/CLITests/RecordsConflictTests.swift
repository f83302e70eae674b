// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Testing

/// Two places that meet by stick.
struct Neighbours {
  let paris = Home()
  let athens = Home()

  init() throws {
    try paris.must("init", "Cantine", "--device", "laptop", "--no-passphrase")
    let code = try paris.json("invite", "--stick").first?["code"]?.string ?? ""
    let (request, admission) = (paris.file("request"), paris.file("admission"))
    try athens.must("join", code, "--request", request, "--name", "Steki", "--device", "desk", "--no-passphrase")
    try paris.must("invite", "admit", request, admission)
    try athens.must("join", code, "--admission", admission)
    try meet()
  }

  /// Both carry all they have to the other.
  func meet() throws {
    for (from, to) in [(paris, athens), (athens, paris)] {
      let bundle = from.file("bundle-\(UInt64.random(in: 0 ..< .max)).mjb")
      try from.must("bundle", "write", bundle)
      try to.must("bundle", "read", bundle)
    }
  }
}

@Suite("Conflicts are shown with their authors, and resolved at any time")
struct RecordsConflictTests {
  /// An event with two places at once.
  private func contested() throws -> (Neighbours, id: String) {
    let two = try Neighbours()
    let id = try two.paris.id("event", "add", "Assemblée", "--when", "2026-12-05", "--place", "Cantine")
    try two.meet()
    try two.paris.must("event", "edit", id, "--place", "Salle des fêtes")
    try two.athens.must("event", "edit", id, "--place", "Steki")
    try two.meet()
    return (two, id)
  }

  @Test func `both answers stand with who gave them, until somebody chooses`() throws {
    let (two, id) = try contested()
    for home in [two.paris, two.athens] {
      let told = try home.must("conflicts").output
      #expect(told.contains("\(id)  Assemblée, field place"))
      #expect(told.contains("Salle des fêtes") && told.contains("laptop, Cantine"))
      #expect(told.contains("Steki") && told.contains("desk, Steki"))
      #expect(try home.must("event", "ls").output.contains("! several answers: place"))
    }
    let answers = try two.athens.json("conflicts").first?["answers"]?.array ?? []
    let number = answers.firstIndex { $0["value"] == "Steki" }.map { $0 + 1 } ?? 0
    try two.athens.must("resolve", id, "place", String(number))
    try two.meet()
    for home in [two.paris, two.athens] {
      #expect(try home.json("conflicts").isEmpty)
      #expect(try home.json("event", "ls", "--all").first?["fields"]?["place"] == "Steki")
    }
  }

  @Test func `conflicts are no error, unless asked for an exit code`() throws {
    let (two, _) = try contested()
    #expect(try two.paris.run("conflicts").status == 0)
    #expect(try two.paris.run("conflicts", "--exit-code").status == 3)
    #expect(try foundedHome().run("conflicts", "--exit-code").status == 0)
  }

  @Test func `a choice that isn't there is refused`() throws {
    let (two, id) = try contested()
    #expect(try two.paris.run("resolve", id, "place", "3").isFailure(64, saying: "2 answers"))
    #expect(try two.paris.run("resolve", id, "when", "1").isFailure(64, saying: "nothing to choose"))
    #expect(try two.paris.json("conflicts").count == 1)
  }

  @Test(arguments: [("--keep", 1), ("--delete", 0)])
  func `what was deleted and edited at once waits for a decision`(_ flag: String, _ left: Int) throws {
    let two = try Neighbours()
    let id = try two.paris.id("need", "add", "Riz", "--qty", "12kg")
    try two.meet()
    try two.paris.must("need", "rm", id)
    try two.athens.must("need", "edit", id, "--qty", "10kg")
    try two.meet()
    #expect(try two.paris.json("conflicts").first?["field"] == "alive")
    #expect(try two.paris.must("conflicts").output.contains("deleted by laptop, Cantine"))
    try two.paris.must("resolve", id, flag)
    try two.meet()
    for home in [two.paris, two.athens] {
      #expect(try home.json("conflicts").isEmpty)
      #expect(try home.json("need", "ls").count == left)
    }
  }

  @Test func `undo of a choice brings back what people saw, and deletes nothing`() throws {
    let two = try Neighbours()
    let id = try two.paris.id("need", "add", "Poêle")
    try two.meet()
    try two.paris.must("need", "rm", id)
    try two.athens.must("need", "edit", id, "--qty", "3")
    try two.meet()
    #expect(try two.paris.must("status", "--json").json.first?["conflicts"] == 1)
    try two.athens.must("resolve", id, "--delete")
    #expect(try two.athens.json("need", "ls").isEmpty)
    try two.athens.must("undo")
    #expect(try two.athens.json("need", "ls").count == 1)
    try two.athens.must("need", "edit", id, "--area", "Belleville")
    try two.meet()
    #expect(try two.paris.json("need", "ls").count == 1)
  }

  @Test func `undo of the undo of a move to another audience is the whole move again`() throws {
    let two = try Neighbours()
    try two.paris.must("dir", "add", "person", "Samir", "--phone", "+33 6 12 34")
    let phone = try #require(two.paris.json("dir", "ls", "contact").first?["id"]?.string)
    try two.paris.must("dir", "edit", phone, "--privacy", "network")
    let moved = try two.paris.json("dir", "ls", "contact")
    try two.paris.must("undo")
    try two.paris.must("undo")
    let again = try two.paris.json("dir", "ls", "contact")
    #expect(moved.count == 1 && again.count == 1)
    #expect(again.first?["id"] == moved.first?["id"])
    #expect(again.first?["privacy"] == "network")
  }

  @Test func `undo leaves what the other has written since, and names them`() throws {
    let two = try Neighbours()
    let id = try two.paris.id("need", "add", "Riz", "--qty", "12kg")
    try two.paris.must("need", "edit", id, "--qty", "10kg", "--area", "Belleville")
    try two.meet()
    try two.athens.must("need", "edit", id, "--qty", "8kg")
    try two.meet()
    let undone = try two.paris.must("undo").output
    #expect(undone.contains("area: Belleville → (nothing)"))
    #expect(undone.contains("kept: \(id) qty, written since by desk, Steki"))
    #expect(try two.paris.must("need", "show", id).output.contains("qty: 8 kg"))
  }

  @Test func `what is for one's place alone never reaches the other`() throws {
    let two = try Neighbours()
    try two.paris.must("dir", "add", "person", "Samir", "--phone", "+33 1 23")
    try two.paris.must("need", "add", "Chez nous", "--privacy", "place")
    try two.meet()
    #expect(try two.athens.json("dir", "ls").isEmpty)
    #expect(try two.athens.json("need", "ls").isEmpty)
    #expect(!(try two.athens.run("export", "jsonl").output.contains("Samir")))
  }

  @Test func `a record that goes to the network is read there, one that leaves it goes there`() throws {
    let two = try Neighbours()
    try two.paris.must("need", "add", "Riz", "--privacy", "place")
    try two.paris.must("need", "edit", "Riz", "--privacy", "network")
    try two.meet()
    #expect(try two.athens.titles("need", "ls") == ["Riz"])
    try two.paris.must("need", "edit", "Riz", "--privacy", "place")
    try two.meet()
    #expect(try two.athens.json("need", "ls").isEmpty)
    #expect(try two.paris.titles("need", "ls") == ["Riz"])
  }

  /// Athens edits a need while Paris, which reads both spaces, takes it back to its own.
  private func late() throws -> (Neighbours, id: String) {
    let two = try Neighbours()
    try two.paris.must("need", "add", "Riz", "--qty", "12kg")
    try two.meet()
    try two.paris.must("need", "edit", "Riz", "--privacy", "place")
    try two.athens.must("need", "edit", "Riz", "--qty", "10kg")
    try two.meet()
    return (two, try two.paris.json("need", "ls").first?["id"]?.string ?? "")
  }

  @Test(arguments: [("--carry", "10 kg"), ("--leave", "12 kg")])
  func `an edit that came too late for a move is carried over or left, and then forgotten`(_ flag: String, _ qty: String) throws {
    let (two, id) = try late()
    #expect(try two.paris.json("conflicts").map { $0["schema"] } == ["mujawara/late/1"])
    #expect(try two.paris.must("conflicts").output.contains("qty: 10 kg (here: 12 kg)"))
    #expect(try two.athens.json("conflicts").isEmpty)
    try two.paris.must("resolve", id, flag)
    #expect(try two.paris.must("need", "show", id).output.contains("qty: \(qty)"))
    try two.paris.must("need", "edit", id, "--qty", "5kg")
    #expect(try two.paris.json("conflicts").isEmpty)
  }
}
