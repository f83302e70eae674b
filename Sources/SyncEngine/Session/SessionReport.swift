// SPDX-License-Identifier: AGPL-3.0-or-later

/// What a session did, in both directions.
public struct SessionReport: Sendable {
  /// Who the other is; nil until it is known to be a present device.
  public var peer: DeviceID?
  public var peerPlace: PlaceID?
  /// What the other calls its program.
  public var peerProgram: String?
  /// What became of all changes that came.
  public var received = IngestReport()
  /// Changes whose headers couldn't be rebuilt, since what they build on isn't held.
  public var unplaced = 0
  /// Changes sent.
  public var sent = 0
  /// Bytes on the wire, handshake included.
  public var bytesIn = 0
  public var bytesOut = 0
  /// Whether both hold the same of every space that both read. Only then may one say so.
  public var converged = false
  /// Rounds begun: 1 to 8; 0 if the session never began.
  public var rounds = 0
  /// Logs of which the two hold different branches; nothing of them was sent.
  public var forks: [ForkSighting] = []
  /// Whom this side has let in.
  public var admitted: Newcomer?
  /// What this side was given when it was let in.
  public var joined: JoinResult?
  /// Why the session, or the joining, ended before its aim.
  public var problem: SessionProblem?

  public init() {}
}

/// A log of which two replicas hold different changes at one seq.
public struct ForkSighting: Hashable, Sendable {
  public let space: SpaceID
  public let log: LogID
  public let author: PublicKey
}

/// Why a session or a joining ended before its aim.
public enum SessionProblem: Error, Sendable {
  /// No answer to the handshake: nobody there, another network, or no common key.
  case silence
  /// The handshake failed on bytes of the other's: another network, or no common key.
  case handshake
  /// This replica holds no key by which the other could be called.
  case noKey
  /// Whoever answered isn't the device that was called.
  case wrongPeer
  /// The two speak no common version.
  case newerVersion
  /// The other isn't, or is no longer, a present device of the network.
  case notMember
  /// The other ended the session with this code.
  case closed(CloseCode)
  /// The other broke the protocol; the text says how.
  case malformed(String)
  /// Nothing, or nothing of use, came for too long.
  case stalled
  /// The connection ended before the session did.
  case cut
  /// All was said, and the two still differ: a fork, changes refused, or writes going on meanwhile.
  case unequal
  /// Both hold the same changes of these spaces and make different records of them: a fault of a program.
  case digestsDiffer([SpaceID])
  /// A limit of this program, named by the text.
  case limit(String)
  /// The joiner was turned away.
  case refused(RefuseReason)
  /// What the joiner was given doesn't hold together.
  case badAdmission(String)
  /// The replica couldn't be read or written.
  case store(any Error)

  /// The code by which the other is told; nil where there is nobody to tell.
  public var code: CloseCode? {
    switch self {
    case .silence, .handshake, .noKey, .cut, .closed, .stalled: nil
    case .wrongPeer, .newerVersion, .malformed, .badAdmission: .protocolError
    case .notMember: .notMember
    case .unequal, .digestsDiffer, .refused: .finishedUnequal
    case .limit, .store: .ownLimit
    }
  }
}

/// What goes on, for whoever watches.
public enum SessionProgress: Sendable {
  /// The handshake is through.
  case connected
  /// The other is this device.
  case peer(DeviceID)
  /// A round of comparing begins.
  case round(Int)
  /// So many more changes were sent.
  case sent(SpaceID, changes: Int)
  /// So many more changes came.
  case received(SpaceID, changes: Int)
  /// A batch is stored.
  case stored(IngestReport)
  case fork(ForkSighting)
}

/// Runs what touches the replica, and tells its errors from the other's faults.
func storing<T>(_ body: () throws -> T) throws(SessionProblem) -> T {
  do { return try body() } catch { throw .store(error) }
}

extension IngestReport {
  /// Refused changes that a sum names; of what is beyond, nothing is kept, so that a flood of them fills no
  /// memory.
  static let refusalsKept = 10_000

  /// Adds what became of a further batch.
  mutating func add(_ other: IngestReport) {
    self += other
    let beyond = refused.count - Self.refusalsKept
    if beyond > 0 { refused.removeLast(beyond) }
  }
}
