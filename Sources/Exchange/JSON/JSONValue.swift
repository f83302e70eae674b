// SPDX-License-Identifier: AGPL-3.0-or-later

/// A JSON value (RFC 8259) that keeps the order of its members and never rounds a number.
public indirect enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  /// A number that is no Int64, kept as it was written.
  case decimal(JSONDecimal)
  case string(String)
  case array([JSONValue])
  case object([JSONMember])
}

/// A name and its value in an object.
public struct JSONMember: Hashable, Sendable {
  public var name: String
  public var value: JSONValue

  public init(_ name: String, _ value: JSONValue) {
    self.name = name
    self.value = value
  }
}

/// A number as text, in JSON's own grammar: `48.8566`, `1e9`, `-0`.
public struct JSONDecimal: Hashable, Sendable {
  public let text: String

  /// Nil unless `text` is a number as RFC 8259, section 6, writes them.
  public init?(_ text: String) {
    let pattern = /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/
    guard text.wholeMatch(of: pattern) != nil else { return nil }
    self.text = text
  }

  init(checked text: String) { self.text = text }
}

extension JSONValue {
  /// The first member of that name.
  public subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  public var string: String? { if case .string(let text) = self { text } else { nil } }
  public var int: Int64? { if case .int(let number) = self { number } else { nil } }
  public var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
  public var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
  public var members: [JSONMember]? { if case .object(let members) = self { members } else { nil } }
  public var isNull: Bool { self == .null }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .int(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(nilLiteral: ()) { self = .null }

  /// Keeps the order; a name may stand once.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    precondition(Set(elements.map(\.0)).count == elements.count, "JSON: a name stands twice")
    self = .object(elements.map { JSONMember($0, $1) })
  }
}
