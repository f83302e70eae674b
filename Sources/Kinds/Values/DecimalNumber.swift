// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

/// An exact decimal number: `mantissa` / 10^`scale`.
///
///     value = [32, mantissa, scale]       scale 0…18, and the mantissa doesn't end in 0 unless scale is 0
public struct DecimalNumber: Hashable, Sendable {
  public static let valueTag: UInt64 = 32
  public static let scaleLimit: Int64 = 18

  public let mantissa: Int64
  /// Digits after the point.
  public let scale: Int64

  /// Nil for a scale out of range. Zeros at the end of the fraction go.
  public init?(mantissa: Int64, scale: Int64) {
    guard (0...Self.scaleLimit).contains(scale) else { return nil }
    var (mantissa, scale) = (mantissa, scale)
    while scale > 0, mantissa % 10 == 0 { (mantissa, scale) = (mantissa / 10, scale - 1) }
    self.mantissa = mantissa
    self.scale = scale
  }

  /// Reads `12`, `-1.5`, `1,5` and the same in Arabic-Indic or Persian digits; nil for anything else.
  public init?(_ text: some StringProtocol) {
    var digits = ""
    var scale: Int64?
    for (place, character) in text.enumerated() {
      if let digit = character.decimalDigit {
        digits += String(digit)
        scale = scale.map { $0 + 1 }
      } else if ".,٫".contains(character), scale == nil, !digits.isEmpty {
        scale = 0
      } else if "-−".contains(character), place == 0 {
        digits = "-"
      } else {
        return nil
      }
    }
    guard scale != 0, let mantissa = Int64(digits) else { return nil }
    self.init(mantissa: mantissa, scale: scale ?? 0)
  }

  /// With a point: `-1.5`.
  public var text: String {
    var digits = String(mantissa.magnitude)
    while digits.count <= scale { digits = "0" + digits }
    let sign = mantissa < 0 ? "-" : ""
    return scale == 0 ? sign + digits : "\(sign)\(digits.dropLast(Int(scale))).\(digits.suffix(Int(scale)))"
  }

  public var value: Value { .tuple(Self.valueTag, [.int(mantissa), .int(scale)]) }

  /// Nil unless it is what this version writes for a decimal number.
  public init?(value: Value) {
    guard case .tuple(Self.valueTag, let members) = value, members.count == 2,
      case .int(let mantissa) = members[0], case .int(let scale) = members[1]
    else { return nil }
    self.init(mantissa: mantissa, scale: scale)
    guard self.value == value else { return nil }
  }
}

extension Character {
  /// 0…9 for a digit of any script that counts in tens.
  var decimalDigit: Int? {
    guard let scalar = unicodeScalars.first, unicodeScalars.count == 1,
      scalar.properties.generalCategory == .decimalNumber, let value = scalar.properties.numericValue
    else { return nil }
    return Int(value)
  }
}
