// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// What became of a stored change's ops.
enum ChangeState: Int64, Sendable {
  /// They are in the state (or, for governance and keys, known).
  case applied = 0
  /// Its author had no right to them.
  case uncounted = 1
  /// This replica lacks the key.
  case unreadable = 2
  /// Its kind, a `crit` key or its body is beyond this program.
  case strange = 3
  /// Its log has several branches, and nobody saw it who wrote a single history.
  case held = 4
  /// A redaction that counts has taken them back for good.
  case redacted = 5
  /// Its body isn't held, and no redaction says that it needn't be.
  case absent = 6
}

/// A change as its row holds it: what follows from the log stands in the neighbouring rows.
struct StoredChange {
  var dot: Dot
  var id: ChangeID
  var kind: ChangeKind
  var stamp: UInt64
  /// The greatest stamp of other devices in its past; 0 for none (protocol.md section 5).
  var others: UInt64
  var cum: UInt64
  var flags: Flags
  var state: ChangeState
  /// The nearest change of its log, at or before it, that has heads: its version vector is kept. Seq 0: none.
  var vector: Dot
  var heads: [Dot]
  /// The number of the set of governance heads in force; 0 in governance logs.
  var gov: Int64
  /// The number of the epoch in force; 0 before the first content.
  var epoch: Int64
  var nonce: [UInt8]
  /// `crit` and unknown header keys, as a CBOR map; empty for none.
  var extra: [UInt8]
  var body: [UInt8]
  var signature: [UInt8]

  struct Flags: OptionSet {
    let rawValue: Int64
    /// Header key 10 is written, not inherited.
    static let ownGov = Flags(rawValue: 1)
    /// Header key 11 is written, not inherited.
    static let ownEpoch = Flags(rawValue: 2)
    /// The signature was checked here, not merely vouched for by a later one.
    static let checked = Flags(rawValue: 4)
    /// In place of the ciphertext stands what is known of it: its hash and its length.
    static let bodyless = Flags(rawValue: 8)
  }
}

extension StoredChange {
  /// Nil if it isn't held.
  var ciphertext: [UInt8]? { flags.contains(.bodyless) ? nil : body }

  var ctHash: ID32 { flags.contains(.bodyless) ? ID32(body, at: 0) : Change.hash(ofCiphertext: body) }

  var ctLength: UInt64 { flags.contains(.bodyless) ? readBigEndian(body, at: 32) : UInt64(body.count) }

  /// What stands in place of a ciphertext that isn't held.
  static func trace(ofHash hash: ID32, length: UInt64) -> [UInt8] {
    var bytes = hash.bytes
    appendBigEndian(length, to: &bytes)
    return bytes
  }

  /// Whether the row has what its flags promise: 40 bytes in place of a ciphertext.
  var isWhole: Bool { !flags.contains(.bodyless) || body.count == 40 }
}

/// A log with its local number. Of a forked log each branch is a row: the one that came first, which has the
/// part before the fork too, and those that leave it, or leave one another.
struct LogRow: Sendable {
  let number: UInt32
  /// The log's name on every replica, the same for all of its branches.
  let id: LogID
  let space: SpaceRow
  let author: PublicKey
  let incarnation: UInt64
  /// Nil for the branch that came first.
  let branch: Branch?

  /// The seq of its own first change.
  var firstSeq: UInt64 { (branch?.follows.seq ?? 0) + 1 }
}

/// Where a branch begins.
struct Branch: Sendable {
  /// The change that it follows, in the row that it leaves; seq 0 if it is a second beginning.
  let follows: Dot
  /// The id of its first change.
  let first: ChangeID
}

/// A space with its local number.
struct SpaceRow: Hashable, Sendable {
  let number: Int64
  let id: SpaceID
}
