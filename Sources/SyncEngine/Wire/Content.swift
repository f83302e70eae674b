// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

/// The body of a content change (protocol.md section 6).
public struct Content: Hashable, Sendable {
  /// The author's wall clock in seconds since 1970, less the stamp's: for people, never used to order.
  public var label: Int64
  /// New records first; then existing ones, strictly ascending by id.
  public var entries: [ContentEntry]
  /// The change that this one compensates.
  public var undoes: ChangeID?
  /// Strictly ascending by key, none of 1 to 3.
  public var unknown: [UnknownKey]

  /// For entries in canonical order: `init(arranging:)` puts them there.
  public init(label: Int64, entries: [ContentEntry], undoes: ChangeID? = nil, unknown: [UnknownKey] = []) {
    self.label = label
    self.entries = entries
    self.undoes = undoes
    self.unknown = unknown
  }

  /// All ops: one for each new record and one for each edit.
  public var opCount: Int { entries.reduce(0) { $0 + $1.opCount } }
}

/// What a body says of one record.
public struct ContentEntry: Hashable, Sendable {
  public var ref: EntryRef
  /// Strictly ascending by field.
  public var fields: [FieldEdits]

  public init(_ ref: EntryRef, _ fields: [FieldEdits] = []) {
    self.ref = ref
    self.fields = fields
  }

  public var isNew: Bool {
    if case .new = ref { true } else { false }
  }

  public var opCount: Int { fields.reduce(isNew ? 1 : 0) { $0 + $1.edits.count } }
}

public enum EntryRef: Hashable, Sendable {
  case new(KindRef)
  case existing(RecordID)
}

/// The kind of a new record: a number of the registry, or a name that a network chose.
public enum KindRef: Hashable, Sendable {
  /// At most 2^53.
  case number(UInt64)
  case name(String)

  /// What the cell `kind` is set to.
  public var value: Value {
    switch self {
    case .number(let number): .int(Int64(clamping: number))
    case .name(let name): .text(name)
    }
  }
}

/// The edits of one field of a record.
public struct FieldEdits: Hashable, Sendable {
  /// At most 2^53.
  public var field: UInt64
  /// At least one; ascending by code, and by the encoding of the key where there are keys.
  public var edits: [WireEdit]

  public init(_ field: UInt64, _ edits: [WireEdit]) {
    self.field = field
    self.edits = edits
  }

  /// The commonest: sets the cell without a key.
  public init(_ field: UInt64, _ value: Value) { self.init(field, [.set(.value(value))]) }
}

/// One op: an edit of a cell, or all edits of a field's texts.
public enum WireEdit: Hashable, Sendable {
  /// Sets the cell without a key.
  case set(WireValue)
  case setKey(WireValue, WireValue)
  /// Counts in the cell without a key.
  case add(Int64)
  case addKey(WireValue, Int64)
  /// Edits the text without a key: at least one edit, at most 4,096.
  case text([TextEdit])
  /// Edits texts under keys, which ascend by their encoding. Together they are one op.
  case keyedTexts([KeyedText])
  /// Of a newer version: kept, without effect. The code is 6 or more, `raw` its canonical CBOR.
  case unknown(code: UInt64, raw: [UInt8])

  public var code: UInt64 {
    switch self {
    case .set: 0
    case .setKey: 1
    case .add: 2
    case .addKey: 3
    case .text: 4
    case .keyedTexts: 5
    case .unknown(let code, _): code
    }
  }

  var key: WireValue? {
    switch self {
    case .setKey(let key, _), .addKey(let key, _): key
    default: nil
    }
  }

  var value: WireValue? {
    switch self {
    case .set(let value), .setKey(_, let value): value
    default: nil
    }
  }
}

/// The edits of one of a field's keyed texts.
public struct KeyedText: Hashable, Sendable {
  public var key: WireValue
  /// At least one, at most 4,096.
  public var edits: [TextEdit]

  public init(_ key: WireValue, _ edits: [TextEdit]) {
    self.key = key
    self.edits = edits
  }
}
