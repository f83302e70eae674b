// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

/// Why entries can't be the body of one change.
public enum ContentError: Error, Hashable, Sendable {
  /// More than 4,096 ops.
  case tooManyOps(Int)
  /// More than 262,144 bytes.
  case tooLong(Int)
  /// A value or key of more than 65,536 bytes.
  case valueTooLong(field: UInt64)
  /// A key that is neither text, bytes, an integer nor a reference.
  case notAKey(field: UInt64)
  /// Two edits of one code on one cell.
  case twice(field: UInt64)
  /// `alive` or `kind` in the entry of a new record.
  case reservedField(UInt64)
  /// A local reference to an entry that isn't there or makes no record.
  case danglingReference(UInt32)
  /// It would be refused for another reason, such as values too deep or numbers too great.
  case invalid(DecodingError)
}

extension Content {
  /// The canonical body for entries in any order: entries of one existing record are joined, new records put
  /// first (in the order given), existing ones sorted, as are fields and edits; entries that edit nothing
  /// vanish.
  ///
  /// Here, and only here, `.local(n)` names the record made by the n-th entry given, counted from 0.
  public init(
    arranging entries: [ContentEntry], label: Int64, undoes: ChangeID? = nil
  ) throws(ContentError) {
    let arranged = try Arrangement(entries).content()
    self.init(label: label, entries: arranged, undoes: undoes)
    guard opCount <= Limits.ops else { throw .tooManyOps(opCount) }
    let bytes = encoded()
    guard bytes.count <= Limits.body else { throw .tooLong(bytes.count) }
    do { _ = try Content(decoding: bytes) } catch { throw .invalid(error) }
  }
}

/// Puts entries in canonical order and turns places of entries into op indexes.
private struct Arrangement {
  /// New records, each with its place among the entries given.
  private var news: [(place: Int, entry: ContentEntry)] = []
  private var existing: [RecordID: [FieldEdits]] = [:]

  init(_ entries: [ContentEntry]) throws(ContentError) {
    for place in entries.indices {
      let entry = entries[place]
      switch entry.ref {
      case .new:
        for field in entry.fields where field.field == SystemField.alive || field.field == SystemField.kind {
          throw .reservedField(field.field)
        }
        news.append((place, entry))
      case .existing(let record): existing[record, default: []] += entry.fields
      }
    }
  }

  func content() throws(ContentError) -> [ContentEntry] {
    let indexes = opIndexes()
    let number = { (place: UInt32) throws(ContentError) -> UInt32 in
      guard let index = indexes[Int(place)] else { throw .danglingReference(place) }
      return index
    }
    var entries: [ContentEntry] = []
    for new in news { entries.append(ContentEntry(new.entry.ref, try arranged(new.entry.fields, number))) }
    for record in existing.keys.sorted() {
      let fields = try arranged(existing[record] ?? [], number)
      if !fields.isEmpty { entries.append(ContentEntry(.existing(record), fields)) }
    }
    return entries
  }

  /// Op indexes of new records by their places among the entries given.
  private func opIndexes() -> [Int: UInt32] {
    var indexes: [Int: UInt32] = [:]
    var next: UInt32 = 0
    for new in news {
      indexes[new.place] = next
      next += UInt32(new.entry.opCount)
    }
    return indexes
  }

  private func arranged(
    _ fields: [FieldEdits], _ number: (UInt32) throws(ContentError) -> UInt32
  ) throws(ContentError) -> [FieldEdits] {
    var byField: [UInt64: [WireEdit]] = [:]
    for field in fields { byField[field.field, default: []] += field.edits }
    var result: [FieldEdits] = []
    for field in byField.keys.sorted() {
      let edits = try arranged(byField[field] ?? [], of: field, number)
      if !edits.isEmpty { result.append(FieldEdits(field, edits)) }
    }
    return result
  }

  private func arranged(
    _ edits: [WireEdit], of field: UInt64, _ number: (UInt32) throws(ContentError) -> UInt32
  ) throws(ContentError) -> [WireEdit] {
    var keyed: [(edit: WireEdit, key: [UInt8])] = []
    for edit in edits {
      let edit = try edit.renumbered(number)
      try check(edit, field)
      keyed.append((edit, edit.key?.encoded() ?? []))
    }
    keyed.sort { one, other in
      one.edit.code == other.edit.code
        ? one.key.lexicographicallyPrecedes(other.key) : one.edit.code < other.edit.code
    }
    for place in keyed.indices.dropFirst() {
      let (one, other) = (keyed[place - 1], keyed[place])
      if one.edit.code == other.edit.code, one.key == other.key { throw .twice(field: field) }
    }
    return keyed.map(\.edit)
  }

  private func check(_ edit: WireEdit, _ field: UInt64) throws(ContentError) {
    if let key = edit.key {
      switch key {
      case .local: break
      case .value(let value) where CellKey.allows(value): break
      default: throw .notAKey(field: field)
      }
    }
    for value in [edit.key, edit.value] {
      if let value, value.encoded().count > Limits.value { throw .valueTooLong(field: field) }
    }
  }
}

extension WireEdit {
  fileprivate func renumbered<E: Error>(_ number: (UInt32) throws(E) -> UInt32) throws(E) -> WireEdit {
    switch self {
    case .set(let value): .set(try value.renumbered(number))
    case .setKey(let key, let value): .setKey(try key.renumbered(number), try value.renumbered(number))
    case .addKey(let key, let delta): .addKey(try key.renumbered(number), delta)
    case .keyedTexts(let texts): .keyedTexts(try Self.renumbered(texts, number))
    case .add, .text, .unknown: self
    }
  }

  /// Keys in the order that they then have.
  private static func renumbered<E: Error>(
    _ texts: [KeyedText], _ number: (UInt32) throws(E) -> UInt32
  ) throws(E) -> [KeyedText] {
    var result: [KeyedText] = []
    for text in texts { result.append(KeyedText(try text.key.renumbered(number), text.edits)) }
    return result.sorted { $0.key.encoded().lexicographicallyPrecedes($1.key.encoded()) }
  }
}
