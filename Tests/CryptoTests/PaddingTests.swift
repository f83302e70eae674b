// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import Testing

@Suite("Padding")
struct PaddingTests {
  @Test("Padmé adds at most 12 %, ascends, and keeps what it gave")
  func padme() {
    var last = 0
    for length in 2...70_000 {
      let size = Padme.size(length)
      #expect(size >= length && Double(size) <= Double(length) * 1.12)
      #expect(size >= last && Padme.size(size) == size)
      last = size
    }
    for exponent in 17...40 {
      let length = 1 << exponent + 1
      #expect(
        Double(Padme.size(length)) <= Double(length) * 1.04 && Padme.size(1 << exponent) == 1 << exponent)
    }
    #expect(
      [2, 3, 9, 64, 65, 100, 301, 1_000, 65_537].map(Padme.size) == [
        2, 3, 10, 64, 72, 104, 304, 1_024, 67_584,
      ])
  }

  @Test("gives few sizes")
  func sizes() {
    #expect(Set((0...70_000).map(Padding.paddedSize)).count == 148)
  }

  @Test("comes off again, for every length up to 70,000")
  func roundTrip() throws {
    var random = SplitMix64(state: 2)
    let bytes = random.bytes(70_000)
    var failures = 0
    for length in 0...70_000 where length < 3_000 || length % 37 == 0 || length > 69_990 {
      let padded = Padding.pad(Array(bytes[..<length]))
      let isRight = padded.count == Padding.paddedSize(length) && padded.count >= 64
      if !isRight || (try? Padding.unpad(padded)) != Array(bytes[..<length]) { failures += 1 }
    }
    #expect(failures == 0)
    #expect((0...70_000).allSatisfy { Padding.paddedSize($0) == Padme.size(max(64, $0 + 1)) })
  }

  @Test("data that ends in 0x80 or zero bytes comes back whole")
  func tails() throws {
    for tail: [UInt8] in [[0x80], [0], [0x80, 0], [0, 0x80], [0x80, 0x80], []] {
      for length in [0, 1, 60, 61, 62, 63, 64, 1_000] {
        let bytes = [UInt8](repeating: 7, count: length) + tail
        #expect(try Padding.unpad(Padding.pad(bytes)) == bytes)
      }
    }
  }

  @Test("anything that pad doesn't give is refused")
  func refusals() {
    let good = Padding.pad([1, 2, 3])
    let bad: [[UInt8]] = [
      [], [0x80], [UInt8](repeating: 0, count: 64), good + [0], Array(good.dropLast()),
      [1, 2, 3] + [UInt8](repeating: 0, count: 61), [UInt8](repeating: 1, count: 64),
      flipped(good, at: 63), flipped(good, at: 3), Padding.pad([UInt8](repeating: 1, count: 64)) + [0],
      [0x80] + [UInt8](repeating: 0, count: 71),
    ]
    for bytes in bad { #expect(throws: CryptoError.badPadding) { try Padding.unpad(bytes) } }
  }
}
