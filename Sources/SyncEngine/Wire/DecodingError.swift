// SPDX-License-Identifier: AGPL-3.0-or-later

/// Why bytes from outside were refused. `at` is the offset, in bytes from the start of what was decoded, of
/// the item at fault.
public enum DecodingError: Error, Hashable, Sendable {
  /// The bytes end before the item that starts here does.
  case truncated(at: Int)
  /// An integer or length that is not in its shortest form, or a map whose keys do not ascend.
  case notCanonical(at: Int)
  /// A float, a tag, another simple value or an indefinite length: outside the subset of protocol.md section
  /// 2.
  case unsupported(at: Int)
  /// A text that is not valid UTF-8.
  case notText(at: Int)
  /// Another type, or another length of byte string, than belongs here.
  case unexpected(at: Int, expected: String)
  /// More than 16 arrays and maps inside each other.
  case tooDeep(at: Int)
  /// Bytes after the end.
  case leftover(at: Int)
  /// A map lacks a key that it must have.
  case missing(at: Int, key: UInt64)
  /// More than protocol.md allows.
  case limit(at: Int, String)
  /// Well formed, but against a rule of protocol.md.
  case invalid(at: Int, String)
}
