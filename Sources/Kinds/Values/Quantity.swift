// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

/// How much: an amount with its unit, or words where nobody counted.
///
///     value = [33, mantissa, scale, unit or null] | text
public enum Quantity: Hashable, Sendable {
  public static let valueTag: UInt64 = 33

  case amount(DecimalNumber, unit: String?)
  case words(String)

  /// Reads `12`, `12kg`, `1,5 l`, `١٢ كغ`; anything else is words.
  public init(_ text: String) {
    let text = Self.trimmed(text[...])
    let number = text.prefix { $0.decimalDigit != nil || ".,٫-−".contains($0) }
    let unit = Self.trimmed(text[number.endIndex...])
    guard let amount = DecimalNumber(number), unit.first?.decimalDigit == nil else {
      self = .words(text)
      return
    }
    self = .amount(amount, unit: unit.isEmpty ? nil : unit)
  }

  /// Without white space at either end. A mark that stands on a space is no white space.
  private static func trimmed(_ text: Substring) -> String {
    let scalars = text.unicodeScalars.drop(while: \.properties.isWhitespace)
    return String(String.UnicodeScalarView(scalars.reversed().drop(while: \.properties.isWhitespace).reversed()))
  }

  /// `12 kg`, `12`, or the words.
  public var text: String {
    switch self {
    case .amount(let amount, let unit): unit.map { "\(amount.text) \($0)" } ?? amount.text
    case .words(let words): words
    }
  }

  public var value: Value {
    switch self {
    case .words(let words): .text(words)
    case .amount(let amount, let unit):
      .tuple(Self.valueTag, [.int(amount.mantissa), .int(amount.scale), unit.map(Value.text) ?? .null])
    }
  }

  /// Nil unless it is what this version writes for a quantity.
  public init?(value: Value) {
    switch value {
    case .text(let words): self = .words(words)
    case .tuple(Self.valueTag, let members):
      guard members.count == 3, case .int(let mantissa) = members[0], case .int(let scale) = members[1],
        let amount = DecimalNumber(mantissa: mantissa, scale: scale), amount.scale == scale
      else { return nil }
      switch members[2] {
      case .null: self = .amount(amount, unit: nil)
      case .text(let unit): self = .amount(amount, unit: unit)
      default: return nil
      }
    default: return nil
    }
  }
}
