// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// Edits of a text in a few words.
enum TextWords {
  static func isEdit(_ op: CRDT.Operation) -> Bool { if case .text = op.edit { true } else { false } }

  /// `+120 −3 characters`, by scalars.
  static func summary(of edits: [CRDT.TextEdit]) -> String {
    var (inserted, deleted) = (0, 0)
    for edit in edits {
      switch edit {
      case .insert(_, let text): inserted += text.unicodeScalars.count
      case .delete(_, let count): deleted += count
      }
    }
    let parts = [inserted > 0 ? "+\(inserted)" : nil, deleted > 0 ? "−\(deleted)" : nil].compactMap(\.self)
    return parts.joined(separator: " ") + (inserted + deleted == 1 ? " character" : " characters")
  }
}
