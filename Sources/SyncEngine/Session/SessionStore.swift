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
  /// The id of the log's change at this seq; nil if it isn't held, or waits.
  func id(of log: LogID, at seq: UInt64) throws -> ChangeID?
  /// What a run that starts at `seq` + 1 builds on; nil if the change at `seq` isn't held, or waits.
  func base(of log: LogID, at seq: UInt64) throws -> RunBase?
  /// What someone lacks of a space who holds, of each log, the changes up to this seq (0 or absent: none).
  ///
  /// - Parameter skipping: forked logs. Nothing of them is given, nor what follows from any change of theirs.
  func openSender(
    space: SpaceID, held: [LogID: UInt64], skipping: Set<LogID>
  ) throws -> any RunSource

  // MARK: What changes

  /// Takes in changes, in the order in which they came, as one durable transaction. Those whose parents are
  /// missing wait; what is refused is named in the report.
  func ingest(_ changes: [Change]) throws -> IngestReport
  /// Writes one governance change with these ops.
  func commitGovernance(_ ops: [GovernanceOp]) throws -> ChangeID
  /// Writes key shares for readers that lack one, and says for how many.
  func shareDueKeys() throws -> Int
  /// Remembers what a device is known to hold of a space: the seq up to which it has each log.
  func peerHolds(_ device: DeviceID, space: SpaceID, upTo seqs: [LogID: UInt64]) throws
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

  public init(log: LogID, base: RunBase?, changes: [Change]) {
    self.log = log
    self.base = base
    self.changes = changes
  }
}

/// A space as of one moment.
public struct SpaceSnapshot: Sendable {
  public var frontier: Frontier
  /// 32 bytes (protocol.md section 6). Nil in the governance space.
  public var digest: [UInt8]?

  public init(frontier: Frontier, digest: [UInt8]?) {
    self.frontier = frontier
    self.digest = digest
  }
}

/// The tips of all logs of a space.
public struct Frontier: Hashable, Sendable {
  /// Ascending by log; what waits is not in it.
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
  public init(_ entries: [Entry] = []) { self.entries = entries.sorted { $0.log < $1.log } }

  /// The seq of each log.
  public var seqs: [LogID: UInt64] {
    Dictionary(uniqueKeysWithValues: entries.map { ($0.log, $0.seq) })
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
