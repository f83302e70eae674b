// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto
import SyncEngine

/// A log that is written outside the engine: by a newer program, or by someone who breaks the rules.
struct ForgedLog {
  let space: SpaceID
  let incarnation: UInt64
  /// The change at the end; nil in an empty log.
  var tip: ChangeID?
  var seq: UInt64 = 0
  var stamp: UInt64 = 0
  var cum: UInt64 = 0
  /// What the next change inherits.
  var gov: [ChangeID] = []
  var epoch: EpochID?

  init(space: SpaceID, incarnation: UInt64) {
    self.space = space
    self.incarnation = incarnation
  }

  mutating func append(_ change: Change) {
    tip = change.id
    seq = change.header.seq
    stamp = change.header.stamp
    cum = change.header.cum
    gov = change.header.gov ?? gov
    epoch = change.header.epoch ?? epoch
  }

  /// What a run that goes on from here builds on.
  var base: RunBase? { tip.map { RunBase(prev: $0, stamp: stamp, cum: cum, epoch: epoch, gov: gov) } }
}

/// A forged change as it travels: in a run that tells what it builds on.
struct Parcel {
  let change: Change
  let base: RunBase?
  /// Whether the ciphertext stays behind.
  var lacksBody = false

  init(change: Change, base: RunBase?) {
    self.change = change
    self.base = base
  }

  /// The change as a receiver has it once it has read the frame; nil if the decoder refuses it.
  func received(in network: NetworkID) -> Change? {
    let header = change.header
    guard header.stamp > base?.stamp ?? 0 else { return nil }
    var entry = RunEntry(change, previousStamp: base?.stamp ?? 0)
    if lacksBody { entry.ciphertext = .missing(hash: change.ctHash, length: header.ctLength) }
    let run = Run(
      space: header.space, author: header.author, incarnation: header.incarnation, firstSeq: header.seq, base: base,
      entries: [entry])
    return (try? Run(decoding: Frame.changes(run).payload()))
      .flatMap { try? $0.rebuild(network: network) }?.first
  }
}

/// Makes changes by a device's keys, good ones and others: it starts from a good one, and the caller spoils what it
/// wants before the change is sealed and signed.
struct Forgery {
  let replica: Replica
  var header: ChangeHeader
  var body: [UInt8]
  private let secret: SecretBytes?

  /// A good next change of a log, with everything that the replica holds in its past. Nil if the device lacks the
  /// key, or has no say.
  ///
  /// - Parameter key: the space whose key seals content; the log's own if nil.
  init?(
    _ replica: Replica, after log: ForgedLog, kind: ChangeKind = .content, body: [UInt8], key: Space? = nil
  ) throws {
    let author = PublicKey(replica.keys.card.sign) ?? .zero
    guard let facts = try replica.membership().devices[replica.deviceID],
      let space = try replica.membership().space(log.space)
    else { return nil }
    let heads = try Self.heads(replica, log)
    let parents = try (heads + [replica.anchor[0]]).compactMap { try replica.signedChange($0)?.header.stamp } + [log.stamp]
    let isGoverning = log.space == .zero
    header = ChangeHeader(
      kind: kind, author: author, space: log.space, incarnation: log.incarnation, seq: log.seq + 1, prev: log.tip,
      heads: heads, stamp: (parents.max() ?? 0) + 1, cum: log.cum,
      gov: log.tip == nil && !isGoverning ? [facts.admittedBy] : nil, ctLength: 0)
    self.replica = replica
    self.body = body
    guard kind == .content else {
      secret = nil
      return
    }
    guard let epoch = try replica.currentEpoch(of: key ?? space) else { return nil }
    header.epoch = epoch.id == log.epoch ? nil : epoch.id
    header.nonce = SecureRandom.bytes(ContentSeal.nonceSize)
    secret = epoch.secret
  }

  private static func heads(_ replica: Replica, _ log: ForgedLog) throws -> [ChangeID] {
    let own = ChangeHeader.logID(
      author: PublicKey(replica.keys.card.sign) ?? .zero, space: log.space, incarnation: log.incarnation)
    let tips = try replica.snapshot(of: log.space).frontier.entries.filter { $0.log != own }.map(\.tip)
    return Array(tips.sorted().prefix(Limits.heads))
  }

  /// The change, its totals put right and everything signed.
  ///
  /// - Parameter spoiling: is given the header when all else is done.
  func change(spoiling: (inout ChangeHeader) -> Void = { _ in }) -> Change {
    var header = header
    let length = secret == nil ? body.count : Padding.paddedSize(body.count) + XChaCha.overhead
    header.ctLength = UInt64(length)
    header.cum += UInt64(length)
    spoiling(&header)
    let ciphertext = sealed(header)
    return Change(header: header, ciphertext: ciphertext, network: replica.network, key: replica.keys.sign)
  }

  private func sealed(_ header: ChangeHeader) -> [UInt8] {
    guard let secret, let nonce = header.nonce else { return body }
    return ContentSeal.seal(body: body, h0: header.encoded(), nonce: nonce, epochSecret: secret)
  }
}
