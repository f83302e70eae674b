// SPDX-License-Identifier: AGPL-3.0-or-later

/// What stands between the fields of a row.
public enum CSVDelimiter: UInt8, CaseIterable, Hashable, Sendable {
  case comma = 0x2C
  case semicolon = 0x3B
  case tab = 0x09
  case bar = 0x7C

  public var character: Character { Character(Unicode.Scalar(rawValue)) }
}

/// One good row: as many fields as the table has columns.
public struct CSVRow: Hashable, Sendable {
  /// The line of the file, counted from 1, where the row starts; quoted fields may run on for more lines.
  public var line: Int
  public var fields: [String]

  public init(line: Int, fields: [String]) {
    self.line = line
    self.fields = fields
  }
}

/// A row that can't be taken, and why.
public struct CSVProblem: Hashable, Sendable {
  public enum Reason: Hashable, Sendable {
    /// A quoted field never ends.
    case unclosedQuote
    /// Between a closing quote and the next delimiter stands something.
    case textAfterQuote
    case fieldCount(found: Int, expected: Int)
    /// The row has more fields than the limit.
    case tooManyFields(limit: Int)
    /// A field has more bytes of UTF-8 than the limit.
    case fieldTooLong(limit: Int)
    /// NUL, another control character (by its code point), or DEL.
    case controlCharacter(UInt32)
    /// Bytes that mean nothing in the file's encoding.
    case unreadableBytes
    /// Two columns of the header have the same name.
    case repeatedColumn(String)
  }

  /// The line of the file, counted from 1, where the row starts.
  public var line: Int
  /// The field, counted from 1; nil when the whole row is meant.
  public var field: Int?
  public var reason: Reason

  public init(line: Int, field: Int? = nil, reason: Reason) {
    self.line = line
    self.field = field
    self.reason = reason
  }
}

/// A file read as a table: its header, its good rows, and a problem for each row that isn't good.
public struct CSVTable: Hashable, Sendable {
  /// The names in the header, outer white space removed; a name may be empty.
  public var columns: [String]
  public var rows: [CSVRow]
  public var delimiter: CSVDelimiter
  public var encoding: TextEncoding
  /// In the order of the file.
  public var problems: [CSVProblem]

  public init(
    columns: [String], rows: [CSVRow], delimiter: CSVDelimiter, encoding: TextEncoding,
    problems: [CSVProblem] = []
  ) {
    self.columns = columns
    self.rows = rows
    self.delimiter = delimiter
    self.encoding = encoding
    self.problems = problems
  }
}

/// Why a file can't be read as a table at all.
public enum CSVError: Error, Hashable, Sendable {
  /// The file has more bytes than the limit.
  case fileTooLarge(limit: Int)
  /// The file has no header.
  case empty
  /// The header is damaged.
  case badHeader(CSVProblem)
  /// The file has more rows than the limit.
  case tooManyRows(limit: Int)
}

/// What a reader takes at most.
public struct CSVLimits: Hashable, Sendable {
  public var fileBytes = 64 << 20
  public var rows = 1_000_000
  public var columns = 1_000
  public var fieldBytes = 64 << 10

  public init() {}
}
