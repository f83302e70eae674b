// SPDX-License-Identifier: AGPL-3.0-or-later
import Testing

@testable import SyncEngine

@Suite("Wire: frames and runs") struct WireFrameTests {
  @Test("A stream gives the same frames however it is cut")
  func cutting() throws {
    for seed in 0..<40 {
      var seeded = WireSeeded(UInt64(seed))
      let frames = seeded.many(1...8) { $0.frame() }
      let stream = frames.flatMap { $0.encoded() }
      var decoder = FrameDecoder()
      var out: [Frame] = []
      var place = 0
      while place < stream.count {
        let stop = min(stream.count, place + 1 + seeded.below(40))
        decoder.feed(stream[place..<stop])
        place = stop
        while let frame = try decoder.next() { out.append(frame) }
      }
      try decoder.finish()
      #expect(out == frames)
    }
  }

  @Test("A length over the limit is refused before its payload comes")
  func bound() throws {
    var decoder = FrameDecoder()
    decoder.feed([0x07, 0x00, 0x10, 0x00, 0x00])
    #expect(try decoder.next() == nil)
    var other = FrameDecoder()
    other.feed([0x07, 0x00, 0x10, 0x00, 0x01])
    #expect(throws: SyncEngine.DecodingError.self) { try other.next() }
  }

  @Test("A count that the bytes can't hold is refused without room being made for it")
  func claimedCounts() {
    let claims: [[UInt8]] = [
      [0x9b, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff],
      [0xbb, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      [0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      [0x7b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      [0x9a, 0xff, 0xff, 0xff, 0xff, 0x00],
    ]
    for claim in claims {
      #expect(throws: SyncEngine.DecodingError.truncated(at: 0)) { try CBOR(decoding: claim) }
    }
  }

  @Test("A log sent as a run rebuilds to the same changes, from its start and from the middle")
  func rebuilding() throws {
    let world = WireWorld()
    let log = world.longLog
    let whole = wireRun(log, from: 0)
    #expect(try Run(decoding: whole.encoded()).rebuild(network: world.network) == log)
    for start in 1..<log.count {
      let base = base(log, before: start)
      var part = wireRun(log, from: start)
      #expect(try part.rebuild(network: world.network, after: base) == Array(log[start...]))
      #expect(throws: RunError.noBase) { try part.rebuild(network: world.network) }
      part.base = base
      #expect(try Run(decoding: part.encoded()).rebuild(network: world.network) == Array(log[start...]))
    }
  }

  @Test("Heads that the receiver can find in a LIST travel as its places")
  func listedHeads() throws {
    let world = WireWorld()
    let log = world.longLog
    let heads = Array(Set(log.flatMap(\.header.heads))).sorted()
    #expect(!heads.isEmpty)
    let short = wireRun(log, from: 0) { heads.firstIndex(of: $0) }
    #expect(short.encoded().count + 30 * heads.count <= wireRun(log, from: 0).encoded().count)
    #expect(try short.rebuild(network: world.network) { heads[$0] } == log)
    #expect(throws: RunError.self) { try short.rebuild(network: world.network) }
  }

  @Test("An entry's bound is never below what it takes")
  func bounds() {
    for seed in 0..<300 {
      var seeded = WireSeeded(500 + UInt64(seed))
      for entry in seeded.run().entries {
        var writer = CBORWriter()
        entry.encode(into: &writer)
        #expect(writer.bytes.count <= entry.byteBound)
      }
    }
  }

  @Test("Hostile steps and sums don't overflow")
  func overflow() throws {
    let huge = RunBase(prev: .zero, stamp: Limits.number, cum: Limits.number, epoch: .zero, gov: [])
    let entry = RunEntry(
      stampStep: Limits.number, heads: [], nonce: [UInt8](repeating: 0, count: 24), ciphertext: .bytes([1]),
      signature: [UInt8](repeating: 0, count: 64))
    let run = Run(
      space: ID16(high: 1, low: 1), author: .zero, incarnation: 0, firstSeq: Limits.seq, entries: [entry])
    #expect(throws: RunError.self) { try run.rebuild(network: .zero, after: huge) }
    var longer = run
    longer.entries.append(entry)
    #expect(throws: SyncEngine.DecodingError.self) { try Run(decoding: longer.encoded()) }
  }

  private func base(_ log: [Change], before start: Int) -> RunBase {
    log[..<start].reduce(nil) { RunBase(after: $1, following: $0) }!
  }
}
