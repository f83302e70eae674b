// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// Lists with their items, and items under items, as everybody sees them. Whatever people did at the same time,
/// every visible item stands in it once: in a list, or among those that stand in none.
public struct Outline: Sendable {
  /// A record with how deep it stands.
  public struct Line: Sendable {
    public let record: Record
    /// 0 for what stands directly in the list.
    public let depth: Int
    /// Whether it and another were put under each other at once, so that it stands at the end of the list where it
    /// was last.
    public let isCut: Bool
  }

  /// Items that stand in no list that is there, one of them with all that stands under it.
  public struct Loose: Sendable {
    public enum Reason: Hashable, Sendable {
      /// It was put nowhere.
      case noList
      /// What it stands in has moved to another audience, and it didn't go along.
      case moved
      /// What it stands in was deleted.
      case deleted
      /// What it stands in hasn't come here.
      case unknown
      /// It and another were put under each other, and it was in no list before.
      case cut
    }

    public let reason: Reason
    public let lines: [Line]

    public init(reason: Reason, lines: [Line]) {
      self.reason = reason
      self.lines = lines
    }
  }

  private let items: [RecordID: Record]
  private let nesting: Nesting
  /// Where records stand whose own place is ignored: the list that they were last in.
  private let homes: [RecordID: [RecordID]]

  /// Of one list, with the items that anything in it may depend on.
  public init(of list: RecordID, in replica: Replica) throws {
    self = try replica.reading {
      let lists = Set(try replica.records(kind: Kind.list.value).map(\.id))
      let parents = try replica.parents(kind: Kind.item.value).filter { $0 == list || !lists.contains($0) }
      return try Outline(try parents.flatMap { try replica.read(.item, list: $0) }, lists, replica)
    }
  }

  /// Of one list as it was at a moment; as it is if none is named.
  public init(of list: RecordID, in replica: Replica, at horizon: Horizon?) throws {
    guard let horizon else {
      try self.init(of: list, in: replica)
      return
    }
    self = try replica.reading {
      let all = try replica.readAll(at: horizon)
      let lists = Set(all.filter { $0.kind == .list }.map(\.id))
      return try Outline(all.filter { $0.kind == .item }, lists, replica, at: horizon)
    }
  }

  /// Of all lists.
  public init(in replica: Replica) throws {
    self = try replica.reading {
      let lists = Set(try replica.records(kind: Kind.list.value).map(\.id))
      return try Outline(try replica.read(.item), lists, replica)
    }
  }

  private init(_ items: [Record], _ lists: Set<RecordID>, _ replica: Replica, at horizon: Horizon? = nil) throws {
    let nesting = Nesting(items.compactMap(\.edge), by: replica.history)
    let homes = try nesting.cut.compactMap { record in
      try Self.lastList(of: record, among: lists, replica, at: horizon).map { (list: $0, record: record) }
    }
    self.items = Dictionary(uniqueKeysWithValues: items.map { ($0.id, $0) })
    self.nesting = nesting
    self.homes = Dictionary(grouping: homes, by: \.list).mapValues { $0.map(\.record) }
  }

  /// The list in which its history last put a record, by stamp and change id.
  private static func lastList(
    of record: RecordID, among lists: Set<RecordID>, _ replica: Replica, at horizon: Horizon?
  ) throws -> RecordID? {
    for entry in try replica.history(of: record).reversed() where horizon?.covers(entry.dot) ?? true {
      guard case .content(let parts, _) = entry.kind else { continue }
      for op in parts.filter({ $0.record == record }).flatMap(\.ops).reversed() where op.cell.field == SystemField.at {
        if case .set(let value) = op.edit, let list = Position(value)?.list, lists.contains(list) { return list }
      }
    }
    return nil
  }

  /// What stands in a list, or under an item.
  public func lines(under parent: RecordID) -> [Line] {
    walk(from: parent) + (homes[parent] ?? []).flatMap(cut)
  }

  private func cut(_ record: RecordID) -> [Line] {
    guard let item = items[record] else { return [] }
    return [Line(record: item, depth: 0, isCut: true)] + walk(from: record, depth: 1)
  }

  private func walk(from parent: RecordID, depth: Int = 0) -> [Line] {
    nesting.walk(from: parent).compactMap { record, level in
      items[record].map { Line(record: $0, depth: depth + level, isCut: false) }
    }
  }

  /// The items that stand in no list, by why, then by what they named, in their order. Only of all lists.
  public func loose(in replica: Replica) throws -> [Loose] {
    let lists = Set(try replica.records(kind: Kind.list.value).map(\.id))
    var loose: [Loose] = []
    for top in nesting.tops where items[top] == nil && !lists.contains(top) {
      loose.append(Loose(reason: try Self.reason(for: top, replica), lines: walk(from: top)))
    }
    let housed = Set(homes.values.joined())
    for record in nesting.cut where !housed.contains(record) { loose.append(Loose(reason: .cut, lines: cut(record))) }
    for item in items.values.sorted(by: { $0.id < $1.id }) where item.position == nil {
      let lines = [Line(record: item, depth: 0, isCut: false)] + walk(from: item.id, depth: 1)
      loose.append(Loose(reason: .noList, lines: lines))
    }
    return loose
  }

  private static func reason(for parent: RecordID, _ replica: Replica) throws -> Loose.Reason {
    guard let record = try replica.read(parent) else { return .unknown }
    return record.movedTo == nil ? .deleted : .moved
  }
}

extension Record {
  /// Where it says that it stands, with the write that says so.
  public var edge: Nesting.Edge? {
    guard let position, let op = cell(SystemField.at)?.writer?.op else { return nil }
    return Nesting.Edge(record: id, position: position, op: op)
  }

  /// Where else it was put at the same time: what its overruled positions name.
  public var otherParents: [RecordID] {
    guard let heads = cell(SystemField.at)?.heads else { return [] }
    let named = Set(heads.compactMap { Position($0.value)?.list })
    return named.filter { $0 != position?.list }.sorted()
  }
}

extension Replica {
  /// Everything that stands in a list or under an item, at whatever depth, items and lists: what goes where it goes.
  public func contents(of record: Record) throws -> [Record] {
    var found: [Record] = []
    var seen: Set<RecordID> = [record.id]
    var waiting = [record]
    while let next = waiting.popLast() {
      guard next.kind == .list || next.kind == .item else { continue }
      let under = try read(.item, list: next.id) + (next.kind == .list ? read(.list, list: next.id) : [])
      let new = under.filter { seen.insert($0.id).inserted }
      found += new
      waiting += new
    }
    return found
  }

  /// Whether a record would stand under itself if it stood under another.
  public func wouldNest(_ record: RecordID, under parent: RecordID) throws -> Bool {
    var next: RecordID? = parent
    var seen: Set<RecordID> = []
    while let one = next, seen.insert(one).inserted {
      if one == record { return true }
      next = try read(one)?.position?.list
    }
    return false
  }
}
