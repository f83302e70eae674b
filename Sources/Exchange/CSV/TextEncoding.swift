// SPDX-License-Identifier: AGPL-3.0-or-later

/// The encodings that spreadsheets write CSV in.
public enum TextEncoding: String, CaseIterable, Hashable, Sendable {
  case utf8 = "UTF-8"
  /// UTF-8 behind a byte order mark, as spreadsheets write it.
  case utf8WithMark = "UTF-8 with byte order mark"
  /// UTF-16, low byte first.
  case utf16LittleEndian = "UTF-16 LE"
  /// UTF-16, high byte first.
  case utf16BigEndian = "UTF-16 BE"
  /// Western European Windows; Latin-1 is the part of it without 0x80…0x9F.
  case windows1252 = "Windows-1252"
  /// Latin-1 with control characters at 0x80…0x9F.
  case latin1 = "ISO-8859-1"
  /// Arabic Windows. Never guessed, for it looks like Windows-1252: it has to be named.
  case windows1256 = "Windows-1256"
}

/// Text as valid UTF-8, and what it was.
struct DecodedText {
  var bytes: [UInt8]
  var encoding: TextEncoding
  /// Where in `bytes` a U+FFFD stands for something unreadable, ascending.
  var damage: [Int] = []
}
