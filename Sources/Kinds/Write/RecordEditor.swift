// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// Gathers edits of any number of records and writes them in one transaction: in one change per space, or in
/// several where one would be too large.
///
/// New records may refer to each other before they have ids.
public struct RecordEditor {
  /// A record in the making, or one that is edited.
  public struct Handle: Hashable, Sendable {
    let place: Int
  }

  /// What a write made.
  public struct Outcome: Sendable {
    public let changes: [ChangeID]
    private let ids: [RecordID]

    init(changes: [ChangeID], ids: [RecordID]) {
      self.changes = changes
      self.ids = ids
    }

    public func id(_ handle: Handle) -> RecordID { ids[handle.place] }
  }

  enum Target {
    case new(KindRef)
    case known(RecordID)
  }

  struct Draft {
    var target: Target
    let space: SpaceID
    var sets: [CellKey: WireValue] = [:]
    var adds: [CellKey: Int64] = [:]
    var proses: [CellKey: Prose] = [:]
    /// What `proses` come to once it is known what stands.
    var steps: [CellKey: [TextEdit]] = [:]
    /// Whether it goes into a change after those before it.
    var startsChange = false

    var isEmpty: Bool { sets.isEmpty && adds.isEmpty && proses.isEmpty && steps.isEmpty }
  }

  /// A text that several people write, as somebody had it before them and as they left it.
  struct Prose {
    let opened: String
    let saved: String
  }

  var drafts: [Draft] = []
  private var known: [KnownKey: Int] = [:]
  /// The last order key given out in a list, so that what is added next follows it.
  var tails: [WireValue: OrderKey] = [:]

  private struct KnownKey: Hashable { let id: RecordID, space: SpaceID }

  public init() {}

  // MARK: Records

  /// A new record.
  public mutating func create(_ kind: KindRef, in space: SpaceID) -> Handle {
    drafts.append(Draft(target: .new(kind), space: space))
    return Handle(place: drafts.count - 1)
  }

  /// A record with an id that follows from something else; made there, or made again.
  public mutating func create(_ kind: KindRef, id: RecordID, in space: SpaceID) -> Handle {
    let handle = edit(id, in: space)
    set(handle, CellKey(field: SystemField.alive), to: .bool(true))
    set(handle, CellKey(field: SystemField.kind), to: kind.value)
    return handle
  }

  /// An existing record.
  public mutating func edit(_ id: RecordID, in space: SpaceID) -> Handle {
    let key = KnownKey(id: id, space: space)
    if let place = known[key] { return Handle(place: place) }
    known[key] = drafts.count
    drafts.append(Draft(target: .known(id), space: space))
    return Handle(place: drafts.count - 1)
  }

  public mutating func edit(_ record: Record) -> Handle { edit(record.id, in: record.space) }

  public mutating func delete(_ record: Record) {
    set(edit(record), CellKey(field: SystemField.alive), to: .bool(false))
  }

  /// Takes a deletion back.
  public mutating func restore(_ record: Record) {
    set(edit(record), CellKey(field: SystemField.alive), to: .bool(true))
  }

  // MARK: Cells

  public mutating func set(_ handle: Handle, _ cell: CellKey, to value: Value) {
    drafts[handle.place].sets[cell] = .value(value)
  }

  /// A reference to a record that this editor makes.
  public mutating func set(_ handle: Handle, _ cell: CellKey, to other: Handle) {
    drafts[handle.place].sets[cell] = reference(to: other)
  }

  mutating func set(_ handle: Handle, _ cell: CellKey, to value: WireValue) {
    drafts[handle.place].sets[cell] = value
  }

  /// Makes the cell say nothing; a member of a set goes.
  public mutating func unset(_ handle: Handle, _ cell: CellKey) { set(handle, cell, to: .null) }

  public mutating func count(_ handle: Handle, _ cell: CellKey, by delta: Int64) {
    drafts[handle.place].adds[cell, default: 0] += delta
  }

  /// Makes of a text that several people write what somebody made of it. What others have made of it since it was
  /// opened stays.
  public mutating func write(_ handle: Handle, _ name: CellKey, from opened: String, to saved: String) {
    drafts[handle.place].proses[name] = Prose(opened: opened, saved: saved)
  }

  /// A field of a kind from text, as `field=text` or `field:key=text` says; throws `FieldError`.
  public mutating func set(
    _ handle: Handle, _ name: String, key: String? = nil, of kind: Kind, to text: String, _ input: FieldInput
  ) throws {
    let (cell, value) = try input.edit(try Self.field(name, of: kind, text), key: key, text: text)
    set(handle, cell, to: value)
  }

  /// Unsets a field; all its cells that the record has where it is keyed and no key is given.
  public mutating func unset(
    _ handle: Handle, _ name: String, key: String? = nil, of kind: Kind, in record: Record?,
    _ input: FieldInput
  ) throws {
    let field = try Self.field(name, of: kind, "")
    if field.isKeyed, key == nil {
      for cell in record?.cells(of: field.number) ?? [] { unset(handle, cell.key) }
    } else {
      unset(handle, try input.cell(of: field, key: key))
    }
  }

  static func field(_ name: String, of kind: Kind, _ text: String) throws -> Field {
    guard let field = kind.field(named: name), field.isTyped else {
      let known = kind.fields.filter(\.isTyped).map(\.name)
      throw FieldError(field: name, text: text, reason: .noSuchField(kind: kind.name, known: known))
    }
    return field
  }

  func reference(to handle: Handle) -> WireValue {
    switch drafts[handle.place].target {
    case .known(let id): .value(.reference(id))
    case .new: .local(UInt32(handle.place))
    }
  }

  public var isEmpty: Bool {
    drafts.allSatisfy { draft in
      if case .new = draft.target { return false }
      return draft.isEmpty
    }
  }
}
