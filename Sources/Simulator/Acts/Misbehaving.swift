// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto
import SyncEngine

/// Hostile members at work.
extension World {
  func misbehave(_ action: Action, _ dice: inout Dice) throws {
    guard !villains.isEmpty else { return }
    let villain = villains[action.who(villains.count)]
    let mischief = Mischief.allCases[Int(action.bytes[3]) % Mischief.allCases.count]
    guard mischief != .freezes || dice.once(in: 8) else { return }
    tally.fault("hostile: \(mischief)")
    trace.note("\(villain.host.name) \(mischief)")
    switch mischief {
    case .talksNonsense: try talkNonsense(villain, &dice)
    case .liesAboutFrontier: try lie(villain, &dice)
    case .sendsBadStick: try sendBadStick(villain, &dice)
    default:
      let parcels = try villain.make(mischief, in: self, &dice)
      guard let network = villain.host.replica?.network else { return }
      let changes = parcels.compactMap { $0.received(in: network) }
      tally.refusals["by the decoder", default: 0] += parcels.count - changes.count
      for host in hosts where host.isUp && host.part == villain.host.part && dice.once(in: 2) {
        _ = try host.store?.ingest(changes)
      }
    }
  }

  /// Different changes at one place of a log, given to different devices.
  func equivocate(_ action: Action, _ dice: inout Dice) throws {
    guard !villains.isEmpty else { return }
    let villain = villains[action.who(villains.count)]
    let parcels = try villain.equivocate(in: self, &dice)
    guard let network = villain.host.replica?.network else { return }
    tally.fault("hostile: equivocates")
    for host in hosts where host.isUp {
      let given = parcels.filter { _ in dice.once(in: 2) }
      _ = try host.store?.ingest(given.compactMap { $0.received(in: network) })
    }
  }

  /// Someone with the group's key says frames that make no sense.
  private func talkNonsense(_ villain: Villain, _ dice: inout Dice) throws {
    guard let victim = dice.pick(hosts.filter(\.isUp)), let door = victim.door, let store = villain.host.store else {
      return
    }
    let babbler = try Babbler(calling: door, as: store, now: now)
    for _ in 0..<(1 + dice.below(6)) { babbler.say(Babble.frame(&dice, store)) }
    if let failure = babbler.failure { throw failure }
  }

  /// A session in which the villain holds other things than it says.
  private func lie(_ villain: Villain, _ dice: inout Dice) throws {
    guard let victim = dice.pick(hosts.filter(\.isUp)), let replica = villain.host.replica, let door = victim.door
    else { return }
    let liar = Liar(replica, of: villain.host, in: self)
    liar.hides = dice.below(3)
    liar.invents = dice.below(3)
    let talk = Talk(.calling(liar, by: .group, program: "liar", now: now), .answering(door, program: "simulator", now: now), now: now)
    if case .store(let error) = talk.run() { throw error }
  }

  /// A bundle under the right key, with anything inside.
  private func sendBadStick(_ villain: Villain, _ dice: inout Dice) throws {
    guard let store = villain.host.store, let replica = villain.host.replica else { return }
    let commons = replica.id(of: .commons)
    let file = ByteBuffer()
    var sealer = try BundleSealer(key: try BundleKey.current(of: commons, in: store).secret, sink: file)
    for _ in 0..<dice.below(5) { try sealer.write(Babble.frame(&dice, store)) }
    _ = try sealer.finish(changes: UInt64(dice.below(3)))
    sticks.append(Stick(bytes: file.bytes, space: commons, isDamaged: true))
  }
}

/// Frames that are out of place, or wrong within.
private enum Babble {
  static func frame(_ dice: inout Dice, _ store: any SessionStore) -> [UInt8] {
    let space = dice.once(in: 2) ? SpaceID.zero : Space.commons.id(in: store.network)
    let id = ID16(high: dice.next(), low: dice.next())
    switch dice.below(11) {
    case 0: return Frame.encoded(type: UInt8(dice.below(256)), payload: dice.bytes(dice.below(60)))
    case 1: return Frame.hello(.init(spaces: [dice.next()], credit: 1 << 20, program: "babble")).encoded()
    case 2: return Frame.root(.init(space: space, root: id, digest: nil, round: UInt64(dice.below(3)))).encoded()
    case 3:
      let entries = (0..<3).map { _ in Frame.List.Entry(log: dice.next(), seq: UInt64(dice.below(9)), tip: dice.next()) }
      return Frame.list(.init(space: space, entries: entries)).encoded()
    case 4: return Frame.done(.init(space: space, changes: UInt64(dice.below(4)), round: 1)).encoded()
    case 5: return Frame.credit(Limits.number).encoded()
    case 6: return Frame.encoded(type: 0x07, payload: dice.bytes(dice.below(200)))
    case 7: return Frame.close(.converged).encoded()
    case 8: return Frame.ping.encoded() + Frame.pad(dice.below(100)).encoded()
    case 9: return [0x07, 0xff, 0xff, 0xff, 0xff]
    default: return dice.bytes(1 + dice.below(40))
    }
  }
}

/// A villain's replica that says it holds less than it does, and logs that there aren't.
private final class Liar: Watch {
  var hides = 0
  var invents = 0

  override func snapshot(of space: SpaceID) throws -> SpaceSnapshot {
    var snapshot = try base.snapshot(of: space)
    snapshot.frontier.entries.removeFirst(min(hides, snapshot.frontier.entries.count))
    let invented = (0..<invents).map { _ in
      Frontier.Entry(
        log: LogID(SecureRandom.bytes(16)) ?? .zero, author: .zero, seq: 7, tip: ChangeID(SecureRandom.bytes(32)) ?? .zero)
    }
    snapshot.frontier = Frontier(snapshot.frontier.entries + invented)
    return snapshot
  }
}

/// Two links, and every byte between them arrives.
private final class Talk {
  private let links: [Link]
  private let now: UInt64
  private var inboxes: [[UInt8]] = [[], []]
  private var problem: SessionProblem?

  init(_ one: Link, _ other: Link, now: UInt64) {
    links = [one, other]
    self.now = now
  }

  /// The problem of the one that was called, if it had any.
  func run() -> SessionProblem? {
    for place in [0, 1] { hand(.start, to: place) }
    while let place = [0, 1].first(where: { !inboxes[$0].isEmpty }) {
      let bytes = inboxes[place]
      inboxes[place] = []
      hand(.received(bytes), to: place)
    }
    for place in [0, 1] { hand(.ended, to: place) }
    return problem
  }

  private func hand(_ event: LinkEvent, to place: Int) {
    guard !links[place].isOver else { return }
    for effect in links[place].handle(event, now: now) {
      switch effect {
      case .send(let bytes):
        inboxes[1 - place] += bytes
        hand(.sent(bytes.count), to: place)
      case .progress: break
      case .finished(let report): if place == 1 { problem = report.problem }
      }
    }
  }
}

/// Someone who goes through the handshake as a member, and then says what it wants.
private final class Babbler {
  private let link: Link
  private let now: UInt64
  private var heard: [UInt8] = []
  private var cipher: RecordCipher?
  /// What the other's store threw.
  private(set) var failure: (any Error)?

  init(calling door: Doorkeeper, as store: any SessionStore, now: UInt64) throws {
    self.now = now
    link = .answering(door, program: "simulator", now: now)
    take(link.handle(.start, now: now))
    guard let secret = try store.epochSecrets(of: Space.commons.id(in: store.network)).first else { return }
    let handshake = HandshakeState(
      role: .initiator,
      prologue: TransportKeys.prologue(networkID: store.network.bytes, anchorID: store.anchorID.bytes),
      staticKey: store.keys.noise, psks: [TransportKeys.groupPSK(epochSecret: secret)])
    hand(try handshake.writeMessage(try TransportKeys.packPayload([0xa1, 1, 0x81, 1], message: 0)))
    guard heard.count >= 256 else { return }
    _ = try handshake.readMessage(Array(heard.prefix(256)))
    let third = try handshake.writeMessage(try TransportKeys.packPayload([0xa0], message: 2))
    cipher = try RecordCipher(handshake)
    hand(third)
  }

  func say(_ bytes: [UInt8]) {
    guard let cipher, let sealed = try? cipher.sealAll(bytes) else { return }
    hand(sealed)
  }

  private func hand(_ bytes: [UInt8]) { take(link.handle(.received(bytes), now: now)) }

  private func take(_ effects: [LinkEffect]) {
    for effect in effects {
      switch effect {
      case .send(let bytes):
        heard += bytes
        _ = link.handle(.sent(bytes.count), now: now)
      case .progress: break
      case .finished(let report): if case .store(let error) = report.problem { failure = error }
      }
    }
  }
}
