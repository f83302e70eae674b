// SPDX-License-Identifier: AGPL-3.0-or-later

/// Rows under titles, in the form that fits: aligned columns, labelled lines, or fields between tabs.
struct Table {
  struct Column {
    enum Alignment { case leading, trailing }

    var title: String
    var alignment: Alignment = .leading
    /// The cells that the column keeps when space is short; nil: it is never cut.
    var minimum: Int?

    init(_ title: String, _ alignment: Alignment = .leading, minimum: Int? = nil) {
      self.title = title
      self.alignment = alignment
      self.minimum = minimum
    }
  }

  struct Cell {
    var text: String
    var styles: [Style] = []
    var isUser = false

    /// Words of the program.
    static func own(_ text: String, _ styles: Style...) -> Cell { Cell(text: text, styles: styles) }

    /// Text of a record: made harmless and, on a terminal, isolated.
    static func user(_ text: String, _ styles: Style...) -> Cell {
      Cell(text: SafeText.line(text), styles: styles, isUser: true)
    }
  }

  var columns: [Column]
  /// As many cells each as there are columns.
  private(set) var rows: [[Cell]] = []

  init(_ columns: [Column]) { self.columns = columns }

  mutating func add(_ cells: Cell...) {
    precondition(cells.count == columns.count, "Table: a row of another width")
    rows.append(cells)
  }

  func print(to output: Output) { for line in lines(for: output) { output.print(line) } }

  func lines(for output: Output) -> [String] {
    if output.options.plain { return rows.map { $0.map(\.text).joined(separator: "\t") } }
    guard !output.isAccessible, let widths = widths(within: output.columns) else { return labelled(output) }
    let titles = columns.map { Cell.own($0.title, .bold) }
    return ([titles] + rows).map { line($0, widths, output) }
  }

  private static let gap = 2

  /// Nil when the columns don't fit even at their minimum.
  private func widths(within limit: Int?) -> [Int]? {
    var widths = columns.indices.map { index in
      rows.reduce(CellWidth.of(columns[index].title)) { max($0, CellWidth.of($1[index].text)) }
    }
    guard let limit else { return widths }
    let room = limit - Self.gap * (columns.count - 1)
    for index in columns.indices where columns[index].minimum != nil {
      widths[index] = min(widths[index], max(room, 0))
    }
    while widths.reduce(0, +) > room {
      let shrinkable = columns.indices.filter { widths[$0] > columns[$0].minimum ?? .max }
      guard let widest = shrinkable.max(by: { widths[$0] < widths[$1] }) else { return nil }
      widths[widest] -= 1
    }
    return widths
  }

  private func line(_ cells: [Cell], _ widths: [Int], _ output: Output) -> String {
    var line = ""
    for (index, cell) in cells.enumerated() {
      let text = CellWidth.truncated(cell.text, to: widths[index])
      let filler = CellWidth.filler(from: CellWidth.of(text), to: widths[index])
      let shown = output.styled(cell.isUser ? output.user(text) : text, cell.styles)
      let isLast = index == cells.count - 1
      switch columns[index].alignment {
      case .leading: line += shown + (isLast ? "" : filler)
      case .trailing: line += filler + shown
      }
      if !isLast { line += String(repeating: " ", count: Self.gap) }
    }
    return line
  }

  /// A line `title: text` for each cell that isn't empty, an empty line between rows.
  private func labelled(_ output: Output) -> [String] {
    let blocks = rows.map { cells in
      zip(columns, cells).filter { !$1.text.isEmpty }.map { column, cell in
        let shown = cell.isUser ? output.user(cell.text) : cell.text
        return "\(column.title): \(output.styled(shown, cell.styles))"
      }
    }
    return Array(blocks.joined(separator: [""]))
  }
}
