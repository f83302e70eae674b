// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Foundation
import Kinds
import SyncEngine

/// A real replica in a folder of its own, gone with the value.
final class TestPlace {
  let replica: Replica
  private let folder = NSTemporaryDirectory() + "mujawara-test-" + UUID().uuidString

  /// The founder of a network.
  init(named name: String = "Cantine", clock: UInt64 = 1_800_000_000_000) throws {
    let (keys, master) = try Replica.prepare(folder, passphrase: nil)
    replica = try Replica.found(
      in: folder, keys: keys, master: master, names: .init(place: name, device: name + " desk"),
      clock: { clock })
  }

  /// A place that joins the network of `host`, or a further device of the host's own place.
  init(
    joining host: TestPlace, named name: String = "Steki", asDevice: Bool = false, clock: UInt64 = 1_800_000_000_000
  ) throws {
    let (keys, master) = try Replica.prepare(folder, passphrase: nil)
    try host.replica.commitGovernance([
      asDevice
        ? .deviceAdmit(
          card: keys.card, role: 2, place: try host.replica.placeID()!, invite: nil, countersign: nil)
        : .placeAdmit(card: keys.card, role: 2, invite: nil, countersign: nil)
    ])
    try host.replica.settle()
    replica = try Replica.join(
      in: folder, keys: keys, master: master, names: .init(place: name, device: name + " desk"),
      network: host.replica.network, anchor: host.replica.anchor,
      governance: try host.changes(in: .governance),
      clock: { clock })
    try take(from: host)
    try replica.settle()
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var commons: SpaceID { replica.id(of: .commons) }
  var own: SpaceID { get throws { replica.id(of: .place(try replica.placeID()!)) } }

  /// All changes of a space, in causal order.
  func changes(in space: Space) throws -> [Change] {
    let source = try replica.openSender(space: replica.id(of: space), held: [:], skipping: [])
    var changes: [Change] = []
    while let run = try source.next(maxBytes: 1 << 20, maxChanges: 10_000) { changes += run.changes }
    return changes
  }

  /// Takes everything that `other` holds in governance and in the spaces that both read.
  @discardableResult
  func take(from other: TestPlace) throws -> Int {
    var new = try replica.ingest(try other.changes(in: .governance)).new
    for space in try replica.membership().spaces(readBy: replica.deviceID) {
      guard try other.replica.membership().mayRead(other.replica.deviceID, space) else { continue }
      new += try replica.ingest(try other.changes(in: space)).new
    }
    return new
  }

  /// Writes one record; fields as `field` or `field:key`.
  @discardableResult
  func add(
    _ kind: Kind, _ fields: [(String, String)] = [], privacy: Privacy? = nil
  ) throws -> RecordID {
    var editor = RecordEditor()
    let handle = try editor.create(kind, privacy, in: replica)
    for (name, text) in fields {
      let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
      try editor.set(handle, parts[0], key: parts.count > 1 ? parts[1] : nil, of: kind, to: text, input)
    }
    return try editor.commit(to: replica).id(handle)
  }

  func set(_ id: RecordID, _ name: String, _ text: String) throws {
    let record = try replica.read(id)!
    var editor = RecordEditor()
    let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
    try editor.set(
      editor.edit(record), parts[0], key: parts.count > 1 ? parts[1] : nil, of: record.kind!, to: text, input)
    try editor.commit(to: replica)
  }

  var input: FieldInput {
    FieldInput(
      today: try! CivilDate(iso: "2026-11-21"), zone: "Europe/Paris", language: "fr",
      resolve: { [replica] text in
        guard let (low, high) = ShortID.range(text),
          let id = try replica.recordIDs(from: low, to: high).first,
          let record = try replica.read(id)
        else { return nil }
        return (id, record.view.kind)
      })
  }

  func delete(_ id: RecordID) throws {
    var editor = RecordEditor()
    editor.delete(try replica.read(id)!)
    try editor.commit(to: replica)
  }
}

/// Takes from each other until nothing new comes.
func exchange(_ places: TestPlace...) throws {
  for _ in 0..<10 {
    var new = 0
    for one in places { for other in places where one !== other { new += try one.take(from: other) } }
    for place in places where try place.replica.settle() { new += 1 }
    if new == 0 { return }
  }
}
