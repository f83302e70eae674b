// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto
import SyncEngine
import Testing

@Suite("A damaged bundle") struct BundleDamageTests {
  /// A bundle of several chunks, and someone who hasn't read it.
  private func setting() throws -> (bundle: [UInt8], reader: TestPlace, writer: TestPlace) {
    let (a, b) = try neighbours()
    for number in 0..<60 { try a.write(String(repeating: "q", count: 5_000) + "\(number)") }
    return (try a.bundle(), b, a)
  }

  private func error(_ place: TestPlace, _ bundle: [UInt8]) -> BundleError? {
    do {
      try place.read(bundle)
      return nil
    } catch { return error as? BundleError }
  }

  @Test func `is refused as a whole wherever a bit is wrong`() throws {
    let (bundle, b, _) = try setting()
    let (frontier, digest) = (try b.frontier(), try b.digest())
    var random = Seeded(3)
    let offsets =
      [0, 31, 32, 64, 671, 672, 703, 704, 727, 728, bundle.count - 1]
      + (0..<200).map { _ in
        random.below(bundle.count)
      }
    for offset in offsets {
      var changed = bundle
      changed[offset] ^= 1 << UInt8(random.below(8))
      let error = error(b, changed)
      if offset >= 728 {
        #expect(error == .damaged(at: 728 + (offset - 728) / 65_553 * 65_553))
      } else if offset >= 704 {
        #expect(error == .damaged(at: 728))
      } else {
        #expect(error == .damaged(at: 0) || error == .noKey)
      }
    }
    #expect(try b.frontier() == frontier && b.digest() == digest)
    #expect(try b.read(bundle).received.new == 60)
  }

  @Test func `is refused as a whole wherever it ends too soon`() throws {
    let (bundle, b, _) = try setting()
    var random = Seeded(4)
    let sizes =
      [0, 1, 703, 704, 727, 728, 729, 728 + 65_553, 65_536, bundle.count - 1]
      + (0..<100).map { _ in
        random.below(bundle.count)
      }
    let frontier = try b.frontier()
    for size in sizes {
      let error = error(b, Array(bundle[..<size]))
      if size < 728 {
        #expect(error == .notABundle)
      } else if !BundleSealer.isPossible(size: size) {
        #expect(error == .truncated, "\(size) bytes")
      } else {
        #expect(error != nil)
      }
    }
    #expect(try b.frontier() == frontier)
  }

  @Test func `is refused with anything after its end`() throws {
    let (bundle, b, _) = try setting()
    for extra in [1, 17, 65_553] {
      let error = error(b, bundle + [UInt8](repeating: 0, count: extra))
      let last = 728 + (bundle.count - 728) / 65_553 * 65_553
      #expect(error == .truncated || error == .damaged(at: last) || error == .damaged(at: bundle.count))
    }
  }

  @Test func `gives its intact beginning if asked to, and no receipt`() throws {
    let (bundle, b, a) = try setting()
    let cut = try b.read(Array(bundle[..<(bundle.count / 2)]), takingIntactPart: true)
    #expect(!cut.info.isWhole && cut.hasGenuineReceipt == nil)
    #expect(cut.received.new > 10 && cut.received.new < 60)
    #expect(!cut.missing.isEmpty || cut.received.waiting == 0)
    var changed = bundle
    changed[bundle.count * 3 / 4] ^= 1
    let more = try b.read(changed, takingIntactPart: true)
    #expect(more.received.new > 0 && !more.info.isWhole)
    let rest = try b.read(bundle, takingIntactPart: true)
    #expect(rest.info.isWhole && cut.received.new + more.received.new + rest.received.new == 60)
    #expect(try a.digest() == b.digest())
  }
}

@Suite("What isn't a bundle for this replica") struct BundleStrangerTests {
  @Test func `of another network opens to none of its keys`() throws {
    let (a, _) = try neighbours()
    let other = try TestPlace(named: "elsewhere")
    #expect(throws: BundleError.noKey) { try other.read(try a.bundle()) }
  }

  @Test func `is told apart by its size alone`() throws {
    let (a, _) = try neighbours()
    for size in [0, 100, 65_535, 65_537, 100_001] {
      #expect(throws: BundleError.notABundle) { try a.read(SecureRandom.bytes(size)) }
    }
    for size in [65_536, 131_072] {
      #expect(throws: BundleError.noKey) { try a.read(SecureRandom.bytes(size)) }
    }
  }

  private func sealed(_ place: TestPlace, _ frames: [[UInt8]], changes: UInt64 = 0) throws -> [UInt8] {
    let buffer = ByteBuffer()
    var sealer = try BundleSealer(
      key: BundleKey.current(of: place.commons, in: place.replica).secret, sink: buffer)
    for frame in frames { try sealer.write(frame) }
    _ = try sealer.finish(changes: changes)
    return buffer.bytes
  }

  private func head(_ place: TestPlace, network: NetworkID? = nil) -> [UInt8] {
    let replica = place.replica
    let receipt = BundleHead.Receipt(
      network: network ?? replica.network, anchorID: replica.anchorID, maker: replica.deviceID, made: 0,
      frontiers: [], contents: [], key: replica.keys.sign)
    return Frame.bhead(BundleHead(purpose: .sync, made: 0, receipt: receipt)).encoded()
  }

  private func error(_ place: TestPlace, _ bundle: [UInt8]) -> BundleError? {
    do {
      try place.read(bundle)
      return nil
    } catch { return error as? BundleError }
  }

  private func isMalformed(_ error: BundleError?) -> Bool {
    if case .malformed = error { true } else { false }
  }

  @Test func `of a newer program is said to be so`() throws {
    let (a, _) = try neighbours()
    let later = Frame.encoded(type: 0x0e, payload: [0xa2, 1, 9, 9, 3])
    #expect(error(a, try sealed(a, [later])) == .newerVersion)
    let unknown = Frame.unknown(type: 0x90, payload: [0]).encoded()
    #expect(error(a, try sealed(a, [head(a), unknown])) == .newerVersion)
    let optional = Frame.unknown(type: 0x50, payload: [0]).encoded()
    #expect(error(a, try sealed(a, [head(a), optional])) == nil)
  }

  @Test func `of a member who claims another network is refused`() throws {
    let (a, _) = try neighbours()
    #expect(error(a, try sealed(a, [head(a, network: .zero)])) == .otherNetwork)
  }

  @Test func `with frames out of their order is refused`() throws {
    let (a, b) = try neighbours()
    let governance = try a.changes(in: .governance)[0]
    let run = Frame.changes(
      Run(
        space: .zero, author: governance.header.author, incarnation: governance.header.incarnation,
        firstSeq: 1,
        entries: [RunEntry(governance, previousStamp: 0)])
    ).encoded()
    let content = try #require(a.changes(in: .commons).first)
    let other = Frame.changes(
      Run(
        space: a.commons, author: content.header.author, incarnation: content.header.incarnation, firstSeq: 1,
        entries: [RunEntry(content, previousStamp: 0)])
    ).encoded()
    let pad = Frame.pad(3).encoded()
    #expect(isMalformed(error(b, try sealed(a, [run], changes: 1))), "no BHEAD")
    #expect(isMalformed(error(b, try sealed(a, [head(a), head(a)]))), "BHEAD twice")
    #expect(isMalformed(error(b, try sealed(a, [head(a), pad, run], changes: 1))), "CHANGES after PAD")
    #expect(isMalformed(error(b, try sealed(a, [head(a), other, run], changes: 2))), "governance last")
    #expect(isMalformed(error(b, try sealed(a, [head(a), run], changes: 2))), "a wrong count")
    #expect(
      isMalformed(error(b, try sealed(a, [head(a), Frame.end(changes: 0).encoded(), pad]))), "PAD after END")
    #expect(isMalformed(error(b, try sealed(a, [head(a), Frame.ping.encoded()]))), "a session's frame")
    #expect(isMalformed(error(b, try sealed(a, [head(a), [0x07, 0xff, 0xff, 0xff, 0xff]]))), "a huge frame")
    #expect(error(b, try sealed(a, [head(a), run, other], changes: 2)) == nil)
  }

  @Test func `with another's receipt is taken, and its receipt isn't believed`() throws {
    let (a, b) = try neighbours()
    try a.write("x")
    let replica = a.replica
    let receipt = BundleHead.Receipt(
      network: replica.network, anchorID: replica.anchorID, maker: replica.deviceID, made: 0,
      frontiers: [.init(space: a.commons, tips: [.init(log: ID16(high: 1, low: 1), seq: 9, id: .zero)])],
      contents: [], key: b.replica.keys.sign)
    let frame = Frame.bhead(BundleHead(purpose: .sync, made: 0, receipt: receipt)).encoded()
    #expect(try b.read(try sealed(a, [frame])).hasGenuineReceipt == false)
    #expect(try b.replica.known(of: replica.deviceID).held.seqs[ID16(high: 1, low: 1)] == nil)
  }
}
