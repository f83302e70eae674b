// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto

/// What a change does to one record.
public struct RecordOperations: Hashable, Sendable {
  public let record: RecordID
  public let isNew: Bool
  /// Ascending by op index. A new record's first two write `alive` and `kind` and share one index, and so do all
  /// that edit a field's keyed texts.
  public let ops: [Operation]
}

extension Content {
  /// The ops of the change, record by record, with indexes given and local references resolved.
  /// Edits of unknown codes take an index and do nothing else.
  /// - Parameters:
  ///   - changeID: makes the ids of new records.
  ///   - dot: the change as this replica numbers it.
  public func operations(changeID: ChangeID, dot: Dot) -> [RecordOperations] {
    let records = newRecords(changeID: changeID)
    let byIndex = Dictionary(uniqueKeysWithValues: records.map { ($0.index, $0.record) })
    let resolve = { (index: UInt32) in byIndex[index] }
    var index: UInt32 = 0
    var nextNew = 0
    return entries.map { entry in
      var ops: [Operation] = []
      ops.reserveCapacity(entry.opCount + 1)
      let record: RecordID
      switch entry.ref {
      case .existing(let existing): record = existing
      case .new(let kind):
        record = records[nextNew].record
        nextNew += 1
        let id = OpID(dot: dot, index: index)
        ops.append(Operation(cell: CellKey(field: SystemField.alive), edit: .set(.bool(true)), id: id))
        ops.append(Operation(cell: CellKey(field: SystemField.kind), edit: .set(kind.value), id: id))
        index += 1
      }
      for field in entry.fields {
        for edit in field.edits {
          let id = OpID(dot: dot, index: index)
          index += 1
          ops += edit.operations(field: field.field, id: id, resolve)
        }
      }
      return RecordOperations(record: record, isNew: entry.isNew, ops: ops)
    }
  }

  /// The ids of the records that the body makes, with the op indexes of their `new`s.
  public func newRecords(changeID: ChangeID) -> [(index: UInt32, record: RecordID)] {
    var index: UInt32 = 0
    var records: [(index: UInt32, record: RecordID)] = []
    for entry in entries {
      guard entry.isNew else { break }
      records.append((index, RecordID(change: changeID, index: index)))
      index += UInt32(entry.opCount)
    }
    return records
  }
}

extension WireEdit {
  /// None for an unknown code, and for a local reference that names no `new`, which no decoder lets through.
  fileprivate func operations(field: UInt64, id: OpID, _ resolve: (UInt32) -> RecordID?) -> [Operation] {
    switch self {
    case .set(let value): return Self.operations(field, nil, value.resolved(resolve).map(Edit.set), id)
    case .setKey(let key, let value):
      guard let key = key.resolved(resolve) else { return [] }
      return Self.operations(field, key, value.resolved(resolve).map(Edit.set), id)
    case .add(let delta): return Self.operations(field, nil, .add(delta), id)
    case .addKey(let key, let delta):
      return key.resolved(resolve).map { Self.operations(field, $0, .add(delta), id) } ?? []
    case .text(let edits): return Self.operations(field, nil, .text(edits), id)
    case .keyedTexts(let texts):
      return texts.flatMap { text in
        text.key.resolved(resolve).map { Self.operations(field, $0, .text(text.edits), id) } ?? []
      }
    case .unknown: return []
    }
  }

  private static func operations(_ field: UInt64, _ key: Value?, _ edit: Edit?, _ id: OpID) -> [Operation] {
    edit.map { [Operation(cell: CellKey(field: field, key: key), edit: $0, id: id)] } ?? []
  }
}

extension RecordID {
  /// The id of the record made by the `new` at this op index of the change.
  public init(change: ChangeID, index: UInt32) {
    var bytes = change.bytes
    appendBigEndian(index, to: &bytes)
    self.init(ID16(Hash.H("rec", bytes), at: 0))
  }

  /// The id that a record takes in the space that it moves to.
  public func moved(to space: SpaceID) -> RecordID {
    RecordID(ID16(Hash.H("moved", bytes + space.bytes), at: 0))
  }
}
