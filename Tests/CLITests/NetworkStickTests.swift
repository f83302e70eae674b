// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation
import Testing

@Suite("Places by stick") struct NetworkStickTests {
  @Test func `join, and bring each other everything`() throws {
    let a = try Home.founding("Cantine")
    try a.must("need", "add", "Riz")
    let b = try a.admitting("Steki")
    #expect(try b.titles("need") == ["Riz"])
    try b.must("offer", "add", "Pelle")
    let bundle = a.file("b.mjb")
    try b.must("bundle", "write", bundle)
    let first = try a.must("bundle", "read", bundle, "--json").json.first
    #expect(first?["missing"] == .array([]) && first?["received"]?["new"] != .int(0), "\(first as Any)")
    #expect(try a.titles("offer") == ["Pelle"])
    let again = try a.must("bundle", "read", bundle, "--json").json.first
    #expect(again?["received"]?["new"] == .int(0), "\(again as Any)")
    try a.must("bundle", "write", b.file("a.mjb"))
    try b.must("bundle", "read", b.file("a.mjb"))
    #expect(try a.digest() == b.digest())
    #expect(try a.isWhole() && b.isWhole())
  }

  @Test func `carry for a third that neither of them is`() throws {
    let a = try Home.founding("Cantine")
    let b = try a.admitting("Steki")
    let c = try a.admitting("Ateneu")
    try a.must("bundle", "write", a.file("1.mjb"))
    try b.must("bundle", "read", a.file("1.mjb"))
    try c.must("need", "add", "Riz")
    try c.must("bundle", "write", a.file("2.mjb"))
    try b.must("bundle", "read", a.file("2.mjb"))
    try b.must("bundle", "write", a.file("3.mjb"))
    try a.must("bundle", "read", a.file("3.mjb"))
    #expect(try a.titles("need") == ["Riz"])
    #expect(try a.digest() == b.digest())
  }

  @Test func `name what is missing, and keep what builds on it waiting`() throws {
    let a = try Home.founding("Cantine")
    let b = try a.admitting("Steki")
    try b.must("bundle", "write", b.file("0.mjb"))
    try a.must("bundle", "read", b.file("0.mjb"))
    try a.must("need", "add", "One")
    try a.must("bundle", "write", a.file("1.mjb"), "--for", "Steki")
    try b.must("bundle", "read", a.file("1.mjb"))
    try b.must("bundle", "write", b.file("1.mjb"))
    try a.must("bundle", "read", b.file("1.mjb"))
    try a.must("need", "add", "Two")
    try a.must("bundle", "write", a.file("2.mjb"), "--for", "Steki")
    let outcome = try b.must("bundle", "read", a.file("2.mjb"), "--json")
    #expect(try outcome.json.first?["received"]?["new"] == .int(1), "\(outcome)")
    #expect(try b.titles("need") == ["One", "Two"])
  }

  @Test func `leave nothing but a sealed file of a rounded size on the stick`() throws {
    let a = try Home.founding("Cantine")
    let stick = a.file("stick")
    try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: true)
    try a.must("bundle", "write", stick)
    try a.must("bundle", "write", stick)
    let names = try FileManager.default.contentsOfDirectory(atPath: stick)
    #expect(names.count == 2)
    for name in names {
      #expect(name.wholeMatch(of: /[a-z2-9]{8}\.mjb/) != nil, "a name that tells nothing: \(name)")
      #expect(FileManager.default.contents(atPath: stick + "/" + name)?.count == 65_536)
    }
  }

  @Test func `join again from the request's folder after the admission was lost`() throws {
    let a = try Home.founding("Cantine")
    let b = Home()
    let code = try a.code("--stick")
    try b.must("join", code, "--request", b.file("r1"), "--name", "Steki", "--no-passphrase")
    try a.must("invite", "admit", b.file("r1"), b.file("a1"))
    try b.must("join", code, "--request", b.file("r2"), "--name", "Steki", "--no-passphrase")
    try a.must("invite", "admit", b.file("r2"), b.file("a2"))
    try b.must("join", code, "--admission", b.file("a2"))
    #expect(try a.must("place", "ls", "--json").json.count == 2)
    #expect(try b.isWhole())
  }
}
