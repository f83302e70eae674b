// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// What waits for somebody's decision: cells with competing values, and deletions that an edit outlived.
public struct Conflicts: Sendable {
  public struct Choice: Sendable {
    public let record: Record
    public let cell: CellReading
    /// The values that there are, each with all who wrote it; the one that is shown first.
    public let options: [Option]
  }

  public struct Option: Sendable {
    /// `.null`: that nothing stands there.
    public let value: Value
    public let writers: [Head]
  }

  public let choices: [Choice]
  /// Records that somebody deleted while somebody else edited them.
  public let revived: [Record]

  public var isEmpty: Bool { choices.isEmpty && revived.isEmpty }

  /// All that this device reads, by id and space.
  public init(in replica: Replica) throws {
    (choices, revived) = try replica.reading {
      let rivals = try replica.recordsWithRivals().map { try Record($0, in: replica) }.filter(\.isVisible)
      var revived: [Record] = []
      try replica.eachRecord { view in
        if case .revived = view.presence { revived.append(try Record(view, in: replica)) }
      }
      revived = revived.filter(\.isVisible)
      return (Self.sorted(rivals).flatMap(Self.choices), Self.sorted(revived))
    }
  }

  /// How many there are, without a look at records on which all agree.
  public static func count(in replica: Replica) throws -> Int {
    try replica.reading {
      let records = try replica.recordsWithRivals().map { try Record($0, in: replica) }
      return records.filter(\.isVisible).reduce(0) { count, record in
        count + (record.outlivedDeletions.isEmpty ? 0 : 1) + record.contested.count
      }
    }
  }

  private static func sorted(_ records: [Record]) -> [Record] {
    records.sorted { ($0.id, $0.space) < ($1.id, $1.space) }
  }

  private static func choices(about record: Record) -> [Choice] {
    record.contested.map { Choice(record: record, cell: $0, options: options(of: $0)) }
  }

  public static func options(of cell: CellReading) -> [Option] {
    var values: [Value] = []
    for head in cell.heads where !values.contains(head.value) { values.append(head.value) }
    return values.map { value in Option(value: value, writers: cell.heads.filter { $0.value == value }) }
  }
}

/// Why a conflict can't be resolved so.
public enum ResolveError: Error, Equatable, Sendable {
  /// The field holds no competing values.
  case notContested
  /// There is no value of that number; how many there are.
  case noSuchOption(count: Int)
}

extension RecordEditor {
  /// Writes the value of that number, counted from 1 as `Conflicts.options` lists them. It then stands alone,
  /// unless somebody writes another meanwhile.
  public mutating func resolve(_ record: Record, _ cell: CellKey, choice: Int) throws(ResolveError) {
    guard let reading = record.contested.first(where: { $0.key == cell }) else { throw .notContested }
    let options = Conflicts.options(of: reading)
    guard options.indices.contains(choice - 1) else { throw .noSuchOption(count: options.count) }
    set(edit(record), cell, to: options[choice - 1].value)
  }

  /// Ends the doubt about a record that was deleted and edited at once.
  public mutating func resolve(_ record: Record, keeping: Bool) {
    set(edit(record), CellKey(field: SystemField.alive), to: .bool(keeping))
  }
}
