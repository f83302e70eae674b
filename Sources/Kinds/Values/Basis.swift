// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// Which text a translation was made from.
///
///     key   = "<number of the field>:<language of the translation>"
///     value = [41, language of the source, change id or null, op index or null]
///
/// It stands beside the texts, which a program that knows nothing of it goes on showing, and speaks of the text that
/// the same change wrote: whoever writes another without saying from what takes it out of force.
public struct Basis: Hashable, Sendable {
  public static let valueTag: UInt64 = 41

  /// The write of the source.
  public struct Source: Hashable, Sendable {
    public let change: ChangeID
    public let index: UInt32

    public init(change: ChangeID, index: UInt32) {
      self.change = change
      self.index = index
    }
  }

  /// The language tag of the source.
  public let language: String
  /// Nil where the same change wrote source and translation.
  public let source: Source?

  public init(language: String, source: Source?) {
    self.language = language
    self.source = source
  }

  /// The cell for the translation that stands in another.
  public static func cell(for text: CellKey) -> CellKey? {
    guard case .text(let language) = text.key else { return nil }
    return CellKey(field: Field.basis.number, key: .text("\(text.field):\(language)"))
  }

  public var value: Value {
    guard let source else { return .tuple(Self.valueTag, [.text(language), .null, .null]) }
    return .tuple(Self.valueTag, [.text(language), .bytes(source.change.bytes), .int(Int64(source.index))])
  }

  /// Nil unless it is what this version writes for a basis.
  public init?(value: Value) {
    guard case .tuple(Self.valueTag, let members) = value, members.count == 3,
      case .text(let language) = members[0], LanguageTag.canonical(language) == language
    else { return nil }
    switch (members[1], members[2]) {
    case (.null, .null): self.init(language: language, source: nil)
    case (.bytes(let bytes), .int(let index)):
      guard let change = ChangeID(bytes), let index = UInt32(exactly: index) else { return nil }
      self.init(language: language, source: Source(change: change, index: index))
    default: return nil
    }
  }
}
