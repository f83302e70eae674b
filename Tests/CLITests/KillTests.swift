// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation
import Glibc
import Testing

/// The program is killed at random moments, hundreds of times: what it acknowledged is there, all is whole, and it
/// goes on. `MUJAWARA_KILLS` says how often edits are killed; everything else is killed a fifth as often.
@Suite("Killed at any moment", .serialized) struct KillTests {
  private static let kills = ProcessInfo.processInfo.environment["MUJAWARA_KILLS"].flatMap { Int($0) } ?? 150
  private static let fewerKills = max(1, kills / 5)

  /// Lets a command run for up to a little longer than it took whole, then kills it, and counts those that ran still.
  private struct Killer {
    var usual: Double
    private(set) var count = 0

    init(usual: Double) { self.usual = usual }

    mutating func kill(_ running: Running) throws {
      usleep(UInt32(Double.random(in: 0...1.2 * usual) * 1_000_000))
      if running.isRunning { count += 1 }
      try running.killAll()
    }
  }

  /// How long something takes, in seconds.
  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return Double((ContinuousClock.now - start) / .seconds(1))
  }

  private func said(_ what: String) { print("== \(what)") }

  /// A shell commits edits in a loop, one command after the other, and the program prints each on a line of JSON
  /// once it is committed. The shell is killed with what it started.
  @Test func `an edit that was printed is there, and at most one more for each kill`() throws {
    let home = try Home.founding("Cantine")
    let usual = try seconds { try home.must("need", "add", "Riz", "--json") }
    var killer = Killer(usual: usual * 5)
    var acknowledged: Set<String> = ["Riz"]
    for round in 0..<Self.kills {
      let loop = try home.startShell(
        "for n in {1..1000}; do mujawara need add \"round \(round) edit $n\" --json || exit; done")
      try killer.kill(loop)
      #expect(loop.errors == "")
      for line in loop.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
        let title = try Self.title(of: line)
        acknowledged.insert(try #require(title, "\(line)"))
      }
      if round % 25 == 24 { #expect(try home.isWhole()) }
    }
    #expect(try home.isWhole())
    let held = try home.titles("need")
    #expect(held.isSuperset(of: acknowledged))
    #expect(held.count <= acknowledged.count + killer.count)
    #expect(killer.count > Self.kills / 2)
    said("edits: \(killer.count) kills survived, \(acknowledged.count) edits acknowledged, \(held.count) there")
  }

  private static func title(of line: Substring) throws -> String? {
    try JSONValue(parsing: Array(line.utf8))["fields"]?["title"]?.members?.first?.value.string
  }

  @Test func `a network that was being made is there whole, or can be made`() throws {
    let whole = Home()
    var killer = Killer(usual: try seconds { try whole.must("init", "Cantine", "--no-passphrase") })
    var made = 0
    for _ in 0..<Self.fewerKills {
      let home = Home()
      try killer.kill(try home.start("init", "Cantine", "--no-passphrase"))
      if try home.run("status").status == 10 {
        let again = try home.run("init", "Cantine", "--no-passphrase")
        if again.isFailure(1, saying: "delete the file keys") {
          unlink(home.folder + "/keys")
          try home.must("init", "Cantine", "--no-passphrase")
        } else {
          #expect(again.status == 0, "\(again)")
        }
      } else {
        made += 1
      }
      try home.must("need", "add", "Riz")
      #expect(try home.isWhole())
    }
    said("init: \(killer.count) kills survived, \(made) times the network was made")
  }

  @Test func `a sync goes on from where it was, whichever side was killed`() throws {
    let a = try Home.founding("Cantine")
    let b = try a.admitting("Steki")
    var (serving, address) = try a.serving()
    var killer = Killer(usual: try seconds { try b.must("sync", address) })
    var kept: Set<String> = []
    for round in 0..<Self.fewerKills {
      for (home, name) in [(a, "a"), (b, "b")] {
        let lines = (0..<20).map { "title of \(name) \(round).\($0)" }
        try Data((["name"] + lines).joined(separator: "\n").utf8).write(to: URL(filePath: home.file("rows.csv")))
        try home.must(
          "import", home.file("rows.csv"), "--as", "organisation", "--map", "name=title", "--source", "\(round)", "--yes")
        kept.formUnion(lines)
      }
      let sync = try b.start("sync", address)
      if round % 2 == 0 { try killer.kill(sync) } else {
        try killer.kill(serving)
        _ = try sync.end()
        (serving, address) = try a.serving()
      }
    }
    #expect(try b.must("sync", address, "--json").json.first?["converged"] == true)
    #expect(try serving.stop().status == 0)
    #expect(try a.digest() == b.digest())
    for home in [a, b] {
      #expect(try home.isWhole())
      #expect(try home.titles("dir").isSuperset(of: kept))
    }
    said("sync: \(killer.count) kills survived, \(kept.count) records on both sides")
  }

  @Test func `a bundle is whole where it has its name, and reading one can be done again`() throws {
    let a = try Home.founding("Cantine")
    let b = try a.admitting("Steki")
    let stick = a.file("stick")
    mkdir(stick, 0o700)
    let body = String(repeating: "riz ", count: 10_000)
    for number in 0..<12 { try a.must("need", "add", "Need \(number)", "--body", body) }
    try b.must("bundle", "write", b.file("name.mjb"))
    try a.must("bundle", "read", b.file("name.mjb"))
    var writer = Killer(usual: try seconds { try a.must("bundle", "write", a.file("whole.mjb")) })
    for number in 0..<Self.fewerKills {
      try writer.kill(try a.start("bundle", "write", "\(stick)/\(number).mjb"))
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: stick)
    let checker = try a.copied(b, to: "checker")
    for name in left {
      #expect(name.hasSuffix(".mjb") || name.hasPrefix(".") && name.hasSuffix(".part"), "\(name)")
      guard name.hasSuffix(".mjb") else { continue }
      #expect(try checker.run("bundle", "read", stick + "/" + name).status == 0, "\(name) is whole")
    }
    let whole = try a.copied(b, to: "fresh")
    var reader = Killer(usual: try seconds { try whole.must("bundle", "read", a.file("whole.mjb")) })
    for _ in 0..<Self.fewerKills {
      let home = try a.copied(b, to: UUID().uuidString)
      try reader.kill(try home.start("bundle", "read", a.file("whole.mjb")))
      #expect(try home.isWhole())
      try home.must("bundle", "read", a.file("whole.mjb"))
      #expect(try home.digest() == a.digest())
    }
    said("bundles: \(writer.count) kills while writing survived, \(reader.count) while reading")
  }
}

extension Home {
  /// A copy of another home's replica, in a folder beside this one.
  fileprivate func copied(_ other: Home, to name: String) throws -> Home {
    try FileManager.default.copyItem(atPath: other.folder, toPath: file(name))
    return Home(in: file(name))
  }
}
