// SPDX-License-Identifier: AGPL-3.0-or-later

import MujawaraCrypto
import SyncEngine

/// A session of one replica, and a test that plays the other side frame by frame.
struct SessionProbe {
  static let key = [UInt8](repeating: 7, count: 32)

  var session: Session
  private(set) var frames: [Frame] = []
  /// Bytes of CHANGES payload that were sent.
  private(set) var changeBytes = 0
  private(set) var isFinished = false
  private var decoder = FrameDecoder()

  /// The session has said its HELLO and ROOT, and heard the HELLO of `peer`, who grants so much credit.
  init(_ store: any SessionStore, peer: any SessionStore, credit: UInt64 = 1 << 20, greeting: Bool = true) {
    session = Session(store: store, key: Self.key, peerStatic: peer.keys.card.noiseKey, program: "test")
    take(session.handle(.start))
    let spaces = (try? peer.readableSpaces()) ?? []
    if greeting {
      say(
        .hello(.init(spaces: spaces.map { Self.name("hello", $0.bytes) }, credit: credit, program: "probe")))
    }
  }

  static func name(_ label: String, _ bytes: [UInt8]) -> UInt64 {
    Hash.keyed(label, key: key, bytes, count: 8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  static func list(_ frontier: Frontier) -> [Frame.List.Entry] {
    frontier.entries.map {
      .init(log: name("log", $0.log.bytes), seq: $0.seq, tip: name("tip", $0.tip.bytes))
    }
  }

  mutating func say(_ frame: Frame) {
    take(session.handle(.frame(frame, size: frame.payload().count)))
  }

  /// Lets the session send all that it may.
  mutating func listen() {
    while true {
      let effects = session.handle(.room)
      if effects.isEmpty { return }
      take(effects)
    }
  }

  /// Says roots that differ from the session's own, and gets its LIST of governance.
  mutating func differ() {
    say(.root(.init(space: .zero, root: ID16(high: 1, low: 1), digest: nil, round: 1)))
  }

  /// Says the session's own root of governance.
  mutating func agree() {
    for case .root(let root) in frames where root.space == .zero { return say(.root(root)) }
  }

  var closed: CloseCode? {
    for case .close(let code) in frames { return code }
    return nil
  }

  var isMalformed: Bool {
    if case .malformed = session.report.problem { closed == .protocolError && isFinished } else { false }
  }

  private mutating func take(_ effects: [SessionEffect]) {
    for effect in effects {
      switch effect {
      case .progress: break
      case .finished: isFinished = true
      case .send(let bytes):
        decoder.feed(bytes)
        while let raw = try! decoder.nextRaw() {
          if raw.type == 0x07 { changeBytes += raw.payload.count }
          frames.append(try! Frame(type: raw.type, payload: raw.payload))
        }
      }
    }
  }
}

/// A replica seen through another's eyes: a test changes what it says.
class StoreWrapper: SessionStore {
  let base: any SessionStore
  init(_ base: any SessionStore) { self.base = base }

  var network: NetworkID { base.network }
  var anchor: [SyncEngine.ChangeID] { base.anchor }
  var anchorID: ID32 { base.anchorID }
  var keys: DeviceKeys { base.keys }
  var clock: () -> UInt64 { base.clock }
  func membership() throws -> Membership { try base.membership() }
  func readableSpaces() throws -> [SpaceID] { try base.readableSpaces() }
  func epochSecrets(of space: SpaceID) throws -> [SecretBytes] { try base.epochSecrets(of: space) }
  func invitationKeys() throws -> [InvitationKeys] { try base.invitationKeys() }
  func snapshot(of space: SpaceID) throws -> SpaceSnapshot { try base.snapshot(of: space) }
  func ids(of log: LogID, at seq: UInt64) throws -> [SyncEngine.ChangeID] { try base.ids(of: log, at: seq) }
  func bases(of log: LogID, at seq: UInt64) throws -> [RunBase] { try base.bases(of: log, at: seq) }
  func ladder(of log: LogID) throws -> [Frontier.Entry] { try base.ladder(of: log) }
  func openSender(space: SpaceID, held: Held, skipping: Set<LogID>) throws -> any RunSource {
    try base.openSender(space: space, held: held, skipping: skipping)
  }
  func lacking(of space: SpaceID, held: Held) throws -> [(log: LogID, first: UInt64, last: UInt64)] {
    try base.lacking(of: space, held: held)
  }
  func ingest(_ changes: [Change]) throws -> IngestReport { try base.ingest(changes) }
  func commitGovernance(_ ops: [GovernanceOp]) throws -> SyncEngine.ChangeID {
    try base.commitGovernance(ops)
  }
  func shareDueKeys() throws -> Int { try base.shareDueKeys() }
  func peerHolds(_ device: DeviceID, space: SpaceID, _ held: Held) throws {
    try base.peerHolds(device, space: space, held)
  }
}

/// Someone with all of a member's knowledge and a device that nobody admitted.
final class Impostor: StoreWrapper {
  private let own = DeviceKeys.generate()
  override var keys: DeviceKeys { own }
}

/// A replica that makes something else of the same changes.
final class Misreader: StoreWrapper {
  override func snapshot(of space: SpaceID) throws -> SpaceSnapshot {
    var snapshot = try super.snapshot(of: space)
    snapshot.digest?[0] ^= 1
    return snapshot
  }
}

/// A replica whose disk has failed.
final class Broken: StoreWrapper {
  override func ingest(_ changes: [Change]) throws -> IngestReport { throw StoreError.full("/") }
}
