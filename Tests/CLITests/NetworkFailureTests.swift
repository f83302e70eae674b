// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation
import Glibc
import MujawaraCrypto
import SQLite
import SyncEngine
import Testing

/// What goes wrong in one sentence and one code, and harms nothing.
@Suite("A command that fails") struct NetworkFailureTests {
  // MARK: No replica, or one too many

  @Test(arguments: [
    ["status"], ["log"], ["check", "--full"], ["sync"], ["sync", "127.0.0.1:1"], ["serve", "--listen", "127.0.0.1:0"],
    ["invite"], ["peer", "ls"], ["bundle", "write", "x"], ["bundle", "read", "x"], ["dump", "heads"],
    ["need", "add", "Riz"], ["agenda"],
  ])
  func `without a replica says so, and makes none`(arguments: [String]) throws {
    let home = Home()
    #expect(try home.run(arguments).isFailure(10, saying: "There is no replica at \(home.folder)"))
    #expect(access(home.folder, F_OK) != 0)
  }

  @Test func `would make a second replica in the same folder`() throws {
    let a = try Home.founding("Cantine")
    let before = try a.heads()
    let code = try a.code()
    #expect(try a.run("init", "Other", "--no-passphrase").isFailure(1, saying: "already"))
    let joining = try a.run("join", code, "--at", "127.0.0.1:1", "--name", "Other", "--no-passphrase")
    #expect(joining.isFailure(1, saying: "already"), "\(joining)")
    #expect(try a.heads().count == before.count && a.isWhole())
  }

  // MARK: Passphrases

  @Test func `has no passphrase, or a wrong one`() throws {
    let home = Home()
    for (name, text) in [("right", "bocal tempête\n"), ("wrong", "bocal tempete\n"), ("empty", "\n")] {
      try text.write(toFile: home.file(name), atomically: true, encoding: .utf8)
    }
    #expect(try home.run("init", "Cantine").isFailure(64, saying: "--passphrase-file"))
    #expect(try home.run("init", "Cantine", "--passphrase-file", home.file("empty")).isFailure(64, saying: "empty"))
    #expect(access(home.folder + "/keys", F_OK) != 0)
    try home.must("init", "Cantine", "--passphrase-file", home.file("right"))
    #expect(try home.run("status").isFailure(12, saying: "--passphrase-file"))
    #expect(try home.run("status", "--passphrase-file", home.file("wrong")).isFailure(12, saying: "doesn't open"))
    #expect(try home.run("status", "--passphrase-file", home.file("none")).isFailure(12, saying: "can't be read"))
    let opened = try home.run(["check", "--full"], environment: ["MUJAWARA_PASSPHRASE_FILE": home.file("right")])
    #expect(opened.status == 0 && opened.output.contains("all is well"))
  }

  // MARK: Codes

  @Test func `has a mistyped code`() throws {
    let a = try Home.founding("Cantine")
    let b = Home()
    let code = try a.code()
    let digit = try #require(code.last)
    let wrong = code.dropLast() + (digit == "0" ? "1" : "0")
    let count = "35 digits"
    for (text, word) in [(String(wrong), "mistyped"), ("12345", count), (code + "0", count), ("", count)] {
      let outcome = try b.run("join", text, "--at", "127.0.0.1:1", "--name", "Steki", "--no-passphrase")
      #expect(outcome.isFailure(15, saying: word), "\(text): \(outcome)")
    }
    #expect(access(b.folder, F_OK) != 0, "nothing is made for a code that can't be right")
  }

  @Test func `has a code that is spent, withdrawn, or of nobody here`() throws {
    let a = try Home.founding("Cantine")
    let (serving, address) = try a.serving()
    let (spent, withdrawn) = (try a.code(), try a.code())
    try Home().must("join", spent, "--at", address, "--name", "Steki", "--no-passphrase")
    let invites = try a.must("invite", "ls").lines
    let open = try #require(invites.first { $0.contains("open") }?.split(separator: " ").first)
    try a.must("invite", "withdraw", String(open))
    let late = Home()
    for (code, word) in [(spent, "spent"), (withdrawn, "withdrawn")] {
      let outcome = try late.run("join", code, "--at", address, "--name", "Late", "--no-passphrase")
      #expect(outcome.isFailure(15, saying: word), "\(outcome)")
    }
    let good = try a.code()
    try late.must("join", good, "--at", address, "--name", "Late", "--no-passphrase")
    #expect(try a.must("place", "ls", "--json").json.count == 3, "after a refusal the same folder joins by a good code")
    #expect(try serving.stop().status == 0)
    #expect(try a.isWhole() && late.isWhole())
  }

  @Test(.enabled(if: Clock.isAfterBuild, "this computer's clock is before the program's build"))
  func `has an expired code`() throws {
    let a = Home()
    let (live, stick) = try Clock.invitations(in: a, hoursAgo: 25)
    let (serving, address) = try a.serving()
    let b = Home()
    let joining = try b.run("join", live, "--at", address, "--name", "Steki", "--no-passphrase")
    #expect(joining.isFailure(15, saying: "expired"), "\(joining)")
    #expect(try serving.stop().status == 0)
    try b.must("join", stick, "--request", b.file("r"), "--name", "Steki", "--no-passphrase")
    try a.must("invite", "admit", b.file("r"), b.file("a"))
    try b.must("join", stick, "--admission", b.file("a"))
    #expect(try a.isWhole() && b.isWhole())
  }

  // MARK: Peers

  @Test func `has nobody to call, or doesn't know whom`() throws {
    let a = try Home.founding("Cantine")
    #expect(try a.run("sync", "steki").isFailure(4, saying: "steki"))
    #expect(try a.run("sync").isFailure(64, saying: "peer add"))
    #expect(try a.run("sync", "a b:1").isFailure(64, saying: "a b:1"))
    let b = Home()
    let joining = try b.run("join", try a.code(), "--at", "127.0.0.1:1", "--name", "Steki", "--no-passphrase")
    #expect(joining.isFailure(14, saying: "refused"), "\(joining)")
    #expect(access(b.folder + "/replica.sqlite", F_OK) != 0)
    #expect(try a.isWhole())
  }

  @Test func `serves where one serves already, or where it can't listen`() throws {
    let a = try Home.founding("Cantine")
    let b = try a.admitting("Steki")
    let (serving, address) = try a.serving()
    #expect(try a.run("serve", "--listen", "127.0.0.1:0").isFailure(11, saying: "runs on this replica already"))
    #expect(try a.run("serve", "--listen", address).isFailure(11, saying: "runs on this replica already"))
    #expect(try b.run("serve", "--listen", address).isFailure(1, saying: address))
    #expect(try b.must("sync", address, "--json").json.first?["converged"] == true)
    #expect(try serving.stop().status == 0)
  }

  // MARK: Rights

  @Test func `does what this device's role doesn't allow`() throws {
    let a = try Home.founding("Cantine")
    let (serving, address) = try a.serving()
    let b = Home()
    try b.must("join", try a.code("--role", "reader"), "--at", address, "--name", "Steki", "--no-passphrase")
    #expect(try b.run("need", "add", "Riz").isFailure(13))
    #expect(try b.run("invite").isFailure(13, saying: "Only an admin"))
    #expect(try serving.stop().status == 0)
    #expect(try a.digest() == b.digest() && b.isWhole())
  }

  // MARK: Another process

  @Test func `waits for another process, and not for ever`() throws {
    let a = try Home.founding("Cantine")
    let lock = open(a.folder + "/lock", O_RDWR | O_CLOEXEC)
    try #require(lock >= 0 && flock(lock, LOCK_EX) == 0)
    let patient = try a.start(["need", "add", "Riz"])
    let impatient = try a.run(["need", "add", "Farine"], environment: ["MUJAWARA_PATIENCE": "200"])
    #expect(impatient.isFailure(11, saying: "Nothing was changed"))
    #expect(patient.isRunning)
    #expect(try a.must("status").status == 0, "reading doesn't wait")
    close(lock)
    #expect(try patient.end().status == 0)
    #expect(try a.titles("need") == ["Riz"])
    #expect(try a.isWhole())
  }

  // MARK: Files that aren't this program's

  @Test func `finds files of a newer version, and leaves them alone`() throws {
    let a = try Home.founding("Cantine")
    let (database, keys) = (a.folder + "/replica.sqlite", a.folder + "/keys")
    let known = try Patch.version(ofDatabase: database)
    try Patch.inDatabase(database, version: 99)
    #expect(try a.run("status").isFailure(67, saying: "newer version"))
    #expect(try a.run("need", "add", "Riz").isFailure(67, saying: "nothing was changed"))
    #expect(try Patch.version(ofDatabase: database) == 99)
    try Patch.inDatabase(database, version: known)
    try Patch.in(keys, at: 2, to: 2)
    #expect(try a.run("status").isFailure(67, saying: "newer version"))
    try Patch.in(keys, at: 2, to: 1)
    #expect(try a.isWhole())
  }

  @Test func `finds damaged files, and says so`() throws {
    let a = try Home.founding("Cantine")
    let b = try Home.founding("Steki")
    let keys = FileManager.default.contents(atPath: a.folder + "/keys")!
    for damaged in [Data(), keys.dropLast(), keys + [0], Data("hello".utf8)] {
      try damaged.write(to: URL(filePath: a.folder + "/keys"))
      #expect(try a.run("status").isFailure(20, saying: "key file is damaged"))
    }
    try FileManager.default.contents(atPath: b.folder + "/keys")!.write(to: URL(filePath: a.folder + "/keys"))
    #expect(try a.run("status").isFailure(20, saying: "different devices"))
    try keys.write(to: URL(filePath: a.folder + "/keys"))
    #expect(try a.isWhole())
    try Data("this is no database, but it is long enough to be read".utf8)
      .write(to: URL(filePath: b.folder + "/replica.sqlite"))
    for name in ["-wal", "-shm"] { unlink(b.folder + "/replica.sqlite" + name) }
    #expect(try b.run("status").isFailure(20))
  }
}

/// Replicas with a past. No network is older than the program's build.
enum Clock {
  static let now = UInt64(Date().timeIntervalSince1970 * 1000)
  static let isAfterBuild = now > Replica.buildDate + 2 * 86_400_000

  /// Founds a network in the home, and makes a live and a stick invitation as of so long ago: their codes.
  static func invitations(in home: Home, hoursAgo: UInt64) throws -> (live: String, stick: String) {
    let then = now - hoursAgo * 3_600_000
    let (keys, master) = try Replica.prepare(home.folder, passphrase: nil)
    let replica = try Replica.found(
      in: home.folder, keys: keys, master: master, names: .init(place: "Cantine", device: "old"), clock: { then })
    let epoch = try #require(try replica.currentEpoch(of: .commons))
    let media = [InviteDescription.Medium.live, InviteDescription.Medium.stick]
    let codes = try media.map { medium in
      let code = InvitationCode.generate()
      try replica.commitGovernance([
        .inviteCreate(
          InviteDescription(
            id: try #require(InviteID(code.id)), key: try #require(PublicKey(code.signingKey.publicKey)), role: 2,
            purpose: InviteDescription.Purpose.place, medium: medium, epoch: epoch.id,
            sealed: code.sealed(epochSecret: epoch.secret)))
      ])
      return code.text
    }
    return (codes[0], codes[1])
  }
}

/// Changes to a file behind the program's back.
enum Patch {
  static func `in`(_ path: String, at place: Int, to byte: UInt8) throws {
    var bytes = try Data(contentsOf: URL(filePath: path))
    bytes[place] = byte
    try bytes.write(to: URL(filePath: path))
  }

  /// Writes `PRAGMA user_version` as any other program would.
  static func inDatabase(_ path: String, version: Int64) throws {
    try Connection(path: path, mode: .readWrite).execute("PRAGMA user_version=\(version)")
  }

  static func version(ofDatabase path: String) throws -> Int64 {
    try Connection(path: path, mode: .readWrite).scalar("PRAGMA user_version")
  }
}
