// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Foundation
import MujawaraCrypto
import Testing

@testable import SyncEngine

/// Every change of the vectors is given to a real replica of Bilal's, which does with it what its vector says.
@Suite("Ingest: vectors") struct VectorIngestTests {
  static let cases: [VectorCase] = {
    let all = try! Vectors.read("changes.json")
    return all.cases.filter { $0.facts == nil && $0.refusedBy?.hasPrefix("decoder:") != true }
  }()

  @Test("A replica does with a change what its vector says", arguments: cases)
  func taken(_ vector: VectorCase) throws {
    let folder = TestPlace.freshFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let world = WireWorld()
    let replica = try Self.bilal(world, in: folder)
    let change = try Change(envelope: VectorHex.decode(vector.hex), network: world.network)
    let before = try replica.snapshot(of: world.commons).digest
    let report = try replica.ingest([change])
    #expect(Self.outcome(report, try replica.entry(change.id)) == Self.expected(vector))
    // A second branch takes away what the first one did.
    if vector.outcome != VectorCase.Outcome.accepted && vector.outcome != VectorCase.Outcome.held {
      #expect(try replica.snapshot(of: world.commons).digest == before)
    }
    #expect(try replica.check(full: true).damage == [])
  }

  private static func expected(_ vector: VectorCase) -> String {
    vector.refusedBy.map { String($0.dropFirst("ingest:".count)) } ?? vector.outcome
  }

  private static func outcome(_ report: IngestReport, _ entry: HistoryEntry?) -> String {
    if let refused = report.refused.first { return "\(refused.reason)" }
    if report.waiting > 0 { return VectorCase.Outcome.waits }
    switch entry?.kind {
    case .held: return VectorCase.Outcome.held
    case .uncounted: return VectorCase.Outcome.uncounted
    case .sealed: return VectorCase.Outcome.unreadable
    case .strange: return VectorCase.Outcome.noEffect
    case .content, .governance, .keys, .redaction: return VectorCase.Outcome.accepted
    case .redacted: return "redacted"
    case .absent: return VectorCase.Outcome.absent
    case nil: return "gone"
    }
  }

  /// A replica that holds the world's changes and nothing else.
  private static func bilal(_ world: WireWorld, in folder: String) throws -> Replica {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let governance = world.changes.map(\.change).filter { $0.header.space == .zero }
    let replica = try Replica.join(
      in: folder, keys: world.bilal, master: SecretBytes(random: 32), names: .init(place: nil, device: "b"),
      network: world.network, anchor: [world.genesis.id], governance: governance,
      clock: { WireWorld.founded + 60 * WireWorld.minute })
    let report = try replica.ingest(world.changes.map(\.change).filter { $0.header.space != .zero })
    #expect(report.refused.isEmpty && report.waiting == 0 && report.unreadable == 0)
    return replica
  }
}

extension VectorCase: CustomTestStringConvertible {
  public var testDescription: String { name }
}
