// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import NormalForms
import SyncEngine

/// Whose answer a cell of `rsvp` is: a place's or, by an alias, somebody's of that place; for an event's every date
/// or for one.
///
///     key = "<place id, 32 hexadecimal digits>/<original day or nothing>/<alias or nothing>"
public struct AnswerKey: Hashable, Sendable {
  public let place: PlaceID
  /// The day on which the event's rule puts the date; nil for the whole event.
  public let day: CivilDate?
  /// An alias is enough; nil for the place as a whole.
  public let name: String?

  /// Nil for an alias that is empty or too long for a key.
  public init?(place: PlaceID, day: CivilDate? = nil, name: String? = nil) {
    let name = name.map { NormalForm.composed($0) }
    if let name, name.isEmpty || name.utf8.count > Self.nameLimit { return nil }
    self.place = place
    self.day = day
    self.name = name
  }

  /// The longest alias, in bytes of UTF-8.
  public static let nameLimit = 500

  public var value: Value { .text("\(place.hex)/\(day?.iso ?? "")/\(name ?? "")") }

  /// Nil unless it is what this version writes for a key.
  public init?(value: Value) {
    guard case .text(let text) = value else { return nil }
    let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, let place = PlaceID(hex: parts[0]) else { return nil }
    let day = try? CivilDate(iso: parts[1])
    guard (day == nil) == parts[1].isEmpty else { return nil }
    self.init(place: place, day: day, name: parts[2].isEmpty ? nil : parts[2])
    guard self.value == value else { return nil }
  }

  /// The same person's or place's answer for another date, or for the whole event.
  public func on(_ day: CivilDate?) -> AnswerKey { AnswerKey(self, day) }

  private init(_ key: AnswerKey, _ day: CivilDate?) {
    (place, self.day, name) = (key.place, day, key.name)
  }
}

/// Whether somebody comes: one value, written whole.
///
///     value = [40, "yes" | "maybe" | "no", seats, note or null]      seats 1…10,000, 0 with "no"
public struct Answer: Hashable, Sendable {
  public enum Word: String, CaseIterable, Sendable {
    case yes, maybe, no
  }

  public static let valueTag: UInt64 = 40
  public static let seatRange: ClosedRange<Int64> = 1...10_000

  public let word: Word
  /// How many come, whoever answers included.
  public let seats: Int64
  public let note: String?

  /// Nil for a number of seats out of range. Who doesn't come takes none.
  public init?(_ word: Word, seats: Int64 = 1, note: String? = nil) {
    guard word == .no || Self.seatRange.contains(seats) else { return nil }
    self.word = word
    self.seats = word == .no ? 0 : seats
    self.note = note
  }

  public var value: Value {
    .tuple(Self.valueTag, [.text(word.rawValue), .int(seats), note.map(Value.text) ?? .null])
  }

  /// Nil unless it is what this version writes for an answer.
  public init?(value: Value) {
    guard case .tuple(Self.valueTag, let members) = value, members.count == 3,
      case .text(let text) = members[0], let word = Word(rawValue: text), case .int(let seats) = members[1]
    else { return nil }
    var note: String?
    if case .text(let text) = members[2] { note = text }
    self.init(word, seats: seats, note: note)
    guard self.value == value else { return nil }
  }
}
