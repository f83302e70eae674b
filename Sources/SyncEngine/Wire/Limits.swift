// SPDX-License-Identifier: AGPL-3.0-or-later

/// The bounds of protocol.md: the same for everyone, so what is beyond them is refused.
public enum Limits {
  /// Bytes of a body before padding.
  public static let body = 262_144
  /// Bytes of a ciphertext: what the largest body comes to, padded and sealed.
  public static let ciphertext: UInt64 = 270_352
  /// Bytes of a header.
  public static let header = 16_384
  /// Ops in a body.
  public static let ops = 4096
  /// Bytes of a value as CBOR.
  public static let value = 65_536
  /// Edits of one text in a body.
  public static let textEdits = 4096
  /// A position in a text, or a number of its scalars.
  public static let textPosition = 1 << 30 - 1
  /// Heads of a change.
  public static let heads = 32
  /// Logs that a device may open in a space.
  public static let incarnations = 64
  /// Governance changes that a change names.
  public static let governanceHeads = 8
  /// Epochs that a new one follows.
  public static let epochParents = 256
  /// Changes that a redaction takes back.
  public static let redactions = 256
  /// Critical keys that a header names.
  public static let critical = 64
  /// The last seq of a log.
  public static let seq: UInt64 = (1 << 40) - 1
  /// Stamps, sums and other numbers that no closer limit has.
  public static let number: UInt64 = 1 << 53
  /// The last tag of a value.
  public static let tag: UInt64 = 1 << 32
  /// Bytes of a frame's payload.
  public static let frame = 1_048_576
}
