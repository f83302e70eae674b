// SPDX-License-Identifier: AGPL-3.0-or-later

/// How large a text may get, and which ops have an effect.
///
/// An op that doesn't fit the text that its author saw is void: it has no effect at all, and the ops after it
/// find the text as if it weren't there. Whether it fits depends on the length of that text alone:
/// - an insertion is void if it is empty, stands past the end, or makes the text longer than `scalarsMax`;
/// - a deletion is void if it is empty or reaches past the end.
///
/// Texts that were written apart may be longer than the bound once they are merged. Then only deletions have
/// an effect until the text is below it again.
public enum TextBounds {
  /// What an author may make of a text; any text of 4 MiB in UTF-8 is below it.
  public static let scalarsMax = 1 << 22

  /// The weights (`TextChange.weight`) of all changes of a text together. One with more is overfull: it is
  /// empty and stays so. That is a matter of the changes alone, in whatever order they come, and there is always
  /// memory for what is below.
  public static let weightMax = 1 << 26

  /// Changes of a text, their ops, and the scalars that they insert, all together.
  static let historyMax = 1 << 30

  /// The length that the edit leaves of a text of `length` scalars, nil if it is void.
  static func length(after edit: TextEdit, on length: Int) -> Int? {
    switch edit {
    case .insert(let position, let string):
      guard position >= 0, position <= length else { return nil }
      let count = string.unicodeScalars.count
      return count > 0 && count <= scalarsMax - length ? length + count : nil
    case .delete(let position, let count):
      guard position >= 0, position < length else { return nil }
      guard count > 0, count <= length - position else { return nil }
      return length - count
    }
  }
}
