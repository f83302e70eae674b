// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto
import Testing

@testable import SyncEngine

/// One structure of protocol.md: how to make one, and decode∘encode.
struct WireStructure: Sendable, CustomTestStringConvertible {
  let name: String
  let sample: @Sendable (inout WireSeeded) -> [UInt8]
  let recode: @Sendable ([UInt8]) throws -> [UInt8]
  var testDescription: String { name }

  static let all: [WireStructure] = [
    .init(name: "cbor") { $0.tree(depth: 5).encoded() } recode: { try CBOR(decoding: $0).encoded() },
    .init(name: "any item, passed over") { $0.tree(depth: 5).encoded() } recode: {
      var reader = CBORReader($0)
      let raw = try reader.skip()
      try reader.finish()
      return raw
    },
    .init(name: "value") { $0.value().encoded() } recode: {
      var reader = CBORReader($0)
      let value = try Value(decoding: &reader)
      try reader.finish()
      return value.encoded()
    },
    .init(name: "header") { $0.header().encoded() } recode: { try ChangeHeader(decoding: $0).encoded() },
    .init(name: "envelope") { $0.envelope() } recode: { try Change(envelope: $0, network: .zero).envelope() },
    .init(name: "content") { $0.content().encoded() } recode: { try Content(decoding: $0).encoded() },
    .init(name: "governance") { $0.governanceBody().encoded() } recode: {
      try GovernanceBody(decoding: $0).encoded()
    },
    .init(name: "key change") { $0.keyChange().encoded() } recode: {
      try KeyChangeBody(decoding: $0).encoded()
    },
    .init(name: "key roster") { $0.roster().encoded() } recode: { try KeyRoster(decoding: $0).encoded() },
    .init(name: "run") { $0.run().encoded() } recode: { try Run(decoding: $0).encoded() },
    .init(name: "bundle head") { $0.bundleHead().encoded() } recode: {
      try BundleHead(decoding: $0).encoded()
    },
    .init(name: "frame") { $0.frame().encoded() } recode: { bytes in
      var decoder = FrameDecoder()
      decoder.feed(bytes)
      var frames: [UInt8] = []
      while let frame = try decoder.next() { frames += frame.encoded() }
      try decoder.finish()
      return frames
    },
  ]

  /// Whether the decoder took the bytes; it may refuse them by its one error, and must keep what it takes.
  func takes(_ bytes: [UInt8]) throws -> Bool {
    let again: [UInt8]
    do { again = try recode(bytes) } catch is SyncEngine.DecodingError { return false }
    #expect(again == bytes, "\(name): \(Hex.encode(bytes)) came back as \(Hex.encode(again))")
    return true
  }
}

extension WireSeeded {
  fileprivate mutating func envelope() -> [UInt8] {
    let ciphertext = bytes(below(60))
    var header = header()
    header.ctLength = UInt64(ciphertext.count)
    header.cum = header.seq == 1 ? header.ctLength : header.cum + header.ctLength
    let key = SigningKey(seed: SecretBytes(copying: bytes(32)))
    return Change(header: header, ciphertext: ciphertext, network: .zero, key: key).envelope()
  }
}

@Suite("Wire: every structure") struct WireLaws {
  @Test("What is encoded decodes, and encodes to the same bytes", arguments: WireStructure.all)
  func roundTrip(_ structure: WireStructure) throws {
    for seed in 0..<300 {
      var seeded = WireSeeded(UInt64(seed))
      let bytes = structure.sample(&seeded)
      #expect(try structure.recode(bytes) == bytes)
    }
  }

  @Test("A byte changed anywhere is refused or kept as it is", arguments: WireStructure.all)
  func mutation(_ structure: WireStructure) throws {
    for seed in 0..<8 {
      var seeded = WireSeeded(1000 + UInt64(seed))
      let bytes = structure.sample(&seeded)
      for place in bytes.indices {
        for bit in 0..<8 {
          var changed = bytes
          changed[place] ^= 1 << UInt8(bit)
          _ = try structure.takes(changed)
        }
        for value in [0, 1, 23, 24, UInt8(truncatingIfNeeded: seeded.next())] {
          var changed = bytes
          changed[place] = value
          _ = try structure.takes(changed)
        }
      }
    }
  }

  @Test("A byte put in or taken out is refused or kept as it is", arguments: WireStructure.all)
  func shift(_ structure: WireStructure) throws {
    for seed in 0..<12 {
      var seeded = WireSeeded(2000 + UInt64(seed))
      let bytes = structure.sample(&seeded)
      for place in bytes.indices {
        var longer = bytes
        longer.insert(UInt8(truncatingIfNeeded: seeded.next()), at: place)
        _ = try structure.takes(longer)
        var shorter = bytes
        shorter.remove(at: place)
        _ = try structure.takes(shorter)
      }
    }
  }

  @Test("Cut bytes and leftover bytes are refused", arguments: WireStructure.all)
  func cut(_ structure: WireStructure) throws {
    for seed in 0..<20 {
      var seeded = WireSeeded(3000 + UInt64(seed))
      let bytes = structure.sample(&seeded)
      for length in 1..<max(1, bytes.count) {
        #expect(try !structure.takes(Array(bytes[..<length])), "\(structure.name) cut at \(length)")
      }
      #expect(try !structure.takes(bytes + [0]))
    }
  }

  @Test("Random bytes never trap", arguments: WireStructure.all)
  func noise(_ structure: WireStructure) throws {
    for seed in 0..<4000 {
      var seeded = WireSeeded(4000 + UInt64(seed))
      _ = try structure.takes(seeded.bytes(seeded.below(64)))
    }
  }

  @Test("Two structures spliced never trap", arguments: WireStructure.all)
  func splice(_ structure: WireStructure) throws {
    for seed in 0..<300 {
      var seeded = WireSeeded(9000 + UInt64(seed))
      let one = structure.sample(&seeded)
      let other = structure.sample(&seeded)
      guard !one.isEmpty, !other.isEmpty else { continue }
      _ = try structure.takes(Array(one[..<seeded.below(one.count)] + other[seeded.below(other.count)...]))
    }
  }
}
