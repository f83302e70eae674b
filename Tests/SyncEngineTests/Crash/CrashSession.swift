// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import FaultDisk
import MujawaraCrypto
import Testing

@testable import SyncEngine

/// A scripted piece of a place's life, on a disk that fails: it writes, edits, takes in a neighbour's changes in and
/// out of order, admits another, changes the key, moves records, takes back, checkpoints, rebuilds.
///
/// Every run begins from the same disk.
struct CrashSession {
  /// The place whose disk it is, and its neighbour, who reads commons.
  let place: TestPlace
  let neighbour: TestPlace
  let start: FaultDisk.Image
  private let neighbourStart: FaultDisk.Image
  private let edited: RecordID
  private let list: RecordID
  private let batches: [[Change]]
  private let newcomer = DeviceKeys.generate().card

  init() throws {
    let (disk, other) = (FaultDisk(), FaultDisk())
    place = try TestPlace(named: "A", on: disk)
    neighbour = try TestPlace(joining: place, named: "B", on: other)
    try exchange([place, neighbour])
    edited = try place.write("edited by both")
    list = try place.write("a list")
    try neighbour.take(from: place)
    neighbourStart = other.image
    let held = try neighbour.frontier().held
    try neighbour.edit(edited, "by the neighbour")
    for number in 0..<8 { try neighbour.write("of the neighbour \(number)") }
    try neighbour.edit(edited, "again by the neighbour")
    let changes = try neighbour.changes(in: .commons, held: held)
    batches = [Array(changes[..<4]), Array(changes[6...]), Array(changes[4..<6])]
    start = disk.image
  }

  /// The neighbour as it was before it wrote what the session takes in.
  func freshNeighbour() throws -> TestPlace { try TestPlace(neighbour, on: FaultDisk(neighbourStart)) }

  typealias Step = (name: String, run: (TestPlace) throws -> Void)

  /// The steps; each is acknowledged when it returns.
  var steps: [Step] {
    [
      ("write", { try $0.write("one") }),
      ("edit", { try $0.edit(edited, "by the place") }),
      ("ingest", { try take(batches[0], at: $0) }),
      ("move", move),
      ("ingest what must wait", { try take(batches[1], at: $0) }),
      ("ingest what it waited for", { try take(batches[2], at: $0) }),
      ("change the audience", changeAudience),
      ("checkpoint", checkpoint),
      ("take back", takeBack),
      ("admit", admit),
      ("share the key", { _ = try $0.replica.settle() }),
      ("change the key", changeKey),
      ("note what the neighbour holds", noteHeld),
      ("write at home", { try $0.write("home", to: $0.home) }),
      ("rebuild", { try $0.replica.rebuild() }),
      ("write long", { try $0.write(String(repeating: "long ", count: 3_000)) }),
    ]
  }

  private func take(_ changes: [Change], at place: TestPlace) throws {
    let report = try place.replica.ingest(changes)
    #expect(report.refused.isEmpty)
  }

  private func move(_ place: TestPlace) throws {
    let position = Position(list: list, key: try #require(OrderKey.between(nil, nil, tag: RunTag(1, 2, 3))))
    try place.replica.commit(
      to: place.commons, [ContentEntry(.existing(edited), [FieldEdits(SystemField.at, position.value)])])
  }

  /// Two changes in two spaces, of which neither may be there without the other.
  private func changeAudience(_ place: TestPlace) throws {
    let old = try place.write("for the place alone")
    let new = old.moved(to: place.home)
    let arriving = ContentEntry(
      .existing(new),
      [
        FieldEdits(SystemField.alive, .bool(true)), FieldEdits(SystemField.kind, .int(12)),
        FieldEdits(titleField, .text("for the place alone")),
      ])
    let leaving = ContentEntry(
      .existing(old), [FieldEdits(SystemField.alive, .bool(false)), FieldEdits(SystemField.moved, .reference(new))])
    try place.replica.commit([(place.home, [arriving]), (place.commons, [leaving])])
  }

  /// What a writer does that finds the write-ahead log long.
  private func checkpoint(_ place: TestPlace) throws {
    do { try place.replica.database.connection.checkpoint() } catch { throw StoreError(error) }
  }

  private func takeBack(_ place: TestPlace) throws {
    let last = try #require(try place.replica.lastOwnChange())
    let back = try #require(try place.replica.compensation(for: last))
    try place.replica.commit(to: back.space, back.entries, undoes: back.undoes)
  }

  private func admit(_ place: TestPlace) throws {
    guard try place.replica.membership().devices[newcomer.device] == nil else { return }
    try place.replica.commitGovernance([.placeAdmit(card: newcomer, role: 2, invite: nil, countersign: nil)])
  }

  private func changeKey(_ place: TestPlace) throws {
    try place.replica.database.write {
      let ingestion = Ingestion(place.replica)
      try place.replica.rotate(.commons, ingestion)
      _ = try ingestion.finish()
    }
  }

  private func noteHeld(_ place: TestPlace) throws {
    try place.replica.peerHolds(neighbour.replica.deviceID, space: place.commons, place.frontier().held)
  }
}

/// How far each log of a replica goes, and what stands at its end.
struct Extent: Hashable {
  let tips: [LogID: Frontier.Entry]

  init(_ place: TestPlace) throws {
    var tips: [LogID: Frontier.Entry] = [:]
    for space in [SpaceID.zero, place.commons, place.home] {
      for entry in try place.frontier(space).entries { tips[entry.log] = entry }
    }
    self.tips = tips
  }

  /// Whether all of it stands in `place`, change for change.
  func isHeld(by place: TestPlace) throws -> Bool {
    try tips.values.allSatisfy { try place.replica.ids(of: $0.log, at: $0.seq).contains($0.tip) }
  }
}
