// SPDX-License-Identifier: AGPL-3.0-or-later

/// A contiguous run of one log: the payload of a CHANGES frame (protocol.md section 10). What a receiver can
/// derive doesn't travel.
public struct Run: Hashable, Sendable {
  public var space: SpaceID
  public var author: PublicKey
  public var incarnation: UInt64
  /// From 1.
  public var firstSeq: UInt64
  /// The change before the run's first; nil where the receiver holds it, and for seq 1.
  public var base: RunBase?
  /// At least one.
  public var entries: [RunEntry]

  public init(
    space: SpaceID, author: PublicKey, incarnation: UInt64, firstSeq: UInt64, base: RunBase? = nil,
    entries: [RunEntry]
  ) {
    self.space = space
    self.author = author
    self.incarnation = incarnation
    self.firstSeq = firstSeq
    self.base = base
    self.entries = entries
  }

  public var logID: LogID { ChangeHeader.logID(author: author, space: space, incarnation: incarnation) }
  public var lastSeq: UInt64 { firstSeq + UInt64(entries.count) - 1 }
}

/// What a log's next change builds on.
public struct RunBase: Hashable, Sendable {
  /// The id of the log's latest change.
  public var prev: ChangeID
  public var stamp: UInt64
  public var cum: UInt64
  /// In force for the next content change that names none; nil if no content came before.
  public var epoch: EpochID?
  /// In force for the next change that names none; empty in governance logs.
  public var gov: [ChangeID]

  public init(prev: ChangeID, stamp: UInt64, cum: UInt64, epoch: EpochID?, gov: [ChangeID]) {
    self.prev = prev
    self.stamp = stamp
    self.cum = cum
    self.epoch = epoch
    self.gov = gov
  }

  /// The base after a change, from the base before it; that is nil for the log's first.
  public init(after change: Change, following base: RunBase?) {
    let header = change.header
    self.init(
      prev: change.id, stamp: header.stamp, cum: header.cum, epoch: header.epoch ?? base?.epoch,
      gov: header.gov ?? base?.gov ?? [])
  }
}

/// One change of a run.
public struct RunEntry: Hashable, Sendable {
  /// The stamp less that of the change before; the stamp itself for seq 1.
  public var stampStep: UInt64
  /// In the order of the header: ascending by id.
  public var heads: [RunHead]
  /// 24 bytes.
  public var nonce: [UInt8]?
  public var ciphertext: RunCiphertext
  /// 64 bytes.
  public var signature: [UInt8]
  public var extra: RunExtra

  public init(
    stampStep: UInt64, heads: [RunHead], nonce: [UInt8]?, ciphertext: RunCiphertext, signature: [UInt8],
    extra: RunExtra = RunExtra()
  ) {
    self.stampStep = stampStep
    self.heads = heads
    self.nonce = nonce
    self.ciphertext = ciphertext
    self.signature = signature
    self.extra = extra
  }

  /// The entry of a change that is sent.
  /// - Parameters:
  ///   - previousStamp: that of the log's change before; 0 for seq 1.
  ///   - listIndex: the place of a head in the sender's last LIST, if the receiver can resolve it.
  public init(_ change: Change, previousStamp: UInt64, listIndex: (ChangeID) -> Int? = { _ in nil }) {
    let header = change.header
    precondition(header.stamp > previousStamp, "stamps rise along a log")
    self.init(
      stampStep: header.stamp - previousStamp,
      heads: header.heads.map { head in listIndex(head).map(RunHead.listed) ?? .id(head) },
      nonce: header.nonce,
      ciphertext: change.ciphertext.map(RunCiphertext.bytes)
        ?? .missing(hash: change.ctHash, length: header.ctLength),
      signature: change.signature,
      extra: RunExtra(
        kind: header.kind, gov: header.gov, epoch: header.epoch, crit: header.crit, unknown: header.unknown))
  }

  /// At least the bytes that the entry takes in a frame.
  public var byteBound: Int {
    let ciphertext = if case .bytes(let bytes) = ciphertext { bytes.count + 5 } else { 44 }
    return 104 + 34 * heads.count + ciphertext + extra.byteBound
  }
}

/// A head in an entry.
public enum RunHead: Hashable, Sendable {
  case id(ChangeID)
  /// The tip of that entry, counted from 0, in the sender's last LIST of the space (or BHEAD's frontier).
  case listed(Int)
}

/// A sealed body in an entry.
public enum RunCiphertext: Hashable, Sendable {
  case bytes([UInt8])
  case missing(hash: ID32, length: UInt64)
}

/// The header keys that are seldom there.
public struct RunExtra: Hashable, Sendable {
  public var kind: ChangeKind
  public var gov: [ChangeID]?
  public var epoch: EpochID?
  public var crit: [UInt64]
  public var unknown: [UnknownKey]

  public init(
    kind: ChangeKind = .content, gov: [ChangeID]? = nil, epoch: EpochID? = nil, crit: [UInt64] = [],
    unknown: [UnknownKey] = []
  ) {
    self.kind = kind
    self.gov = gov
    self.epoch = epoch
    self.crit = crit
    self.unknown = unknown
  }

  /// The known keys that are there.
  var count: Int {
    (kind == .content ? 0 : 1) + (gov == nil ? 0 : 1) + (epoch == nil ? 0 : 1) + (crit.isEmpty ? 0 : 1)
  }

  var isEmpty: Bool { count == 0 && unknown.isEmpty }

  fileprivate var byteBound: Int {
    20 + 34 * (gov?.count ?? 0) + 35 + 9 * crit.count + unknown.reduce(0) { $0 + 9 + $1.raw.count }
  }
}
