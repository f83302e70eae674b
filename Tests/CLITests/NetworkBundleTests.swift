// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation
import Glibc
import SyncEngine
import Testing

@Suite("A bundle that isn't right") struct NetworkBundleTests {
  /// b lacks what a's bundle brings.
  let a: Home
  let b: Home
  let bundle: String
  let bytes: Data

  init() throws {
    a = try Home.founding("Cantine")
    b = try a.admitting("Steki")
    let body = String(repeating: "riz ", count: 12_000)
    for round in 0..<3 { try a.must("need", "add", "Need \(round)", "--body", body) }
    bundle = a.file("good.mjb")
    try a.must("bundle", "write", bundle)
    bytes = FileManager.default.contents(atPath: bundle)!
  }

  /// Reads a file that must be refused: with this code, in one sentence, and nothing of it is taken.
  private func refused(
    _ content: Data, _ status: Int32, _ words: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let path = b.file(UUID().uuidString)
    try content.write(to: URL(filePath: path))
    let before = try b.heads()
    let outcome = try b.run("bundle", "read", path)
    #expect(outcome.isFailure(status, saying: words), "\(outcome)", sourceLocation: sourceLocation)
    #expect(try b.heads() == before, sourceLocation: sourceLocation)
    let left = FileManager.default.contents(atPath: path)
    #expect(left == content, "the file is left as it was", sourceLocation: sourceLocation)
  }

  /// Nothing was harmed by what was refused, and the right one is taken.
  private func conclude() throws {
    #expect(try b.isWhole())
    try b.must("bundle", "read", bundle)
    #expect(try b.titles("need") == ["Need 0", "Need 1", "Need 2"] && b.isWhole())
  }

  @Test func `because it is no bundle at all`() throws {
    try refused(Data(), 65, "no bundle")
    try refused(Data("name;phone\n".utf8), 65, "no bundle")
    try refused(Data(repeating: 0, count: 65_536), 66, "No key")
    try refused(Data((0..<65_536).map { _ in UInt8.random(in: 0...255) }), 66, "No key")
    #expect(try b.run("bundle", "read", b.file("none")).isFailure(65, saying: "There is no file"))
    #expect(try b.run("bundle", "read", b.base).isFailure(65, saying: b.base))
    symlink(bundle, b.file("link"))
    #expect(try b.run("bundle", "read", b.file("link")).isFailure(65, saying: "no ordinary file"))
    try conclude()
  }

  @Test func `because it was cut short or has grown`() throws {
    for count in [1, 703, 704, 728, 65_535, 65_536, bytes.count - 65_553, bytes.count - 1] {
      try refused(bytes.prefix(count), 65, "Nothing was taken")
    }
    try refused(bytes + [0], 65, "Nothing was taken")
    try refused(bytes + bytes, 65, "Nothing was taken")
    try conclude()
  }

  @Test func `because a bit of it was flipped`() throws {
    var changed = bytes
    for place in [0, 31] {
      changed[place] ^= 1
      try refused(changed, 66, "damaged at its start")
      changed[place] ^= 1
    }
    for place in [32 + 640, 703, 704, 727, 728, 70_000, bytes.count - 1] {
      changed[place] ^= 0x80
      try refused(changed, 65, "damaged")
      changed[place] ^= 0x80
    }
    try conclude()
  }

  @Test func `gives its intact beginning to whoever asks for that`() throws {
    let path = b.file("cut")
    try bytes.prefix(bytes.count - 1).write(to: URL(filePath: path))
    let outcome = try b.run("bundle", "read", path, "--partial")
    #expect(outcome.isFailure(3, saying: "intact beginning"), "\(outcome)")
    let taken = try b.titles("need")
    #expect(taken.isSubset(of: ["Need 0", "Need 1", "Need 2"]) && !taken.isEmpty)
    try conclude()
  }

  @Test func `because a newer version of the program made it`() throws {
    struct NoPassphrase: Error {}
    let replica = try Replica.open(a.folder, passphrase: { throw NoPassphrase() }, clock: { 0 })
    let buffer = SyncEngine.ByteBuffer()
    let key = try BundleKey.current(of: replica.id(of: .commons), in: replica)
    var sealer = try BundleSealer(key: key.secret, sink: buffer)
    // A head of version 3 alone.
    try sealer.write(Frame.encoded(type: 0x0e, payload: [0xa2, 1, 9, 9, 3]))
    _ = try sealer.finish(changes: 0)
    try refused(Data(buffer.bytes), 67, "newer version")
    try conclude()
  }

  @Test func `because it is of another network`() throws {
    let other = try Home.founding("Elsewhere")
    try other.must("bundle", "write", other.file("o.mjb"))
    try refused(FileManager.default.contents(atPath: other.file("o.mjb"))!, 66, "another network")
    #expect(try other.run("bundle", "info", bundle).isFailure(66))
    #expect(try other.isWhole())
    try conclude()
  }

  @Test func `because it is for the devices of one place`() throws {
    try a.must("bundle", "write", a.file("own.mjb"), "--own-place")
    try refused(FileManager.default.contents(atPath: a.file("own.mjb"))!, 66, "for somebody else")
    try conclude()
  }

  @Test func `because it is a request or an admission`() throws {
    let c = Home()
    let code = try a.code("--stick")
    try c.must("join", code, "--request", c.file("r"), "--name", "Late", "--no-passphrase")
    #expect(try a.run("bundle", "read", c.file("r")).isFailure(64, saying: "invite admit"))
    #expect(try a.run("invite", "admit", bundle, c.file("x")).isFailure(64, saying: "bundle read"))
    #expect(try c.run("join", code, "--admission", bundle).isFailure(66))
    #expect(try c.run("join", code, "--admission", c.file("r")).isFailure(64))
    try a.must("invite", "admit", c.file("r"), c.file("a"))
    #expect(try a.run("invite", "admit", c.file("r"), c.file("a")).isFailure(1, saying: "there already"))
    let unasked = try Home().run("join", code, "--admission", c.file("a"), "--name", "Late")
    #expect(unasked.isFailure(10, saying: "--request"), "\(unasked)")
    try c.must("join", code, "--admission", c.file("a"))
    #expect(try a.isWhole() && c.isWhole())
  }

  @Test func `because its name is taken`() throws {
    #expect(try a.run("bundle", "write", bundle).isFailure(1, saying: "there already"))
    #expect(FileManager.default.contents(atPath: bundle) == bytes)
    #expect(try a.run("bundle", "write", a.file("no/such/folder/b.mjb")).isFailure(64, saying: "no folder"))
    try conclude()
  }
}
