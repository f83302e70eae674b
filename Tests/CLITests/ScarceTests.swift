// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation
import Testing

/// Two places that exchange by bundles in a folder.
private struct Places {
  let paris: Home
  let athens: Home

  init() throws {
    paris = try Home.founding("Cantine")
    athens = try paris.admitting("Steki")
    try meet()
  }

  func carry(from one: Home, to other: Home) throws {
    let bundle = one.file(UUID().uuidString + ".mjb")
    try one.must("bundle", "write", bundle)
    try other.must("bundle", "read", bundle)
  }

  func meet() throws {
    try carry(from: paris, to: athens)
    try carry(from: athens, to: paris)
  }

  var both: [Home] { [paris, athens] }
}

extension Home {
  /// How the claims on a thing stand, by whom they are for.
  fileprivate func standings(_ thing: String) throws -> [String: String] {
    let lines = try must("thing", "show", thing, "--json").json.filter { $0["schema"]?.string == "mujawara/standing/1" }
    return Dictionary(uniqueKeysWithValues: lines.map { ($0["by"]?.string ?? "", $0["standing"]?.string ?? "") })
  }

  /// How much of a stock there is, in its first unit.
  fileprivate func amount(_ stock: String) throws -> String? {
    try must("stock", "show", stock, "--json").json.last?["amounts"]?.array?.first?["amount"]?.string
  }
}

@Suite("What there isn't enough of") struct ScarceTests {
  @Test func `a drill that two claim without knowing: both are told, and who withdraws leaves it to the other`() throws {
    let places = try Places()
    try places.paris.must("thing", "add", "Perceuse", "--shelf", "cave")
    try places.meet()
    for (home, who) in [(places.paris, "Nour"), (places.athens, "Eleni")] {
      let claimed = try home.must("thing", "claim", "Perceuse", "--by", who, "--from", "2099-12-03", "--until", "2099-12-05")
      #expect(claimed.output.contains("· held ·"))
    }
    try places.meet()
    for home in places.both {
      #expect(try home.standings("Perceuse") == ["Nour": "contested", "Eleni": "contested"])
      let conflicts = try home.must("conflicts").output
      #expect(conflicts.contains("Nour") && conflicts.contains("CONTESTED with Eleni") && conflicts.contains("Steki-1, Steki"))
      #expect(try home.run("conflicts", "--exit-code").status == 3)
      #expect(try home.value("conflicts", of: "status") == .int(1))
      #expect(try home.must("thing", "ls").output.contains("! claimed by several: "))
      #expect(try home.run("thing", "out", "Nour").isFailure(64, saying: "CONTESTED with Eleni"))
    }
    try places.athens.must("thing", "withdraw", "Eleni")
    try places.meet()
    #expect(try places.paris.standings("Perceuse") == ["Nour": "held", "Eleni": "withdrawn"])
    #expect(try places.paris.must("conflicts").output == "No conflicts.\n")
    try places.paris.must("thing", "out", "Perceuse", "--condition", "neuve")
    #expect(try places.paris.must("thing", "ls").output.contains("out: Nour until Saturday 5 December 2099"))
    try places.paris.must("thing", "back", "Nour", "--condition", "mèche cassée")
    #expect(try places.paris.standings("Perceuse")["Nour"] == "over")
    try places.paris.must("undo")
    #expect(try places.paris.standings("Perceuse")["Nour"] == "held")
  }

  @Test func `what is known to be taken is refused, and claimed all the same it waits`() throws {
    let home = try foundedHome()
    try home.must("thing", "add", "Tentes", "--capacity", "3", "--max-days", "10")
    try home.must("thing", "claim", "Tentes", "--by", "Nour", "--qty", "2", "--from", "2099-07-01", "--until", "2099-07-09")
    let refused = try home.run("thing", "claim", "Tentes", "--by", "Sami", "--qty", "2", "--when", "2099-07-09")
    #expect(refused.isFailure(64, saying: "Tentes is taken: Nour") && refused.errors.contains("--anyway"), "\(refused)")
    try home.must("thing", "claim", "Tentes", "--by", "Lina", "--when", "2099-07-09")
    try home.must("thing", "claim", "Tentes", "--by", "Sami", "--qty", "2", "--when", "2099-07-09", "--anyway")
    #expect(try home.standings("Tentes") == ["Nour": "held", "Lina": "held", "Sami": "waiting"])
    for (arguments, status, words) in [
      (["--from", "2099-08-01", "--until", "2099-08-20"], Int32(64), "10 days at most"), (["--qty", "4", "--until", "+2d"], 64, "There are 3"),
      (["--when", "2001-01-01"], 64, "is past"), (["--when", "2099-08-01", "--from", "thu"], 64, "not both"),
      (["--from", "2099-08-05", "--until", "2099-08-01"], 65, ""), (["--from", "2099-08-01 10:00"], 65, "takes a day"),
      (["--qty", "0"], 65, "whole number"),
    ] {
      let outcome = try home.run(["thing", "claim", "Tentes"] + arguments)
      #expect(outcome.isFailure(status, saying: words), "\(arguments): \(outcome)")
    }
    try home.must("thing", "edit", "Tentes", "--broken", "yes")
    #expect(try home.run("thing", "claim", "Tentes", "--when", "2099-08-01").isFailure(64, saying: "is broken"))
    try home.must("thing", "edit", "Tentes", "--broken", "no", "--retired", "perdues")
    #expect(try home.run("thing", "claim", "Tentes", "--when", "2099-08-01").isFailure(64, saying: "perdues"))
    #expect(try home.titles("thing", "ls").isEmpty && home.titles("thing", "ls", "--all") == ["Tentes"])
    #expect(try home.json("need", "ls").isEmpty)
  }

  @Test func `only the keeper grants, and a grant waits for its courier`() throws {
    let places = try Places()
    let drill = try places.paris.id("thing", "add", "Perceuse", "--keep")
    try places.meet()
    let claim = try places.athens.id("thing", "claim", drill, "--by", "Eleni", "--when", "2099-12-03")
    #expect(try places.athens.must("thing", "show", drill).output.contains("requested: Cantine hasn't answered"))
    #expect(try places.athens.run("thing", "grant", claim).isFailure(13, saying: "its keeper, Cantine"))
    #expect(try places.athens.run("thing", "out", claim).isFailure(64, saying: "requested"))
    try places.meet()
    #expect(try places.paris.must("thing", "ls").output.contains("1 request to answer"))
    try places.paris.must("thing", "grant", "Perceuse")
    try places.paris.must("thing", "claim", drill, "--by", "Nour", "--when", "2099-12-03", "--anyway")
    #expect(try places.paris.run("thing", "grant", "Nour").isFailure(64, saying: "granted to Eleni"))
    try places.meet()
    #expect(try places.athens.standings(drill) == ["Eleni": "granted", "Nour": "requested"])
    try places.paris.must("thing", "grant", "Nour", "--anyway")
    try places.meet()
    #expect(try places.athens.must("conflicts").output.contains("GRANTED BEYOND what there is, with Eleni"))
    try places.paris.must("thing", "decline", "Nour")
    #expect(try places.paris.must("conflicts").output == "No conflicts.\n")
    try places.athens.must("thing", "out", "Eleni", "--on", "2020-01-01")
    try places.athens.must("thing", "edit", drill, "--keeper", "Steki")
    try places.meet()
    #expect(try places.paris.run("thing", "decline", "Eleni").isFailure(13, saying: "Steki"))
    #expect(try places.paris.standings(drill)["Eleni"] == "granted")
  }

  @Test func `what is out stands in the agenda until it is back`() throws {
    let home = try foundedHome()
    try home.must("thing", "add", "Perceuse")
    try home.must("thing", "claim", "Perceuse", "--by", "Nour", "--until", "+2d")
    #expect(try !home.must("agenda").output.contains("Due back"))
    try home.must("thing", "out", "Nour")
    #expect(try home.must("agenda").output.contains("Due back") && home.must("agenda", "--plain").output.hasSuffix("\tPerceuse\tNour\n"))
    #expect(try !home.must("agenda", "--from", "+3d").output.contains("Perceuse"))
    try home.must("thing", "back", "Nour")
    #expect(try !home.must("agenda").output.contains("Perceuse"))
  }

  @Test func `counts and takings of two places add up, and two counts at once are told`() throws {
    let places = try Places()
    try places.paris.must("stock", "add", "Riz", "--unit", "kg", "--minimum", "5")
    try places.paris.must("stock", "in", "Riz", "10")
    try places.meet()
    try places.paris.must("stock", "count", "Riz", "9,5")
    try places.athens.must("stock", "out", "Riz", "3", "--by", "Eleni")
    try places.meet()
    for home in places.both {
      #expect(try home.amount("Riz") == "6.5")
      #expect(try home.must("conflicts").output == "No conflicts.\n")
    }
    try places.paris.must("stock", "count", "Riz", "6")
    try places.athens.must("stock", "count", "Riz", "6")
    try places.meet()
    for home in places.both {
      #expect(try home.amount("Riz") == "5.5")
      #expect(try home.must("conflicts").output.contains("Count again."))
      #expect(try home.must("stock", "ls").output.contains("! count again"))
    }
    try places.athens.must("stock", "count", "Riz", "4")
    try places.meet()
    #expect(try places.paris.must("stock", "ls").output.contains("BELOW MINIMUM (5 kg)"))
    #expect(try places.paris.must("conflicts").output == "No conflicts.\n")
  }

  @Test func `a stock moves, is undone, and isn't emptied by mistake`() throws {
    let home = try foundedHome()
    for title in ["Riz", "Sacs de riz"] { try home.must("stock", "add", title, "--unit", "kg") }
    let (rice, bags) = (try home.id("stock", "show", "Riz"), try home.id("stock", "show", "Sacs de riz"))
    try home.must("stock", "in", rice, "5", "--best-before", "2027-01-01")
    #expect(try home.run("stock", "out", rice, "7").isFailure(64, saying: "there is 5 kg"))
    #expect(try home.run("stock", "out", rice, "1l").isFailure(64, saying: "kept in kg"))
    #expect(try home.run("stock", "out", rice, "0").isFailure(64, saying: "more than nothing"))
    #expect(try home.run("stock", "in", rice, "peu").isFailure(65, saying: "no amount"))
    try home.must("stock", "move", rice, "2", "--to", bags)
    #expect(try home.amount(rice) == "3" && home.amount(bags) == "2")
    try home.must("undo")
    #expect(try home.amount(rice) == "5" && home.amount(bags) == nil)
    try home.must("stock", "out", rice, "7", "--anyway")
    #expect(try home.amount(rice) == "-2")
    try home.must("stock", "rm", rice)
    #expect(try home.json("search", "spoiled").isEmpty)
  }

  @Test func `a claim tells from whom nothing was heard of late`() throws {
    let places = try Places()
    try places.paris.must("thing", "add", "Perceuse", "--capacity", "3")
    #expect(try !places.paris.must("thing", "claim", "Perceuse").output.contains("Not heard"))
    let (silent, code) = (Home(), try places.paris.code("--stick"))
    try silent.must("join", code, "--request", silent.file("r"), "--name", "Ateneu", "--no-passphrase")
    try places.paris.must("invite", "admit", silent.file("r"), silent.file("a"))
    let claimed = try places.paris.must("thing", "claim", "Perceuse")
    #expect(claimed.output.contains("Not heard from ") && claimed.output.contains(" ever. What they claimed since can't be known here."))
    try places.paris.must("thing", "add", "Scie", "--privacy", "place")
    #expect(try !places.paris.must("thing", "claim", "Scie").output.contains("Not heard"))
  }

  @Test func `claims go where their thing goes, and have to be granted again there`() throws {
    let home = try foundedHome()
    let drill = try home.id("thing", "add", "Perceuse", "--keep")
    try home.must("thing", "claim", drill, "--by", "Nour", "--when", "2099-12-03")
    try home.must("thing", "grant", "Nour")
    let moved = try home.must("thing", "edit", drill, "--privacy", "place").output
    #expect(moved.contains("1 claim went along.") && moved.contains("granted again"))
    #expect(try home.standings("Perceuse") == ["Nour": "requested"])
    try home.must("thing", "rm", "Perceuse")
    #expect(try home.run("thing", "grant", "Nour").status == 4 && home.titles("thing", "ls").isEmpty)
  }

  @Test func `an export comes in again with its claims and its sums`() throws {
    let home = try foundedHome()
    try home.must("thing", "add", "Perceuse", "--part", "mèches", "--deposit", "20 €")
    try home.must("thing", "claim", "Perceuse", "--by", "Nour", "--when", "2099-12-03")
    try home.must("stock", "add", "Riz", "--unit", "kg")
    for command in [["in", "Riz", "10"], ["out", "Riz", "0.5"], ["count", "Riz", "9"], ["count", "Riz", "8.5"]] {
      try home.run(["stock"] + command)
    }
    try home.must("export", "jsonl", "--no-authors", "-o", home.file("out.jsonl"))
    let other = try Home.founding("Ailleurs")
    try other.must("import", home.file("out.jsonl"), "--yes")
    #expect(try other.amount("Riz") == "8.5" && other.standings("Perceuse") == ["Nour": "held"])
    #expect(try other.must("conflicts").output == "No conflicts.\n")
    let sheet = try home.write("things.csv", "name,pièces,rangement,cassé\nÉchelle,pieds;crochet,cour,non\nScie,,cave,oui\n")
    try home.must("import", sheet, "--as", "thing", "--yes")
    #expect(Set(try home.titles("thing", "ls")) == ["Perceuse", "Échelle", "Scie"])
    #expect(try home.must("thing", "ls", "scie").output.contains("BROKEN"))
  }
}
