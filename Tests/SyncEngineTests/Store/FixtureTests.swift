// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Foundation
import MujawaraCrypto
import Testing

@testable import SyncEngine

/// Replicas and a bundle made by the first version, kept so that every later one is shown to open them.
/// `MUJAWARA_WRITE_FIXTURES=1` makes them anew, which only a version that has not gone out yet may do.
@Suite("Fixtures of version 1", .serialized) struct FixtureTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Fixtures/v1").standardizedFileURL.path
  static let clock: @Sendable () -> UInt64 = { 1_800_000_600_000 }

  /// What must be found in them.
  struct Facts: Codable, Equatable {
    var network: String
    var changes: Int
    var digestBefore: String
    var digestAfter: String
    var title: String
    var conflict: [String]
    var record: String
  }

  static func facts() throws -> Facts {
    try JSONDecoder().decode(Facts.self, from: Data(contentsOf: URL(filePath: folder + "/facts.json")))
  }

  /// Copies a kept replica to where it may be written.
  private func opened(_ name: String) throws -> (Replica, String) {
    let copy = TestPlace.freshFolder()
    try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: "\(Self.folder)/\(name)/keys", toPath: copy + "/keys")
    try FileManager.default.copyItem(atPath: "\(Self.folder)/\(name)/database", toPath: copy + "/replica.sqlite")
    let passphrase = { SecretBytes(copying: Array("bocal tempête lundi".utf8)) }
    return (try Replica.open(copy, passphrase: passphrase, clock: Self.clock), copy)
  }

  @Test func `open, check and can be written`() throws {
    try makeIfAsked()
    let facts = try Self.facts()
    let (replica, folder) = try opened("b")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(replica.network.hex == facts.network)
    #expect(try replica.sizes().changes == facts.changes)
    #expect(try Hex.encode(replica.snapshot(of: replica.id(of: .commons)).digest!) == facts.digestBefore)
    #expect(try replica.check(full: true).damage == [])
    let made = try replica.commit(to: replica.id(of: .commons), [ContentEntry(.new(.number(12)), [FieldEdits(4, .text("new"))])])
    #expect(try replica.record(made.created[0])?.isVisible == true)
  }

  @Test func `take in the bundle of their time`() throws {
    try makeIfAsked()
    let facts = try Self.facts()
    let (replica, folder) = try opened("b")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let report = try BundleReader.read(Self.folder + "/bundle", into: replica)
    #expect(report.received.new == 2 && report.missing.isEmpty)
    #expect(try Hex.encode(replica.snapshot(of: replica.id(of: .commons)).digest!) == facts.digestAfter)
    let record = try #require(try replica.record(RecordID(ID16(hex: facts.record)!)))
    #expect(Set(record.state[4]!.heads.map(\.value)) == Set(facts.conflict.map { Value.text($0) }))
    #expect(try replica.check(full: true).damage == [])
  }

  // MARK: Making them

  private func makeIfAsked() throws {
    guard ProcessInfo.processInfo.environment["MUJAWARA_WRITE_FIXTURES"] == "1" else { return }
    try? FileManager.default.removeItem(atPath: Self.folder)
    let (a, aFolder) = try founder()
    defer { try? FileManager.default.removeItem(atPath: aFolder) }
    let commons = a.id(of: .commons)
    let made = try a.commit(to: commons, [ContentEntry(.new(.number(12)), [FieldEdits(4, .text("خبز وزيت"))])])
    let (b, bFolder) = try joiner(of: a)
    defer { try? FileManager.default.removeItem(atPath: bFolder) }
    try b.commit(to: commons, [ContentEntry(.existing(made.created[0]), [FieldEdits(4, .text("pain"))])])
    try a.commit(to: commons, [ContentEntry(.existing(made.created[0]), [FieldEdits(4, .text("pan"))])])
    try a.commit(to: commons, [ContentEntry(.new(.name("coop/harvest")), [FieldEdits(900, .tuple(77, [.int(1), .null]))])])
    let before = try b.snapshot(of: commons).digest!
    try keep(b, bFolder, as: "b")
    try keep(a, aFolder, as: "a")
    var held = try b.snapshot(of: .zero).frontier.held
    held.merge(try b.snapshot(of: commons).frontier.held)
    _ = try BundleWriter.write(
      to: Self.folder + "/bundle", from: a, spaces: [commons], held: held, key: try BundleKey.current(of: commons, in: a))
    let changes = try b.sizes().changes
    _ = try BundleReader.read(Self.folder + "/bundle", into: b)
    let facts = Facts(
      network: a.network.hex, changes: changes, digestBefore: Hex.encode(before),
      digestAfter: Hex.encode(try b.snapshot(of: commons).digest!), title: "خبز وزيت", conflict: ["pain", "pan"],
      record: ID16(made.created[0]).hex)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(facts).write(to: URL(filePath: Self.folder + "/facts.json"))
  }

  private func founder() throws -> (Replica, String) {
    let folder = TestPlace.freshFolder()
    let (keys, master) = try Replica.prepare(folder, passphrase: nil)
    let replica = try Replica.found(
      in: folder, keys: keys, master: master, names: .init(place: "Cantine", device: "laptop"), clock: Self.clock)
    return (replica, folder)
  }

  private func joiner(of a: Replica) throws -> (Replica, String) {
    let folder = TestPlace.freshFolder()
    let passphrase = SecretBytes(copying: Array("bocal tempête lundi".utf8))
    let (keys, master) = try Replica.prepare(folder, passphrase: passphrase, ops: 1, mem: 8 << 20)
    try a.commitGovernance([.placeAdmit(card: keys.card, role: 2, invite: nil, countersign: nil)])
    try a.settle()
    let b = try Replica.join(
      in: folder, keys: keys, master: master, names: .init(place: "Steki", device: "desk"), network: a.network,
      anchor: a.anchor, governance: try all(a, .zero), clock: Self.clock)
    _ = try b.ingest(try all(a, a.id(of: .commons)))
    try b.settle()
    _ = try a.ingest(try all(b, a.id(of: .commons)))
    return (b, folder)
  }

  private func all(_ replica: Replica, _ space: SpaceID) throws -> [Change] {
    let source = try replica.openSender(space: space, held: [:], skipping: [])
    var changes: [Change] = []
    while let run = try source.next(maxBytes: 1 << 20, maxChanges: 1_000) { changes += run.changes }
    return changes
  }

  private func keep(_ replica: Replica, _ folder: String, as name: String) throws {
    let kept = "\(Self.folder)/\(name)"
    try FileManager.default.createDirectory(atPath: kept, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: folder + "/keys", toPath: kept + "/keys")
    try replica.database.connection.execute("VACUUM INTO '\(kept)/database'")
  }
}
