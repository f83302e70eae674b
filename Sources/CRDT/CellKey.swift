// SPDX-License-Identifier: AGPL-3.0-or-later

/// Which cell of a record: a field, and for a field that is a map or a set, the key within it.
public struct CellKey: Hashable, Comparable, Sendable {
  public let field: UInt64
  /// Nil for the field's cell without a key.
  public let key: Value?

  public init(field: UInt64, key: Value? = nil) {
    self.field = field
    self.key = key
  }

  /// Only text, bytes, integers and references are keys; decoders refuse the rest.
  public static func allows(_ key: Value) -> Bool {
    switch key {
    case .text, .bytes, .int, .reference: true
    case .null, .bool, .tuple: false
    }
  }

  /// By field, then the cell without a key, then by key.
  public static func < (one: CellKey, other: CellKey) -> Bool {
    if one.field != other.field { return one.field < other.field }
    guard let otherKey = other.key else { return false }
    guard let key = one.key else { return true }
    return key < otherKey
  }
}

/// The fields that every record has, whatever its kind.
public enum SystemField {
  /// True in the cell of a record that is there, false once deleted.
  public static let alive: UInt64 = 0
  /// What the record is.
  public static let kind: UInt64 = 1
  /// Which list it stands in and where (`Position`).
  public static let at: UInt64 = 2
  /// Set once the record has gone to another audience; deletion then wins.
  public static let moved: UInt64 = 3
}
