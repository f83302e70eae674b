// SPDX-License-Identifier: AGPL-3.0-or-later

/// A record as the scanner finds it: where its fields lie, or what is wrong with its quotes.
struct CSVRecord {
  struct Field {
    /// The content, without the outer quotes.
    var range: Range<Int>
    var hasDoubledQuotes = false
  }

  var line: Int
  var start: Int
  /// At most one more than the scanner was told to keep.
  var fields: [Field] = []
  /// All fields, also those not kept.
  var fieldCount = 0
  var fault: CSVProblem.Reason?
}

/// Cuts valid UTF-8 into records (RFC 4180; lines end with CRLF, LF or CR).
///
/// A quote that is never closed, or closed in the wrong place, spoils the line where its record starts and
/// no other: the scanner goes on with the line after that one.
struct CSVScanner {
  private let bytes: [UInt8]
  private let delimiter: UInt8
  private let fieldsKept: Int
  private(set) var position: Int
  private var line: Int

  init(_ bytes: [UInt8], delimiter: CSVDelimiter, fieldsKept: Int, position: Int = 0, line: Int = 1) {
    self.bytes = bytes
    self.delimiter = delimiter.rawValue
    self.fieldsKept = fieldsKept
    self.position = position
    self.line = line
  }

  mutating func next() -> CSVRecord? {
    guard position < bytes.count else { return nil }
    var record = CSVRecord(line: line, start: position)
    repeat {
      switch scanField() {
      case .success(let field): keep(field, in: &record)
      case .failure(let fault): return spoil(record, fault.reason)
      }
    } while passDelimiter()
    passLineEnd()
    return record
  }

  private struct Fault: Error { var reason: CSVProblem.Reason }

  private func keep(_ field: CSVRecord.Field, in record: inout CSVRecord) {
    record.fieldCount += 1
    if record.fields.count <= fieldsKept { record.fields.append(field) }
  }

  private mutating func scanField() -> Result<CSVRecord.Field, Fault> {
    if position < bytes.count, bytes[position] == ASCII.quote { return scanQuoted() }
    let start = position
    while position < bytes.count, !endsField(bytes[position]) { position += 1 }
    return .success(CSVRecord.Field(range: start..<position))
  }

  private mutating func scanQuoted() -> Result<CSVRecord.Field, Fault> {
    position += 1
    var field = CSVRecord.Field(range: position..<position)
    while position < bytes.count {
      guard bytes[position] == ASCII.quote else {
        if !passLineEnd() { position += 1 }
        continue
      }
      position += 1
      if position < bytes.count, bytes[position] == ASCII.quote {
        field.hasDoubledQuotes = true
        position += 1
        continue
      }
      guard position == bytes.count || endsField(bytes[position]) else {
        return .failure(Fault(reason: .textAfterQuote))
      }
      field.range = field.range.lowerBound..<position - 1
      return .success(field)
    }
    return .failure(Fault(reason: .unclosedQuote))
  }

  private mutating func spoil(_ record: CSVRecord, _ fault: CSVProblem.Reason) -> CSVRecord {
    var record = record
    record.fieldCount += 1
    record.fault = fault
    position = record.start
    line = record.line
    while position < bytes.count, !ASCII.isLineEnd(bytes[position]) { position += 1 }
    passLineEnd()
    return record
  }

  private func endsField(_ byte: UInt8) -> Bool { byte == delimiter || ASCII.isLineEnd(byte) }

  private mutating func passDelimiter() -> Bool {
    guard position < bytes.count, bytes[position] == delimiter else { return false }
    position += 1
    return true
  }

  @discardableResult
  private mutating func passLineEnd() -> Bool {
    guard position < bytes.count, ASCII.isLineEnd(bytes[position]) else { return false }
    let isPair =
      bytes[position] == ASCII.carriageReturn && position + 1 < bytes.count
      && bytes[position + 1] == ASCII.lineFeed
    position += isPair ? 2 : 1
    line += 1
    return true
  }
}

/// The bytes that CSV gives a meaning.
enum ASCII {
  static let quote: UInt8 = 0x22
  static let tab: UInt8 = 0x09
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D

  static func isLineEnd(_ byte: UInt8) -> Bool { byte == lineFeed || byte == carriageReturn }
}
