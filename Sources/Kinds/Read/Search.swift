// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// Finds records by words in what they say: titles, bodies, tags and every other text. All words must be
/// there, also as parts of longer ones; words in quotation marks must stand together.
public struct Search: Sendable {
  /// A record with where it was found.
  public struct Hit: Sendable {
    public let record: Record
    /// The fields that hold a word of the query, by number.
    public let fields: [UInt64]
    fileprivate let rank: Int
  }

  private let terms: [String]

  public init(_ query: String) {
    var terms: [String] = []
    let parts = query.split(omittingEmptySubsequences: false) { "\"«»“”".contains($0) }
    for (place, part) in parts.enumerated() {
      let folded = SearchText.folded(String(part))
      terms += place % 2 == 1 ? [folded] : folded.split(separator: " ").map(String.init)
    }
    self.terms = terms.filter { !$0.isEmpty }
  }

  /// Whether there is anything to look for.
  public var isEmpty: Bool { terms.isEmpty }

  /// The records that fit: those with all words in the title first, then whole words before parts, then by
  /// id.
  /// - Parameter prose: the texts of a record that several people write.
  public func find(
    in records: some Sequence<Record>, prose: (Record) throws -> [TextVersion]
  ) rethrows -> [Hit] {
    guard !terms.isEmpty else { return [] }
    return try records.compactMap { try match($0, prose($0)) }.sorted { one, other in
      (one.rank, one.record.id, one.record.space) < (other.rank, other.record.id, other.record.space)
    }
  }

  /// As `find(in:prose:)`, without a look at texts that several people write.
  public func find(in records: some Sequence<Record>) -> [Hit] { find(in: records) { _ in [] } }

  private func match(_ record: Record, _ prose: [TextVersion]) -> Hit? {
    let said = record.cells.flatMap(Self.texts) + prose.map { (field: $0.name.field, text: $0.text) }
    let texts = said.map { (field: $0.field, text: SearchText.folded($0.text)) }
    var fields: Set<UInt64> = []
    for term in terms {
      let found = texts.filter { $0.text.contains(term) }
      guard !found.isEmpty else { return nil }
      fields.formUnion(found.map(\.field))
    }
    let title = texts.filter { $0.field == Field.title.number }.map(\.text)
    let inTitle = terms.allSatisfy { term in title.contains { $0.contains(term) } }
    let whole = terms.allSatisfy { term in texts.contains { " \($0.text) ".contains(" \(term) ") } }
    return Hit(record: record, fields: fields.sorted(), rank: (inTitle ? 0 : 2) + (whole ? 0 : 1))
  }

  /// Every text of a cell, of all that compete there.
  private static func texts(_ cell: CellReading) -> [(field: UInt64, text: String)] {
    var found: [String] = []
    if case .text(let key) = cell.key.key, cell.value == .bool(true) { found.append(key) }
    let values = cell.isContested ? cell.heads.map(\.value) : [cell.value]
    for value in values { collect(value, into: &found) }
    return found.map { (cell.key.field, $0) }
  }

  private static func collect(_ value: Value, into found: inout [String]) {
    if let quantity = Quantity(value: value) { return found.append(quantity.text) }
    switch value {
    case .text(let text): found.append(text)
    case .tuple(_, let members): for member in members { collect(member, into: &found) }
    default: break
    }
  }
}
