// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

/// What every record may have, whatever its kind. Numbers below 16 are for these.
extension Field {
  public static let alive = Field("alive", SystemField.alive, .bool, .anyTrue)
  public static let at = Field("at", SystemField.at, .position)
  /// The record that took this one's place in another space.
  public static let moved = Field("moved", SystemField.moved, .reference([]))
  public static let title = Field("title", 4, .localized, .conflicts)
  public static let body = Field("body", 5, .localized, .conflicts)
  public static let tags = Field("tags", 6, .set)
  /// The language that the record was first written in.
  public static let lang = Field("lang", 7, .text)
  /// The place that looks after it.
  public static let owner = Field("owner", 8, .reference([1]))
  /// Where it was imported from: the name of a file or of another system.
  public static let source = Field("source", 9, .text)
  /// What it is called there.
  public static let externalID = Field("external_id", 10, .text)
  public static let links = Field("links", 11, .set)
  public static let archived = Field("archived", 12, .bool)
  /// Lets it into feeds and posters.
  public static let isPublic = Field("public", 13, .bool, .allTrue)

  /// Which text each translation was made from.
  public static let basis = Field("basis", 14, .bases)

  static let common: [Field] = [
    alive, at, moved, title, body, tags, lang, owner, source, externalID, links, archived, isPublic, basis,
  ]
}
