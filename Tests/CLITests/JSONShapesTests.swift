// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation
import Glibc
import Testing

/// Every line that commands have printed, held against the document.
private final class Seen {
  private(set) var schemas: Set<String> = []

  func look(_ text: String, from source: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    for line in text.split(separator: "\n") where line.hasPrefix("{") {
      let value = try JSONValue(parsing: Array(line.utf8))
      #expect(JSONShapes.document.faults(of: value) == [], "\(source): \(line)", sourceLocation: sourceLocation)
      if let schema = value["schema"]?.string { schemas.insert(schema) }
    }
  }

  /// Runs a command with `--json` and looks at what it prints; every line of its output is an object.
  @discardableResult
  func run(
    _ home: Home, _ arguments: String..., status: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [JSONValue] {
    let outcome = try home.run(arguments + ["--json"])
    #expect(outcome.status == status, "\(arguments): \(outcome)", sourceLocation: sourceLocation)
    try look(outcome.output, from: "\(arguments)", sourceLocation: sourceLocation)
    try look(outcome.errors, from: "\(arguments)", sourceLocation: sourceLocation)
    return try outcome.json
  }
}

@Suite("What programs read is as docs/json.md has it") struct JSONShapesTests {
  @Test func `every line has the members that are described, and every shape that is described is printed`() throws {
    let seen = Seen()
    let (a, b) = try joining(seen)
    try records(seen, a)
    try quarrels(seen, a, b)
    try scarcity(seen, a, b)
    try exchange(seen, a, b)
    try looks(seen, a)
    let described = JSONShapes.document.shapes.keys.sorted()
    #expect(seen.schemas.sorted() == described, "described and never printed here, or the other way round")
  }

  /// A place that founds, one that joins by stick, one that joins over a link and is waited for.
  private func joining(_ seen: Seen) throws -> (Home, Home) {
    let (a, b, c) = (Home(), Home(), Home())
    try seen.run(a, "init", "Cantine", "--device", "laptop", "--no-passphrase")
    try seen.run(a, "init", "Cantine", "--no-passphrase", status: 1)
    let code = try seen.run(a, "invite", "--stick").first?["code"]?.string ?? ""
    try seen.run(b, "join", code, "--request", b.file("r"), "--name", "Steki", "--no-passphrase")
    try seen.run(a, "invite", "admit", b.file("r"), b.file("a"))
    try seen.run(b, "join", code, "--admission", b.file("a"))
    let waiting = try a.start("invite", "--listen", "127.0.0.1:0", "--json")
    let live = try JSONValue(parsing: Array(waiting.line("invitation/1").utf8))["code"]?.string ?? ""
    let address = try JSONValue(parsing: Array(waiting.line("listening/1").utf8))["address"]?.string ?? ""
    try seen.run(c, "join", live, "--at", address, "--name", "Ateneu", "--no-passphrase")
    let waited = try waiting.end()
    try seen.look(waited.output, from: "invite --listen")
    let open = try seen.run(a, "invite").first?["invite"]?.string ?? ""
    let invites = try seen.run(a, "invite", "ls")
    #expect(invites.count == 3 && !open.isEmpty)
    let brief = try #require(try a.must("invite", "ls").lines.first { $0.contains("open") }?.split(separator: " ").first)
    try seen.run(a, "invite", "withdraw", String(brief))
    return (a, b)
  }

  private func records(_ seen: Seen, _ home: Home) throws {
    try seen.run(home, "need", "add", "Riz", "--lang", "fr", "--tag", "cantine", "--qty", "12kg")
    try seen.run(home, "need", "promise", "Riz", "--by", "Nour")
    try seen.run(home, "need", "show", "Riz", "--history")
    try seen.run(home, "offer", "add", "Pelle")
    try seen.run(home, "list", "add", "Courses")
    try seen.run(home, "item", "add", "Courses", "sel", "poivre")
    try seen.run(home, "item", "done", "sel")
    try seen.run(home, "list", "show", "Courses")
    try seen.run(home, "event", "add", "Assemblée", "--when", "2026-12-05 19:00", "--repeat", "monthly on the 5th", "--place", "Cantine")
    try seen.run(home, "event", "cancel", "Assemblée", "--on", "2027-01-05")
    try seen.run(home, "event", "rsvp", "Assemblée", "yes", "--seats", "2", "--for", "Nour", "--note", "avec soupe")
    try seen.run(home, "item", "add", "--under", "poivre", "blanc")
    try seen.run(home, "list", "show", "Courses")
    try seen.run(home, "need", "edit", "Riz", "--set", "title:ar=أرز")
    try seen.run(home, "need", "edit", "Riz", "--set", "title:fr=Riz rond")
    try seen.run(home, "need", "ls", "--outdated")
    try seen.run(home, "event", "add", "Fête", "--when", "~2026-12")
    try seen.run(home, "note", "add", "Minutes", "--text", "one\ntwo", "--held", "2026-12-05", "--meeting", "Assemblée", "--present", "Nour")
    try seen.run(home, "note", "append", "Minutes", "three")
    try seen.run(home, "note", "edit", "Minutes", "--text", "ones\nthree")
    try seen.run(home, "note", "show", "Minutes", "--history")
    try seen.run(home, "undo")
    try seen.run(home, "agenda", "--from", "2026-12-01", "--to", "2027-02-01")
    try seen.run(home, "dir", "add", "organisation", "Steki", "--phone", "+30 210", "--area", "Exarchia")
    try seen.run(home, "search", "riz")
    try seen.run(home, "undo")
    try seen.run(home, "need", "rm", "Riz")
    try seen.run(home, "restore", "--list")
    try seen.run(home, "restore", "Riz")
    try seen.run(home, "undo", "2", "--dry-run")
    try seen.run(home, "diff", "yesterday", "now")
    try seen.run(home, "show", "Riz", "--at", "now")
    let made = try home.json("need", "add", "Sel").first?["id"]?.string ?? ""
    let change = try home.json("show", made, "--history").compactMap { $0["change"]?.string }.last ?? ""
    try seen.run(home, "redact", change, "--yes")
    try seen.run(home, "import", Examples.commitments, "--as", "list", "--dry-run")
    try seen.run(home, "import", Examples.commitments, "--as", "list", "--yes")
    try seen.run(home, "export", "jsonl", "-o", home.file("out.jsonl"))
    try seen.look(String(contentsOfFile: home.file("out.jsonl"), encoding: .utf8), from: "export")
    try seen.look(home.must("export", "jsonl", "--no-authors").output, from: "export --no-authors")
    try seen.run(home, "import", home.file("out.jsonl"), "--as", "jsonl", "--yes")
    try seen.run(home, "need", "show", "nothing", status: 4)
    try seen.run(home, "need", "show", "--nothing", status: 64)
  }

  /// Claims on one thing and counts of one stock by two places at once, and a place that is never heard from.
  private func scarcity(_ seen: Seen, _ a: Home, _ b: Home) throws {
    try seen.run(a, "thing", "add", "Perceuse")
    try seen.run(a, "stock", "add", "Sucre", "--unit", "kg")
    try seen.run(a, "stock", "in", "Sucre", "10")
    try carry(seen, from: a, to: b)
    for (home, who, amount) in [(a, "Nour", "8"), (b, "Eleni", "9")] {
      try seen.run(home, "thing", "claim", "Perceuse", "--by", who, "--until", "+3d")
      try seen.run(home, "stock", "count", "Sucre", amount)
    }
    try carry(seen, from: b, to: a)
    let told = try seen.run(a, "conflicts").compactMap { $0["schema"]?.string }
    #expect(Set(told).isSuperset(of: ["mujawara/standing/1", "mujawara/level/1"]))
    try seen.run(a, "thing", "show", "Perceuse")
    try seen.run(a, "stock", "show", "Sucre")
    try seen.run(a, "thing", "out", "Nour", "--anyway")
    try seen.run(a, "agenda")
    let (c, code) = (Home(), try a.code("--stick"))
    try c.must("join", code, "--request", c.file("r"), "--name", "Loin", "--no-passphrase")
    try a.must("invite", "admit", c.file("r"), c.file("a"))
    try seen.run(a, "thing", "claim", "Perceuse", "--from", "+60d")
  }

  private func carry(_ seen: Seen, from one: Home, to other: Home) throws {
    let path = one.file(UUID().uuidString + ".mjb")
    try seen.run(one, "bundle", "write", path)
    try seen.run(other, "bundle", "read", path)
  }

  /// Two places that edit the same at once, that edit what the other deletes, and what the other takes back.
  private func quarrels(_ seen: Seen, _ a: Home, _ b: Home) throws {
    for title in ["Farine", "Thé"] { try a.must("need", "add", title, "--area", "Paris") }
    try a.must("event", "add", "Débat", "--when", "2026-12-05", "--place", "Cantine")
    try a.must("list", "add", "Achats")
    try carry(seen, from: a, to: b)
    try a.must("list", "edit", "Achats", "--privacy", "place")
    try b.must("item", "add", "Achats", "sel")
    for (home, place) in [(a, "Belleville"), (b, "Exarchia")] {
      try home.must("event", "edit", "Débat", "--place", place)
      try home.must("need", "edit", "Farine", "--area", place)
    }
    try a.must("need", "edit", "Farine", "--qty", "2")
    try b.must("need", "rm", "Farine")
    try a.must("need", "edit", "Thé", "--privacy", "place")
    try b.must("need", "edit", "Thé", "--qty", "10kg")
    try carry(seen, from: b, to: a)
    try seen.run(a, "conflicts")
    try seen.run(a, "need", "ls")
    try seen.run(a, "event", "ls")
    try seen.run(a, "blame", "Débat")
    try seen.run(a, "why", "Débat", "place")
    try seen.run(a, "why", "Farine", "alive")
    try seen.run(a, "resolve", "Débat", "place", "1")
    try seen.run(a, "undo")
  }

  private func exchange(_ seen: Seen, _ a: Home, _ b: Home) throws {
    try seen.run(b, "peer", "add", "nobody", "127.0.0.1:1")
    try seen.run(b, "sync", status: 14)
    let serving = try a.start("serve", "--listen", "127.0.0.1:0", "--json")
    let address = try JSONValue(parsing: Array(serving.line("listening/1").utf8))["address"]?.string ?? ""
    try seen.run(b, "peer", "add", "cantine", address)
    try seen.run(b, "sync", status: 3)
    try seen.run(b, "peer", "ls")
    let calling = try b.start("serve", "--listen", "127.0.0.1:0", "--json")
    _ = try calling.line("unreachable/1")
    try seen.look(calling.stop().output, from: "serve that calls")
    try seen.look(serving.stop().output, from: "serve")
    try a.must("need", "add", "Café")
    try seen.run(a, "bundle", "write", a.file("whole.mjb"))
    try seen.run(a, "bundle", "info", a.file("whole.mjb"))
    try seen.run(a, "dump", "bundle", a.file("whole.mjb"))
    try seen.run(b, "bundle", "read", a.file("whole.mjb"), a.file("none.mjb"), status: 3)
    try seen.run(b, "status")
  }

  private func looks(_ seen: Seen, _ home: Home) throws {
    try seen.run(home)
    let log = try seen.run(home, "log", "--number", "100")
    let kinds = Set(log.compactMap { $0["kind"]?.string }).sorted()
    #expect(kinds == ["content", "governance", "keys", "redacted", "redaction"])
    for change in log { try seen.run(home, "dump", "change", change["change"]?.string ?? "") }
    try seen.run(home, "check")
    try seen.run(home, "check", "--full")
    for noun in ["place", "device", "space"] { try seen.run(home, noun, "ls") }
    try seen.run(home, "place", "rename", "Cantine syrienne")
    try seen.run(home, "device", "rename", "bureau")
    try seen.run(home, "dump", "heads")
    try seen.run(home, "version")
    try seen.run(home, "exit-codes")
    try seen.run(Home(), status: 10)
  }

  // MARK: The reader of the document

  private static let small = JSONShapes("# x\n### `a/1`\n| member | |\n|---|---|\n| `schema`, `b` | |\n| `c?[].d`, `c?[].e?{}` | |\n## y\n| `z` | |\n")

  @Test(arguments: [
    ("{\"schema\":\"mujawara/a/1\",\"b\":1}", 0), ("{\"schema\":\"mujawara/a/1\",\"b\":{}}", 0),
    ("{\"schema\":\"mujawara/a/1\"}", 1), ("{\"schema\":\"mujawara/a/1\",\"b\":1,\"z\":1}", 1),
    ("{\"schema\":\"mujawara/a/1\",\"b\":1,\"c\":[]}", 0), ("{\"schema\":\"mujawara/a/1\",\"b\":1,\"c\":[{\"d\":1},{\"f\":1}]}", 2),
    ("{\"schema\":\"mujawara/a/1\",\"b\":1,\"c\":[{\"d\":1,\"e\":{\"x\":1}}]}", 0), ("{\"schema\":\"mujawara/b/1\"}", 1), ("[]", 1),
  ])
  func `finds what is missing and what isn't described`(line: String, faults: Int) throws {
    #expect(Self.small.faults(of: try JSONValue(parsing: Array(line.utf8))).count == faults)
  }
}
