// SPDX-License-Identifier: AGPL-3.0-or-later
import CUTF8Proc
import Glibc

/// The normal forms of Unicode (UAX #15) that mujawara uses, by utf8proc.
public enum NormalForm {
  /// Form C: members of sets are stored so, that the same word is the same key.
  public static func composed(_ text: String) -> String {
    mapped(text, UTF8PROC_COMPOSE)
  }

  /// Form KD: what search and header names compare.
  public static func compatible(_ text: String) -> String {
    mapped(text, UTF8PROC_DECOMPOSE, UTF8PROC_COMPAT)
  }

  private static func mapped(_ text: String, _ options: utf8proc_option_t...) -> String {
    let flags = options.reduce(UTF8PROC_STABLE.rawValue) { $0 | $1.rawValue }
    let bytes = Array(text.utf8)
    var found: UnsafeMutablePointer<UInt8>?
    let count = unsafe bytes.withUnsafeBufferPointer {
      unsafe utf8proc_map($0.baseAddress, $0.count, &found, utf8proc_option_t(flags))
    }
    guard count >= 0, let start = unsafe found else { preconditionFailure("a String is valid UTF-8") }
    defer { unsafe free(start) }
    return unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }
}
