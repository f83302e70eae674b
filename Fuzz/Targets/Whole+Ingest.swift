// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import SyncEngine

/// Changes as a member makes who holds every key and keeps no rule: hash, seal and signature are always right,
/// the rest is the input's.
///
///     input = step*
///     step  = how, header (piece), body (piece)
struct ChangeForge {
  /// What is set right of a header, and how the body goes in.
  private struct How: OptionSet {
    let rawValue: UInt8
    /// The change continues its author's log in the space; else the header's own seq and prev stand.
    static let continues = How(rawValue: 1)
    /// The body is padded and sealed for the space; else it stands as it is.
    static let sealed = How(rawValue: 2)
    /// What it is; both of these: a redaction, whose body picks changes by number.
    static let governance = How(rawValue: 4)
    static let keys = How(rawValue: 16)
    /// The header's own stamp stands; else it is one more than its predecessor's.
    static let ownStamp = How(rawValue: 8)
    /// The author is `b`, whose replica takes it in; else `a`, an admin.
    static let ownLog = How(rawValue: 32)
    static let isMissing = How(rawValue: 64)
    static let isUnsigned = How(rawValue: 128)
  }

  private let place: FuzzPlace
  private let epoch: (id: EpochID, secret: SecretBytes)
  private let governance: [ChangeID]
  /// All changes, as they came to be.
  private var known: [ChangeID] = []
  /// The last change of each author in each space, and what follows builds on.
  private var tips: [[ID32]: (change: Change, base: RunBase)] = [:]

  init(_ place: FuzzPlace) throws {
    self.place = place
    let replica = place.replica
    guard let epoch = try replica.currentEpoch(of: .commons) else { throw BrokenLaw("the fixture has no key") }
    self.epoch = epoch
    governance = try replica.snapshot(of: .zero).frontier.entries.map(\.tip).sorted()
    for space in [SpaceID.zero, replica.id(of: .commons)] {
      let source = try replica.openSender(space: space, held: [:], skipping: [])
      while let run = try source.next(maxBytes: 1 << 20, maxChanges: 1_000) {
        for change in run.changes { note(change) }
      }
    }
  }

  private mutating func note(_ change: Change) {
    let log = [change.header.author, ID32(high: change.header.space, low: .zero)]
    known.append(change.id)
    tips[log] = (change, RunBase(after: change, following: tips[log]?.base))
  }

  /// Nil if the step's header is none.
  mutating func make(_ input: inout Input) -> Change? {
    let how = How(rawValue: input.byte())
    let (h0, given) = (input.piece(), input.piece())
    let body = how.isSuperset(of: [.continues, .governance, .keys]) ? redaction(given) : given
    let member = how.contains(.ownLog) ? Member.b : Member.a
    guard var header = h0.isEmpty ? blank : try? ChangeHeader(decoding: h0) else { return nil }
    settle(&header, how, author: member.keys.card.signingKey)
    let isSealed = how.contains(.sealed) && header.kind == .content && header.nonce != nil
    header.ctLength = UInt64(isSealed ? Padding.paddedSize(body.count) + XChaCha.overhead : body.count)
    if how.contains(.continues) { header.cum = (header.prev == nil ? 0 : lastSum(header)) + header.ctLength }
    let ciphertext = isSealed
      ? ContentSeal.seal(body: body, h0: header.encoded(), nonce: header.nonce!, epochSecret: epoch.secret) : body
    let whole = Change(header: header, ciphertext: ciphertext, network: place.replica.network, key: member.keys.sign)
    if how.contains(.continues) { note(whole) }
    return damaged(whole, how)
  }

  private func redaction(_ picks: [UInt8]) -> [UInt8] {
    RedactionBody(targets: Set(picks.map { known[Int($0) % known.count] }).sorted()).encoded()
  }

  private var blank: ChangeHeader {
    ChangeHeader(
      kind: .content, author: .zero, space: .zero, incarnation: 1, seq: 1, prev: nil, stamp: 0, cum: 0, ctLength: 0)
  }

  private func lastSum(_ header: ChangeHeader) -> UInt64 {
    tips[[header.author, ID32(high: header.space, low: .zero)]]?.change.header.cum ?? 0
  }

  /// Makes of a header one that its author could have written.
  private func settle(_ header: inout ChangeHeader, _ how: How, author: PublicKey) {
    header.author = author
    guard how.contains(.continues) else { return }
    header.kind = switch (how.contains(.governance), how.contains(.keys)) {
    case (false, false): .content
    case (true, false): .governance
    case (false, true): .keys
    case (true, true): .redaction
    }
    let isGovernance = header.kind == .governance
    header.space = isGovernance ? .zero : place.replica.id(of: .commons)
    let tip = tips[[author, ID32(high: header.space, low: .zero)]]?.change
    header.incarnation = tip?.header.incarnation ?? header.incarnation
    header.seq = (tip?.header.seq ?? 0) + 1
    header.prev = tip?.id
    if tip == nil, isGovernance { header.heads = governance }
    header.gov = isGovernance ? nil : tip == nil ? governance : header.gov
    header.nonce = header.kind == .content ? header.nonce ?? [UInt8](repeating: 5, count: 24) : nil
    header.epoch = header.kind == .content ? epoch.id : nil
    if !how.contains(.ownStamp) { header.stamp = (tip?.header.stamp ?? Member.clock) + 1 }
  }

  /// What came of it on its way.
  private func damaged(_ change: Change, _ how: How) -> Change? {
    guard how.contains(.isMissing) || how.contains(.isUnsigned) else { return change }
    var writer = CBORWriter()
    writer.array(count: 5)
    writer.uint(1)
    writer.bytes(change.h0)
    writer.id(change.ctHash)
    if how.contains(.isMissing) { writer.null() } else { writer.bytes(change.ciphertext ?? []) }
    writer.bytes(how.contains(.isUnsigned) ? [UInt8](repeating: 0, count: 64) : change.signature)
    return try? Change(envelope: writer.bytes, network: place.replica.network)
  }
}

extension FuzzTarget {
  /// What a replica takes in leaves it sound, however little of it counts; and taking it twice is taking it once.
  static func ingest(_ bytes: [UInt8]) throws -> Bool {
    let place = try FuzzPlace(.b)
    var forge = try ChangeForge(place)
    var input = Input(bytes)
    var changes: [Change] = []
    while !input.isEmpty, changes.count < 32 {
      if let change = forge.make(&input) { changes.append(change) }
    }
    guard !changes.isEmpty else { return false }
    let report = try place.replica.ingest(changes)
    try place.requireSound()
    let holdings = try place.holdings()
    let again = try place.replica.ingest(changes)
    try require(again.new == 0, "taken twice: \(again)")
    try require(try place.holdings() == holdings, "what came again changed the replica")
    return report.new > 0
  }
}
