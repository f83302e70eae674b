// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation
import Glibc
import Testing

@Suite("Whoever joins says their name, and can try again") struct NewcomerTests {
  private static let hostName: String = {
    var buffer = [UInt8](repeating: 0, count: 256)
    gethostname(&buffer, 255)
    return String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
  }()

  private func names(_ home: Home, _ noun: String) throws -> Set<String?> {
    Set(try home.must(noun, "ls", "--json").json.map { $0["name"]?.string })
  }

  @Test func `a join without a name is refused, and nothing is made or sent`() throws {
    let a = try Home.founding("Cantine")
    let (serving, address) = try a.serving()
    let (code, b) = (try a.code(), Home())
    for way in [["--at", address], ["--request", b.file("request")], ["--at", address, "--no-input"]] {
      let refused = try b.run(["join", code, "--no-passphrase"] + way)
      #expect(refused.isFailure(64, saying: "--name NAME"), "\(refused)")
    }
    #expect(access(b.folder, F_OK) != 0 && access(b.file("request"), F_OK) != 0)
    try b.must("join", code, "--at", address, "--name", "Steki", "--no-passphrase")
    #expect(try names(a, "place") == ["Cantine", "Steki"])
    #expect(try names(a, "device") == ["Cantine-1", "Steki-1"])
    #expect(try serving.stop().status == 0)
  }

  @Test func `at a terminal the names are asked for`() throws {
    let a = try Home.founding("Cantine")
    let (serving, address) = try a.serving()
    let b = Home()
    let (status, screen) = try b.atTerminal(
      ["join", try a.code(), "--at", address, "--no-passphrase"], typing: "Steki\nbureau\n")
    #expect(status == 0 && screen.contains("What does your place call itself?"), "\(screen)")
    #expect(try names(a, "place") == ["Cantine", "Steki"])
    #expect(try names(b, "device") == ["Cantine-1", "bureau"])
    #expect(try serving.stop().status == 0)
  }

  @Test func `no name of a computer goes into a network`() throws {
    let home = Home()
    #expect(try home.run("init", "--no-passphrase").isFailure(64, saying: "init NAME"))
    try home.must("init", "Cantine", "--no-passphrase")
    #expect(try names(home, "device") == ["Cantine-1"])
    #expect(!(try names(home, "device").contains(Self.hostName)))
  }

  @Test func `a further device without a name of its own is refused, and with one belongs to the place`() throws {
    let a = try Home.founding("Cantine")
    let (serving, address) = try a.serving()
    let b = Home()
    try b.must("join", try a.code("--device"), "--at", address, "--device", "phone", "--no-passphrase")
    #expect(try names(b, "place") == ["Cantine"])
    #expect(try names(b, "device") == ["Cantine-1", "phone"])
    #expect(try serving.stop().status == 0)
  }

  // MARK: What failed leaves nothing

  @Test func `a joining that can't have been heard leaves nothing, and init or join work after it`() throws {
    let a = try Home.founding("Cantine")
    let (serving, address) = try a.serving()
    let (code, other) = (try a.code(), try Home.founding("Elsewhere").code())
    let b = Home()
    let failures: [(Int32, [String])] = [
      (14, ["join", code, "--at", "127.0.0.1:1"]), (15, ["join", other, "--at", address]),
      (64, ["join", code, "--request", b.file("no/such/folder")]),
    ]
    for (status, command) in failures {
      let failed = try b.run(command + ["--name", "Steki", "--no-passphrase"])
      #expect(failed.isFailure(status), "\(failed)")
      #expect(access(b.folder, F_OK) != 0, "\(command)")
    }
    try b.must("join", code, "--at", address, "--name", "Steki", "--no-passphrase")
    #expect(try serving.stop().status == 0)
  }

  @Test func `only what the command made goes: a folder with something in it stays`() throws {
    let (a, b) = (try Home.founding("Cantine"), Home())
    mkdir(b.folder, 0o700)
    try "mine".write(toFile: b.folder + "/note", atomically: true, encoding: .utf8)
    #expect(try b.run("join", try a.code(), "--at", "127.0.0.1:1", "--name", "Steki", "--no-passphrase").isFailure(14))
    #expect(try FileManager.default.contentsOfDirectory(atPath: b.folder) == ["note"])
  }

  @Test func `a request that waits for its admission isn't written over by init, nor lost by a failing try`() throws {
    let (a, b) = (try Home.founding("Cantine"), Home())
    let code = try a.code("--stick")
    try b.must("join", code, "--request", b.file("r"), "--name", "Steki", "--no-passphrase")
    #expect(try b.run("init", "Autre", "--no-passphrase").isFailure(1, saying: "mujawara join"))
    #expect(try b.run("join", code, "--at", "127.0.0.1:1", "--name", "Steki").isFailure(14))
    try a.must("invite", "admit", b.file("r"), b.file("a"))
    try b.must("join", code, "--admission", b.file("a"))
    #expect(try names(b, "place").contains("Steki"))
  }
}

@Suite("Mistakes in what was typed are told to programs too") struct UsageJSONTests {
  @Test(arguments: [
    ["need", "ls", "--nonsense"], ["bundle", "write"], ["join", "12345"], ["nonsense"], ["need", "add", "Riz", "--privacy", "all"],
    ["log", "--number", "many"], ["peer", "rm"],
  ])
  func `as an error object, beside the sentence`(_ command: [String]) throws {
    let home = Home()
    let outcome = try home.run(command + ["--json"])
    let last = try #require(outcome.errors.split(separator: "\n").last)
    let error = try JSONValue(parsing: Array(last.utf8))
    #expect(outcome.status == 64 && outcome.output.isEmpty, "\(outcome)")
    #expect(error["schema"] == "mujawara/error/1" && error["exit"] == 64)
    #expect(error["message"]?.string?.isEmpty == false)
    #expect(try home.run(command).status == 64)
  }

  @Test func `help is no mistake`() throws {
    let home = Home()
    let outcome = try home.run("need", "--help", "--json")
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    #expect(try home.must("help", "exit-codes").output == home.must("exit-codes").output)
    #expect(try home.must("help", "exit-codes", "--json").json.contains { $0["exit"] == 20 })
  }
}

@Suite("Sticks with several bundles") struct BundleFolderTests {
  @Test func `are read whole, in any order, and each is reported`() throws {
    let a = try Home.founding("Cantine")
    let b = try a.admitting("Steki")
    let stick = a.file("stick")
    mkdir(stick, 0o700)
    for (name, title) in [("z.mjb", "Riz"), ("a.mjb", "Sel")] {
      try a.must("need", "add", title)
      try a.must("bundle", "write", stick + "/" + name)
    }
    try "no bundle".write(toFile: stick + "/m.mjb", atomically: true, encoding: .utf8)
    try "notes".write(toFile: stick + "/notes.txt", atomically: true, encoding: .utf8)
    let partly = try b.run("bundle", "read", stick, "--json")
    #expect(partly.status == 3, "\(partly)")
    #expect(try partly.json.map { $0["schema"]?.string } == ["mujawara/bundle-read/1", "mujawara/bundle-failed/1", "mujawara/bundle-read/1"])
    #expect(try b.titles("need") == ["Riz", "Sel"])
    #expect(try b.must("bundle", "read", stick + "/a.mjb", stick + "/z.mjb").output.contains("0 new"))
  }

  @Test func `and a folder without any is said to be so`() throws {
    let a = try Home.founding("Cantine")
    #expect(try a.run("bundle", "read", a.base).isFailure(65, saying: "no bundle"))
  }

  @Test func `of one damaged from its beginning on nothing can be taken, and nobody is sent in circles`() throws {
    let a = try Home.founding("Cantine")
    let b = try a.admitting("Steki")
    try a.must("bundle", "write", a.file("b.mjb"))
    var bytes = try #require(FileManager.default.contents(atPath: a.file("b.mjb")))
    bytes[728] ^= 1
    try bytes.write(to: URL(filePath: a.file("bad.mjb")))
    #expect(try b.run("bundle", "read", a.file("bad.mjb")).errors.contains("--partial"))
    let refused = try b.run("bundle", "read", a.file("bad.mjb"), "--partial")
    #expect(refused.status != 0 && !refused.errors.contains("--partial"), "\(refused)")
  }
}

@Suite("What is known of neighbours and invitations is said") struct NeighbourWordsTests {
  @Test func `an invitation with its role and its end`() throws {
    let a = try Home.founding("Cantine")
    _ = try a.code("--role", "reader")
    let invite = try #require(try a.must("invite", "ls", "--json").json.first)
    #expect(invite["role"] == "reader" && invite["medium"] == "live" && invite["state"] == "open")
    let left = (invite["expires"]?.int ?? 0) - Int64(Date().timeIntervalSince1970 * 1000)
    #expect(left <= 86_400_000)
    let told = try a.must("invite", "ls").output
    #expect(told.contains("EXPIRES") && told.contains("reader"))
  }

  @Test func `a neighbour without a port is told which it has`() throws {
    let a = try Home.founding("Cantine")
    #expect(try a.must("peer", "add", "steki", "steki.example").output.contains("steki.example:7410 (no port was given"))
    #expect(!(try a.must("peer", "add", "steki", "steki.example:7410").output.contains("no port")))
  }

  @Test func `a failed sync says why once`() throws {
    let a = try Home.founding("Cantine")
    try a.must("peer", "add", "steki", "127.0.0.1:1")
    let failed = try a.run("sync")
    #expect(failed.isFailure(14, saying: "refused") && failed.output.isEmpty, "\(failed)")
    try a.must("peer", "add", "ateneu", "127.0.0.1:2")
    let both = try a.run("sync")
    #expect(both.isFailure(14, saying: "None of the 2") && both.lines.count == 2, "\(both)")
  }

  @Test func `an address that nobody has is refused in plain words`() throws {
    let a = try Home.founding("Cantine")
    let refused = try a.run("serve", "--listen", "nonsense.invalid")
    #expect(refused.isFailure(1, saying: "no such host"), "\(refused)")
  }
}

@Suite("The log says what was touched") struct LogTests {
  @Test func `by kind and title, and what came by an import was added`() throws {
    let home = try foundedHome()
    try home.must("need", "add", "Riz")
    try home.must("need", "edit", "Riz", "--qty", "12")
    try home.must("need", "rm", "Riz")
    try home.must("import", Examples.spaces, "--as", "organisation", "--yes")
    let log = try home.must("log").lines
    #expect(log[0].contains("added organisation “") && log[0].hasSuffix("and 242 more"))
    #expect(log[1].hasSuffix("deleted need “Riz”"))
    #expect(log[2].hasSuffix("changed need “Riz”"))
    #expect(log[3].hasSuffix("added need “Riz”"))
    #expect(log.contains { $0.contains("added place “Cantine”, device “laptop”") || $0.contains("added device “laptop”, place “Cantine”") })
    let changes = try home.json("log")
    #expect(changes[0]["touched"]?.array?.count == 245)
    #expect(changes[3]["touched"]?.array?.first?["title"] == "Riz")
  }
}

@Suite("Places and devices call themselves what they like") struct RenameTests {
  @Test func `and others learn it by the next exchange`() throws {
    let a = try Home.founding("Cantine")
    let b = try a.admitting("Steki")
    #expect(try b.must("place", "rename", "Steki Exarchia").output.contains("Steki Exarchia"))
    try b.must("device", "rename", "bureau")
    try b.must("bundle", "write", a.file("b.mjb"))
    try a.must("bundle", "read", a.file("b.mjb"))
    for home in [a, b] {
      #expect(try Set(home.json("place", "ls").map { $0["name"]?.string }) == ["Cantine", "Steki Exarchia"])
      #expect(try Set(home.json("device", "ls").map { $0["name"]?.string }) == ["Cantine-1", "bureau"])
    }
    #expect(try a.isWhole() && b.isWhole())
  }

  @Test func `a place that gave none when it joined gets one`() throws {
    let a = try Home.founding("Cantine")
    let (serving, address) = try a.serving()
    let b = Home()
    let joined = try b.must("join", try a.code(), "--at", address, "--device", "bureau", "--no-passphrase")
    #expect(joined.output.contains("mujawara place rename NAME"))
    try b.must("place", "rename", "Steki")
    try b.must("sync")
    #expect(try Set(a.json("place", "ls").map { $0["name"]?.string }) == ["Cantine", "Steki"])
    #expect(try serving.stop().status == 0)
  }

  @Test(arguments: ["", " ", String(repeating: "x", count: 201)]) func `but not nothing, and nothing endless`(_ name: String) throws {
    let a = try Home.founding("Cantine")
    #expect(try a.run("place", "rename", name).isFailure(64, saying: "name"))
    #expect(try a.json("place", "ls").map { $0["name"]?.string } == ["Cantine"])
  }
}
