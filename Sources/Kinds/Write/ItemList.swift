// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// A list's items in the order in which everybody sees them.
public struct ItemList: Sendable {
  public let id: RecordID
  public let items: [Record]

  /// Where an item goes.
  public enum Destination: Hashable, Sendable {
    case start, end, up, down
    /// Another item of the list.
    case before(RecordID)
    case after(RecordID)
  }

  /// What is visible of what stands directly in the list, or under the item: items, or lists under it.
  public init(_ id: RecordID, of kind: Kind = .item, in replica: Replica) throws {
    self.id = id
    let placed = try replica.read(kind, list: id).compactMap { record in
      record.position.map { (key: $0.key, record: record) }
    }
    items = placed.sorted { ($0.key, $0.record.id) < ($1.key, $1.record.id) }.map(\.record)
  }

  /// The keys as `ListOrder` takes them.
  public var order: [(OrderKey, RecordID)] {
    items.compactMap { record in record.position.map { ($0.key, record.id) } }
  }

  func index(of item: RecordID) -> Int? { items.firstIndex { $0.id == item } }

  /// The item that one should stand after for a destination; nil for the front.
  fileprivate func predecessor(of item: RecordID, _ destination: Destination) -> RecordID? {
    let others = items.map(\.id).filter { $0 != item }
    let own = index(of: item) ?? others.count
    switch destination {
    case .start: return nil
    case .end: return others.last
    case .up: return own >= 2 ? others[own - 2] : nil
    case .down: return others.isEmpty ? nil : others[min(own, others.count - 1)]
    case .after(let other): return others.contains(other) ? other : others.last
    case .before(let other):
      guard let place = others.firstIndex(of: other) else { return others.last }
      return place > 0 ? others[place - 1] : nil
    }
  }
}

extension RunTag {
  /// This process's own, chosen by chance.
  public static let session: RunTag = {
    var random = SystemRandomNumberGenerator()
    let number = random.next()
    return RunTag(
      UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8),
      UInt8(truncatingIfNeeded: number >> 16))
  }()
}

extension RecordEditor {
  private static let at = CellKey(field: SystemField.at)

  /// Puts an existing item somewhere in a list, its own or another: normally one write. Where there is no room,
  /// its neighbours get new keys, each in its own space.
  public mutating func place(
    _ item: Record, in list: ItemList, _ destination: ItemList.Destination, tag: RunTag = .session
  ) {
    let after = list.predecessor(of: item.id, destination)
    var order = list.order
    if item.position?.list != list.id { order.removeAll { $0.1 == item.id } }
    for (id, key) in ListOrder.place(item.id, after: after, in: order, tag: tag) {
      let record = id == item.id ? item : list.items.first { $0.id == id }
      guard let record else { preconditionFailure("a neighbour stands in the list") }
      set(edit(record), Self.at, to: Position(list: list.id, key: key).value)
    }
  }

  /// Adds a new item at the end of a list that is there.
  public mutating func append(_ item: Handle, to list: ItemList, tag: RunTag = .session) {
    let name = WireValue.value(.reference(list.id))
    if tails[name] == nil { tails[name] = list.order.last?.0 }
    if let key = OrderKey.between(tails[name], nil, tag: tag) {
      tails[name] = key
      return set(item, Self.at, to: .tuple(Position.tag, [name, .value(.bytes(key.bytes))]))
    }
    makeRoom(for: item, in: list, tag: tag)
  }

  /// Adds a new item at the end of a list that this editor makes.
  public mutating func append(_ item: Handle, to list: Handle, tag: RunTag = .session) {
    let name = reference(to: list)
    guard let key = OrderKey.between(tails[name], nil, tag: tag) else {
      preconditionFailure("a list of one run always has room at its end")
    }
    tails[name] = key
    set(item, Self.at, to: .tuple(Position.tag, [name, .value(.bytes(key.bytes))]))
  }

  /// Where the last keys have grown to their limit, the items at the end get new ones.
  private mutating func makeRoom(for item: Handle, in list: ItemList, tag: RunTag) {
    let stranger = RecordID(ID16(high: .max, low: .max))
    for (id, key) in ListOrder.place(stranger, after: list.items.last?.id, in: list.order, tag: tag) {
      let position = Position(list: list.id, key: key).value
      if id == stranger {
        tails[.value(.reference(list.id))] = key
        set(item, Self.at, to: position)
      } else if let record = list.items.first(where: { $0.id == id }) {
        set(edit(record), Self.at, to: position)
      }
    }
  }
}
