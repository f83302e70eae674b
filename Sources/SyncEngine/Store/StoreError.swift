// SPDX-License-Identifier: AGPL-3.0-or-later

import SQLite

/// Why a replica's files can't be read or written.
public enum StoreError: Error, Equatable, Sendable {
  /// There is no replica in the folder.
  case missing(String)
  /// There is one already.
  case exists(String)
  /// The folder or a file in it can't be opened.
  case cannotOpen(String)
  /// It may not be written.
  case readOnly(String)
  /// The disk is full.
  case full(String)
  /// The disk failed.
  case io(String)
  /// The database is damaged; the text says what was found.
  case damaged(String)
  /// Another process has been writing for too long.
  case busy
  /// It was made by a newer version of the program.
  case newer(version: Int)
  /// SQLite refused a statement of ours.
  case statement(String)

  init(_ error: SQLiteError) {
    self =
      switch error {
      case .cannotOpen(let text): .cannotOpen(text)
      case .readOnly(let text): .readOnly(text)
      case .full(let text): .full(text)
      case .io(let text): .io(text)
      case .damaged(let text): .damaged(text)
      case .busy: .busy
      case .constraint(let text): .statement(text)
      case .other(let code, let text): .statement("\(text) (\(code))")
      }
  }
}
