// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation
import Testing

@Suite("A restored computer, in words") struct RestoredComputerTests {
  /// A backup of a place's folder.
  private func backup(of home: Home) throws -> Home {
    let copy = Home()
    try? FileManager.default.removeItem(atPath: copy.folder)
    try FileManager.default.copyItem(atPath: home.folder, toPath: copy.folder)
    return copy
  }

  private func carry(from one: Home, to other: Home) throws -> Outcome {
    let path = one.file(UUID().uuidString + ".mjb")
    try one.must("bundle", "write", path)
    return try other.must("bundle", "read", path)
  }

  @Test func `says what is held and of whom, and that all is well again`() throws {
    let a = try Home.founding("Cantine")
    let b = try a.admitting("Steki")
    for (one, other) in [(a, b), (b, a)] { _ = try carry(from: one, to: other) }
    let old = try backup(of: b)
    try b.must("need", "add", "Riz")
    try old.must("need", "add", "Thé")
    for home in [b, old] { _ = try carry(from: home, to: a) }

    let held = "2 changes by Steki-1 (Steki) are held: its log has two histories (a restored or cloned computer)"
    #expect(try a.must("status").output.contains(held))
    let check = try a.must("check", "--full")
    #expect(check.output.contains(held) && check.output.contains("Both are kept."))
    #expect(try a.must("log").lines.filter { $0.contains("held, its log has two histories") }.count == 2)
    let status = try a.value("held", of: "status")
    #expect(status.array?.compactMap { $0["changes"] } == [.int(2)])
    #expect(try a.must("log", "--json").json.filter { $0["kind"] == .string("held") }.count == 2)
    #expect(try a.titles("need").isEmpty)
    for arguments in [["status"], ["check"], ["log"]] {
      for line in try a.run(arguments + ["--json"]).json { #expect(JSONShapes.document.faults(of: line) == []) }
    }

    let told = try carry(from: a, to: old)
    #expect(told.output.contains("This device has written elsewhere too"))
    _ = try carry(from: old, to: a)
    #expect(try a.titles("need") == ["Riz", "Thé"])
    #expect(try !a.must("status").output.contains("held"))
    #expect(try a.isWhole() && old.isWhole())
    #expect(try a.digest() == old.digest())
  }
}
