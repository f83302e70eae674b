// SPDX-License-Identifier: AGPL-3.0-or-later

/// Reads CSV as people's spreadsheets write it: any delimiter and encoding in use, a header in the first row
/// (RFC 4180).
///
/// Rows without content are passed over. A row that can't be taken becomes a problem with its line, and the
/// rows after it are still read. Empty fields beyond the header's are dropped.
public struct CSVReader: Sendable {
  public var limits: CSVLimits
  /// Nil: found by looking at the file.
  public var delimiter: CSVDelimiter?
  /// Nil: found by looking at the file.
  public var encoding: TextEncoding?

  public init(
    limits: CSVLimits = CSVLimits(), delimiter: CSVDelimiter? = nil, encoding: TextEncoding? = nil
  ) {
    self.limits = limits
    self.delimiter = delimiter
    self.encoding = encoding
  }

  public func read(_ bytes: [UInt8]) throws(CSVError) -> CSVTable {
    guard bytes.count <= limits.fileBytes else { throw .fileTooLarge(limit: limits.fileBytes) }
    let text = DecodedText(bytes, as: encoding)
    let sniffed = CSVSniffer.sniff(text.bytes, fieldsKept: limits.columns)
    let used = delimiter ?? sniffed.delimiter ?? .comma
    let scanner = CSVScanner(
      text.bytes, delimiter: used, fieldsKept: limits.columns, position: sniffed.position,
      line: sniffed.line)
    var builder = CSVTableBuilder(text: text, limits: limits)
    let columns = try builder.readAll(from: scanner)
    return CSVTable(
      columns: columns, rows: builder.rows, delimiter: used, encoding: text.encoding,
      problems: builder.problems)
  }
}
