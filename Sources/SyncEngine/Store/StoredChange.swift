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
  }
}

/// A log with its local number.
struct LogRow: Sendable {
  let number: UInt32
  let id: LogID
  let space: SpaceRow
  let author: PublicKey
  let incarnation: UInt64
}

/// A space with its local number.
struct SpaceRow: Hashable, Sendable {
  let number: Int64
  let id: SpaceID
}
