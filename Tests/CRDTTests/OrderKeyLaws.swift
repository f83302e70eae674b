// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

@Suite("Order keys") struct OrderKeyLaws {
  static let tags = (0..<5).map { RunTag(UInt8($0 * 40), 7, UInt8($0)) }

  @Test func `a key made between two others stands between them`() throws {
    for seed in UInt64(1)...300 {
      var random = Seeded(seed)
      var keys: [OrderKey] = []
      for _ in 0..<80 {
        let place = random.chance(30) ? random.pick([0, keys.count]) : random.below(keys.count + 1)
        let lower = place > 0 ? keys[place - 1] : nil
        let upper = place < keys.count ? keys[place] : nil
        let key = try #require(OrderKey.between(lower, upper, tag: random.pick(Self.tags)))
        if let lower { #expect(lower < key) }
        if let upper { #expect(key < upper) }
        #expect(OrderKey(bytes: key.bytes) == key)
        keys.insert(key, at: place)
        if random.chance(30) { keys.remove(at: random.below(keys.count)) }
      }
    }
  }

  @Test func `there is no room between equal keys or backwards`() throws {
    let first = try #require(OrderKey.between(nil, nil, tag: Self.tags[0]))
    let second = try #require(OrderKey.between(first, nil, tag: Self.tags[0]))
    #expect(OrderKey.between(first, first, tag: Self.tags[0]) == nil)
    #expect(OrderKey.between(second, first, tag: Self.tags[0]) == nil)
  }

  @Test func `the bytes are those of the documented form`() {
    let first = OrderKey.between(nil, nil, tag: RunTag(1, 2, 3))
    #expect(first?.bytes == [0x80, 0, 1, 2, 3, 0x80])
    #expect(OrderKey.between(first, nil, tag: RunTag(1, 2, 3))?.bytes == [0x80, 0, 1, 2, 3, 0x81])
    #expect(OrderKey.between(nil, first, tag: RunTag(1, 2, 3))?.bytes == [0x80, 0, 1, 2, 3, 0x7F])
    let next = OrderKey.between(first, nil, tag: RunTag(4, 5, 6))
    #expect(next?.bytes == [0x81, 0, 4, 5, 6, 0x80])
    #expect(OrderKey.between(nil, first, tag: RunTag(4, 5, 6))?.bytes == [0x7F, 0, 4, 5, 6, 0x80])
    #expect(OrderKey.between(first, next, tag: RunTag(7, 8, 9))?.bytes == [0x80, 128, 0, 7, 8, 9, 0x80])
  }

  @Test(arguments: [
    ([], "empty"),
    ([0x80, 0, 1, 2, 3], "no counter"),
    ([0x80, 0, 1, 2], "no whole tag"),
    ([0x80, 9, 9], "digits without an end"),
    ([0x80, 1, 0, 1, 2, 3, 0x80], "a last digit of 1"),
    ([0x80, 0, 1, 2, 3, 0x80, 0x80], "half a component more"),
    ([0xC0, 63, 0, 1, 2, 3, 0x80], "an int that fits in one byte"),
    ([0xC1, 0, 200, 0, 1, 2, 3, 0x80], "an int with a leading zero"),
    ([0x3F, 0xFF - 63, 0, 1, 2, 3, 0x80], "a negative int that fits in one byte"),
    ([0x80, 0, 1, 2, 3, 0xC8, 1, 0, 0, 0, 0, 0, 0, 0, 0], "a counter of nine bytes"),
    ([0x80, 0, 1, 2, 3, 0xC7, 0x80, 0, 0, 0, 0, 0, 0, 0], "a counter above 64 bits, signed"),
    ([0x38, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0x80], "the least int without digits"),
    ([0x00, 0, 1, 2, 3, 0x80], "no int"),
  ] as [([UInt8], String)])
  func `malformed keys are refused`(bytes: [UInt8], fault: String) {
    #expect(OrderKey(bytes: bytes) == nil, "\(fault)")
  }

  @Test func `a key is refused above its limit`() {
    let component: [UInt8] = [0x80, 0, 1, 2, 3, 0x80]
    let whole = Array(repeating: component, count: 170).flatMap(\.self)
    #expect(OrderKey(bytes: whole + [0x80, 0]) == nil)
    #expect(OrderKey(bytes: whole)?.bytes.count == 1020)
    #expect(OrderKey(bytes: whole + component) == nil)
  }

  /// Hostile bytes: refused, or as good as any key.
  @Test func `whatever is accepted leaves room on all sides`() throws {
    for seed in UInt64(1)...3000 {
      var random = Seeded(seed)
      let keys = (0..<2).compactMap { _ in hostile(&random) }.sorted()
      for key in keys {
        let before = try #require(OrderKey.between(nil, key, tag: random.pick(Self.tags)))
        let after = try #require(OrderKey.between(key, nil, tag: random.pick(Self.tags)))
        #expect(before < key && key < after, "seed \(seed)")
      }
      if keys.count == 2, keys[0] < keys[1] {
        let tag = random.pick(Self.tags)
        let middle = try #require(OrderKey.between(keys[0], keys[1], tag: tag))
        #expect(keys[0] < middle && middle < keys[1], "seed \(seed)")
        #expect(OrderKey(bytes: middle.bytes) == middle)
      }
    }
  }

  /// A key of extremes, with a byte wrong now and then.
  private func hostile(_ random: inout Seeded) -> OrderKey? {
    let integers: [[UInt8]] = [
      [0x80], [0x40], [0xBF], [0xC0, 64], [0x3F, 0xBF], [0xC7, 0x7F] + Array(repeating: 0xFF, count: 7),
      [0x38, 0x80] + Array(repeating: 0, count: 7), [0x38, 0x80, 0, 0, 0, 0, 0, 0, 1],
    ]
    let digits: [[UInt8]] = [[], [2], [1, 2], [255], [255, 255], [1, 1, 2], [128]]
    var bytes: [UInt8] = []
    for _ in 0...random.below(3) {
      bytes += random.pick(integers) + random.pick(digits) + [0]
      bytes += random.pick(Self.tags).bytes + random.pick(integers)
    }
    if random.chance(20) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
    return OrderKey(bytes: bytes)
  }
}
