import Testing

// SPDX-License-Identifier: AGPL-3.0-or-later
@testable import MujawaraCrypto

@Suite("Bundle headers")
struct BundleHeaderTests {
  @Test("a header of the second program opens to its stream key")
  func vector() throws {
    let v = try Vectors.structures()
    let header = try v.bytes("bundle_header")
    let found = try #require(
      try BundleHeader.open(header, candidates: [SecretBytes(random: 32), try v.secret("slot_key")]))
    #expect(found.index == 1)
    #expect(found.streamKey == (try v.secret("stream_key")))
  }

  @Test("opens with its key alone, in whichever slot it stands")
  func roundTrip() throws {
    let (key, stranger) = (SecretBytes(random: 32), SecretBytes(random: 32))
    for _ in 0..<60 {
      let made = BundleHeader.make(slotKey: key)
      #expect(made.bytes.count == BundleHeader.size)
      #expect(try BundleHeader.open(made.bytes, candidates: [stranger, key])?.streamKey == made.streamKey)
      #expect(try BundleHeader.open(made.bytes, candidates: [stranger]) == nil)
      #expect(try BundleHeader.open(made.bytes, candidates: []) == nil)
    }
  }

  @Test("the real slot is drawn anew each time")
  func randomSlot() throws {
    let key = SecretBytes(random: 32)
    var places = Set<Int>()
    for _ in 0..<150 {
      let header = BundleHeader.make(slotKey: key).bytes
      for slot in 0..<8 {
        let damaged = flipped(header, at: 32 + slot * 80 + 50)
        do {
          if try BundleHeader.open(damaged, candidates: [key]) == nil { places.insert(slot) }
        } catch {
          #expect(error == .notAuthentic)
        }
      }
    }
    #expect(places == Set(0..<8))
  }

  @Test("each byte counts, those of the other slots too")
  func flips() throws {
    let key = SecretBytes(random: 32)
    let header = BundleHeader.make(slotKey: key).bytes
    for index in header.indices {
      let opened = try? BundleHeader.open(flipped(header, at: index), candidates: [key])
      #expect(opened == nil)
    }
    for size in [0, 32, 703] {
      #expect(throws: CryptoError.wrongSize) {
        try BundleHeader.open(Array(header[..<size]), candidates: [key])
      }
    }
  }
}

@Suite("Sealed streams")
struct SecretStreamTests {
  let key = SecretBytes(random: 32)

  func seal(_ plaintext: [UInt8]) -> (header: [UInt8], chunks: [[UInt8]]) {
    let sealer = SecretStream.Sealer(key: key)
    var chunks: [[UInt8]] = []
    for start in stride(from: 0, through: plaintext.count, by: SecretStream.pieceSize) {
      chunks.append(
        sealer.push(Array(plaintext[start..<min(plaintext.count, start + SecretStream.pieceSize)])))
    }
    #expect(sealer.isFinished)
    return (sealer.header, chunks)
  }

  func open(_ header: [UInt8], _ chunks: [[UInt8]]) throws -> [UInt8] {
    let opener = try SecretStream.Opener(key: key, header: header)
    let plaintext = try chunks.flatMap { try opener.pull($0) }
    try opener.finish()
    return plaintext
  }

  @Test(
    "come back whole, in chunks of fixed size and a shorter last one",
    arguments: [
      0, 1, 65_535, 65_536, 65_537, 131_072, 200_000,
    ])
  func roundTrip(count: Int) throws {
    let plaintext = SecureRandom.bytes(count)
    let (header, chunks) = seal(plaintext)
    #expect(chunks.dropLast().allSatisfy { $0.count == 65_553 })
    #expect(chunks.last!.count < 65_553)
    let size = chunks.reduce(0) { $0 + $1.count }
    #expect(size == SecretStream.sealedSize(count) && SecretStream.plaintextSize(sealed: size) == count)
    #expect(try open(header, chunks) == plaintext)
  }

  @Test("sizes that no plaintext gives are known")
  func sizes() {
    for sealed in 0...140_000 {
      guard let plaintext = SecretStream.plaintextSize(sealed: sealed) else { continue }
      #expect(SecretStream.sealedSize(plaintext) == sealed)
    }
    #expect(SecretStream.plaintextSize(sealed: 16) == nil && SecretStream.plaintextSize(sealed: 17) == 0)
    #expect((65_553..<65_570).allSatisfy { SecretStream.plaintextSize(sealed: $0) == nil })
    #expect(
      (0...140_000).allSatisfy { SecretStream.plaintextSize(sealed: SecretStream.sealedSize($0)) == $0 })
  }

  @Test("cut, exchanged, repeated, left out or appended chunks are refused")
  func order() throws {
    let (header, chunks) = seal(SecureRandom.bytes(200_000))
    for cut in 0..<chunks.count {
      #expect(throws: CryptoError.streamCut) { try open(header, Array(chunks[..<cut])) }
    }
    for wrong in [
      [1, 0, 2, 3], [0, 0, 1, 2, 3], [0, 2, 3], [3], [0, 1, 3], [0, 1, 2, 3, 3], [0, 1, 2, 3, 0],
    ] {
      #expect(throws: CryptoError.self) { try open(header, wrong.map { chunks[$0] }) }
    }
    #expect(throws: CryptoError.notAuthentic) { try open(header, [Array(chunks[0].dropLast())]) }
    #expect(throws: CryptoError.wrongSize) { try open(header, [chunks[0] + [0]]) }
    #expect(throws: CryptoError.wrongSize) { try open(header, [[UInt8](repeating: 0, count: 16)]) }
    #expect(throws: CryptoError.wrongSize) { try open(Array(header.dropLast()), chunks) }
    let other = seal([1, 2, 3])
    #expect(throws: CryptoError.notAuthentic) { try open(header, other.chunks) }
  }

  @Test("a stream of the second program opens")
  func vector() throws {
    let v = try Vectors.structures()
    let opener = try SecretStream.Opener(key: try v.secret("slot_key"), header: try v.bytes("stream_header"))
    let piece = try opener.pull(try v.bytes("stream_chunk"))
    #expect(piece == Array("the last piece".utf8) && opener.isFinished)
  }

  @Test("an authentic chunk whose tag doesn't go with its size is refused")
  func tags() throws {
    let (full, short) = (
      [UInt8](repeating: 1, count: SecretStream.pieceSize), [UInt8](repeating: 2, count: 9)
    )
    for (piece, right) in [(full, StreamState.message), (short, StreamState.final)] {
      for tag: UInt8 in 0...3 {
        let sealer = SecretStream.Sealer(key: key)
        let opener = try SecretStream.Opener(key: key, header: sealer.header)
        let chunk = sealer.push(piece, tag: tag)
        if tag == right {
          #expect(try opener.pull(chunk) == piece)
        } else {
          #expect(throws: CryptoError.notAuthentic) { try opener.pull(chunk) }
        }
      }
    }
  }

  @Test("an authentic chunk after the final one is refused")
  func afterFinal() throws {
    let sealer = SecretStream.Sealer(key: key)
    let opener = try SecretStream.Opener(key: key, header: sealer.header)
    let chunks = (0..<2).map { _ in sealer.push([1, 2], tag: StreamState.final) }
    #expect(try opener.pull(chunks[0]) == [1, 2])
    #expect(throws: CryptoError.streamCut) { try opener.pull(chunks[1]) }
  }

  @Test("each byte counts")
  func flips() throws {
    let (header, chunks) = seal(SecureRandom.bytes(100))
    for index in chunks[0].indices {
      #expect(throws: CryptoError.notAuthentic) { try open(header, [flipped(chunks[0], at: index)]) }
    }
    for index in header.indices {
      #expect(throws: CryptoError.notAuthentic) { try open(flipped(header, at: index), chunks) }
    }
  }

  @Test("an opener that met a bad chunk is of no more use")
  func broken() throws {
    let (header, chunks) = seal([1, 2, 3])
    let opener = try SecretStream.Opener(key: key, header: header)
    #expect(throws: CryptoError.notAuthentic) { try opener.pull(flipped(chunks[0], at: 0)) }
    #expect(throws: CryptoError.outOfTurn) { try opener.pull(chunks[0]) }
    #expect(throws: CryptoError.streamCut) { try opener.finish() }
  }
}
