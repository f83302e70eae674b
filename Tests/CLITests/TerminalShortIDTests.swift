// SPDX-License-Identifier: AGPL-3.0-or-later
import Testing

@testable import mujawara

private struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func id() -> [UInt8] { (0..<16).map { _ in UInt8.random(in: 0...255, using: &self) } }
}

private func isLess(_ a: [UInt8], _ b: [UInt8]) -> Bool { a.lexicographicallyPrecedes(b) }

private func step(_ id: [UInt8], by direction: Int) -> [UInt8]? {
  var id = id
  for index in id.indices.reversed() {
    id[index] = id[index] &+ UInt8(truncatingIfNeeded: direction)
    if id[index] != (direction > 0 ? 0 : 255) { return id }
  }
  return nil
}

@Suite("Short ids are prefixes that an index can find")
struct TerminalShortIDTests {
  @Test("the alphabet: 27 symbols in order, no vowels, no look-alikes")
  func alphabet() {
    #expect(ShortID.alphabet.count == 27 && ShortID.alphabet == ShortID.alphabet.sorted())
    #expect(Set(ShortID.alphabet).isDisjoint(with: Array("aeiouyl01".utf8)))
  }

  @Test("fixed texts, so that ids never change")
  func fixed() {
    #expect(ShortID.text([UInt8](repeating: 0, count: 16), length: 4) == "2222")
    #expect(ShortID.text([UInt8](repeating: 255, count: 16), length: 6) == "zzzzzz")
    #expect(ShortID.text([0x80] + [UInt8](repeating: 0, count: 15), length: 4) == "hhhh")
  }

  @Test("the order of texts is the order of bytes", arguments: UInt64(0)..<20)
  func order(seed: UInt64) {
    var random = Seeded(state: seed)
    for length in 1...27 {
      let ids = (0..<50).map { _ in random.id() }.sorted(by: isLess)
      let texts = ids.map { ShortID.text($0, length: length) }
      #expect(texts.map { Array($0.utf8) }.elementsEqual(texts.map { Array($0.utf8) }.sorted(by: isLess)))
    }
  }

  @Test("a prefix's range holds exactly the ids that begin with it", arguments: UInt64(0)..<20)
  func range(seed: UInt64) throws {
    var random = Seeded(state: seed)
    let id = random.id()
    for length in 1...27 {
      let prefix = ShortID.text(id, length: length)
      let range = try #require(ShortID.range(prefix))
      #expect(!isLess(id, range.low) && !isLess(range.high, id))
      #expect(ShortID.text(range.low, length: length) == prefix)
      #expect(ShortID.text(range.high, length: length) == prefix)
      if let below = step(range.low, by: -1) { #expect(ShortID.text(below, length: length) != prefix) }
      if let above = step(range.high, by: 1) { #expect(ShortID.text(above, length: length) != prefix) }
    }
  }

  @Test("27 symbols tell neighbours apart")
  func longest() throws {
    var random = Seeded(state: 7)
    for _ in 0..<200 {
      let id = random.id()
      let next = try #require(step(id, by: 1))
      #expect(ShortID.text(id, length: 27) < ShortID.text(next, length: 27))
      #expect(ShortID.range(ShortID.text(id, length: 27))?.low == id)
    }
  }

  @Test("the empty prefix means all; other symbols and longer texts mean none")
  func edges() {
    let all = ShortID.range("")
    #expect(all?.low == [UInt8](repeating: 0, count: 16) && all?.high == [UInt8](repeating: 255, count: 16))
    for bad in ["a", "b4nl", "b 4", "١", String(repeating: "2", count: 28)] {
      #expect(ShortID.range(bad) == nil)
    }
    #expect(ShortID.range("B٤NZ")?.low == ShortID.range("b4nz")?.low)
    #expect(ShortID.range("ß") == nil && ShortID.range("é") == nil)
  }

  @Test("as long as needed to tell an id from its neighbours, at least 4")
  func unique() throws {
    let range = try #require(ShortID.range("b4nz7"))
    let other = try #require(ShortID.range("b4nz8"))
    #expect(ShortID.uniqueLength(range.low, previous: nil, next: nil) == 4)
    #expect(ShortID.uniqueLength(range.low, previous: nil, next: other.low) == 5)
    #expect(ShortID.uniqueLength(other.low, previous: range.high, next: ShortID.range("b4nz89")?.low) == 6)
    #expect(ShortID.uniqueLength(range.low, previous: range.low, next: nil) == 27)
  }
}
