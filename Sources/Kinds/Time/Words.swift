// SPDX-License-Identifier: AGPL-3.0-or-later

/// A line cut into words, folded for comparison, each with its place in the line.
struct Words {
  struct Word: Equatable {
    let folded: String
    /// Characters before it.
    let at: Int
  }

  let text: String
  private(set) var words: [Word]
  private(set) var index = 0

  /// Cuts at white space; a comma and a tilde are words by themselves.
  init(_ text: String) {
    self.text = text
    var words: [Word] = []
    var current: (word: String, at: Int)?
    func finish() {
      guard let (word, at) = current else { return }
      let folded = Fold.word(word)
      if !folded.isEmpty { words.append(Word(folded: folded, at: at)) }
      current = nil
    }
    for (position, character) in text.map(Fold.character).enumerated() {
      if character.isWhitespace || character == "," || character == "~" {
        finish()
        if !character.isWhitespace { words.append(Word(folded: String(character), at: position)) }
      } else {
        current = ((current?.word ?? "") + String(character), current?.at ?? position)
      }
    }
    finish()
    self.words = words
  }

  var isAtEnd: Bool { index == words.count }
  var peek: String? { index < words.count ? words[index].folded : nil }
  var at: Int { index < words.count ? words[index].at : text.count }

  func peek(_ ahead: Int) -> String? {
    index + ahead < words.count ? words[index + ahead].folded : nil
  }

  mutating func skip(_ choices: String...) -> Bool {
    guard let peek, choices.contains(peek) else { return false }
    index += 1
    return true
  }

  mutating func advance(_ count: Int = 1) { index += count }

  /// Makes one word of `19:00 - 21:00` and of `7 pm`.
  mutating func glueClocks() {
    var glued: [Word] = []
    for word in words {
      if let last = glued.last, Self.isGlued(last.folded, word.folded) {
        glued[glued.count - 1] = Word(folded: last.folded + word.folded, at: last.at)
      } else {
        glued.append(word)
      }
    }
    words = glued
  }

  private static func isGlued(_ left: String, _ right: String) -> Bool {
    if left.last == "-" { return left.count > 1 }
    guard let first = left.first, Fold.digit(first) != nil else { return false }
    return right.first == "-" && !right.dropFirst().contains("-") || ClockReader.halves[right] != nil
  }

  func unreadable(_ expected: String) -> TimeError {
    .unreadable(text, at: at, expected: expected)
  }

  /// Runs a check of what stands at `start`, and says where it failed.
  func checked<T>(from start: Int, _ body: () throws(TimeError) -> T) throws(TimeError) -> T {
    do { return try body() } catch { throw .impossible(text, at: start, because: error) }
  }

  // MARK: Names of days and months

  mutating func weekday() throws(TimeError) -> Weekday? {
    try refuseMar()
    guard let peek, let day = CalendarNames.weekdays[Self.name(peek)] else { return nil }
    index += 1
    return day
  }

  /// Names of two words, as the Levant has them, before those of one.
  mutating func month() throws(TimeError) -> Int? {
    try refuseMar()
    guard let peek else { return nil }
    if let second = self.peek(1), let month = CalendarNames.months["\(peek) \(Self.name(second))"] {
      index += 2
      return month
    }
    guard let month = CalendarNames.months[Self.name(peek)] else { return nil }
    index += 1
    return month
  }

  /// Without the full stop of an abbreviation.
  private static func name(_ word: String) -> String {
    word.last == "." ? String(word.dropLast()) : word
  }

  /// March in English and Spanish, Tuesday in French and Spanish.
  private func refuseMar() throws(TimeError) {
    guard let peek, Self.name(peek) == "mar" else { return }
    throw .ambiguous(text, at: at, write: ["march", "tuesday"])
  }
}
