// SPDX-License-Identifier: AGPL-3.0-or-later

import Testing

@_spi(Simulation) import MujawaraCrypto

@Suite("Seeded randomness") struct SeededRandomnessTests {
  private func draw(_ seed: UInt64) -> [UInt8] {
    SeededRandomness.draw(from: seed) { SecureRandom.bytes(40) + DeviceKeys.generate().card.sign }
  }

  @Test func `gives the same keys and nonces for the same seed`() {
    #expect(draw(1) == draw(1))
    #expect(draw(1) != draw(2))
  }

  @Test func `goes on where it was after another was drawn from within it`() {
    let plain = SeededRandomness.draw(from: 5) { [SecureRandom.bytes(8), SecureRandom.bytes(8)] }
    let broken = SeededRandomness.draw(from: 5) {
      let first = SecureRandom.bytes(8)
      _ = draw(6)
      return [first, SecureRandom.bytes(8)]
    }
    #expect(plain == broken)
  }

  @Test func `ends with the work it was for`() {
    _ = draw(1)
    #expect(SecureRandom.bytes(32) != SecureRandom.bytes(32))
    let one = SeededRandomness.draw(from: 1) { SecureRandom.bytes(32) }
    #expect(SecureRandom.bytes(32) != one)
  }

  @Test func `leaves other threads the system's`() async {
    let seeded = draw(1)
    let other = await Task.detached { SecureRandom.bytes(40) }.value
    #expect(Array(seeded.prefix(40)) != other)
  }
}
