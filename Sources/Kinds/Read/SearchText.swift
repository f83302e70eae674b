// SPDX-License-Identifier: AGPL-3.0-or-later
import NormalForms

/// Text as search compares it: without case, accents, vowel marks, tatweel, direction marks and the variants
/// of Arabic letters; digits of all scripts as 0–9; anything that is neither letter nor digit as one space.
public enum SearchText {
  public static func folded(_ text: String) -> String {
    var folded = String.UnicodeScalarView()
    var isSpaceDue = false
    for scalar in NormalForm.compatible(text.lowercased()).unicodeScalars {
      let plain = plain(scalar)
      if plain.isEmpty { continue }
      if plain == " " {
        isSpaceDue = !folded.isEmpty
        continue
      }
      if isSpaceDue { folded.append(" ") }
      isSpaceDue = false
      folded.append(contentsOf: plain.unicodeScalars)
    }
    return String(folded)
  }

  /// Nothing for marks, a space for what separates words.
  private static func plain(_ scalar: Unicode.Scalar) -> String {
    if let letters = letters[scalar] { return letters }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return ""
    case .decimalNumber: return scalar.properties.numericValue.map { String(Int($0)) } ?? ""
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .spacingMark,
      .letterNumber, .otherNumber:
      return String(scalar)
    default: return scalar == "'" || scalar == "\u{2019}" ? " " : scalar == "\u{0640}" ? "" : " "
    }
  }

  /// Letters that don't decompose and that people use for one another.
  private static let letters: [Unicode.Scalar: String] = [
    "œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "\u{0640}": "",
    "\u{0629}": "\u{0647}", "\u{0649}": "\u{064A}", "\u{0671}": "\u{0627}", "\u{06CC}": "\u{064A}",
    "\u{06A9}": "\u{0643}", "\u{0621}": "",
  ]
}
