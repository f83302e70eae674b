// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// Who wrote what a cell says.
public struct Blame: Sendable {
  /// A stretch of what the cell says, with who wrote it.
  public struct Span: Sendable {
    public let value: Value
    public let writer: OpID
  }

  public let cell: CellReading
  /// In the order of the value. A value that is replaced as a whole has one; it is empty where nobody wrote the
  /// value, as with a counter.
  public let spans: [Span]
  /// Writes that stand beside the value: of people who hadn't seen each other's.
  public let rivals: [Head]
  /// What each device counted, in the local order of logs: the last change of its log on the record.
  public let counts: [(sum: Int64, last: Dot)]
}

extension Record {
  /// `alive` and `kind` as they were written, which `cells` leaves out.
  public func system(by arbiter: some Arbiter) -> [CellReading] {
    view.state.cells.filter { $0.key.field <= SystemField.kind }.map { entry in
      CellReading(entry, field: Self.common(entry.key.field), by: arbiter)
    }
  }

  /// Every cell of the record, `alive` and `kind` first.
  public func blame(by arbiter: some Arbiter) -> [Blame] { (system(by: arbiter) + cells).map(blame) }

  private func blame(_ cell: CellReading) -> Blame {
    Blame(
      cell: cell, spans: spans(of: cell), rivals: cell.heads.filter { $0 != cell.writer },
      counts: counts(in: view.state.cell(cell.key)?.sums ?? []))
  }

  /// The stretches of a cell's value: one for a value that its writer set as a whole.
  private func spans(of cell: CellReading) -> [Blame.Span] {
    cell.writer.map { [Blame.Span(value: cell.value, writer: $0.op)] } ?? []
  }

  private func counts(in sums: [PartialSum]) -> [(sum: Int64, last: Dot)] {
    sums.map { ($0.sum, Dot(log: $0.log, seq: view.state.clock[$0.log])) }
  }
}
