// SPDX-License-Identifier: AGPL-3.0-or-later

/// How many cells of a terminal text takes: two for East Asian wide characters and emoji, none for combining
/// marks and joiners, one for the rest (Unicode UAX #11, UTS #51).
enum CellWidth {
  static func of(_ text: String) -> Int {
    var width = 0
    for character in text { width += of(character) }
    return width
  }

  static func of(_ character: Character) -> Int {
    let scalars = character.unicodeScalars
    guard let first = scalars.first else { return 0 }
    if scalars.count == 1 { return of(first) }
    if isFlag(first) { return 2 }
    var width = of(first)
    var previous = first
    for scalar in scalars.dropFirst() {
      width += added(by: scalar, after: previous, first: first, width: width)
      previous = scalar
    }
    return width
  }

  private static func added(
    by scalar: Unicode.Scalar, after previous: Unicode.Scalar, first: Unicode.Scalar, width: Int
  ) -> Int {
    switch scalar {
    case "\u{FE0F}": return first.properties.isEmoji && width == 1 ? 1 : 0
    case "\u{FE0E}": return first.properties.isEmoji && width == 2 ? -1 : 0
    case _ where previous == "\u{200D}": return 0
    case _ where scalar.properties.isEmojiModifier: return 0
    case _ where scalar.properties.generalCategory == .spacingMark: return width == 1 ? 1 : 0
    default: return of(scalar)
    }
  }

  private static func of(_ scalar: Unicode.Scalar) -> Int {
    if (0x20..<0x7F).contains(scalar.value) { return 1 }
    if isEmpty(scalar) { return 0 }
    return WideRanges.contains(scalar.value) ? 2 : 1
  }

  private static func isFlag(_ scalar: Unicode.Scalar) -> Bool {
    (0x1F1E6...0x1F1FF).contains(scalar.value)
  }

  private static func isEmpty(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0: return true
    case 0xAD, 0x600...0x605, 0x6DD, 0x70F, 0x890...0x891, 0x8E2, 0x110BD, 0x110CD: return false
    case 0x1160...0x11FF, 0xD7B0...0xD7FF, 0x3164, 0xFFA0: return true
    default: break
    }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .spacingMark, .format, .lineSeparator, .paragraphSeparator:
      return true
    default: return false
    }
  }
}

extension CellWidth {
  /// The text if it fits, else as much of it as fits with `…` behind.
  static func truncated(_ text: String, to width: Int) -> String {
    guard text.utf8.count > width, of(text) > width else { return text }
    guard width > 0 else { return "" }
    var kept = ""
    var used = 0
    for character in text {
      used += of(character)
      guard used < width else { break }
      kept.append(character)
    }
    return kept + "…"
  }

  /// The spaces that fill text of a width up to another.
  static func filler(from width: Int, to full: Int) -> String {
    String(repeating: " ", count: max(0, full - width))
  }
}
