// SPDX-License-Identifier: AGPL-3.0-or-later

/// Why a text can't be the value of a field: which field, what was written, and what is expected.
public struct FieldError: Error, Equatable, Sendable {
  public enum Reason: Equatable, Sendable {
    /// The kind has no such field, or it isn't for people to write. The names that there are.
    case noSuchField(kind: String, known: [String])
    /// A whole number in this range.
    case notAnInteger(ClosedRange<Int64>)
    /// Yes or no.
    case notABool
    /// One of these words.
    case notOneOf([String])
    /// A time, a day or a rule; what is wrong with this one.
    case time(TimeError)
    /// A single day, not a span or a moment.
    case notADay
    /// An address that begins with http:// or https://.
    case notALink
    /// No record goes by it, or several do.
    case noSuchRecord
    /// A record of one of these kinds.
    case wrongKind([String])
    /// A language tag after the field's name: `title:fr`.
    case notALanguage
    /// A day after the field's name: `over:2026-12-05`.
    case needsADay
    /// The field holds one value: nothing follows its name.
    case takesNoKey
    /// Something; to take a value away, unset it.
    case empty
    /// At most this many bytes of UTF-8.
    case tooLong(limit: Int)
  }

  public let field: String
  public let text: String
  public let reason: Reason

  public init(field: String, text: String, reason: Reason) {
    self.field = field
    self.text = text
    self.reason = reason
  }
}
