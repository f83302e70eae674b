// SPDX-License-Identifier: AGPL-3.0-or-later

/// Which column becomes which field.
///
/// Written as pairs `column=field`: `title_fr=title:fr`; `column=` leaves a column out. A column without a
/// name, or with a name that another has too, is called `#3` by its place, counted from 1.
public struct Mapping: Hashable, Sendable {
  public struct Entry: Hashable, Sendable {
    /// Counted from 0.
    public var column: Int
    public var target: FieldTarget

    public init(column: Int, target: FieldTarget) {
      self.column = column
      self.target = target
    }
  }

  public let columns: [String]
  /// By column, ascending; a column that isn't named here is left out.
  public private(set) var entries: [Entry] = []

  public init(columns: [String], entries: [Entry] = []) {
    self.columns = columns
    for entry in entries { self[entry.column] = entry.target }
  }

  /// What a column, counted from 0, becomes.
  public subscript(column: Int) -> FieldTarget? {
    get { entries.first { $0.column == column }?.target }
    set {
      precondition(columns.indices.contains(column), "Mapping: no such column")
      entries.removeAll { $0.column == column }
      guard let newValue else { return }
      let place = entries.firstIndex { $0.column > column } ?? entries.endIndex
      entries.insert(Entry(column: column, target: newValue), at: place)
    }
  }

  /// The columns that are left out, counted from 0.
  public var unmapped: [Int] { columns.indices.filter { self[$0] == nil } }

  /// What a row's fields become, in the order of the columns; empty fields are passed over.
  public func values(of row: CSVRow) -> [(target: FieldTarget, value: String)] {
    entries.compactMap { entry in
      let value = row.fields[entry.column]
      return value.isEmpty ? nil : (entry.target, value)
    }
  }

  /// The name under which pairs speak of a column, counted from 0.
  public func name(of column: Int) -> String {
    let name = columns[column]
    let isClear = !name.isEmpty && columns.count { $0 == name } == 1
    return isClear ? name : "#\(column + 1)"
  }
}

/// Why a pair `column=field` can't be used.
public enum MappingError: Error, Hashable, Sendable {
  /// There is no `=` in it.
  case notAPair(String)
  case noSuchColumn(String)
  /// Several columns have the name: say which as `#3`.
  case severalColumns(String)
  case noSuchField(String)
  /// The field holds one text, not one per language.
  case noLanguages(String)
  /// Two columns would become the same field.
  case fieldTwice(FieldTarget)
}
