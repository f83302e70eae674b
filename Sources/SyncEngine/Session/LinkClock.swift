// SPDX-License-Identifier: AGPL-3.0-or-later

/// When what last happened on a link, in milliseconds of the driver's monotonic clock.
struct LinkClock {
  /// The beginning of the present phase of the handshake.
  var phase: UInt64
  /// When this side had said all.
  var closing: UInt64?
  var received: UInt64
  var sent: UInt64
  /// When something other than PING last came, or anything left.
  var useful: UInt64
  /// The first byte of a record that isn't whole yet.
  var record: UInt64?
  /// Milliseconds of not sending after which a PING is due.
  var ping: UInt64

  init(now: UInt64, ping: UInt64) {
    phase = now
    received = now
    sent = now
    useful = now
    self.ping = ping
  }

  /// Whether the other has been silent, or useless, for too long.
  func isStalled(_ now: UInt64) -> Bool {
    now >= received + LinkLimits.dead || now >= useful + LinkLimits.idle
      || record.map { now >= $0 + LinkLimits.recordTime } ?? false
  }

  func isPingDue(_ now: UInt64) -> Bool { now >= sent + ping }
}
