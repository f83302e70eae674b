// SPDX-License-Identifier: AGPL-3.0-or-later

/// What SQLite answered, with the words that it had for it.
public enum SQLiteError: Error, Equatable, Sendable {
  /// The file can't be opened at all.
  case cannotOpen(String)
  /// The folder or the file may not be written.
  case readOnly(String)
  /// The disk is full, or the file may not grow.
  case full(String)
  /// Reading or writing failed.
  case io(String)
  /// The file is no database, or its structure is damaged.
  case damaged(String)
  /// Another connection holds the lock for longer than we wait.
  case busy(String)
  /// A row that must be unique stands already.
  case constraint(String)
  /// Anything else, with SQLite's extended result code.
  case other(code: Int32, String)
}
