// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// What sessions and bundles are made of (protocol.md section 10).
public enum Frame: Equatable, Sendable {
  case hello(Hello)
  case root(Root)
  case list(List)
  case changes(Run)
  /// Bytes of CHANGES payload that the other may send on top.
  case credit(UInt64)
  case ping
  case close(CloseCode)
  case bhead(BundleHead)
  /// So many zero bytes.
  case pad(Int)
  /// The number of changes in the bundle.
  case end(changes: UInt64)
  case done(Done)
  case join(Join)
  case admit(Admit)
  case refuse(RefuseReason)
  /// Reserved, or of a newer version: skipped below 0x80, else the end of the session.
  case unknown(type: UInt8, payload: [UInt8])

  /// The spaces that a side reads.
  public struct Hello: Hashable, Sendable {
    /// Keyed names of eight bytes, big-endian.
    public var spaces: [UInt64]
    /// Bytes of CHANGES payload that the other may send; at least 1,048,576.
    public var credit: UInt64
    public var program: String
    public var unknown: [UnknownKey]

    public init(spaces: [UInt64], credit: UInt64, program: String, unknown: [UnknownKey] = []) {
      self.spaces = spaces
      self.credit = credit
      self.program = program
      self.unknown = unknown
    }
  }

  /// What a side holds of a space, in 16 bytes.
  public struct Root: Hashable, Sendable {
    public var space: SpaceID
    public var root: ID16
    /// Nil in the governance space.
    public var digest: ID16?
    public var round: UInt64

    public init(space: SpaceID, root: ID16, digest: ID16?, round: UInt64) {
      self.space = space
      self.root = root
      self.digest = digest
      self.round = round
    }
  }

  /// How far a side holds each log of a space.
  public struct List: Hashable, Sendable {
    public var space: SpaceID
    /// Ascending by the log's id, which the entries hide.
    public var entries: [Entry]

    public struct Entry: Hashable, Sendable {
      /// The keyed name of the log.
      public var log: UInt64
      public var seq: UInt64
      /// The keyed name of the change at `seq`.
      public var tip: UInt64

      public init(log: UInt64, seq: UInt64, tip: UInt64) {
        self.log = log
        self.seq = seq
        self.tip = tip
      }
    }

    public init(space: SpaceID, entries: [Entry]) {
      self.space = space
      self.entries = entries
    }
  }

  /// A side has sent all of a space that the other lacks.
  public struct Done: Hashable, Sendable {
    public var space: SpaceID
    public var changes: UInt64
    public var round: UInt64

    public init(space: SpaceID, changes: UInt64, round: UInt64) {
      self.space = space
      self.changes = changes
      self.round = round
    }
  }

  /// What a joiner shows.
  public struct Join: Equatable, Sendable {
    public var card: Card
    /// 64 bytes by the invite key over the card.
    public var countersign: [UInt8]
    public var name: String
    public var unknown: [UnknownKey]

    public init(card: Card, countersign: [UInt8], name: String, unknown: [UnknownKey] = []) {
      self.card = card
      self.countersign = countersign
      self.name = name
      self.unknown = unknown
    }
  }

  /// What a newcomer is told first.
  public struct Admit: Hashable, Sendable {
    public var network: NetworkID
    /// Strictly ascending, 1 to 8.
    public var anchor: [ChangeID]
    public var unknown: [UnknownKey]

    public init(network: NetworkID, anchor: [ChangeID], unknown: [UnknownKey] = []) {
      self.network = network
      self.anchor = anchor
      self.unknown = unknown
    }
  }

  /// The first byte on the wire.
  public var type: UInt8 {
    switch self {
    case .hello: 0x01
    case .root: 0x02
    case .list: 0x04
    case .changes: 0x07
    case .credit: 0x09
    case .ping: 0x0c
    case .close: 0x0d
    case .bhead: 0x0e
    case .pad: 0x0f
    case .end: 0x10
    case .done: 0x11
    case .join: 0x81
    case .admit: 0x82
    case .refuse: 0x83
    case .unknown(let type, _): type
    }
  }
}

/// Why a session ends.
public struct CloseCode: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  public static let converged = CloseCode(rawValue: 0)
  public static let finishedUnequal = CloseCode(rawValue: 1)
  public static let notMember = CloseCode(rawValue: 2)
  public static let protocolError = CloseCode(rawValue: 3)
  public static let busy = CloseCode(rawValue: 4)
  public static let ownLimit = CloseCode(rawValue: 5)
  public static let goingDown = CloseCode(rawValue: 6)
}

/// Why a joiner isn't let in.
public struct RefuseReason: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  public static let spent = RefuseReason(rawValue: 1)
  public static let expired = RefuseReason(rawValue: 2)
  public static let withdrawn = RefuseReason(rawValue: 3)
  public static let cannotAdmit = RefuseReason(rawValue: 4)
}
