// SPDX-License-Identifier: AGPL-3.0-or-later

/// A day of the week, numbered as in ISO 8601: 1 is Monday, 7 is Sunday.
public enum Weekday: Int, CaseIterable, Comparable, Sendable {
  case monday = 1
  case tuesday, wednesday, thursday, friday, saturday, sunday

  public static func < (a: Weekday, b: Weekday) -> Bool { a.rawValue < b.rawValue }

  /// Days from `other` forward to this one, 0…6.
  public func days(after other: Weekday) -> Int {
    (rawValue - other.rawValue + 7) % 7
  }
}
