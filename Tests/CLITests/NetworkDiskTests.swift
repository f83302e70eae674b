// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation
import Glibc
import Testing

/// A file system of its own in memory, gone with the value.
final class Mount: Sendable {
  let path: String

  /// Whether this user may mount anything.
  static let isPossible: Bool = (try? Mount(size: "1m")) != nil

  init(size: String) throws {
    path = NSTemporaryDirectory() + "mujawara-mount-" + UUID().uuidString
    mkdir(path, 0o700)
    guard mount("tmpfs", path, "tmpfs", 0, "size=\(size),mode=700") == 0 else {
      rmdir(path)
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EPERM)
    }
  }

  deinit {
    umount2(path, Int32(MNT_DETACH))
    rmdir(path)
  }

  func set(readOnly: Bool) throws {
    let flags = UInt(MS_REMOUNT) | (readOnly ? UInt(MS_RDONLY) : 0)
    let isSet = mount("tmpfs", path, "tmpfs", flags, nil) == 0
    try #require(isSet)
  }

  private var ballast: String { path + "/ballast" }

  /// Leaves so many bytes free, about.
  func fill(leaving free: Int) throws {
    let descriptor = open(ballast, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    defer { close(descriptor) }
    let block = [UInt8](repeating: 0, count: 4_096)
    while write(descriptor, block, block.count) == block.count {}
    var status = stat()
    fstat(descriptor, &status)
    ftruncate(descriptor, max(0, status.st_size - off_t(free)))
  }

  func empty() { unlink(ballast) }
}

@Suite("On a disk", .enabled(if: Mount.isPossible, "this user may not mount a file system to try it on"))
struct NetworkDiskTests {
  // MARK: Read-only

  @Test func `that is read-only, everything is read and nothing written`() throws {
    let disk = try Mount(size: "16m")
    let a = try Home.founding("Cantine", in: disk.path + "/replica")
    try a.must("need", "add", "Riz")
    let before = try a.digest()
    try disk.set(readOnly: true)
    #expect(try a.digest() == before)
    #expect(try a.titles("need") == ["Riz"])
    #expect(try a.isWhole())
    for command in [["need", "add", "Farine"], ["invite"], ["peer", "add", "x", "127.0.0.1:1"], ["undo"]] {
      let outcome = try a.run(command)
      #expect(outcome.isFailure(74, saying: "read-only"), "\(command): \(outcome)")
    }
    try a.must("bundle", "write", a.file("b.mjb"))
    #expect(try Home(in: disk.path + "/other").run("init", "B", "--no-passphrase").isFailure(74))
    try disk.set(readOnly: false)
    #expect(try a.digest() == before)
    try a.must("need", "add", "Farine")
    #expect(try a.isWhole())
  }

  @Test func `that is read-only, a stick is said to be so`() throws {
    let stick = try Mount(size: "1m")
    let a = try Home.founding("Cantine")
    try a.must("bundle", "write", stick.path + "/b.mjb")
    try stick.set(readOnly: true)
    #expect(try a.run("bundle", "write", stick.path).isFailure(74, saying: "Read-only file system"))
    let b = try a.admitting("Steki")
    try b.must("bundle", "read", stick.path + "/b.mjb")
    #expect(try FileManager.default.contentsOfDirectory(atPath: stick.path) == ["b.mjb"])
  }

  // MARK: Full

  @Test func `that is full, what was there stays and is sound`() throws {
    let disk = try Mount(size: "8m")
    let a = try Home.founding("Cantine", in: disk.path + "/replica")
    try a.must("need", "add", "Riz")
    for room in [200_000, 60_000, 12_000, 4_096, 0] {
      try disk.fill(leaving: room)
      let outcome = try fillUp(a)
      #expect(outcome.isFailure(74, saying: "disk is full"), "\(room): \(outcome)")
      let held = try a.titles("need")
      #expect(held.contains("Riz"))
      #expect(try a.isWhole(), "a full disk is checked")
      disk.empty()
      #expect(try a.titles("need") == held)
      try a.must("need", "add", "After \(room)")
      #expect(try a.isWhole())
    }
  }

  /// Writes until it can't.
  private func fillUp(_ home: Home) throws -> Outcome {
    let text = String(repeating: "riz ", count: 4_000)
    for round in 0..<200 {
      let outcome = try home.run("need", "add", "Need \(round)", "--body", text)
      if outcome.status != 0 { return outcome }
    }
    throw POSIXError(.EFBIG)
  }

  @Test(arguments: [0, 8_192, 60_000])
  func `that is full, no half replica is left by init or join`(room: Int) throws {
    let disk = try Mount(size: "4m")
    let a = try Home.founding("Cantine")
    let b = Home(in: disk.path + "/replica")
    try disk.fill(leaving: room)
    #expect(try b.run("init", "Steki", "--no-passphrase").isFailure(74, saying: "disk is full"))
    #expect(access(b.folder + "/keys", F_OK) != 0 && access(b.folder + "/replica.sqlite", F_OK) != 0)
    let (serving, address) = try a.serving()
    let code = try a.code()
    let outcome = try b.run("join", code, "--at", address, "--name", "Steki", "--no-passphrase")
    #expect(outcome.isFailure(74), "\(outcome)")
    disk.empty()
    let again = try b.run("join", code, "--at", address, "--name", "Steki", "--no-passphrase")
    #expect(again.status == 0, "the same code is still good: \(again)")
    #expect(try serving.stop().status == 0)
    #expect(try a.digest() == b.digest() && b.isWhole())
  }

  @Test func `that is full, no piece of a bundle is left`() throws {
    let stick = try Mount(size: "256k")
    let a = try Home.founding("Cantine")
    try stick.fill(leaving: 32_768)
    #expect(try a.run("bundle", "write", stick.path).isFailure(74, saying: "no room"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: stick.path) == ["ballast"])
    stick.empty()
    try a.must("bundle", "write", stick.path)
    #expect(try FileManager.default.contentsOfDirectory(atPath: stick.path).count == 1)
  }

  @Test func `that is full, what comes over a link or a stick is refused, and can come again`() throws {
    let disk = try Mount(size: "8m")
    let a = try Home.founding("Cantine")
    let code = try a.code("--stick")
    let b = Home(in: disk.path + "/replica")
    try b.must("join", code, "--request", b.file("r"), "--name", "Steki", "--no-passphrase")
    try a.must("invite", "admit", b.file("r"), b.file("a"))
    try b.must("join", code, "--admission", b.file("a"))
    let body = String(repeating: "riz ", count: 12_000)
    for round in 0..<12 { try a.must("need", "add", "Need \(round)", "--body", body) }
    let bundle = a.file("b.mjb")
    try a.must("bundle", "write", bundle)
    let (serving, address) = try a.serving()
    try disk.fill(leaving: 100_000)
    let held = try b.heads()
    #expect(try b.run("bundle", "read", bundle).isFailure(74, saying: "disk is full"))
    #expect(try b.run("sync", address).isFailure(74, saying: "disk is full"))
    #expect(try b.isWhole())
    disk.empty()
    #expect(try b.heads() == held)
    #expect(try b.must("bundle", "read", bundle, "--json").json.first?["missing"] == .array([]))
    #expect(try b.must("sync", address, "--json").json.first?["converged"] == true)
    #expect(try serving.stop().status == 0)
    #expect(try a.digest() == b.digest() && b.isWhole())
  }

  @Test func `that is full, an import is taken whole or not at all, and an export leaves no piece`() throws {
    let disk = try Mount(size: "8m")
    let a = try Home.founding("Cantine", in: disk.path + "/replica")
    let rows = ["name,notes"] + (0..<400).map { "Place \($0),\(String(repeating: "riz ", count: 100))" }
    try Data(rows.joined(separator: "\n").utf8).write(to: URL(filePath: a.file("rows.csv")))
    let read = ["import", a.file("rows.csv"), "--as", "organisation", "--map", "name=title", "--map", "notes=body", "--yes"]
    for room in [0, 60_000, 400_000] {
      try disk.fill(leaving: room)
      #expect(try a.run(read).isFailure(74, saying: "disk is full"))
      #expect(try a.titles("dir").isEmpty && a.isWhole())
    }
    disk.empty()
    #expect(try a.run(read).status == 0)
    #expect(try a.titles("dir").count == 400 && a.isWhole())
    try disk.fill(leaving: 20_000)
    #expect(try a.run("export", "jsonl", "--output", disk.path + "/all.jsonl").isFailure(74, saying: "No space left"))
    #expect(access(disk.path + "/all.jsonl", F_OK) != 0)
  }

  @Test func `that is full, a serve stays up for when there is room again`() throws {
    let disk = try Mount(size: "8m")
    let a = try Home.founding("Cantine", in: disk.path + "/replica")
    let b = try a.admitting("Steki")
    let (serving, address) = try a.serving()
    let body = String(repeating: "riz ", count: 12_000)
    for round in 0..<12 { try b.must("need", "add", "Need \(round)", "--body", body) }
    try disk.fill(leaving: 60_000)
    let refused = try b.run("sync", address)
    #expect([3, 14].contains(refused.status), "\(refused)")
    #expect(serving.isRunning)
    #expect(try a.isWhole() && b.isWhole())
    disk.empty()
    #expect(try b.must("sync", address, "--json").json.first?["converged"] == true)
    #expect(try serving.stop().status == 0)
    #expect(try a.digest() == b.digest() && a.isWhole())
  }
}
