// SPDX-License-Identifier: AGPL-3.0-or-later

/// Finds the delimiter by reading the first rows with each and seeing which makes a table of them.
enum CSVSniffer {
  private static let sampleBytes = 256 << 10
  private static let sampleRows = 100

  /// The delimiter and where the header starts: a first line `sep=;`, as spreadsheets write it, is passed.
  static func sniff(
    _ bytes: [UInt8], fieldsKept: Int
  ) -> (delimiter: CSVDelimiter?, position: Int, line: Int) {
    if bytes.starts(with: Array("sep=".utf8)), bytes.count > 5,
      let named = CSVDelimiter(rawValue: bytes[4]), ASCII.isLineEnd(bytes[5])
    {
      let isPair = bytes[5...].starts(with: [ASCII.carriageReturn, ASCII.lineFeed])
      return (named, isPair ? 7 : 6, 2)
    }
    return (best(for: bytes, fieldsKept: fieldsKept), 0, 1)
  }

  private struct Score {
    var columns: Int
    var fit: Double
    /// Whether no name of the header has a quote inside: where a delimiter cuts a quoted name, one has.
    var isClean: Bool

    func isBetter(than other: Score) -> Bool {
      let (splits, otherSplits) = (columns > 1 && fit > 0, other.columns > 1 && other.fit > 0)
      if splits != otherSplits { return splits }
      if fit != other.fit { return fit > other.fit }
      if isClean != other.isClean { return isClean }
      return columns > other.columns
    }
  }

  private static func best(for bytes: [UInt8], fieldsKept: Int) -> CSVDelimiter? {
    var best: (delimiter: CSVDelimiter, score: Score)?
    for delimiter in CSVDelimiter.allCases {
      guard let score = score(bytes, delimiter, fieldsKept) else { continue }
      if best.map({ score.isBetter(than: $0.score) }) ?? true { best = (delimiter, score) }
    }
    return best?.delimiter
  }

  /// Rows as wide as the header count fully, other rows that are cut at all count half.
  private static func score(_ bytes: [UInt8], _ delimiter: CSVDelimiter, _ fieldsKept: Int) -> Score? {
    var scanner = CSVScanner(bytes, delimiter: delimiter, fieldsKept: fieldsKept)
    var columns: Int?
    var (rows, fit, isClean) = (0, 0.0, true)
    while rows < sampleRows, scanner.position < sampleBytes, let record = scanner.next() {
      if record.fieldCount == 1, record.fields.first?.range.isEmpty == true { continue }
      guard let columns else {
        guard record.fault == nil else { return nil }
        columns = record.fieldCount
        isClean = !record.fields.contains { hasStrayQuote($0, in: bytes) }
        continue
      }
      rows += 1
      guard record.fault == nil else { continue }
      fit += record.fieldCount == columns ? 1 : record.fieldCount > 1 ? 0.5 : 0
    }
    return columns.map { Score(columns: $0, fit: rows == 0 ? 1 : fit / Double(rows), isClean: isClean) }
  }

  /// Whether a field that isn't quoted has a quote in it.
  private static func hasStrayQuote(_ field: CSVRecord.Field, in bytes: [UInt8]) -> Bool {
    let start = field.range.lowerBound
    let isQuoted = start > 0 && bytes[start - 1] == ASCII.quote
    return !isQuoted && bytes[field.range].contains(ASCII.quote)
  }
}
