// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import Testing

@Suite("Epochs and wraps")
struct EpochTests {
  let network = SecureRandom.bytes(32)
  let space = SecureRandom.bytes(16)
  let secret = Epoch.newSecret()

  func context() throws -> Wraps.Context {
    try Wraps.Context(
      network: network, space: space, epoch: Epoch.id(network: network, space: space, secret: secret))
  }

  @Test("id, wraps and sealed part of the second program are read")
  func vector() throws {
    let v = try Vectors.structures()
    let (network, space, secret) = (
      try v.bytes("network"), try v.bytes("space"), try v.secret("epoch_secret")
    )
    let id = Epoch.id(network: network, space: space, secret: secret)
    #expect(id == (try v.bytes("epoch_id")))
    let context = try Wraps.Context(network: network, space: space, epoch: id)
    let (eph, wraps) = (try v.bytes("eph"), try v.bytes("wraps"))
    #expect(try Wraps.open(wraps, eph: eph, in: context, agree: v.device().agree) == secret)
    let cbor = try KeyChangeSeal.open(
      try v.bytes("sealed"), in: context, eph: eph, wraps: wraps, epochSecret: secret)
    #expect(cbor.array == (try v.bytes("sealed_cbor")))
    let again = KeyChangeSeal.seal(
      cbor: cbor.array, in: context, eph: eph, wraps: wraps, epochSecret: secret,
      nonce: Array(try v.bytes("sealed")[..<24]))
    #expect(again == (try v.bytes("sealed")))
  }

  @Test(
    "every reader opens one, a stranger none; their number is a multiple of 8", arguments: [1, 7, 8, 9, 20])
  func everyReader(count: Int) throws {
    let readers = (0..<count).map { _ in AgreementKey.generate() }
    let (eph, wraps) = try Wraps.make(secret: secret, in: context(), recipients: readers.map(\.publicKey))
    #expect(wraps.count == (count + 7) / 8 * 8 * 48)
    for reader in readers {
      #expect(try Wraps.open(wraps, eph: eph, in: context(), agree: reader) == secret)
    }
    #expect(try Wraps.open(wraps, eph: eph, in: context(), agree: .generate()) == nil)
    #expect(
      Set(stride(from: 0, to: wraps.count, by: 48).map { Array(wraps[$0..<$0 + 48]) }).count * 48
        == wraps.count)
  }

  @Test("the order tells nothing: one reader's wrap comes to stand everywhere")
  func shuffled() throws {
    let (reader, eph) = (AgreementKey.generate(), AgreementKey.generate())
    var places = Set<Int>()
    for _ in 0..<200 {
      let made = try Wraps.make(
        secret: secret, in: context(), recipients: [reader.publicKey], ephemeral: eph)
      let alone = try (0..<8).filter { place in
        var others = made.wraps
        others.replaceSubrange(place * 48..<(place + 1) * 48, with: SecureRandom.bytes(48))
        return try Wraps.open(others, eph: made.eph, in: context(), agree: reader) == nil
      }
      #expect(alone.count == 1)
      places.formUnion(alone)
    }
    #expect(places == Set(0..<8))
  }

  @Test("a reader with a bad key doesn't keep the others from theirs")
  func badRecipient() throws {
    let reader = AgreementKey.generate()
    let (eph, wraps) = try Wraps.make(
      secret: secret, in: context(), recipients: SmallOrder.points + [reader.publicKey])
    #expect(wraps.count == 8 * 48)
    #expect(try Wraps.open(wraps, eph: eph, in: context(), agree: reader) == secret)
    #expect(throws: CryptoError.wrongSize) {
      try Wraps.make(secret: secret, in: context(), recipients: [[1, 2, 3]])
    }
  }

  @Test("a wrap holds for its epoch, network and space alone, and its secret must give the epoch's id")
  func bound() throws {
    let reader = AgreementKey.generate()
    let (eph, wraps) = try Wraps.make(secret: secret, in: context(), recipients: [reader.publicKey])
    let epoch = Epoch.id(network: network, space: space, secret: secret)
    for other in [
      try Wraps.Context(network: flipped(network, at: 0), space: space, epoch: epoch),
      try Wraps.Context(network: network, space: flipped(space, at: 15), epoch: epoch),
      try Wraps.Context(network: network, space: space, epoch: flipped(epoch, at: 31)),
    ] { #expect(try Wraps.open(wraps, eph: eph, in: other, agree: reader) == nil) }
    let lie = try Wraps.make(secret: Epoch.newSecret(), in: context(), recipients: [reader.publicKey])
    #expect(try Wraps.open(lie.wraps, eph: lie.eph, in: context(), agree: reader) == nil)
  }

  @Test("wraps of a wrong size or a bad ephemeral key are refused")
  func hostile() throws {
    let reader = AgreementKey.generate()
    let (eph, wraps) = try Wraps.make(secret: secret, in: context(), recipients: [reader.publicKey])
    for bad in [wraps + [0], Array(wraps.dropLast()), Array(wraps.dropLast(48))] {
      #expect(throws: CryptoError.wrongSize) { try Wraps.open(bad, eph: eph, in: context(), agree: reader) }
    }
    #expect(throws: CryptoError.weakKey) {
      try Wraps.open(wraps, eph: SmallOrder.points[0], in: context(), agree: reader)
    }
    #expect(throws: CryptoError.wrongSize) { try Wraps.open(wraps, eph: [], in: context(), agree: reader) }
    #expect(try Wraps.open([], eph: eph, in: context(), agree: reader) == nil)
    #expect(throws: CryptoError.wrongSize) { try Wraps.Context(network: [], space: space, epoch: network) }
  }

  @Test("the sealed part is bound to the wraps, and any byte changed is refused")
  func sealedPart() throws {
    let context = try context()
    let (eph, wraps, cbor) = (SecureRandom.bytes(32), SecureRandom.bytes(384), SecureRandom.bytes(70))
    let sealed = KeyChangeSeal.seal(cbor: cbor, in: context, eph: eph, wraps: wraps, epochSecret: secret)
    func open(_ sealed: [UInt8], _ eph: [UInt8], _ wraps: [UInt8]) throws -> [UInt8] {
      try KeyChangeSeal.open(sealed, in: context, eph: eph, wraps: wraps, epochSecret: secret).array
    }
    #expect(try open(sealed, eph, wraps) == cbor)
    forEachDamage(sealed) { bad in #expect(throws: CryptoError.self) { try open(bad, eph, wraps) } }
    #expect(throws: CryptoError.notAuthentic) { try open(sealed, flipped(eph, at: 3), wraps) }
    #expect(throws: CryptoError.notAuthentic) { try open(sealed, eph, flipped(wraps, at: 383)) }
  }
}

@Suite("Keys of the transport")
struct TransportKeysTests {
  @Test("pairwise PSK and session key are those of the second program, the same from both sides")
  func vector() throws {
    let v = try Vectors.structures()
    let (mine, theirs) = (try v.device().agree, AgreementKey(secret: try v.secret("other_secret")))
    let network = try v.bytes("network")
    let psk = try TransportKeys.pairwisePSK(mine: mine, theirs: theirs.publicKey, networkID: network)
    #expect(psk == (try v.secret("pairwise_psk")))
    #expect(try TransportKeys.pairwisePSK(mine: theirs, theirs: mine.publicKey, networkID: network) == psk)
    #expect(
      TransportKeys.sessionKey(handshakeHash: try v.bytes("handshake_hash")) == (try v.bytes("session_key")))
    let secret = Epoch.newSecret()
    #expect(TransportKeys.groupPSK(epochSecret: secret) == secret.derive(4))
  }

  @Test("payloads have their message's size, and only zero bytes fill them")
  func payloads() throws {
    for (message, size) in TransportKeys.payloadSizes.enumerated() {
      for count in [0, 1, 5, size - 2] {
        let cbor = [UInt8](repeating: 0xff, count: count)
        let packed = try TransportKeys.packPayload(cbor, message: message)
        #expect(packed.count == size)
        #expect(try TransportKeys.unpackPayload(packed, message: message) == cbor)
      }
      let full = [UInt8](repeating: 1, count: size - 1)
      #expect(throws: CryptoError.tooLong) { try TransportKeys.packPayload(full, message: message) }
      let packed = try TransportKeys.packPayload([1], message: message)
      #expect(throws: CryptoError.badPadding) {
        try TransportKeys.unpackPayload(flipped(packed, at: size - 1), message: message)
      }
      #expect(throws: CryptoError.badPadding) {
        try TransportKeys.unpackPayload([0xff, 0xff] + packed.dropFirst(2), message: message)
      }
      #expect(throws: CryptoError.wrongSize) {
        try TransportKeys.unpackPayload(packed + [0], message: message)
      }
    }
  }
}
