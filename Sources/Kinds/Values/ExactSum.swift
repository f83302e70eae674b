// SPDX-License-Identifier: AGPL-3.0-or-later

/// An exact sum of decimal numbers, in millionths. Amounts that are summed have at most six decimals and lie within
/// ±10^12, so that no number of them that a replica can hold leaves 128 bits.
public struct ExactSum: Hashable, Comparable, Sendable {
  private static let scale: Int64 = 6
  private static let limit: Int128 = 1_000_000_000_000

  private var millionths: Int128 = 0

  public init() {}

  /// Nil for what has more decimals, or is greater, than can be summed.
  public init?(_ number: DecimalNumber) {
    guard number.scale <= Self.scale else { return nil }
    var millionths = Int128(number.mantissa)
    for _ in number.scale..<Self.scale { millionths *= 10 }
    guard (millionths / 1_000_000).magnitude < Self.limit.magnitude else { return nil }
    self.millionths = millionths
  }

  public static func + (one: ExactSum, other: ExactSum) -> ExactSum {
    var sum = one
    sum.millionths += other.millionths
    return sum
  }

  public static prefix func - (sum: ExactSum) -> ExactSum {
    var negated = sum
    negated.millionths = -sum.millionths
    return negated
  }

  public static func - (one: ExactSum, other: ExactSum) -> ExactSum { one + -other }
  public static func < (one: ExactSum, other: ExactSum) -> Bool { one.millionths < other.millionths }

  public var isZero: Bool { millionths == 0 }

  /// Nil for what can't be written as one amount.
  public var number: DecimalNumber? {
    guard let mantissa = Int64(exactly: millionths) else { return nil }
    let number = DecimalNumber(mantissa: mantissa, scale: Self.scale)
    return number.flatMap { ExactSum($0) == nil ? nil : $0 }
  }

  /// With a point: `-1.5`.
  public var text: String {
    let digits = String(millionths.magnitude)
    let padded = String(repeating: "0", count: max(0, Int(Self.scale) + 1 - digits.count)) + digits
    let whole = padded.dropLast(Int(Self.scale))
    let decimals = padded.suffix(Int(Self.scale)).reversed().drop { $0 == "0" }.reversed()
    return (millionths < 0 ? "-" : "") + whole + (decimals.isEmpty ? "" : "." + String(decimals))
  }
}
