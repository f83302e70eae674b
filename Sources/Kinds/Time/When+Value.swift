// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

// Times as values of cells. Text forms inside, so that a reader who doesn't know the group still
// shows something that a person understands:
//
//   when     = [1, EDTF text, short rule or null, source words or null]
//   override = when (moved) | "cancelled" | "changed"
//   day      = "2026-12-05"
//
// Each time has one encoding; any other is refused, so equal times are equal bytes.

extension When {
  /// The tag of the group.
  public static let valueTag: UInt64 = 1

  public var value: Value {
    .tuple(
      Self.valueTag,
      [.text(edtf), rule.map { .text($0.short) } ?? .null, source.map { .text($0) } ?? .null])
  }

  /// Throws `TimeError.notATimeValue`, or what is wrong with the time.
  public init(value: Value) throws(TimeError) {
    guard case .tuple(Self.valueTag, let members) = value, members.count == 3,
      case .text(let edtf) = members[0]
    else { throw .notATimeValue }
    let rule = try members[1].textOrNull
    let source = try members[2].textOrNull
    try self.init(edtf: edtf, rule: try rule.map(Repeat.init(short:)), source: source)
    guard self.value == value else { throw .notATimeValue }
  }
}

extension Override {
  public var value: Value {
    switch self {
    case .moved(let when): when.value
    case .cancelled: .text("cancelled")
    case .changed: .text("changed")
    }
  }

  /// Throws as `When.init(value:)`.
  public init(value: Value) throws(TimeError) {
    switch value {
    case .text("cancelled"): self = .cancelled
    case .text("changed"): self = .changed
    default: self = .moved(try When(value: value))
    }
  }
}

extension CivilDate {
  public var value: Value { .text(iso) }

  /// Throws `TimeError.notATimeValue`, or what is wrong with the day.
  public init(value: Value) throws(TimeError) {
    guard case .text(let text) = value else { throw .notATimeValue }
    try self.init(iso: text)
    guard self.value == value else { throw .notATimeValue }
  }
}

extension Value {
  fileprivate var textOrNull: String? {
    get throws(TimeError) {
      switch self {
      case .null: nil
      case .text(let text): text
      default: throw .notATimeValue
      }
    }
  }
}
