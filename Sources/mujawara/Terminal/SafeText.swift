// SPDX-License-Identifier: AGPL-3.0-or-later

/// Text of others made harmless for a terminal: it can't move the cursor, forge a line, or turn the reading
/// order of what stands beside it (Unicode UAX #9; ECMA-48 control functions).
enum SafeText {
  /// On one line: line ends and tabs become one space, other control characters a visible sign, marks that
  /// turn the reading order vanish.
  static func line(_ text: String) -> String { clean(text, keepsLines: false) }

  /// The same with line ends kept, all as LF.
  static func block(_ text: String) -> String { clean(text, keepsLines: true) }

  private static func clean(_ text: String, keepsLines: Bool) -> String {
    guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
    var clean = String.UnicodeScalarView()
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      defer { previous = scalar }
      if isLineEnd(scalar) {
        let isSecondHalf = scalar == "\n" && previous == "\r"
        if !isSecondHalf { clean.append(keepsLines ? "\n" : " ") }
      } else if let visible = visible(scalar) {
        clean.append(visible)
      }
    }
    return String(clean)
  }

  private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    isLineEnd(scalar) || visible(scalar) != scalar
  }

  private static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A...0x0D, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }

  /// What to show for a scalar; nil for what vanishes.
  private static func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    switch scalar.value {
    case 0x09: " "
    case 0..<0x20: Unicode.Scalar(0x2400 + scalar.value)
    case 0x7F: "\u{2421}"
    case 0x80..<0xA0: "\u{FFFD}"
    case 0x61C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x206F: nil
    case 0xFEFF, 0xFFF9...0xFFFB: nil
    default: scalar
    }
  }
}
