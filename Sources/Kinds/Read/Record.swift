// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// A record as its kind reads it. What the kind doesn't know stands here too, raw.
public struct Record: Sendable {
  public let view: RecordView
  /// Nil if this version doesn't know the kind.
  public let kind: Kind?
  /// Every cell but `alive` and `kind`, by field and key.
  public let cells: [CellReading]

  public init(_ view: RecordView, history: some Arbiter) {
    self.init(view, view.state.cells, history)
  }

  /// As its readers see it: of cells that a place writes for itself, what that place wrote.
  public init(_ view: RecordView, in replica: Replica) throws {
    self.init(view, try replica.ownCells(of: view), replica.history)
  }

  private init(_ view: RecordView, _ entries: [RecordState.Entry], _ history: some Arbiter) {
    let known = Kind(view.kind)
    kind = known
    self.view = view.under(known?.presence ?? .editWins)
    cells = entries.compactMap { entry in
      guard entry.key.field != SystemField.alive, entry.key.field != SystemField.kind else { return nil }
      return CellReading(
        entry, field: known?.field(entry.key.field) ?? Self.common(entry.key.field), by: history)
    }
  }

  static func common(_ number: UInt64) -> Field? { Field.common.first { $0.number == number } }

  public var id: RecordID { view.id }
  public var space: SpaceID { view.space }
  public var isVisible: Bool { view.isVisible }

  /// `need`; `#77` for a kind of a newer version, its own name for one that a network chose.
  public var kindName: String {
    if let kind { return kind.name }
    switch view.kind {
    case .int(let number): return "#\(number)"
    case .text(let name): return name
    default: return "?"
    }
  }

  /// Deletions that somebody's edit has outlived; empty if there is none.
  public var outlivedDeletions: [OpID] {
    if case .revived(let deletions) = view.presence { return deletions }
    return []
  }

  /// The cell of a field, if it says anything.
  public func cell(_ field: UInt64, key: Value? = nil) -> CellReading? {
    cells.first { $0.key.field == field && $0.key.key == key }
  }

  /// What a field without keys says; `.null` if nothing.
  public func value(_ name: String) -> Value {
    guard let field = field(name), !field.isKeyed else { return .null }
    return cell(field.number)?.value ?? .null
  }

  public func text(_ name: String) -> String? {
    if case .text(let text) = value(name) { return text }
    return nil
  }

  /// The members of a set, in the order of their bytes.
  public func members(_ name: String) -> [String] {
    guard let field = field(name) else { return [] }
    return cells(of: field.number).compactMap { cell in
      guard cell.value == .bool(true), case .text(let member) = cell.key.key else { return nil }
      return member
    }
  }

  public func reference(_ name: String) -> RecordID? {
    if case .reference(let record) = value(name) { return record }
    return nil
  }

  public func cells(of field: UInt64) -> [CellReading] { cells.filter { $0.key.field == field } }

  /// The declared field of that name, common ones also where the kind is unknown.
  public func field(_ name: String) -> Field? {
    kind?.field(named: name) ?? (kind == nil ? Field.common.first { $0.name == name } : nil)
  }

  /// Fields that this version doesn't declare for the kind.
  public var undeclared: [CellReading] { cells.filter { $0.field == nil && $0.saysSomething } }

  /// Cells with values among which somebody has to choose.
  public var contested: [CellReading] { cells.filter(\.isContested) }

  /// Where it stands in a list.
  public var position: Position? { cell(SystemField.at).flatMap { Position($0.value) } }

  public var isPublic: Bool { value("public") == .bool(true) }
  public var isArchived: Bool { value("archived") == .bool(true) }
  /// The record that this one became when its audience changed.
  public var movedTo: RecordID? {
    if case .reference(let record) = cell(SystemField.moved)?.value { return record }
    return nil
  }
}

/// A cell with what it says and who says otherwise.
public struct CellReading: Sendable {
  public let key: CellKey
  /// Nil if this version doesn't know the field.
  public let field: Field?
  /// `.null` if it says nothing.
  public let value: Value
  /// Who wrote the value; nil if nobody has.
  public let writer: Head?
  /// All that stand, the one that is shown first.
  public let heads: [Head]
  /// Whether somebody has to choose between heads.
  public let isContested: Bool
  /// What was counted, if anything was.
  public let sum: Int64?

  init(_ entry: RecordState.Entry, field: Field?, by arbiter: some Arbiter) {
    key = entry.key
    self.field = field
    let reading = entry.cell.read(field?.policy ?? .latest, by: arbiter)
    value = reading.value
    writer = reading.writer
    isContested = !reading.competing.isEmpty
    let ranked = entry.cell.read(.conflicts, by: arbiter).competing
    let all = ranked.isEmpty ? entry.cell.heads : ranked
    heads = reading.writer.map { first in [first] + all.filter { $0 != first } } ?? all
    sum = entry.cell.sums.isEmpty ? nil : entry.cell.total
  }

  var saysSomething: Bool { value != .null || sum != nil }
}

extension Replica {
  /// The record of this id as its kind reads it, visible or not.
  public func read(_ id: RecordID) throws -> Record? {
    try record(id).map { try Record($0, in: self) }
  }

  /// The visible records of a kind; with `list`, those that stand in it. By id.
  public func read(_ kind: Kind, list: RecordID? = nil) throws -> [Record] {
    try records(kind: kind.value, list: list).map { try Record($0, in: self) }.filter(\.isVisible)
      .sorted { $0.id < $1.id }
  }

  /// Every visible record that this device reads, by id and space.
  public func readAll() throws -> [Record] {
    var all: [Record] = []
    try eachRecord { if $0.isVisible { all.append(try Record($0, in: self)) } }
    return all.filter(\.isVisible).sorted { ($0.id, $0.space) < ($1.id, $1.space) }
  }

  /// The records that were deleted, and didn't move to another audience. By id and space.
  public func readDeleted() throws -> [Record] {
    var all: [Record] = []
    try eachRecord { view in
      guard view.presence != .visible, view.presence != .absent, !view.state.hasMoved else { return }
      let record = try Record(view, in: self)
      if record.view.presence == .deleted { all.append(record) }
    }
    return all.sorted { ($0.id, $0.space) < ($1.id, $1.space) }
  }

  /// The record that a reference means today: where it has moved to another space that this device reads,
  /// what it became. Nil if nothing readable is left of it.
  public func follow(_ id: RecordID) throws -> Record? {
    var id = id
    var seen: Set<RecordID> = []
    while seen.insert(id).inserted {
      guard let record = try read(id) else { return nil }
      guard !record.isVisible, let next = record.movedTo else { return record }
      id = next
    }
    return nil
  }

  /// What stands or falls with a record: what stands in a list or under an item, a thing's claims, a stock's movements.
  public func belongings(of record: Record) throws -> [Record] {
    switch record.kind {
    case .list, .item: try contents(of: record)
    case .thing: try Lending.claims(in: self)[record.id] ?? []
    case .stock: try StockLevel.movements(in: self)[record.id, default: []].filter(\.isVisible)
    default: []
    }
  }

  /// The contact points of an entry that this device reads, also those that still name what the entry was
  /// before it moved to another audience. By id.
  public func contactPoints(of id: RecordID) throws -> [Record] {
    try read(.contact).filter { contact in
      guard let entry = contact.reference("of") else { return false }
      return try entry == id || follow(entry)?.id == id
    }
  }
}
