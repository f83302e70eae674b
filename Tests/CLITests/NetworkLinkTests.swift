// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation
import Glibc
import Testing

@Suite("Places over a link") struct NetworkLinkTests {
  @Test func `join by a code, and hold the same`() throws {
    let a = try Home.founding("Cantine")
    try a.must("need", "add", "Riz")
    let (serving, address) = try a.serving()
    let b = Home()
    let code = try a.code()
    let joined = try b.must("join", code, "--at", address, "--name", "Steki", "--device", "desk", "--no-passphrase")
    #expect(joined.output.contains("Joined a network of 2 places"))
    #expect(try a.digest() == b.digest())
    try b.must("need", "add", "Farine")
    let synced = try b.must("sync")
    #expect(synced.output.contains("equal: both hold the same"))
    #expect(try a.digest() == b.digest())
    for home in [a, b] {
      #expect(try Set(home.must("place", "ls", "--json").json.map { $0["name"]?.string }) == ["Cantine", "Steki"])
      #expect(try home.must("need", "ls", "--json").json.count == 2)
      #expect(try home.isWhole())
    }
    let end = try serving.stop()
    #expect(end.status == 0 && end.output.hasSuffix("Stopping.\n") && end.errors.isEmpty)
  }

  @Test func `let a newcomer in who is waited for, and send it home with everything`() throws {
    let a = try Home.founding("Cantine")
    try a.must("need", "add", "Riz")
    let waiting = try a.start("invite", "--listen", "127.0.0.1:0")
    let address = try a.address(of: waiting, "Waiting at ")
    let code = try #require(try waiting.line("Code (one use").split(separator: " ").last.map(String.init))
    let b = Home()
    let joined = try b.must("join", code, "--at", address, "--name", "Steki", "--no-passphrase")
    #expect(!joined.output.contains("didn't finish"), "\(joined)")
    #expect(try b.must("need", "ls", "--json").json.count == 1)
    let end = try waiting.end(within: 20)
    #expect(end.status == 0 && end.output.contains("Steki") && end.output.contains("joined."))
    #expect(try a.digest() == b.digest())
    #expect(try Set(a.must("place", "ls", "--json").json.map { $0["name"]?.string }) == ["Cantine", "Steki"])
  }

  @Test func `waiting for nobody can be given up`() throws {
    let a = try Home.founding("Cantine")
    let waiting = try a.start("invite", "--listen", "127.0.0.1:0")
    _ = try waiting.line("Waiting at")
    let end = try waiting.stop(SIGINT)
    #expect(end.isFailure(130, saying: "The code stays good"))
    #expect(try a.must("invite", "ls", "--json").json.map { $0["state"]?.string } == ["open"])
  }

  @Test func `take in a further device of a place`() throws {
    let a = try Home.founding("Cantine")
    try a.must("dir", "add", "person", "Samir", "--body", "rappeler jeudi")
    let (serving, address) = try a.serving()
    let b = Home()
    try b.must("join", try a.code("--device"), "--at", address, "--device", "phone", "--no-passphrase")
    #expect(try b.must("dir", "ls", "--json").json.count == 1, "the place's own records are its too")
    #expect(try a.must("place", "ls", "--json").json.count == 1)
    #expect(try a.must("device", "ls", "--json").json.count == 2)
    #expect(try a.heads() == b.heads())
    #expect(try serving.stop().status == 0)
  }

  @Test func `bring a change to a neighbour at once, while both serve and are worked with`() throws {
    let a = try Home.founding("Cantine")
    let b = try a.admitting("Steki")
    let (servingB, addressB) = try b.serving()
    let (servingA, addressA) = try a.serving()
    try a.must("peer", "add", "steki", addressB)
    try b.must("peer", "add", "cantine", addressA)
    for round in 0..<3 {
      try a.must("need", "add", "Riz \(round)")
      try b.must("offer", "add", "Pelle \(round)")
    }
    #expect(try wait(30) { try a.digest() == b.digest() && a.titles("offer").count == 3 })
    #expect(try b.titles("need").count == 3)
    #expect(try servingA.stop().status == 0 && servingB.stop().status == 0)
    #expect(try a.isWhole() && b.isWhole())
  }

  @Test func `write from many processes at once, and lose nothing`() throws {
    let a = try Home.founding("Cantine")
    let (serving, _) = try a.serving()
    let writers = try (0..<8).map { try a.start("need", "add", "Need \($0)") }
    for writer in writers { #expect(try writer.end().status == 0) }
    #expect(try a.titles("need").count == 8)
    #expect(try serving.stop().status == 0)
    #expect(try a.isWhole())
  }

  @Test func `lose nothing when a process is killed`() throws {
    let a = try Home.founding("Cantine")
    let b = try a.admitting("Steki")
    let (serving, address) = try a.serving()
    for round in 0..<6 {
      try b.must("need", "add", "Need \(round)")
      let syncing = try b.start("sync", address)
      usleep(UInt32(round * 6_000))
      syncing.send(SIGKILL)
      try syncing.end()
    }
    serving.send(SIGKILL)
    try serving.end()
    let (again, there) = try a.serving()
    #expect(try b.must("sync", there).output.contains("equal"))
    #expect(try again.stop().status == 0)
    #expect(try a.titles("need").count == 6)
    #expect(try a.isWhole() && b.isWhole())
  }

  @Test func `call all neighbours, and say which weren't reached`() throws {
    let a = try Home.founding("Cantine")
    let b = try a.admitting("Steki")
    let (serving, address) = try a.serving()
    try b.must("peer", "add", "cantine", address)
    try b.must("peer", "add", "gone", "127.0.0.1:1")
    let outcome = try b.run("sync")
    #expect(outcome.isFailure(3, saying: "Not all neighbours were reached"))
    #expect(outcome.output.contains("1 of 2 neighbours done."))
    #expect(outcome.output.contains("gone: 127.0.0.1:1 can't be reached: Connection refused."))
    let status = try b.must("status").output
    #expect(status.contains("cantine  equal") && status.contains("gone  never reached"))
    try b.must("peer", "rm", "gone")
    try b.must("sync")
    #expect(try serving.stop().status == 0)
  }
}
