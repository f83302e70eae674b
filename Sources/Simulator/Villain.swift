// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto
import SyncEngine

/// A member that breaks the rules. It has a replica like everyone, to know what there is to know, and writes in
/// logs of its own beside it.
final class Villain {
  let host: Host
  private var logs: [SpaceID: ForgedLog] = [:]

  init(_ host: Host) { self.host = host }

  var author: PublicKey { PublicKey(host.keys.card.sign) ?? .zero }

  /// The log that its changes of a space go on from.
  func log(in space: SpaceID) -> ForgedLog {
    logs[space] ?? freshLog(in: space)
  }

  /// A log of an incarnation that nobody has seen.
  func freshLog(in space: SpaceID) -> ForgedLog {
    let incarnation = SecureRandom.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    return ForgedLog(space: space, incarnation: incarnation)
  }

  func keep(_ log: ForgedLog) { logs[log.space] = log }
}

/// What a hostile member does.
enum Mischief: CaseIterable {
  // What everybody lets in, and must come to the same of.
  case hidesParents, stampsAtTheEdge, writesGarbage, writesUnderNoKey, touchesProfile, entersForeignSpace
  case givesItselfAdmission, writesKeyGarbage
  // What waits for ever.
  case namesUnknownHeads, namesUnknownGovernance, leavesGap, floods
  // What everybody refuses.
  case stampsFarFuture, stampsPast, liesAboutTotal, signsBadly, writesTooMuch, governsRootless, namesOwnLog
  // What everybody lets in, and nobody counts before its body comes.
  case withholdsBody
  // What isn't even a change.
  case talksNonsense, liesAboutFrontier, sendsBadStick
  /// An op of a newer version stops everyone from writing: seldom.
  case freezes
}

extension Villain {
  /// Makes the changes of a mischief; none for those that are no changes.
  func make(_ mischief: Mischief, in world: World, _ dice: inout Dice) throws -> [Parcel] {
    guard let replica = host.replica else { return [] }
    let commons = replica.id(of: .commons)
    var mess = Mess(villain: self, replica: replica, commons: commons, record: world.records.last?.id, dice: dice)
    defer { dice = mess.dice }
    switch mischief {
    case .hidesParents, .stampsAtTheEdge, .writesGarbage, .writesUnderNoKey, .touchesProfile,
      .givesItselfAdmission, .writesKeyGarbage, .freezes, .withholdsBody:
      return try mess.accepted(mischief).map { [$0] } ?? []
    case .entersForeignSpace: return try mess.foreign().map { [$0] } ?? []
    case .namesUnknownHeads, .namesUnknownGovernance, .leavesGap: return try mess.waiting(mischief).map { [$0] } ?? []
    case .floods: return try (0..<24).compactMap { _ in try mess.waiting(.namesUnknownHeads) }
    case .stampsFarFuture, .stampsPast, .liesAboutTotal, .signsBadly, .writesTooMuch, .governsRootless, .namesOwnLog:
      return try mess.refused(mischief).map { [$0] } ?? []
    case .talksNonsense, .liesAboutFrontier, .sendsBadStick: return []
    }
  }
}

extension Villain {
  /// Two changes, or more, where its log should have one; it goes on from the last of them.
  func equivocate(in world: World, _ dice: inout Dice) throws -> [Parcel] {
    guard let replica = host.replica else { return [] }
    let space = replica.id(of: .commons)
    let log = dice.once(in: 4) ? freshLog(in: space) : self.log(in: space)
    var mess = Mess(villain: self, replica: replica, commons: space, record: world.records.last?.id, dice: dice)
    defer { dice = mess.dice }
    return try (0..<(2 + mess.dice.below(2))).compactMap { _ in try mess.branch(of: log) }
  }
}

/// One mischief in the making.
private struct Mess {
  let villain: Villain
  let replica: Replica
  let commons: SpaceID
  let record: RecordID?
  var dice: Dice

  /// A change that every replica stores. It goes on a log of the villain's.
  mutating func accepted(_ mischief: Mischief) throws -> Parcel? {
    let space = try self.space(of: mischief)
    let log = villain.log(in: space)
    guard var forgery = try Forgery(replica, after: log, kind: kind(of: mischief), body: body(of: mischief)) else {
      return nil
    }
    spoil(&forgery, mischief)
    var parcel = Parcel(change: forgery.change(), base: log.base)
    parcel.lacksBody = mischief == .withholdsBody
    return try went(parcel, on: log)
  }

  /// If the villain's own replica lets a change in, as everybody's will, the log goes on from there.
  private func went(_ parcel: Parcel, on log: ForgedLog) throws -> Parcel {
    var whole = parcel
    whole.lacksBody = false
    guard let change = whole.received(in: replica.network), try replica.ingest([change]).new == 1 else { return parcel }
    var log = log
    log.append(change)
    villain.keep(log)
    return parcel
  }

  /// A change in the space of a place that isn't the villain's.
  mutating func foreign() throws -> Parcel? {
    let members = try replica.membership()
    let others = members.sortedPlaces.map(\.id).filter { $0 != members.place(of: replica.deviceID) }
    guard let place = dice.pick(others) else { return nil }
    let log = villain.freshLog(in: replica.id(of: .place(place)))
    let forgery = try Forgery(replica, after: log, body: body(of: .entersForeignSpace), key: .commons)
    return forgery.map { Parcel(change: $0.change(), base: nil) }
  }

  /// A good next change of a log, another each time.
  mutating func branch(of log: ForgedLog) throws -> Parcel? {
    let body = edit(record ?? RecordID(high: 1, low: dice.next()))
    guard let forgery = try Forgery(replica, after: log, body: body) else { return nil }
    return try went(Parcel(change: forgery.change(), base: log.base), on: log)
  }

  private func space(of mischief: Mischief) throws -> SpaceID {
    switch mischief {
    case .givesItselfAdmission, .freezes: return .zero
    default: return commons
    }
  }

  private func kind(of mischief: Mischief) -> ChangeKind {
    switch mischief {
    case .givesItselfAdmission, .freezes: .governance
    case .writesKeyGarbage: .keys
    default: .content
    }
  }

  private mutating func body(of mischief: Mischief) -> [UInt8] {
    switch mischief {
    case .writesGarbage: return dice.bytes(1 + dice.below(200))
    case .writesKeyGarbage:
      return KeyChangeBody(
        op: .rotate, epoch: EpochID(dice.bytes(32)) ?? .zero, eph: PublicKey(dice.bytes(32)) ?? .zero,
        wraps: dice.bytes(48 * 8), sealed: dice.bytes(120)
      ).encoded()
    case .touchesProfile: return edit(RecordID(replica.membershipOrNone?.sortedDevices.first?.id ?? .zero))
    case .givesItselfAdmission:
      let puppet = DeviceKeys.generate()
      return GovernanceBody(
        label: 0, ops: [.placeAdmit(card: puppet.card, role: 3, invite: nil, countersign: nil)]
      ).encoded()
    case .freezes: return GovernanceBody(label: 0, ops: [.unknown(code: 99, raw: [0xa1, 0x01, 0x01])]).encoded()
    default: return edit(record ?? RecordID(high: 1, low: dice.next()))
    }
  }

  private mutating func edit(_ record: RecordID) -> [UInt8] {
    let fields = [FieldEdits(16, .text("m\(dice.below(1000))")), FieldEdits(17, [.add(Int64(dice.below(9)))])]
    return Content(label: 0, entries: [ContentEntry(.existing(record), fields)]).encoded()
  }

  private mutating func spoil(_ forgery: inout Forgery, _ mischief: Mischief) {
    switch mischief {
    case .hidesParents:
      let kept = dice.below(forgery.header.heads.count)
      forgery.header.heads = Array(forgery.header.heads.prefix(kept))
      forgery.header.stamp = forgery.header.stamp + UInt64(dice.below(1_000))
    case .stampsAtTheEdge: forgery.header.stamp += UInt64(dice.below(30_000_000)) * 1_000
    case .writesUnderNoKey: forgery.header.epoch = EpochID(dice.bytes(32))
    default: break
    }
  }

  /// A change that waits for what will never come. It is in a log of its own, which therefore never begins.
  mutating func waiting(_ mischief: Mischief) throws -> Parcel? {
    let log = villain.freshLog(in: commons)
    let size = dice.below(2_000)
    let body = Content(
      label: 0, entries: [ContentEntry(.new(.number(12)), [FieldEdits(16, .bytes(dice.bytes(size)))])]
    ).encoded()
    guard var forgery = try Forgery(replica, after: log, body: body) else { return nil }
    let unknown = ChangeID(dice.bytes(32)) ?? .zero
    switch mischief {
    case .namesUnknownGovernance: forgery.header.gov = [unknown]
    case .leavesGap:
      forgery.header.seq = 2 + UInt64(dice.below(9))
      forgery.header.prev = unknown
    default: forgery.header.heads = (forgery.header.heads.dropLast() + [unknown]).sorted()
    }
    let header = forgery.header
    let before = header.prev.map {
      RunBase(prev: $0, stamp: header.stamp - 1, cum: header.cum, epoch: nil, gov: header.gov ?? [])
    }
    return Parcel(change: forgery.change(), base: before)
  }

  /// A change that nobody lets in.
  mutating func refused(_ mischief: Mischief) throws -> Parcel? {
    let isGoverning = mischief == .governsRootless
    let log = isGoverning ? villain.freshLog(in: .zero) : villain.log(in: commons)
    if mischief == .namesOwnLog, log.tip == nil { return nil }
    let size = mischief == .writesTooMuch ? 280_000 : 40
    guard
      var forgery = try Forgery(
        replica, after: log, kind: isGoverning ? .governance : .content,
        body: isGoverning ? body(of: .givesItselfAdmission) : dice.bytes(size))
    else { return nil }
    switch mischief {
    case .stampsFarFuture: forgery.header.stamp = 1 << 53
    case .stampsPast: forgery.header.stamp = log.stamp + 1
    case .governsRootless: forgery.header.heads = []
    case .namesOwnLog: forgery.header.heads = (forgery.header.heads.dropLast() + [log.tip ?? .zero]).sorted()
    default: break
    }
    let change = forgery.change { header in
      if mischief == .liesAboutTotal { header.cum += 1 }
    }
    let spoiled = mischief == .signsBadly ? try Self.unsigned(change, replica.network) : change
    return try went(Parcel(change: spoiled, base: log.base), on: log)
  }

  /// The same change under a signature that isn't one.
  private static func unsigned(_ change: Change, _ network: NetworkID) throws -> Change {
    var envelope = change.envelope()
    envelope[envelope.count - 1] ^= 0x10
    return try Change(envelope: envelope, network: network)
  }
}

extension Replica {
  fileprivate var membershipOrNone: Membership? { try? membership() }
}
