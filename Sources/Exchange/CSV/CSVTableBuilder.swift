// SPDX-License-Identifier: AGPL-3.0-or-later

/// Turns scanned records into rows and problems.
struct CSVTableBuilder {
  let text: DecodedText
  let limits: CSVLimits
  private(set) var rows: [CSVRow] = []
  private(set) var problems: [CSVProblem] = []
  private var damage: ArraySlice<Int>

  init(text: DecodedText, limits: CSVLimits) {
    self.text = text
    self.limits = limits
    damage = text.damage[...]
  }

  /// Reads everything; returns the header's names.
  mutating func readAll(from scanner: CSVScanner) throws(CSVError) -> [String] {
    var scanner = scanner
    var columns: [String]?
    while let record = scanner.next() {
      let isDamaged = passDamage(before: scanner.position)
      if isBlank(record) { continue }
      let problem = fault(of: record, isDamaged: isDamaged)
      if let columns {
        try add(record, problem, width: columns.count)
      } else if let problem {
        throw .badHeader(problem)
      } else {
        columns = header(of: record)
      }
    }
    guard let columns else { throw .empty }
    return columns
  }

  private mutating func header(of record: CSVRecord) -> [String] {
    var seen: Set<String> = []
    let names = record.fields.map { content(of: $0).trimmed }
    for (index, name) in names.enumerated() where !name.isEmpty && !seen.insert(name).inserted {
      problems.append(CSVProblem(line: record.line, field: index + 1, reason: .repeatedColumn(name)))
    }
    return names
  }

  private mutating func add(
    _ record: CSVRecord, _ problem: CSVProblem?, width: Int
  ) throws(CSVError) {
    var fields = record.fields
    while fields.count > width, fields.last?.range.isEmpty == true { fields.removeLast() }
    if let problem {
      problems.append(problem)
    } else if fields.count != width {
      let reason = CSVProblem.Reason.fieldCount(found: fields.count, expected: width)
      problems.append(CSVProblem(line: record.line, reason: reason))
    } else {
      rows.append(CSVRow(line: record.line, fields: fields.map(content)))
    }
    guard rows.count + problems.count <= limits.rows else { throw .tooManyRows(limit: limits.rows) }
  }

  private func isBlank(_ record: CSVRecord) -> Bool {
    record.fault == nil && record.fields.count == record.fieldCount
      && record.fields.allSatisfy(\.range.isEmpty)
  }

  private func fault(of record: CSVRecord, isDamaged: Bool) -> CSVProblem? {
    if let reason = record.fault {
      return CSVProblem(line: record.line, field: record.fieldCount, reason: reason)
    }
    if record.fieldCount > limits.columns {
      return CSVProblem(line: record.line, reason: .tooManyFields(limit: limits.columns))
    }
    if isDamaged { return CSVProblem(line: record.line, reason: .unreadableBytes) }
    for (index, field) in record.fields.enumerated() {
      guard let reason = fault(of: field) else { continue }
      return CSVProblem(line: record.line, field: index + 1, reason: reason)
    }
    return nil
  }

  private func fault(of field: CSVRecord.Field) -> CSVProblem.Reason? {
    if field.range.count > limits.fieldBytes { return .fieldTooLong(limit: limits.fieldBytes) }
    for index in field.range {
      let byte = text.bytes[index]
      if byte < 0x20, byte != ASCII.tab, !ASCII.isLineEnd(byte) { return .controlCharacter(UInt32(byte)) }
      if byte == 0x7F { return .controlCharacter(0x7F) }
      let isC1 = byte == 0xC2 && text.bytes[index + 1] < 0xA0
      if isC1 { return .controlCharacter(UInt32(text.bytes[index + 1])) }
    }
    return nil
  }

  private func content(of field: CSVRecord.Field) -> String {
    let bytes = text.bytes[field.range]
    guard field.hasDoubledQuotes else { return String(decoding: bytes, as: UTF8.self) }
    var single: [UInt8] = []
    single.reserveCapacity(bytes.count)
    var skipsQuote = false
    for byte in bytes {
      skipsQuote = byte == ASCII.quote && !skipsQuote
      if byte != ASCII.quote || skipsQuote { single.append(byte) }
    }
    return String(decoding: single, as: UTF8.self)
  }

  private mutating func passDamage(before end: Int) -> Bool {
    let count = damage.prefix { $0 < end }.count
    damage = damage.dropFirst(count)
    return count > 0
  }
}
