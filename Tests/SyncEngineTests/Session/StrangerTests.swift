// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto
import SyncEngine
import Testing

@Suite("A stranger") struct StrangerTests {
  private func expectSilence(_ peer: ManualPeer, _ where: Comment? = nil) {
    #expect(peer.heard.isEmpty, `where`)
    #expect(peer.report == nil, `where`)
    peer.wait(9_500)
    #expect(peer.report == nil, `where`)
    peer.hand([1, 2, 3])
    peer.wait(35_000)
    #expect(peer.report != nil && peer.heard.isEmpty, `where`)
  }

  @Test func `gets no byte for random bytes, of whatever number`() throws {
    let (a, _) = try neighbours()
    for count in [128, 129, 640, 100_000] {
      let peer = ManualPeer(calling: a.replica)
      peer.hand(SecureRandom.bytes(count))
      expectSilence(peer, "\(count) bytes")
    }
  }

  @Test func `who says little or nothing gets no byte either`() throws {
    let (a, _) = try neighbours()
    for count in [0, 1, 127] {
      let peer = ManualPeer(calling: a.replica)
      peer.hand(SecureRandom.bytes(count))
      expectSilence(peer, "\(count) bytes")
    }
  }

  @Test func `with a wrong key, or of another network, gets no byte`() throws {
    let (a, b) = try neighbours()
    let other = try TestPlace(named: "elsewhere")
    let prologue = TransportKeys.prologue(
      networkID: a.replica.network.bytes, anchorID: a.replica.anchorID.bytes)
    let own = TransportKeys.groupPSK(epochSecret: try a.replica.epochSecrets(of: a.commons)[0])
    let theirs = TransportKeys.groupPSK(epochSecret: try other.replica.epochSecrets(of: other.commons)[0])
    let noise = b.replica.keys.noise
    for (prologue, psk) in [
      (prologue, SecretBytes(random: 32)), (prologue, theirs), (TransportKeys.joinPrologue, own),
      (
        TransportKeys.prologue(networkID: other.replica.network.bytes, anchorID: a.replica.anchorID.bytes),
        own
      ),
      (
        TransportKeys.prologue(
          networkID: a.replica.network.bytes, anchorID: [UInt8](repeating: 0, count: 32)), own
      )
    ] {
      let peer = ManualPeer(calling: a.replica)
      try peer.shakeHands(prologue: prologue, psk: psk, noise: noise)
      expectSilence(peer)
    }
  }

  @Test func `who repeats a first message gets no byte`() throws {
    let (a, b) = try neighbours()
    let keeper = Doorkeeper(store: a.replica)
    let cable = Cable(
      .calling(b.replica, by: .group, program: "", now: 0), .answering(keeper, program: "", now: 0)
    ).run()
    #expect(cable.callerReport?.converged == true)
    let peer = ManualPeer(.answering(keeper, program: "", now: 0))
    peer.hand(Array(cable.toAnswerer.prefix(128)))
    expectSilence(peer)
  }

  @Test func `who gets as far as the second message and has no key of a device goes no further`() throws {
    let (a, b) = try neighbours()
    let peer = ManualPeer(calling: a.replica)
    let prologue = TransportKeys.prologue(
      networkID: a.replica.network.bytes, anchorID: a.replica.anchorID.bytes)
    let psk = try TransportKeys.pairwisePSK(
      mine: b.replica.keys.agree, theirs: a.replica.keys.agree.publicKey, networkID: a.replica.network.bytes)
    try peer.shakeHands(prologue: prologue, psk: psk, noise: .generate())
    #expect(peer.heard.count == 256)
    peer.wait(40_000)
    #expect(peer.report != nil && peer.heard.count == 256)
  }

  @Test func `isn't answered by a version that nobody speaks`() throws {
    let (a, b) = try neighbours()
    let secret = try a.replica.epochSecrets(of: a.commons)[0]
    for payload in [[0xa1, 1, 0x81, 3], [0xa0], [0x80], [0xa1, 1, 0x80], [0xff]] as [[UInt8]] {
      let handshake = HandshakeState(
        role: .initiator,
        prologue: TransportKeys.prologue(
          networkID: a.replica.network.bytes, anchorID: a.replica.anchorID.bytes),
        staticKey: b.replica.keys.noise, psks: [TransportKeys.groupPSK(epochSecret: secret)])
      let peer = ManualPeer(calling: a.replica)
      peer.hand(try handshake.writeMessage(try TransportKeys.packPayload(payload, message: 0)))
      expectSilence(peer)
    }
  }
}

@Suite("A member gone wrong") struct HostileMemberTests {
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `who says garbage in proper records is cut off`(seed: UInt64) throws {
    let (a, b) = try neighbours()
    var random = Seeded(seed)
    let peer = ManualPeer(calling: a.replica)
    try peer.shakeHands(as: b.replica)
    for _ in 0..<50 where peer.report == nil {
      try peer.say((0..<(1 + random.below(2_000))).map { _ in UInt8(truncatingIfNeeded: random.next()) })
    }
    if peer.report == nil { peer.wait(200_000) }
    let report = try #require(peer.report)
    #expect(!report.converged && report.received.new == 0)
  }

  @Test func `who claims a huge frame is cut off before it comes`() throws {
    let (a, b) = try neighbours()
    for length in [[0, 0x10, 0, 1], [0x7f, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xff]] as [[UInt8]] {
      let peer = ManualPeer(calling: a.replica)
      try peer.shakeHands(as: b.replica)
      try peer.say([0x07] + length)
      #expect(peer.report?.problem?.code == .protocolError)
      #expect(peer.frames.last == .close(.protocolError))
    }
  }

  @Test func `who changes a byte of a record is heard no more`() throws {
    let (a, b) = try neighbours()
    let peer = ManualPeer(calling: a.replica)
    try peer.shakeHands(as: b.replica)
    let count = peer.heard.count
    peer.hand(SecureRandom.bytes(100))
    #expect(peer.report?.problem?.code == .protocolError)
    #expect(peer.heard.count == count)
  }
}
