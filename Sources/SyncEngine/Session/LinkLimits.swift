// SPDX-License-Identifier: AGPL-3.0-or-later

/// What a link waits for, in milliseconds, and how much it lets lie (protocol.md section 11).
enum LinkLimits {
  /// For each handshake message.
  static let handshake: UInt64 = 10_000
  /// For the answer to the first message, where another key can be tried.
  static let fallback: UInt64 = 2_000
  /// From a record's first byte to its last.
  static let recordTime: UInt64 = 60_000
  /// Bytes of a record within an unfinished frame that count as getting on.
  static let part = 1_024
  /// Bytes of frames that make a record of their own: at first, so that a link which breaks early brings
  /// whole frames, and later.
  static let firstRecord = 512
  static let record = 16_384
  /// Without sending anything, before a PING; between the two, at random.
  static let ping: ClosedRange<UInt64> = 25_000...40_000
  /// Without receiving anything.
  static let dead: UInt64 = 120_000
  /// Without receiving anything but PING, and without getting rid of anything.
  static let idle: UInt64 = 600_000
  /// For the other's CLOSE after one's own.
  static let closing: UInt64 = 10_000
  /// Silence towards strangers, at random.
  static let deaf: ClosedRange<UInt64> = 10_000...30_000
  /// Bytes handed out and not yet reported as sent, at which no more changes are fetched.
  static let outgoing = 1 << 20
  /// Bytes handed out and not yet reported as sent that are more than PINGs: getting rid of them is of use.
  static let backlog = 1_024
}
