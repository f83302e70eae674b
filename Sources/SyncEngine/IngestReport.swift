// SPDX-License-Identifier: AGPL-3.0-or-later

/// Why a received change was turned away.
public enum Refusal: Error, Hashable, Sendable {
  /// Its space is none that this replica reads.
  case foreignSpace
  /// Governance never named its author.
  case stranger
  /// No valid signature vouches for it.
  case signature
  /// Its `prev` isn't of its log, or its seq isn't one more.
  case seq
  /// Its stamp is outside the bounds of protocol.md section 5.
  case stamp
  /// `cum` isn't the sum of the log so far.
  case total
  /// The log is over the policy's quota.
  case quota
  /// The device opened too many incarnations in the space.
  case incarnations
  /// A head isn't of another log of the same space.
  case heads
  /// The first change of a log names no governance heads, or a governance change names some.
  case governanceHeads
  /// A governance change that builds on no other, and isn't the network's first.
  case rootless
  /// Content without an epoch, or a kind that doesn't belong in the space.
  case kind
  /// Its body is longer than allowed or missing.
  case body
  /// It waits for others, and there is no room to hold it.
  case noRoom
}

/// What became of received changes, and of the records that they touch.
public struct IngestReport: Equatable, Sendable {
  public var new = 0
  public var known = 0
  /// Held until what they build on comes.
  public var waiting = 0
  public var refused: [Refused] = []
  /// Stored, without effect: their authors had no right to them.
  public var uncounted = 0
  /// Whether changes of this device's own logs came that weren't made here: it is a restored backup, or there is
  /// another copy of it. From now on it writes to new logs.
  public var ownLogGrew = false
  /// Stored, but sealed under an epoch that this replica lacks.
  public var unreadable = 0
  public var recordsNew = 0
  public var recordsChanged = 0
  public var recordsRemoved = 0

  public struct Refused: Hashable, Sendable {
    public let id: ChangeID
    public let author: PublicKey
    public let seq: UInt64
    public let reason: Refusal
  }

  public init() {}

  public static func += (one: inout IngestReport, other: IngestReport) {
    one.new += other.new
    one.known += other.known
    one.waiting += other.waiting
    one.refused += other.refused
    one.uncounted += other.uncounted
    one.unreadable += other.unreadable
    one.ownLogGrew = one.ownLogGrew || other.ownLogGrew
    one.recordsNew += other.recordsNew
    one.recordsChanged += other.recordsChanged
    one.recordsRemoved += other.recordsRemoved
  }
}
