// SPDX-License-Identifier: AGPL-3.0-or-later
import Testing

@testable import mujawara

@Suite("Text of others can't act on the terminal")
struct TerminalSafeTextTests {
  @Test("on one line: line ends become a space, control characters a sign, bidi controls vanish", arguments: [
    ("a\nb", "a b"), ("a\r\nb", "a b"), ("a\tb", "a b"), ("a\u{2028}b\u{2029}c\u{85}d", "a b c d"),
    ("\u{1B}[31mred", "␛[31mred"), ("\u{0}\u{7}\u{8}", "␀␇␈"), ("x\u{7F}", "x␡"),
    ("\u{9B}31m", "\u{FFFD}31m"),
    ("\u{202E}gnp.exe\u{202C}", "gnp.exe"), ("\u{2067}\u{2066}a\u{2069}\u{2069}", "a"),
    ("\u{200E}\u{200F}\u{61C}أرز", "أرز"), ("\u{FEFF}a", "a"),
  ])
  func line(text: String, safe: String) { #expect(SafeText.line(text) == safe) }

  @Test("a block keeps its line ends, all as LF, and nothing else")
  func block() {
    #expect(SafeText.block("a\r\n\r\nb\u{2028}c\rd\te\u{1B}") == "a\n\nb\nc\nd e␛")
  }

  @Test("joiners of scripts and emoji stay", arguments: ["می‌خواهم", "👩‍🌾", "مَرْحَبًا", "é", "日本", "❤️"])
  func kept(_ text: String) { #expect(Array(SafeText.line(text).utf8) == Array(text.utf8)) }

  @Test("of all scalars, those that come through are no controls, and cleaning twice changes nothing")
  func all() {
    for code in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(code) else { continue }
      let clean = SafeText.line(String(Character(scalar)))
      let isControl = clean.unicodeScalars.contains {
        $0.properties.generalCategory == .control || $0.properties.isBidiControl
          || $0.value == 0x2028 || $0.value == 0x2029
      }
      if isControl || SafeText.line(clean) != clean { Issue.record("U+\(String(code, radix: 16))") }
    }
  }
}
