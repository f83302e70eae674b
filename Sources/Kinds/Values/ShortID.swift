// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// Ids as people read and type them: 27 digits to the base of 27, without vowels or look-alikes, so that they
/// make no words. Any unambiguous beginning of four or more is a name for the record.
public enum ShortID {
  public static let shortest = 4
  private static let digits = Array("23456789bcdfghjkmnpqrstvwxz")
  private static let length = 27

  /// All 27 digits.
  public static func text(_ id: ID16) -> String {
    var number = UInt128(id.high) << 64 | UInt128(id.low)
    var text: [Character] = []
    for _ in 0..<length {
      text.append(digits[Int(number % 27)])
      number /= 27
    }
    return String(text.reversed())
  }

  public static func text(_ id: RecordID) -> String { text(ID16(id)) }

  /// The first four, for places and devices that have no name.
  public static func brief(_ id: ID16) -> String { String(text(id).prefix(shortest)) }

  /// The ids that begin so: nil for what is no beginning of an id.
  public static func range(_ prefix: String) -> (low: RecordID, high: RecordID)? {
    let prefix = prefix.lowercased()
    guard !prefix.isEmpty, prefix.count <= length else { return nil }
    var (low, high) = (UInt128(0), UInt128(0))
    let letters = Array(prefix)
    for place in 0..<length {
      let digit = place < letters.count ? digits.firstIndex(of: letters[place]) : nil
      if place < letters.count, digit == nil { return nil }
      low = saturating(low, UInt128(digit ?? 0))
      high = saturating(high, UInt128(digit ?? 26))
    }
    return (record(low), record(high))
  }

  private static func saturating(_ number: UInt128, _ digit: UInt128) -> UInt128 {
    let (product, over) = number.multipliedReportingOverflow(by: 27)
    let (sum, overflow) = product.addingReportingOverflow(digit)
    return over || overflow ? .max : sum
  }

  private static func record(_ number: UInt128) -> RecordID {
    RecordID(ID16(high: UInt64(truncatingIfNeeded: number >> 64), low: UInt64(truncatingIfNeeded: number)))
  }
}
