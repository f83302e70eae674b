// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// What a change is about, from key 1 of its header.
public enum ChangeKind: Hashable, Sendable {
  case content
  case governance
  case keys
  /// Takes other changes' ops back for good, and their bodies with them.
  case redaction
  /// Of a newer version: stored and relayed, without effect.
  case unknown(UInt64)

  public init(_ number: UInt64) {
    switch number {
    case 0: self = .content
    case 1: self = .governance
    case 2: self = .keys
    case 3: self = .redaction
    default: self = .unknown(number)
    }
  }

  public var number: UInt64 {
    switch self {
    case .content: 0
    case .governance: 1
    case .keys: 2
    case .redaction: 3
    case .unknown(let number): number
    }
  }
}

/// The signed and public part of a change (protocol.md section 4).
public struct ChangeHeader: Hashable, Sendable {
  /// The space in which governance lives.
  public static let governanceSpace = SpaceID.zero

  public var kind: ChangeKind
  /// The device's `sign` key.
  public var author: PublicKey
  public var space: SpaceID
  /// Eight bytes, big-endian.
  public var incarnation: UInt64
  /// From 1.
  public var seq: UInt64
  /// Nil iff `seq` is 1.
  public var prev: ChangeID?
  /// Strictly ascending, at most 32.
  public var heads: [ChangeID]
  /// Milliseconds since 1970.
  public var stamp: UInt64
  /// Bytes of all ciphertexts of the log so far, this one's included.
  public var cum: UInt64
  /// Strictly ascending, 1 to 8; nil if as in the nearest earlier change of the log.
  public var gov: [ChangeID]?
  /// Content only; nil if as in the nearest earlier content change of the log.
  public var epoch: EpochID?
  /// 24 bytes; content only.
  public var nonce: [UInt8]?
  public var ctLength: UInt64
  /// Keys that a reader must understand, strictly ascending.
  public var crit: [UInt64]
  /// Strictly ascending by key, none of 1 to 14.
  public var unknown: [UnknownKey]

  public init(
    kind: ChangeKind, author: PublicKey, space: SpaceID, incarnation: UInt64, seq: UInt64, prev: ChangeID?,
    heads: [ChangeID] = [], stamp: UInt64, cum: UInt64, gov: [ChangeID]? = nil, epoch: EpochID? = nil,
    nonce: [UInt8]? = nil, ctLength: UInt64, crit: [UInt64] = [], unknown: [UnknownKey] = []
  ) {
    self.kind = kind
    self.author = author
    self.space = space
    self.incarnation = incarnation
    self.seq = seq
    self.prev = prev
    self.heads = heads
    self.stamp = stamp
    self.cum = cum
    self.gov = gov
    self.epoch = epoch
    self.nonce = nonce
    self.ctLength = ctLength
    self.crit = crit
    self.unknown = unknown
  }

  /// Which log the change belongs to. It costs a hash.
  public var logID: LogID { Self.logID(author: author, space: space, incarnation: incarnation) }

  public static func logID(author: PublicKey, space: SpaceID, incarnation: UInt64) -> LogID {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(56)
    author.append(to: &bytes)
    space.append(to: &bytes)
    appendBigEndian(incarnation, to: &bytes)
    return LogID(Hash.H("log", bytes), at: 0)
  }

  /// Whether this is the first change of the first governance log: the one that makes a network.
  public var isGenesis: Bool { space == Self.governanceSpace && seq == 1 && heads.isEmpty }

  /// Whether a reader of this version can let the ops take effect: the kind and all critical keys are known.
  public var isUnderstood: Bool {
    if case .unknown = kind { return false }
    return crit.allSatisfy { Key.known.contains($0) }
  }

  enum Key {
    static let kind: UInt64 = 1
    static let author: UInt64 = 2
    static let space: UInt64 = 3
    static let incarnation: UInt64 = 4
    static let seq: UInt64 = 5
    static let prev: UInt64 = 6
    static let heads: UInt64 = 7
    static let stamp: UInt64 = 8
    static let cum: UInt64 = 9
    static let gov: UInt64 = 10
    static let epoch: UInt64 = 11
    static let nonce: UInt64 = 12
    static let ctLength: UInt64 = 13
    static let crit: UInt64 = 14
    static let known: ClosedRange<UInt64> = 1...14
  }
}
