// SPDX-License-Identifier: AGPL-3.0-or-later

extension TextEdit {
  /// The text after these edits, one after the other.
  /// - Throws: `misfit` with the first edit that reaches past the end.
  public static func apply(_ edits: [TextEdit], to text: String) throws(TextError) -> String {
    var buffer = TextBuffer(text.scalarValues)
    try buffer.apply(edits)
    return String(scalarValues: buffer.elements)
  }

  fileprivate func fits(_ length: Int) -> Bool {
    switch self {
    case .insert(let position, _): position >= 0 && position <= length
    case .delete(let position, let count):
      position >= 0 && position <= length && count >= 0 && count <= length - position
    }
  }
}

extension TextBuffer {
  /// Makes these edits, one after the other.
  /// - Throws: `misfit` with the first edit that reaches past the end.
  mutating func apply(_ edits: [TextEdit]) throws(TextError) {
    for edit in edits {
      guard edit.fits(count) else { throw .misfit(edit) }
      switch edit {
      case .insert(let position, let string): insert(string.scalarValues, at: position)
      case .delete(let position, let count): remove(at: position, count: count)
      }
    }
  }
}
