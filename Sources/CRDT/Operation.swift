// SPDX-License-Identifier: AGPL-3.0-or-later

/// What an op does to its cell.
public enum Edit: Hashable, Sendable {
  /// Replaces every write of the cell that the author had seen; `.null` unsets it.
  case set(Value)
  /// Counts up or down.
  case add(Int64)
  /// Edits the text of this name, which is beside the cell and untouched by its writes.
  case text([TextEdit])
}

/// One op on a record.
public struct Operation: Hashable, Sendable {
  public let cell: CellKey
  public let edit: Edit
  public let id: OpID

  public init(cell: CellKey, edit: Edit, id: OpID) {
    self.cell = cell
    self.edit = edit
    self.id = id
  }
}
