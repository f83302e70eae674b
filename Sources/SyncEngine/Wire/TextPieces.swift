// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

/// Edits of one text as changes can hold them: long insertions are cut, and what one change has no room for goes
/// into the next.
public struct TextPieces {
  /// Bytes of UTF-8 inserted at once.
  private static let insertion = 60_000
  /// Bytes of the edits in one change, which leaves room for other entries.
  public static let room = 180_000

  /// The edits of each change, one after the other.
  public private(set) var changes: [[TextEdit]] = []
  private var bytes = 0

  public init(_ edits: [TextEdit]) {
    for edit in edits {
      guard case .insert(var position, let string) = edit else {
        add(edit, bytes: Self.head)
        continue
      }
      for part in Self.parts(of: string) {
        add(.insert(at: position, part), bytes: Self.head + part.utf8.count)
        position += part.unicodeScalars.count
      }
    }
  }

  /// No less than what an edit takes beside its text.
  private static let head = 12

  /// No less than what edits take in a change.
  public static func size(of edits: [TextEdit]) -> Int {
    edits.reduce(0) { sum, edit in
      if case .insert(_, let string) = edit { return sum + head + string.utf8.count }
      return sum + head
    }
  }

  private mutating func add(_ edit: TextEdit, bytes size: Int) {
    if changes.isEmpty || bytes + size > Self.room || changes[changes.count - 1].count == Limits.textEdits {
      changes.append([])
      bytes = 0
    }
    changes[changes.count - 1].append(edit)
    bytes += size
  }

  private static func parts(of string: String) -> [String] {
    guard string.utf8.count > insertion else { return [string] }
    var parts: [String] = []
    var part = String.UnicodeScalarView()
    var size = 0
    for scalar in string.unicodeScalars {
      let width = UTF8.width(scalar)
      if size + width > insertion {
        parts.append(String(part))
        (part, size) = (String.UnicodeScalarView(), 0)
      }
      part.append(scalar)
      size += width
    }
    return parts + [String(part)]
  }
}

extension WireEdit {
  /// Edits of the text of this name.
  public static func editing(_ name: CellKey, _ edits: [TextEdit]) -> WireEdit {
    name.key.map { .keyedTexts([KeyedText(.value($0), edits)]) } ?? .text(edits)
  }

  /// The same edits of one field, those of keyed texts as one.
  public static func joiningTexts(_ edits: [WireEdit]) -> [WireEdit] {
    var keyed: [KeyedText] = []
    var rest: [WireEdit] = []
    for edit in edits {
      if case .keyedTexts(let texts) = edit { keyed += texts } else { rest.append(edit) }
    }
    keyed.sort { $0.key.encoded().lexicographicallyPrecedes($1.key.encoded()) }
    return keyed.isEmpty ? rest : rest + [.keyedTexts(keyed)]
  }
}
