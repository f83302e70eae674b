// SPDX-License-Identifier: AGPL-3.0-or-later

/// Everything that this room refuses. Hostile input throws one of these and has no other effect.
public enum CryptoError: Error, Equatable, Sendable {
  /// A box, wrap, record or handshake message doesn't open: wrong key, other associated
  /// data or changed bytes.
  case notAuthentic
  /// A byte string doesn't have the size that its structure fixes.
  case wrongSize
  /// A public key of small order: the shared secret would be all zero.
  case weakKey
  /// The plaintext isn't what `pad` would have made (protocol.md, section 1).
  case badPadding
  /// A structure isn't the canonical encoding that its section demands.
  case notCanonical
  /// A handshake or stream was used after its end, after a failure, or out of turn.
  case outOfTurn
  /// A message, record or nonce counter is beyond its limit.
  case tooLong
  /// A sealed stream ends before its final piece, or goes on after it.
  case streamCut

  /// An invitation code doesn't have 35 digits; the number found is given.
  case codeWrongLength(Int)
  /// An invitation code's digits don't check.
  case codeMistyped
  /// An invitation code checks, but is of another version.
  case codeUnknownVersion(Int)

  /// No slot of the key file opens with this passphrase.
  case wrongPassphrase
  /// The key file needs a passphrase and none was offered.
  case passphraseNeeded
  /// The key file is changed, cut, or asks for more work than a reader allows.
  case damaged
  /// The key file was written by a newer program.
  case newerVersion(UInt64)
  /// The memory that the passphrase's stretching needs isn't to be had.
  case outOfMemory

  /// The input ended before a passphrase came.
  case inputClosed
  /// A passphrase is longer than 1,024 bytes.
  case inputTooLong
  /// A signal came while the passphrase was typed; the terminal was restored first.
  case interrupted
  /// There is no terminal to ask at.
  case noTerminal
}
