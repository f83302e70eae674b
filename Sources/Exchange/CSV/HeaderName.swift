// SPDX-License-Identifier: AGPL-3.0-or-later
import NormalForms

/// Names compared as people write them: without case, accents, vowel signs, spaces or punctuation.
enum HeaderName {
  static func folded(_ name: String) -> String {
    let plain = NormalForm.compatible(name.lowercased())
    var folded = String.UnicodeScalarView()
    for scalar in plain.unicodeScalars {
      if let letters = letters[scalar] {
        folded.append(contentsOf: letters.unicodeScalars)
      } else if scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
        if !isMark(scalar), scalar != tatweel { folded.append(scalar) }
      }
    }
    return String(folded)
  }

  private static let tatweel: Unicode.Scalar = "\u{0640}"

  /// Letters that don't decompose and that people use for one another.
  private static let letters: [Unicode.Scalar: String] = [
    "œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i",
    "\u{0629}": "\u{0647}", "\u{0649}": "\u{064A}", "\u{0671}": "\u{0627}", "\u{06CC}": "\u{064A}",
    "\u{06A9}": "\u{0643}",
  ]

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: true
    default: false
    }
  }

  /// A header cut into a name and a language: `title_fr`, `Titre (fr)`, `title:pt-BR`, `العنوان بالعربية`.
  static func splitLanguage(_ name: String) -> (base: String, language: String)? {
    let words = name.split { !$0.isLetter && !$0.isNumber }
    guard words.count > 1, let last = words.last else { return nil }
    if words.count > 2, isRegion(last), let language = code(words[words.count - 2]) {
      return (join(words.dropLast(2)), "\(language)-\(last.uppercased())")
    }
    guard let language = code(last) ?? languageNames[folded(String(last))] else { return nil }
    return (join(words.dropLast()), language)
  }

  private static func join(_ words: ArraySlice<Substring>) -> String { words.joined(separator: " ") }

  private static func isRegion(_ word: Substring) -> Bool {
    word.utf8.count == 2 && word.utf8.allSatisfy { (0x41...0x5A).contains($0) }
  }

  private static func code(_ word: Substring) -> String? {
    let lower = word.lowercased()
    return languageCodes.contains(lower) ? lower : nil
  }

  /// ISO 639-1, without the codes that are words of headers (`id`, `no`, `to`, `is`, `or`, `as`, `am`).
  private static let languageCodes: Set<String> = Set(
    """
    aa ab af ak an ar av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en
    eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi hr ht hu hy ig ii ik io it iu ja jv ka kg ki
    kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne
    ng nl nn nr nv ny oc oj om os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss
    st su sv sw ta te tg th ti tk tl tn tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
    """.split(whereSeparator: \.isWhitespace).map(String.init))

  private static let languageNames: [String: String] = {
    let names: KeyValuePairs = [
      "fr": "français french francés الفرنسية بالفرنسية فرنسي",
      "ar": "arabe arabic árabe العربية بالعربية عربي",
      "es": "espagnol spanish español castellano الإسبانية بالإسبانية إسباني",
      "en": "anglais english inglés الإنجليزية بالإنجليزية إنجليزي",
    ]
    let pairs = names.flatMap { code, words in
      words.split(separator: " ").map { (folded(String($0)), code) }
    }
    return Dictionary(pairs) { first, _ in first }
  }()
}
