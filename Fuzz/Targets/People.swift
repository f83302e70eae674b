// SPDX-License-Identifier: AGPL-3.0-or-later
import Kinds
import SyncEngine

/// What people type, in `Kinds`.
extension FuzzTarget {
  static let people = [
    FuzzTarget("repeat", longest: 256, rule),
    FuzzTarget("when", longest: 256, time),
    FuzzTarget("date-input", longest: 256, typedTime),
    FuzzTarget("occurrences", longest: 256, repeating),
    printing(
      "decimal", refusedBy: Refused.self,
      read: { text throws(Refused) in
        guard let number = DecimalNumber(text) else { throw Refused() }
        return number
      }, print: \.text),
    FuzzTarget("quantity", longest: 256) { bytes in
      let quantity = Quantity(String(decoding: bytes, as: UTF8.self))
      try requireFixed(quantity, read: { Quantity($0) }, print: \.text)
      try require(Quantity(value: quantity.value) == quantity, "\(quantity) isn't read from its own value")
      return true
    },
    printing(
      "language-tag", longest: 64, refusedBy: Refused.self,
      read: { text throws(Refused) in
        guard let tag = LanguageTag.canonical(text) else { throw Refused() }
        return tag
      }, print: { $0 }),
    FuzzTarget("short-id", longest: 64, shortID),
  ]

  /// A rule is read in each of the forms that it is written in.
  private static func rule(_ bytes: [UInt8]) throws -> Bool {
    let rule: Repeat
    do { rule = try Repeat(String(decoding: bytes, as: UTF8.self)) } catch { return false }
    try requireFixed(rule, read: { try Repeat(short: $0) }, print: \.short)
    try requireFixed(rule, read: { try Repeat(words: $0) }, print: \.words)
    try requireFixed(rule, read: { try Repeat($0) }, print: \.words)
    _ = rule.rrule()
    return true
  }

  private static func time(_ bytes: [UInt8]) throws -> Bool {
    let when: When
    do { when = try When(edtf: String(decoding: bytes, as: UTF8.self)) } catch { return false }
    try requireFixed(when, read: { try When(edtf: $0) }, print: \.edtf)
    try requireValue(of: when)
    return true
  }

  private static func typedTime(_ bytes: [UInt8]) throws -> Bool {
    let today = try CivilDate(year: 2026, month: 12, day: 5)
    let when: When
    do {
      when = try DateInput.parse(String(decoding: bytes, as: UTF8.self), today: today, now: .midnight)
    } catch { return false }
    try requireFixed(when, read: { try When(edtf: $0) }, print: \.edtf)
    try requireFixed(when, read: { try DateInput.parse($0, today: today) }, print: \.edtf)
    try requireValue(of: when)
    return true
  }

  private static func requireValue(of when: When) throws {
    let again = try? When(value: when.value)
    try require(again == when, "\(when) isn't read from its own value")
  }

  /// A time, a line end, and a rule: a month of its dates, near and far, stand in order within the month.
  private static func repeating(_ bytes: [UInt8]) throws -> Bool {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", maxSplits: 1)
    guard lines.count == 2 else { return false }
    let when: When
    do { when = try When(edtf: String(lines[0]), rule: try Repeat(String(lines[1]))) } catch {
      return false
    }
    try requireValue(of: when)
    for days in [0, 800, 200_000] {
      guard let first = when.firstDay.adding(days: days), let last = first.adding(days: 30) else { continue }
      let found = occurrences(of: when, in: first...last)
      try require(found.count <= 31 + When.daysMax, "\(found.count) dates in a month")
      try require(zip(found, found.dropFirst()).allSatisfy { $0.start <= $1.start }, "the dates aren't in order")
      let next = when.nextDay(onOrAfter: first)
      try require(next.map { $0 >= first } ?? true, "the next date is an earlier one")
    }
    return true
  }

  /// The ids that begin so are those whose text does.
  private static func shortID(_ bytes: [UInt8]) throws -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let range = ShortID.range(text) else { return false }
    try require(range.low <= range.high, "the range runs backwards")
    let prefix = text.lowercased()
    if range.low.high != .max {
      try require(ShortID.text(range.low).hasPrefix(prefix), "“\(prefix)” isn't how its first id begins")
    }
    return true
  }
}
