// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

/// One field of a kind: what it is called, its number on the wire, what it holds and how it is read.
public struct Field: Sendable {
  /// What a field holds, and under which keys.
  public enum Shape: Hashable, Sendable {
    case text
    /// A text per language: keyed by BCP 47 tag (`LanguageTag`).
    case localized
    case int(ClosedRange<Int64>)
    case bool
    /// A day, as ISO 8601 text.
    case date
    /// `When`: a time with its rule, one value.
    case when
    /// A rule without a time: the short text form of `Repeat`.
    case rule
    /// `Quantity`: an amount with its unit, or words.
    case quantity
    /// A record, of one of these kinds; any kind if none is named.
    case reference([UInt64])
    /// Short texts, each a key whose value says whether it is in; keys are in normal form C.
    case set
    /// One of these words.
    case choice([String])
    /// An address on the web: http or https.
    case link
    /// What became of single dates of a repeating time: `Override`, keyed by the original day.
    case overrides
    /// `Position`: written by list edits only.
    case position
    /// Who comes: `Answer`, keyed by `AnswerKey`. Each place writes under its own keys only.
    case answers
    /// Which text a translation was made from: `Basis`, keyed by field and language.
    case bases
    /// A text that several people write: no cell, but edits that come together (`Replica.text`).
    case prose
  }

  /// As people type it after `--` and find it in JSON.
  public let name: String
  public let number: UInt64
  public let shape: Shape
  public let policy: ReadPolicy
  /// More names that a column of a spreadsheet may have, in French, Arabic, Spanish and English.
  public let aliases: [String]

  public init(
    _ name: String, _ number: UInt64, _ shape: Shape, _ policy: ReadPolicy = .latest, aliases: [String] = []
  ) {
    self.name = name
    self.number = number
    self.shape = shape
    if case .set = shape { self.policy = .anyTrue } else { self.policy = policy }
    self.aliases = aliases
  }

  /// Whether the field is a cell per key rather than one cell.
  public var isKeyed: Bool {
    switch shape {
    case .localized, .set, .overrides, .answers, .bases: true
    default: false
    }
  }

  /// Whether it is written as a person types it, rather than by the program alone.
  public var isTyped: Bool {
    switch shape {
    case .position, .answers, .bases: false
    default: number != SystemField.alive && number != SystemField.moved
    }
  }
}
