// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// Why a cell says what it says: every write of it, which of them stand, and the rule by which one value came out.
public struct Explanation: Sendable {
  public enum Rule: String, Hashable, Sendable {
    /// One write stands: its author had seen all others.
    case only
    /// Several stand, and say the same.
    case agreed
    /// Of several the one with the latest stamp is read.
    case stamp
    /// Of several with the same stamp the one with the greatest change id is read.
    case id
    /// All are shown until somebody chooses; the first by stamp, then by change id.
    case choice
    /// It holds if anybody says so.
    case anyTrue = "any_true"
    /// It holds only if all say so.
    case allTrue = "all_true"
    case greatest
    case least
    /// What all name together.
    case union
    /// What all have counted together.
    case sum
    /// Of the record itself: somebody who made it or brought it back was not overruled.
    case present
    case deleted
    /// Deleted by people who hadn't seen an edit, and kept for the edit's sake.
    case revived
    /// It is in another audience now.
    case moved
  }

  /// One write of the cell, or one addition to it.
  public struct Write: Sendable {
    public let op: OpID
    public let edit: Edit
    /// Whether no later write has overtaken it.
    public let stands: Bool
    /// Whether the value that is read is its value.
    public let isRead: Bool
    /// The first of the writes whose authors had seen it, and so replaced it.
    public let replacedBy: OpID?
    /// Of what stands, the writes that its author hadn't seen, and whose authors hadn't seen it.
    public let unseen: [OpID]
  }

  public let record: Record
  public let cell: CellReading
  public let rule: Rule
  /// The one that is read first, then the latest first.
  public let writes: [Write]

  /// Nil if nobody has written the cell.
  public init?(of key: CellKey, in record: Record, _ replica: Replica) throws {
    let history = replica.history
    let all = record.system(by: history) + record.cells
    guard let cell = all.first(where: { $0.key == key }) else { return nil }
    self.record = record
    self.cell = cell
    rule = Self.rule(for: cell, of: record, by: history)
    let ops = try replica.history(of: record.id).flatMap { Self.ops(of: $0, on: record.id, key) }
    writes = try replica.reading { Self.writes(ops, cell, history) }
  }

  private static func ops(of entry: HistoryEntry, on record: RecordID, _ key: CellKey) -> [Operation] {
    guard case .content(let parts, _) = entry.kind else { return [] }
    let ops = parts.filter { $0.record == record }.flatMap(\.ops).filter { $0.cell == key }
    return ops.filter { op in
      if case .add = op.edit { return true }
      return op.id == ops.last?.id
    }
  }

  private static func writes(_ ops: [Operation], _ cell: CellReading, _ history: some Causality & Arbiter) -> [Write] {
    let heads = Set(cell.heads.map(\.op))
    let sets = ops.filter { if case .set = $0.edit { true } else { false } }
    let writes = ops.reversed().map { op in
      let stands = heads.contains(op.id)
      let replacement = stands ? nil : sets.first { $0.id != op.id && history.has($0.id.dot, seen: op.id.dot) }
      let unseen = heads.filter { head in
        head != op.id && !history.has(op.id.dot, seen: head.dot) && !history.has(head.dot, seen: op.id.dot)
      }
      let isRead = cell.writer?.op == op.id
      return Write(
        op: op.id, edit: op.edit, stands: stands, isRead: isRead,
        replacedBy: isAddition(op) ? nil : replacement?.id, unseen: unseen.sorted())
    }
    return writes.filter(\.isRead) + writes.filter { !$0.isRead }
  }

  private static func isAddition(_ op: Operation) -> Bool {
    if case .add = op.edit { true } else { false }
  }

  // MARK: The rule

  private static func rule(for cell: CellReading, of record: Record, by arbiter: some Arbiter) -> Rule {
    if cell.key.field == SystemField.alive { return presence(of: record) }
    if cell.sum != nil { return .sum }
    if cell.heads.count == 1 { return .only }
    if Set(cell.heads.map(\.value)).count == 1 { return .agreed }
    switch cell.field?.policy ?? .latest {
    case .latest: return tie(cell, by: arbiter)
    case .conflicts: return .choice
    case .anyTrue: return .anyTrue
    case .allTrue: return .allTrue
    case .max: return .greatest
    case .min: return .least
    case .union: return .union
    case .sum: return .sum
    }
  }

  private static func presence(of record: Record) -> Rule {
    switch record.view.presence {
    case .visible: .present
    case .revived: .revived
    case .deleted, .absent: record.view.state.hasMoved ? .moved : .deleted
    }
  }

  private static func tie(_ cell: CellReading, by arbiter: some Arbiter) -> Rule {
    let stamps = cell.heads.map { arbiter.stamp(of: $0.op.dot) }.sorted(by: >)
    return stamps[0] > stamps[1] ? .stamp : .id
  }
}
