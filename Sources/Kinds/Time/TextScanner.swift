// SPDX-License-Identifier: AGPL-3.0-or-later

/// Reads a line from left to right and knows where it stands, so that errors can say where.
///
/// Digits are read in any of the three rows people type in Arabic, Persian and Latin script.
struct TextScanner {
  let text: String
  private let characters: [Character]
  private(set) var position: Int

  init(_ text: String) {
    self.text = text
    characters = text.map(Fold.character)
    position = 0
  }

  var isAtEnd: Bool { position == characters.count }

  var peek: Character? { position < characters.count ? characters[position] : nil }

  mutating func skip(_ expected: Character) -> Bool {
    guard peek == expected else { return false }
    position += 1
    return true
  }

  mutating func skip(_ expected: String) -> Bool {
    let wanted = Array(expected)
    guard characters.dropFirst(position).starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  mutating func expect(_ expected: Character, _ what: String) throws(TimeError) {
    guard skip(expected) else { throw unreadable(what) }
  }

  mutating func expectEnd(_ what: String = "nothing more") throws(TimeError) {
    guard isAtEnd else { throw unreadable(what) }
  }

  /// Exactly `count` digits.
  mutating func number(digits count: Int, _ what: String) throws(TimeError) -> Int {
    var value = 0
    for index in position..<position + count {
      guard index < characters.count, let digit = Fold.digit(characters[index]) else {
        throw unreadable(what)
      }
      value = value * 10 + digit
    }
    position += count
    return value
  }

  /// The text from here up to a character, which is passed; nil when there is none.
  mutating func take(upTo end: Character) -> String? {
    guard let index = characters[position...].firstIndex(of: end) else { return nil }
    defer { position = index + 1 }
    return String(characters[position..<index])
  }

  func unreadable(_ what: String) -> TimeError {
    .unreadable(text, at: position, expected: what)
  }

  /// Runs a check of what stands at `start`, and says where it failed.
  func checked<T>(from start: Int, _ body: () throws(TimeError) -> T) throws(TimeError) -> T {
    do { return try body() } catch { throw .impossible(text, at: start, because: error) }
  }
}

/// What counts as the same character, and as the same word, when people type.
enum Fold {
  /// Latin digits for Arabic-Indic and Persian ones; one hyphen for all dashes.
  static func character(_ character: Character) -> Character {
    guard let scalar = character.unicodeScalars.first else { return character }
    switch scalar.value {
    case 0x0660...0x0669: return Character(UnicodeScalar(UInt8(scalar.value - 0x0660 + 0x30)))
    case 0x06F0...0x06F9: return Character(UnicodeScalar(UInt8(scalar.value - 0x06F0 + 0x30)))
    case 0x2010...0x2015, 0x2212: return "-"
    case 0x060C, 0x061B: return scalar.value == 0x060C ? "," : ";"
    default: return character
    }
  }

  static func digit(_ character: Character) -> Int? {
    guard let ascii = character.asciiValue, (0x30...0x39).contains(ascii) else { return nil }
    return Int(ascii) - 0x30
  }

  /// Lower case, without accents, vowel marks, or the variants of alef and yeh.
  static func word(_ word: String) -> String {
    var folded = String.UnicodeScalarView()
    for scalar in word.lowercased().unicodeScalars {
      if let plain = plain(scalar) { folded.append(plain) }
    }
    return String(folded)
  }

  private static func plain(_ scalar: UnicodeScalar) -> UnicodeScalar? {
    switch scalar.value {
    case 0xE0...0xE5: "a"
    case 0xE7: "c"
    case 0xE8...0xEB: "e"
    case 0xEC...0xEF: "i"
    case 0xF1: "n"
    case 0xF2...0xF6: "o"
    case 0xF9...0xFC: "u"
    case 0x2019: "'"
    case 0x0300...0x036F, 0x0640, 0x064B...0x065F, 0x0670: nil  // accents, tatweel, vowel marks
    case 0x200B...0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: nil  // direction marks
    case 0x0622, 0x0623, 0x0625: "\u{0627}"  // alef
    case 0x0649: "\u{064A}"  // yeh
    default: scalar
    }
  }
}
