// SPDX-License-Identifier: AGPL-3.0-or-later

/// What the values of a column look like, judged from a few rows.
public enum ValueShape: Hashable, Sendable {
  /// Anything.
  case text
  /// ISO 8601-2: `2017-09-18/2017-10-10`, `2017-12~`, `2017-10/..`.
  case edtf
  /// An address on the web.
  case link
  case email
  case phone
  /// A whole or decimal number, with a point or a comma.
  case number
}

/// A field of a kind that a column can become.
public struct TargetField: Hashable, Sendable {
  public var name: String
  /// Other names that a header may have, in any language.
  public var aliases: [String]
  /// Whether the field holds a text per language, so that a header may name one: `title_fr`.
  public var takesLanguage: Bool
  public var shape: ValueShape
  /// Whether several columns may become this field, as with tags or links.
  public var takesMany: Bool

  /// With no aliases given, those that `FieldAliases` knows for the name.
  public init(
    _ name: String, aliases: [String]? = nil, takesLanguage: Bool = false, shape: ValueShape = .text,
    takesMany: Bool = false
  ) {
    self.name = name
    self.aliases = aliases ?? FieldAliases.common[name] ?? []
    self.takesLanguage = takesLanguage
    self.shape = shape
    self.takesMany = takesMany
  }
}

/// A field and, where it has a text per language, which one: written `title` or `title:fr`.
public struct FieldTarget: Hashable, Sendable, CustomStringConvertible {
  public var name: String
  /// A BCP 47 tag: `fr`, `pt-BR`.
  public var language: String?

  public init(_ name: String, language: String? = nil) {
    self.name = name
    self.language = language
  }

  public var description: String { language.map { "\(name):\($0)" } ?? name }
}
