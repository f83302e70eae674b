// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

/// Items in two lists, moved by devices that sync now and then. Each item is a record of its own.
@Suite("Concurrent moves") struct MoveLaws {
  private static let lists = [ListLaws.item(201), ListLaws.item(202)]
  private static let items = (0..<6).map(ListLaws.item)

  @Test func `leave every item in one place, the same everywhere`() throws {
    for seed in UInt64(1)...150 {
      var devices = Devices(seed: seed)
      for item in Self.items { try move(item, by: 0, &devices) }
      for device in 1..<devices.count { devices.sync(device, from: 0) }
      for _ in 0..<25 {
        let device = devices.random.below(devices.count)
        if devices.random.chance(35) {
          devices.sync(device, from: devices.random.below(devices.count))
        } else {
          try move(devices.random.pick(Self.items), by: device, &devices)
        }
      }
      try expectAllOnce(&devices, seed: seed)
    }
  }

  private func expectAllOnce(_ devices: inout Devices, seed: UInt64) throws {
    let history = devices.history
    let here = order(history.changes, in: history)
    #expect(here.flatMap(\.self).sorted() == Self.items, "seed \(seed)")
    let elsewhere = history.renumbered((0..<UInt32(8)).shuffled(using: &devices.random))
    #expect(order(elsewhere.causalOrder(&devices.random), in: elsewhere) == here, "seed \(seed)")
    #expect(order(elsewhere.changes.reversed(), in: elsewhere) == here, "seed \(seed)")
  }

  /// Moves an item to a random place of a random list, as the device sees it.
  private func move(_ item: RecordID, by device: Int, _ devices: inout Devices) throws {
    let known = devices.knows(device)
    let list = devices.random.pick(Self.lists)
    let seen = devices.history.changes.filter { known.contains($0.dot) }
    let others = positions(seen, in: devices.history)[list] ?? []
    let after = devices.random.chance(30) ? nil : others.map(\.1).randomElement(using: &devices.random)
    let tag = OrderKeyLaws.tags[device]
    let edits = ListOrder.place(item, after: after == item ? nil : after, in: others, tag: tag)
    guard !edits.isEmpty else { return }
    devices.write(
      device,
      edits.map { (CellKey(field: SystemField.at, key: .reference($0.0)), .set(at(list, $0.1))) })
  }

  private func at(_ list: RecordID, _ key: OrderKey) -> Value { Position(list: list, key: key).value }

  private func order(_ changes: [Change], in history: History) -> [[RecordID]] {
    let positions = positions(changes, in: history)
    return Self.lists.map { positions[$0]?.map(\.1) ?? [] }
  }

  /// The test's changes hold one record each, so its items' cells stand side by side in it, keyed by item.
  private func positions(
    _ changes: [Change], in history: History
  ) -> [RecordID: [(OrderKey, RecordID)]] {
    var state = RecordState()
    for change in changes { state.apply(change, in: history, fresh: false) }
    var lists: [RecordID: [(OrderKey, RecordID)]] = [:]
    for (key, cell) in state.cells(of: SystemField.at) {
      guard case .reference(let item) = key else { continue }
      guard let position = Position(cell.read(.latest, by: history).value) else { continue }
      lists[position.list, default: []].append((position.key, item))
    }
    return lists.mapValues(ListOrder.sorted)
  }
}
