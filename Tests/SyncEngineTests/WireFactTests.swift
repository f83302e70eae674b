// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto
import Testing

@testable import SyncEngine

/// What the vectors say follows from their bytes, computed from the files and not by what made them.
@Suite("Wire: facts of vectors") struct WireFactTests {
  @Test("Ids, logs and bodies of changes follow from their envelopes")
  func changes() throws {
    let file = try Vectors.read("changes.json")
    let network = try #require(ID32(hex: file.given["network"]!))
    let secret = SecretBytes(copying: Hex.decode(file.given["commons epoch secret"]!)!)
    for vector in file.cases {
      guard let facts = vector.facts else { continue }
      let change = try Change(envelope: vector.bytes, network: network)
      #expect(change.id.hex == facts["id"])
      #expect(change.header.logID.hex == facts["log"])
      #expect(change.ctHash.hex == facts["ct_hash"])
      #expect(change.hasValidSignature())
      var body = change.ciphertext!
      if change.header.kind == .content {
        body = try ContentSeal.open(body, h0: change.h0, nonce: change.header.nonce!, epochSecret: secret)
      }
      #expect(Hex.encode(body) == facts["body"])
    }
  }

  @Test("A change that is refused for anything but its signature is signed")
  func signed() throws {
    let file = try Vectors.read("changes.json")
    let network = try #require(ID32(hex: file.given["network"]!))
    for vector in file.cases where vector.refusedBy?.hasPrefix("decoder:") != true {
      let change = try Change(envelope: vector.bytes, network: network)
      #expect(change.hasValidSignature() == (vector.refusedBy != "ingest:signature"), "\(vector.name)")
    }
  }

  @Test("Ops follow from bodies")
  func ops() throws {
    let file = try Vectors.read("content.json")
    let change = try #require(ID32(hex: file.given["change"]!))
    var count = 0
    for vector in file.cases {
      guard let ops = vector.ops else { continue }
      #expect(opLines(try Content(decoding: vector.bytes), change) == ops)
      count += ops.count
    }
    #expect(count > 10)
  }

  @Test("Cards are valid, and name their devices and places")
  func cards() throws {
    for vector in try Vectors.read("identities.json").cases where vector.structure == "card" {
      guard vector.outcome == VectorCase.Outcome.accepted else {
        #expect(throws: CryptoError.self) { try Card(decoding: vector.bytes) }
        continue
      }
      let card = try Card(decoding: vector.bytes)
      #expect(card.isValid)
      #expect(Hex.encode(card.deviceID) == vector.facts?["device id"])
      #expect(Hex.encode(card.placeID) == vector.facts?["place id"])
      #expect(Hex.encode(card.hash) == vector.facts?["card hash"])
    }
  }

  @Test("A run rebuilds to the ids that were signed")
  func run() throws {
    let file = try Vectors.read("frames.json")
    let network = try #require(ID32(hex: file.given["network"]!))
    let vector = try #require(file.cases.first { $0.structure == "run" })
    let changes = try Run(decoding: vector.bytes).rebuild(network: network)
    #expect(changes.map(\.id.hex).joined(separator: " ") == vector.facts?["ids"])
    #expect(changes.allSatisfy { $0.hasValidSignature() })
  }

  @Test("A receipt is signed by its maker, over its frontier and no less")
  func receipt() throws {
    let file = try Vectors.read("bundle.json")
    let maker = SigningKey(seed: SecretBytes(copying: Hex.decode(file.given["anna sign seed"]!)!))
    let key = try #require(ID32(maker.publicKey))
    let vector = try #require(file.cases.first { $0.name == "sync" })
    var head = try BundleHead(decoding: vector.bytes)
    #expect(head.hasValidSignature(by: key))
    #expect(!head.hasValidSignature(by: .zero))
    head.made += 60_000
    #expect(!head.hasValidSignature(by: key))
    head.made -= 60_000
    head.receipt?.frontiers[0].tips[0].seq += 1
    #expect(!head.hasValidSignature(by: key))
  }

  @Test("The wraps of a key change open for whom they are, and its roster names them")
  func wraps() throws {
    let world = WireWorld()
    let vector = try #require(try Vectors.read("keys.json").cases.first { $0.name == "rotate" })
    let body = try KeyChangeBody(decoding: vector.bytes)
    let context = try Wraps.Context(
      network: world.network.bytes, space: world.commons.bytes, epoch: body.epoch.bytes)
    for (device, isReader) in [(world.anna, true), (world.bilal, true), (world.stranger, false)] {
      let secret = try Wraps.open(body.wraps, eph: body.eph.bytes, in: context, agree: device.agree)
      #expect((secret != nil) == isReader)
      guard let secret else { continue }
      let cbor = try KeyChangeSeal.open(
        body.sealed, in: context, eph: body.eph.bytes, wraps: body.wraps, epochSecret: secret)
      let roster = try cbor.withArray { try KeyRoster(decoding: $0) }
      #expect(roster.devices.contains(ID16(device.card.deviceID)!))
    }
  }

  @Test("Sizes and padding are those of Padmé")
  func padding() throws {
    for vector in try Vectors.read("padme.json").cases {
      if vector.structure == "size" {
        #expect(Padme.size(Int(vector.facts!["length"]!)!) == Int(vector.facts!["size"]!)!)
      } else if vector.outcome == VectorCase.Outcome.accepted {
        #expect(try Hex.encode(Padding.unpad(vector.bytes)) == vector.facts?["plain"])
      } else {
        #expect(throws: CryptoError.self) { try Padding.unpad(vector.bytes) }
      }
    }
  }
}
