// SPDX-License-Identifier: AGPL-3.0-or-later

import Foundation
import Glibc
import Testing

@Suite("A joining that broke off") struct JoinAgainTests {
  @Test func `by stick goes on with the same command, after the replica was made and before it was filled`() throws {
    let (a, b) = (try Home.founding("Cantine"), Home())
    try a.must("need", "add", "Riz")
    let code = try a.code("--stick")
    try b.must("join", code, "--request", b.file("r"), "--name", "Steki", "--no-passphrase")
    try a.must("invite", "admit", b.file("r"), b.file("a"))
    let notes = try Data(contentsOf: URL(filePath: b.folder + "/joining"))
    try b.must("join", code, "--admission", b.file("a"))
    #expect(access(b.folder + "/joining", F_OK) != 0)
    #expect(try b.run("join", code, "--admission", b.file("a")).isFailure(1, saying: "already"))
    try notes.write(to: URL(filePath: b.folder + "/joining"))
    try b.must("join", code, "--admission", b.file("a"))
    #expect(access(b.folder + "/joining", F_OK) != 0)
    #expect(try b.must("need", "ls").output.contains("Riz"))
    #expect(try b.must("check", "--full").status == 0)
  }

  @Test func `isn't mixed with a joining by another code`() throws {
    let (a, other, b) = (try Home.founding("Cantine"), try Home.founding("Autre"), Home())
    let (one, two) = (try a.code("--stick"), try other.code("--stick"))
    try b.must("join", one, "--request", b.file("r"), "--name", "Steki", "--no-passphrase")
    #expect(try b.run("join", two, "--request", b.file("r2"), "--name", "Steki").isFailure(1, saying: "another code"))
    #expect(access(b.file("r2"), F_OK) != 0)
  }

  @Test func `doesn't take away what another command makes in the same folder meanwhile`() throws {
    let (a, b) = (try Home.founding("Cantine"), Home())
    let (serving, address) = try a.serving()
    let (silence, silent) = try Self.silentPort()
    defer { close(silence) }
    let code = try a.code()
    let first = try b.start("join", code, "--at", silent, "--name", "Steki", "--no-passphrase")
    #expect(wait(20) { access(b.folder + "/keys", F_OK) == 0 })
    #expect(try b.run("join", code, "--at", address, "--name", "Steki", "--no-passphrase").isFailure(11))
    #expect(try first.end().status == 15)
    try b.must("join", code, "--at", address, "--name", "Steki", "--no-passphrase")
    try b.must("status")
    #expect(try serving.stop().status == 0)
  }

  /// A port that accepts and says nothing.
  private static func silentPort() throws -> (Int32, String) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port: UInt16 = try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        try #require(bind(descriptor, generic, length) == 0 && listen(descriptor, 8) == 0)
        try #require(getsockname(descriptor, generic, &length) == 0)
      }
      return UInt16(bigEndian: pointer.pointee.sin_port)
    }
    return (descriptor, "127.0.0.1:\(port)")
  }
}

@Suite("What comes from others is shown as text") struct ForeignTextTests {
  @Test func `a kind with a name that would steer the terminal`() throws {
    let a = try Home.founding("Cantine")
    let line = #"{"schema":"mujawara/record/1","id":"00112233445566778899aabbccddeeff","kind":{"named":"\u001b]0;PWN\u0007\u001b[2J\u009b1m\u202e"},"privacy":"network","fields":{"title":{"und":"x"}}}"#
    try (line + "\n").write(toFile: a.file("k.jsonl"), atomically: true, encoding: .utf8)
    try a.must("import", a.file("k.jsonl"), "--as", "jsonl", "-y")
    for command in [["log"], ["search", "x"], ["show", "0011"], ["status"], ["undo", "--dry-run"]] {
      let outcome = try a.run(command)
      let scalars = (outcome.output + outcome.errors).unicodeScalars
      #expect(!scalars.contains { $0 == "\u{1B}" || $0 == "\u{9B}" || $0 == "\u{202E}" || $0 == "\u{7}" }, "\(command)")
    }
  }

  @Test func `a stick that isn't mounted is told, and no file takes its name`() throws {
    let a = try Home.founding("Cantine")
    #expect(try a.run("bundle", "write", a.file("stick")).isFailure(64, saying: "mounted"))
    #expect(access(a.file("stick"), F_OK) != 0)
  }
}
