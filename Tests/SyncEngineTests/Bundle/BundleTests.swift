// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Foundation
import MujawaraCrypto
import SyncEngine
import Testing

extension TestPlace {
  /// A bundle in memory, for the readers of commons.
  func bundle(held: Held = [:], spaces: [SpaceID]? = nil) throws -> [UInt8] {
    let buffer = ByteBuffer()
    _ = try BundleWriter.write(
      to: buffer, from: replica, spaces: spaces ?? [commons], held: held,
      key: .current(of: commons, in: replica))
    return buffer.bytes
  }

  @discardableResult
  func read(_ bundle: [UInt8], takingIntactPart: Bool = false) throws -> BundleReport {
    try BundleReader.read(
      ByteBuffer(bundle), into: replica, keys: nil, takingIntactPart: takingIntactPart, progress: { _ in })
  }

  /// How far it holds every log that it knows.
  func held() throws -> Held {
    var held = try frontier(.zero).held
    held.merge(try frontier().held)
    return held
  }
}

@Suite("A bundle") struct BundleTests {
  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `brings what a session would`(seed: UInt64) throws {
    let (a, b) = try neighbours()
    var worker = Worker(seed: seed)
    for _ in 0..<3 {
      try worker.work(at: a, changes: worker.random.below(60))
      try worker.work(at: b, changes: worker.random.below(60))
      let lead = try a.lead(over: b)
      let report = try b.read(try a.bundle(held: try b.held()))
      #expect(report.received.new == lead && report.received.known == 0)
      #expect(report.missing.isEmpty && report.info.isWhole)
      try a.read(try b.bundle())
      #expect(try a.digest() == b.digest())
      #expect(try a.frontier() == b.frontier())
    }
  }

  @Test func `read twice changes nothing the second time`() throws {
    let (a, b) = try neighbours()
    for number in 0..<20 { try a.write("\(number)") }
    let bundle = try a.bundle()
    let first = try b.read(bundle)
    let (frontier, digest) = (try b.frontier(), try b.digest())
    let second = try b.read(bundle)
    #expect(first.received.new == 20)
    #expect(second.received.new == 0)
    #expect(second.received.known == first.received.new + first.received.known)
    #expect(try b.frontier() == frontier && b.digest() == digest)
  }

  @Test func `says who made it and what it holds`() throws {
    let (a, b) = try neighbours()
    a.clock.now += 61_234
    try a.write("x")
    let bundle = try a.bundle(held: try b.held())
    let report = try b.read(bundle)
    #expect(report.info.maker == a.replica.deviceID)
    #expect(report.info.head.made == a.clock.now - a.clock.now % 60_000)
    #expect(report.info.size == bundle.count && report.info.changes == 1)
    let tip = try #require(try a.frontier().entries.first { $0.author == a.replica.keys.card.signingKey })
    #expect(report.info.contents == [.init(space: a.commons, log: tip.log, first: tip.seq, last: tip.seq)])
    #expect(report.hasGenuineReceipt == true)
    #expect(try b.replica.known(of: a.replica.deviceID).held.seqs[tip.log] == tip.seq)
  }

  @Test func `in any order waits for what is missing, and names it`() throws {
    let (a, b) = try neighbours()
    let before = try b.held()
    var parts: [[UInt8]] = []
    var held = before
    for part in 0..<3 {
      for number in 0..<4 { try a.write("\(part) \(number)") }
      parts.append(try a.bundle(held: held))
      held = try a.held()
    }
    let log = try #require(try a.frontier().entries.first { $0.author == a.replica.keys.card.signingKey })
    let start = before.seqs[log.log]!

    let last = try b.read(parts[2])
    #expect(last.received.waiting == 4 && last.received.new == 0)
    let missing = MissingRange(
      space: a.commons, log: log.log, author: log.author, first: start + 1, last: start + 8)
    #expect(last.missing == [missing])

    let first = try b.read(parts[0])
    #expect(first.received.new == 4 && first.missing.isEmpty)
    let again = try b.read(parts[2])
    #expect(again.missing.map(\.first) == [start + 5] && again.missing.map(\.last) == [start + 8])

    let middle = try b.read(parts[1])
    #expect(middle.received.new == 8 && middle.missing.isEmpty)
    #expect(try a.digest() == b.digest())
  }

  @Test func `names the logs of others that its changes build on`() throws {
    let (a, b) = try neighbours()
    let c = try TestPlace(joining: a, named: "C")
    for place in [b, c] { #expect(sync(place, a).converged) }
    let held = try b.held()
    try c.write("c's")
    #expect(sync(c, a).converged)
    try a.write("on top of c's")
    let mine = try #require(try a.frontier().entries.first { $0.author == a.replica.keys.card.signingKey })
    let theirs = try #require(try a.frontier().entries.first { $0.author == c.replica.keys.card.signingKey })
    var more = held
    more.merge(Held(seqs: [theirs.log: theirs.seq], tips: [theirs.tip]))
    let report = try b.read(try a.bundle(held: more))
    #expect(report.received.waiting == 1)
    #expect(
      report.missing == [
        MissingRange(
          space: a.commons, log: theirs.log, author: held.seqs[theirs.log] == nil ? nil : theirs.author,
          first: held.seqs[theirs.log, default: 0] + 1, last: theirs.seq)
      ])
    #expect(mine.seq > held.seqs[mine.log]!)
  }

  @Test func `shows no id, key or name`() throws {
    let (a, b) = try neighbours()
    try a.write("the key hangs behind the oven")
    let texts = ["behind the oven", "Ahl el-Hara", "Backerei", "mujawara", "CBOR"]
    let bundles = [try a.bundle(), try a.bundle()]
    for secret in try secrets(of: [a, b], texts: texts) {
      for bundle in bundles { #expect(!contains(bundle, secret)) }
    }
    for start in stride(from: 0, to: 4_096, by: 16) {
      #expect(!contains(bundles[1], Array(bundles[0][start..<start + 16])))
    }
  }

  @Test func `for a place's own space opens to that place alone`() throws {
    let (a, b) = try neighbours()
    let second = try TestPlace(joining: a, named: "A", asDevice: true)
    #expect(sync(second, a).converged)
    try a.write("for us", to: a.home)
    let buffer = ByteBuffer()
    _ = try BundleWriter.write(
      to: buffer, from: a.replica, spaces: [a.commons, a.home], held: [:],
      key: .current(of: a.home, in: a.replica))
    #expect(throws: BundleError.noKey) { try b.read(buffer.bytes) }
    try second.read(buffer.bytes)
    #expect(try second.replica.snapshot(of: a.home).digest == a.replica.snapshot(of: a.home).digest)
  }

  @Test func `of many changes is taken in batches, all of them`() throws {
    let (a, b) = try neighbours()
    for number in 0..<100 { try a.write(String(repeating: "v", count: 30_000) + "\(number)") }
    let bundle = try a.bundle()
    #expect(bundle.count > 3_000_000)
    #expect(try b.read(bundle).received.new == 100)
    #expect(try a.digest() == b.digest())
  }
}

@Suite("A bundle's size") struct BundleSizeTests {
  @Test func `is a Padmé value from 65,536 on, whatever it holds`() throws {
    var random = Seeded(5)
    let key = SecretBytes(random: 32)
    let sizes =
      [0, 1, 64_770, 64_786, 64_791, 65_536, 65_553, 131_000] + (0..<60).map { _ in random.below(3_000_000) }
    for size in sizes {
      let buffer = ByteBuffer()
      var sealer = try BundleSealer(key: key, sink: buffer)
      var left = size
      while left > 5 {
        let payload = min(left - 5, 1_000_000)
        try sealer.write(.pad(payload))
        left -= payload + 5
      }
      #expect(try sealer.finish(changes: 0) == buffer.count)
      #expect(buffer.count >= 65_536 && Padme.size(buffer.count) == buffer.count)
      #expect(BundleSealer.isPossible(size: buffer.count))
      #expect(buffer.count <= max(65_536, (size + size / 65_536 * 17 + 800) * 109 / 100))
    }
  }

  @Test func `leaves room for a whole frame of padding or for none`() {
    for needed in Array(0..<200) + Array(64_000..<66_000) + Array(130_000..<134_000) {
      let plaintext = BundleSealer.paddedPlaintext(needed)
      #expect(plaintext == needed || plaintext >= needed + 5)
    }
    for bytes in Array(5..<20) + Array(1_048_570..<1_048_600) + [2_097_162, 2_097_163, 10_000_000] {
      let frames = BundleSealer.paddingFrames(bytes)
      #expect(frames.allSatisfy { (0...1_048_576).contains($0) })
      #expect(frames.reduce(0) { $0 + $1 + 5 } == bytes)
    }
    #expect(BundleSealer.paddingFrames(0).isEmpty)
  }
}
