// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Foundation
import MujawaraCrypto
import SyncEngine
import Testing

/// A device that has keys and no network yet.
final class Applicant {
  let folder = TestPlace.freshFolder()
  let keys: DeviceKeys
  let master: SecretBytes

  init() throws { (keys, master) = try Replica.prepare(folder, passphrase: nil) }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func become(_ joined: JoinResult, named name: String?, clock: TestClock) throws -> Replica {
    try Replica.join(
      in: folder, keys: keys, master: master, names: .init(place: name, device: "laptop"),
      network: joined.network, anchor: joined.anchor, governance: joined.changes, clock: { clock.now })
  }
}

extension TestPlace {
  func invite(
    role: UInt64 = 2, purpose: UInt64 = InviteDescription.Purpose.place,
    medium: UInt64 = InviteDescription.Medium.live
  ) throws -> InvitationCode {
    let code = InvitationCode.generate()
    let secret = try replica.epochSecrets(of: commons)[0]
    let epoch = EpochID(Epoch.id(network: replica.network.bytes, space: commons.bytes, secret: secret))!
    try replica.commitGovernance([
      .inviteCreate(
        InviteDescription(
          id: InviteID(code.id)!, key: PublicKey(code.signingKey.publicKey)!, role: role, purpose: purpose,
          medium: medium, epoch: epoch, sealed: code.sealed(epochSecret: secret)))
    ])
    return code
  }
}

@Suite("Joining live") struct JoiningTests {
  private func cable(_ applicant: Applicant, _ code: InvitationCode, _ host: any SessionStore) -> Cable {
    Cable(
      .joining(code, keys: applicant.keys, name: "Nachbarn", program: "test", now: 0),
      .answering(Doorkeeper(store: host), program: "test", now: 0))
  }

  private func refusal(_ report: SessionReport?) -> RefuseReason? {
    if case .refused(let reason) = report?.problem { reason } else { nil }
  }

  @Test func `makes a place that has everything after its first session`() throws {
    let (a, b) = try neighbours()
    for number in 0..<5 { try a.write("\(number)") }
    let code = try a.invite()
    let applicant = try Applicant()
    let cable = cable(applicant, code, a.replica).run()
    let joined = try #require(cable.callerReport?.joined)
    #expect(cable.callerReport?.problem == nil && cable.answererReport?.problem == nil)
    #expect(joined.network == a.replica.network)
    let newcomer = try #require(cable.answererReport?.admitted)
    #expect(newcomer.device == applicant.keys.card.device && newcomer.name == "Nachbarn")
    let replica = try applicant.become(joined, named: "Nachbarn", clock: a.clock)
    let first = Cable(replica, a.replica, by: .device(a.replica.deviceID)).run()
    #expect(first.callerReport?.converged == true)
    #expect(try replica.snapshot(of: a.commons).digest == a.digest())
    #expect(sync(a, b).converged)
    #expect(Cable(replica, b.replica).run().callerReport?.converged == true)
    #expect(Cable(replica, b.replica).run().callerReport?.rounds == 1)
  }

  @Test func `makes a further device of a place, with its place's own space`() throws {
    let (a, _) = try neighbours()
    try a.write("for us", to: a.home)
    let code = try a.invite(purpose: InviteDescription.Purpose.device)
    let applicant = try Applicant()
    let cable = cable(applicant, code, a.replica).run()
    #expect(cable.answererReport?.admitted?.place == (try a.replica.placeID()))
    let replica = try applicant.become(try #require(cable.callerReport?.joined), named: nil, clock: a.clock)
    #expect(Cable(replica, a.replica, by: .device(a.replica.deviceID)).run().callerReport?.converged == true)
    #expect(try replica.snapshot(of: a.home).digest == a.replica.snapshot(of: a.home).digest)
  }

  @Test func `works with any reader who knows of the invitation`() throws {
    let (a, b) = try neighbours()
    let code = try a.invite()
    #expect(sync(a, b).converged)
    let applicant = try Applicant()
    #expect(cable(applicant, code, b.replica).run().callerReport?.joined != nil)
    #expect(sync(a, b).converged)
    #expect(try a.replica.membership().isPresent(applicant.keys.card.device))
  }

  @Test func `with a used invitation is refused, unless it is the same device again`() throws {
    let (a, _) = try neighbours()
    let code = try a.invite()
    let applicant = try Applicant()
    #expect(cable(applicant, code, a.replica).run().callerReport?.joined != nil)
    #expect(cable(applicant, code, a.replica).run().callerReport?.joined != nil)
    let other = cable(try Applicant(), code, a.replica).run()
    #expect(refusal(other.callerReport) == .spent && refusal(other.answererReport) == .spent)
    #expect(other.callerReport?.joined == nil)
  }

  @Test func `with an expired invitation is refused by the host's clock`() throws {
    let (a, _) = try neighbours()
    let live = try a.invite()
    let stick = try a.invite(medium: InviteDescription.Medium.stick)
    a.clock.now += 24 * 3_600_000 + 120_000
    #expect(refusal(cable(try Applicant(), live, a.replica).run().callerReport) == .expired)
    #expect(cable(try Applicant(), stick, a.replica).run().callerReport?.joined != nil)
  }

  @Test func `with a closed invitation is refused`() throws {
    let (a, _) = try neighbours()
    let code = try a.invite()
    try a.replica.commitGovernance([.inviteClose(InviteID(code.id)!)])
    #expect(refusal(cable(try Applicant(), code, a.replica).run().callerReport) == .withdrawn)
  }

  @Test func `with an unknown invitation meets silence`() throws {
    let (a, _) = try neighbours()
    let cable = cable(try Applicant(), .generate(), a.replica).run()
    #expect(cable.toCaller.isEmpty)
    cable.wait(11_000)
    guard case .silence = cable.callerReport?.problem else {
      Issue.record("\(String(describing: cable.callerReport))")
      return
    }
  }

  @Test func `can be repeated after any break`() throws {
    let (a, _) = try neighbours()
    let code = try a.invite()
    let applicant = try Applicant()
    for cut in stride(from: 0, to: 3_000, by: 37) {
      let cable = cable(applicant, code, a.replica)
      cable.cutAfter = cut
      cable.run()
      #expect(cable.isOver)
    }
    let members = try a.replica.membership().devices.count
    #expect(cable(applicant, code, a.replica).run().callerReport?.joined != nil)
    #expect(try a.replica.membership().devices.count == members)
  }

  @Test func `with another device's card is refused`() throws {
    let (a, b) = try neighbours()
    let code = try a.invite()
    let peer = ManualPeer(calling: a.replica)
    try peer.shakeHands(prologue: TransportKeys.joinPrologue, psk: code.psk, noise: .generate())
    let card = DeviceKeys.generate().card
    try peer.say(.join(.init(card: card, countersign: code.countersign(card), name: "")))
    #expect(peer.report?.problem?.code == .protocolError)
    _ = b
  }

  @Test func `with a countersign that isn't the invitation's is refused`() throws {
    let (a, _) = try neighbours()
    let code = try a.invite()
    let keys = DeviceKeys.generate()
    let peer = ManualPeer(calling: a.replica)
    try peer.shakeHands(prologue: TransportKeys.joinPrologue, psk: code.psk, noise: keys.noise)
    let wrong = InvitationCode.generate().countersign(keys.card)
    try peer.say(.join(.init(card: keys.card, countersign: wrong, name: "")))
    #expect(peer.report?.problem?.code == .protocolError)
    #expect(try !a.replica.membership().isPresent(keys.card.device))
  }

  @Test func `gives nothing but an admission, whatever the joiner asks for`() throws {
    let (a, _) = try neighbours()
    let code = try a.invite()
    for frame in [
      Frame.hello(.init(spaces: [], credit: 1 << 20, program: "")), .list(.init(space: .zero, entries: [])),
      .root(.init(space: .zero, root: .zero, digest: nil, round: 1)),
      .admit(.init(network: .zero, anchor: [.zero]))
    ] {
      let peer = ManualPeer(calling: a.replica)
      try peer.shakeHands(prologue: TransportKeys.joinPrologue, psk: code.psk, noise: .generate())
      try peer.say(frame)
      #expect(peer.frames == [.close(.protocolError)])
    }
  }
}

@Suite("What a newcomer is given") struct JoinResultTests {
  private func given() throws -> (TestPlace, Card, [Change]) {
    let (a, b) = try neighbours()
    return (a, b.replica.keys.card, try a.changes(in: .governance))
  }

  private func isRefused(_ make: () throws -> JoinResult) -> Bool {
    do {
      _ = try make()
      return false
    } catch SessionProblem.badAdmission { return true } catch { return false }
  }

  @Test func `is taken if it holds together, and refused if not`() throws {
    let (a, card, changes) = try given()
    let (network, anchor) = (a.replica.network, a.replica.anchor)
    let good = try JoinResult(network: network, anchor: anchor, changes: changes, card: card)
    #expect(good.membership.isPresent(card.device))
    #expect(isRefused { try JoinResult(network: .zero, anchor: anchor, changes: changes, card: card) })
    #expect(isRefused { try JoinResult(network: network, anchor: [.zero], changes: changes, card: card) })
    #expect(isRefused { try JoinResult(network: network, anchor: anchor, changes: [], card: card) })
    #expect(
      isRefused { try JoinResult(network: network, anchor: anchor, changes: changes.reversed(), card: card) })
    #expect(
      isRefused {
        try JoinResult(network: network, anchor: anchor, changes: Array(changes.dropFirst()), card: card)
      })
    #expect(
      isRefused {
        try JoinResult(network: network, anchor: anchor, changes: Array(changes.dropLast()), card: card)
      })
    let stranger = DeviceKeys.generate().card
    #expect(isRefused { try JoinResult(network: network, anchor: anchor, changes: changes, card: stranger) })
  }

  @Test func `is refused with a forged change at its end`() throws {
    let (a, card, changes) = try given()
    var last = changes.last!.envelope()
    last[last.count - 1] ^= 1
    let forged = try Change(envelope: last, network: a.replica.network)
    #expect(
      isRefused {
        try JoinResult(
          network: a.replica.network, anchor: a.replica.anchor, changes: changes.dropLast() + [forged],
          card: card)
      })
  }
}
