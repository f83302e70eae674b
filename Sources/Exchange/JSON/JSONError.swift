// SPDX-License-Identifier: AGPL-3.0-or-later

/// What is wrong with a JSON text, and where.
public struct JSONError: Error, Hashable, Sendable {
  public enum Reason: Hashable, Sendable {
    /// More bytes than the limit.
    case tooLarge(limit: Int)
    /// Arrays and objects are nested deeper than the limit.
    case tooDeep(limit: Int)
    /// Not UTF-8.
    case notUTF8
    /// The text ends too early.
    case endsEarly
    case expected(String)
    /// Something follows the value.
    case leftover
    /// A number that JSON doesn't write like this: `01`, `1.`, `+1`.
    case badNumber
    /// An escape that JSON doesn't know, or half a surrogate pair.
    case badEscape
    /// A control character stands in a string unescaped.
    case bareControlCharacter
    /// A name stands twice in an object.
    case repeatedName(String)
  }

  /// Counted from 1.
  public var line: Int
  /// In Unicode scalars, counted from 1.
  public var column: Int
  public var reason: Reason

  public init(line: Int, column: Int, reason: Reason) {
    self.line = line
    self.column = column
    self.reason = reason
  }
}

/// What a parser takes at most.
public struct JSONLimits: Hashable, Sendable {
  public var bytes = 16 << 20
  public var depth = 64

  public init() {}
}
