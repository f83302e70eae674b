// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// What sessions, joining and bundles need of a replica, and all that they may do to it.
///
/// Calls come from one thread. What a call returns is durable, or was before the call: nothing is sent before
/// it is. A throw of any of them ends the session; whatever was stored stays.
public protocol SessionStore: AnyObject {
  // MARK: Who we are

  var network: NetworkID { get }
  /// The governance ids that this replica was admitted with, ascending.
  var anchor: [ChangeID] { get }
  /// H("anchor", ids joined)
  var anchorID: ID32 { get }
  var keys: DeviceKeys { get }
  /// The wall clock in milliseconds since 1970: for the expiry of invitations and the date of bundles alone.
  var clock: () -> UInt64 { get }
  /// Who belongs, by all governance held now.
  func membership() throws -> Membership
  /// The spaces that this device reads, governance aside, in any order.
  func readableSpaces() throws -> [SpaceID]

  // MARK: Keys

  /// The secrets of the epochs of a space that are held, the current one first, then newest first.
  func epochSecrets(of space: SpaceID) throws -> [SecretBytes]
  /// Invitations whose secrets this replica can open, newest first: the open ones, and those used or closed
  /// of late, so that whoever comes with one is told.
  func invitationKeys() throws -> [InvitationKeys]

  // MARK: What is held

  /// Frontier and digest of a space as of one moment.
  func snapshot(of space: SpaceID) throws -> SpaceSnapshot
  /// The ids of the log's changes at this seq, one of each branch; none if they aren't held, or wait.
  func ids(of log: LogID, at seq: UInt64) throws -> [ChangeID]
  /// What a run that starts at `seq` + 1 may build on: one base for each change at `seq` that is held.
  func bases(of log: LogID, at seq: UInt64) throws -> [RunBase]
  /// Changes of a log by which another side finds what both hold: of each branch those at tip − 1, − 2, − 4, − 8, …,
  /// and the first one. In any order.
  func ladder(of log: LogID) throws -> [Frontier.Entry]
  /// What someone lacks of a space.
  ///
  /// - Parameter skipping: logs of which nothing is given, nor what follows from any change of theirs that the
  ///   other lacks.
  func openSender(space: SpaceID, held: Held, skipping: Set<LogID>) throws -> any RunSource
  /// The same as ranges, one for each branch of a log, ascending by log, first and last seq.
  func lacking(of space: SpaceID, held: Held) throws -> [(log: LogID, first: UInt64, last: UInt64)]

  // MARK: What changes

  /// Takes in changes, in the order in which they came, as one durable transaction. Those whose parents are
  /// missing wait; what is refused is named in the report.
  func ingest(_ changes: [Change]) throws -> IngestReport
  /// Writes one governance change with these ops.
  func commitGovernance(_ ops: [GovernanceOp]) throws -> ChangeID
  /// Writes key shares for readers that lack one, and says for how many.
  func shareDueKeys() throws -> Int
  /// Remembers what a device is known to hold of a space.
  func peerHolds(_ device: DeviceID, space: SpaceID, _ held: Held) throws
}

/// What somebody is known to hold.
public struct Held: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// Of each log the changes up to this seq. Of a log with several branches that means the part before them, since
  /// a seq doesn't tell which.
  public var seqs: [LogID: UInt64]
  /// These changes and all before them in their logs. Ids that aren't here tell nothing.
  public var tips: Set<ChangeID>

  /// Nothing.
  public init() { self.init(seqs: [:]) }

  public init(seqs: [LogID: UInt64], tips: Set<ChangeID> = []) {
    self.seqs = seqs
    self.tips = tips
  }

  public init(dictionaryLiteral elements: (LogID, UInt64)...) {
    self.init(seqs: Dictionary(elements, uniquingKeysWith: max))
  }

  public var isEmpty: Bool { seqs.isEmpty && tips.isEmpty }

  /// What is sure to be held by both.
  public func common(with other: Held) -> Held {
    let seqs = seqs.filter { other.seqs[$0.key] != nil }
    return Held(
      seqs: seqs.merging(other.seqs.filter { seqs[$0.key] != nil }, uniquingKeysWith: min),
      tips: tips.intersection(other.tips))
  }

  /// What is held if both are.
  public mutating func merge(_ other: Held) {
    seqs.merge(other.seqs, uniquingKeysWith: max)
    tips.formUnion(other.tips)
  }
}

/// Gives what another replica lacks of a space, as of the moment when it was opened.
///
/// - Order: causal. Every parent of a change given is held by the other or was given before, `gov` included
///   where the space is governance's own. A log is continued as long as that allows, so that runs are long.
/// - Each run's last change has a valid signature, which the source has checked now or before.
public protocol RunSource: AnyObject {
  /// The next run, of at least one change; nil at the end. It stops where the ciphertexts would come to more
  /// than `maxBytes` or the changes to more than `maxChanges`.
  func next(maxBytes: Int, maxChanges: Int) throws -> OutgoingRun?
}

/// Changes of one log, in a row.
public struct OutgoingRun: Sendable {
  public var log: LogID
  /// About the change before the first; nil if the first is the log's first.
  public var base: RunBase?
  /// At least one, with their ciphertexts.
  public var changes: [Change]
  /// Whether the log is known to have several branches: then a seq doesn't tell what the run builds on.
  public var hasBranches: Bool

  public init(log: LogID, base: RunBase?, changes: [Change], hasBranches: Bool = false) {
    self.log = log
    self.base = base
    self.changes = changes
    self.hasBranches = hasBranches
  }
}

/// A space as of one moment.
public struct SpaceSnapshot: Sendable {
  public var frontier: Frontier
  /// The last changes of logs that are stored further than they are held, since a body is missing, and the changes
  /// whose bodies are missing.
  public var beyond: Frontier
  /// 32 bytes (protocol.md section 6). Nil in the governance space.
  public var digest: [UInt8]?

  public init(frontier: Frontier, beyond: Frontier = Frontier(), digest: [UInt8]?) {
    self.frontier = frontier
    self.beyond = beyond
    self.digest = digest
  }

  /// How far each log is stored.
  public var stored: [LogID: UInt64] { Frontier(frontier.entries + beyond.entries).seqs }
}

/// The tips of all logs of a space.
public struct Frontier: Hashable, Sendable {
  /// Ascending by log, then seq, then tip: one entry for each branch. What waits is not in it.
  public var entries: [Entry]

  public struct Entry: Hashable, Sendable {
    public var log: LogID
    public var author: PublicKey
    public var seq: UInt64
    /// The id of the change at `seq`.
    public var tip: ChangeID

    public init(log: LogID, author: PublicKey, seq: UInt64, tip: ChangeID) {
      self.log = log
      self.author = author
      self.seq = seq
      self.tip = tip
    }
  }

  /// From entries in any order.
  public init(_ entries: [Entry] = []) {
    self.entries = entries.sorted { ($0.log, $0.seq, $0.tip) < ($1.log, $1.seq, $1.tip) }
  }

  /// The greatest seq of each log.
  public var seqs: [LogID: UInt64] { Dictionary(entries.map { ($0.log, $0.seq) }, uniquingKeysWith: max) }

  /// What whoever has this frontier holds.
  public var held: Held { Held(seqs: seqs, tips: Set(entries.map(\.tip))) }

  /// At most so many entries of a log, those of the greatest seqs.
  func limited(to most: Int) -> Frontier {
    var kept: [Entry] = []
    var count = 0
    for entry in entries.reversed() {
      count = kept.last?.log == entry.log ? count + 1 : 1
      if count <= most { kept.append(entry) }
    }
    return Frontier(kept)
  }

  /// Logs with several branches.
  var forked: Set<LogID> {
    Set(zip(entries, entries.dropFirst()).filter { $0.log == $1.log }.map(\.0.log))
  }
}

/// An invitation with the two keys that are sealed in it (protocol.md section 8).
public struct InvitationKeys: Sendable {
  public var invite: InviteID
  /// 32 bytes: opens a joining session.
  public var psk: SecretBytes
  /// 32 bytes: opens requests and admissions by stick.
  public var fileKey: SecretBytes

  public init(invite: InviteID, psk: SecretBytes, fileKey: SecretBytes) {
    self.invite = invite
    self.psk = psk
    self.fileKey = fileKey
  }
}
