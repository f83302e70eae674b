// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

@Suite("Ordered lists") struct ListLaws {
  private typealias List = [(OrderKey, RecordID)]
  private static let tags = OrderKeyLaws.tags

  @Test func `an item lands right after the one named, and nobody else changes place`() {
    for seed in UInt64(1)...200 {
      var random = Seeded(seed)
      var list: List = []
      for _ in 0..<60 {
        let item = Self.item(random.below(20))
        let names = list.map(\.1)
        let after = random.chance(20) ? nil : names.filter { $0 != item }.randomElement(using: &random)
        var expected = names.filter { $0 != item }
        expected.insert(item, at: after.map { expected.firstIndex(of: $0)! + 1 } ?? 0)
        let edits = ListOrder.place(item, after: after, in: list, tag: random.pick(Self.tags))
        #expect(edits.count <= 1)
        #expect(edits.isEmpty == (names == expected))
        list = Self.applying(edits, to: list)
        #expect(list.map(\.1) == expected, "seed \(seed)")
      }
    }
  }

  /// Two writers can choose one key only if their tags collide; hostile writers always can.
  @Test func `between equal keys the right neighbour gets a new one`() {
    for seed in UInt64(1)...200 {
      var random = Seeded(seed)
      let keys = (0..<4).map { _ in OrderKey.between(nil, nil, tag: random.pick(Self.tags))! }
      let equal = (0..<12).map { (random.pick(keys), Self.item($0)) }
      let list = ListOrder.sorted(equal)
      let after = random.chance(20) ? nil : random.pick(list.map(\.1))
      let place = after.map { name in list.firstIndex { $0.1 == name }! + 1 } ?? 0
      let edits = ListOrder.place(Self.item(99), after: after, in: list, tag: random.pick(Self.tags))
      var expected = list.map(\.1)
      expected.insert(Self.item(99), at: place)
      #expect(Self.applying(edits, to: list).map(\.1) == expected, "seed \(seed)")
      let apart = place == 0 || place == list.count || list[place - 1].0 != list[place].0
      #expect((edits.count == 1) == apart)
      #expect(edits[0].0 == Self.item(99))
    }
  }

  @Test func `where keys have grown to their limit, neighbours get short ones`() {
    let deep = Array(repeating: [0x80, 0, 1, 2, 3, 0x80] as [UInt8], count: 170).flatMap(\.self)
    let high = [0xC7, 0x7F] + Array(repeating: 0xFF, count: 1010) + [0, 1, 2, 3, 0x80] as [UInt8]
    for bytes in [deep, high] {
      let keys = [bytes, bytes + [0x81, 0, 1], Array(bytes.dropLast()) + [0x81]]
      let list = ListOrder.sorted(
        keys.compactMap { OrderKey(bytes: $0) }.enumerated().map { ($1, Self.item($0)) })
      for after in [nil] + list.map({ Optional($0.1) }) {
        let edits = ListOrder.place(Self.item(9), after: after, in: list, tag: Self.tags[0])
        let place = after.map { name in list.firstIndex { $0.1 == name }! + 1 } ?? 0
        var expected = list.map(\.1)
        expected.insert(Self.item(9), at: place)
        #expect(Self.applying(edits, to: list).map(\.1) == expected)
      }
    }
  }

  @Test func `positions survive their value, and malformed ones are none`() throws {
    let key = try #require(OrderKey.between(nil, nil, tag: Self.tags[0]))
    let position = Position(list: Self.item(1), key: key)
    #expect(position.value == .tuple(17, [.reference(Self.item(1)), .bytes(key.bytes)]))
    #expect(Position(position.value) == position)
    #expect(Position(.tuple(18, [.reference(Self.item(1)), .bytes(key.bytes)])) == nil)
    #expect(Position(.tuple(17, [.reference(Self.item(1)), .bytes([1])])) == nil)
    #expect(Position(.tuple(17, [.reference(Self.item(1)), .bytes(key.bytes), .null])) == nil)
    #expect(Position(.null) == nil)
  }

  // MARK: Sizes: five writers, 200 items, 20,000 moves

  @Test func `after random moves keys average 29 bytes or fewer`() {
    let keys = grow(20_000) { count, random in (random.below(count), random.below(count)) }
    #expect(Self.average(keys) <= 29)
    #expect(keys.map(\.bytes.count).max()! <= 62)
  }

  @Test func `after moves to the top they take some 8 bytes`() {
    let keys = grow(20_000) { count, random in (1 + random.below(count - 1), nil) }
    #expect(Self.average(keys) <= 8.5)
    #expect(keys.map(\.bytes.count).max()! <= 12)
  }

  @Test func `after appending and archiving they take some 8 bytes`() {
    let keys = grow(20_000) { count, _ in (0, count - 1) }
    #expect(Self.average(keys) <= 8.5)
    #expect(keys.map(\.bytes.count).max()! <= 12)
  }

  @Test(arguments: [true, false])
  func `1,000 insertions into one gap by two writers in turn average 80 bytes or fewer`(after: Bool) throws {
    var lower = try #require(OrderKey.between(nil, nil, tag: Self.tags[0]))
    var upper = try #require(OrderKey.between(lower, nil, tag: Self.tags[1]))
    var keys: [OrderKey] = []
    for turn in 0..<1000 {
      let key = try #require(OrderKey.between(lower, upper, tag: Self.tags[2 + turn % 2]))
      if after { lower = key } else { upper = key }
      keys.append(key)
    }
    #expect(Self.average(keys) <= 80)
  }

  /// The worst there is: always between the last two.
  @Test func `nested without end, keys stay within their limit and few others are written`() {
    var list: List = []
    var written = 0
    var expected: [RecordID] = []
    for number in 0..<400 {
      let place = (expected.count + 1) / 2
      let after = place > 0 ? expected[place - 1] : nil
      let edits = ListOrder.place(Self.item(number), after: after, in: list, tag: Self.tags[0])
      written += edits.count
      list = Self.applying(edits, to: list)
      expected.insert(Self.item(number), at: place)
    }
    #expect(list.map(\.1) == expected)
    #expect(list.allSatisfy { $0.0.bytes.count <= OrderKey.byteLimit })
    #expect(written <= 3 * 400)
  }

  /// Moves the item at one index to stand after the one at another.
  private func grow(
    _ moves: Int, _ choose: (Int, inout Seeded) -> (item: Int, after: Int?)
  ) -> [OrderKey] {
    var random = Seeded(29)
    var list: List = []
    for number in 0..<200 {
      list = Self.applying(
        ListOrder.place(Self.item(number), after: list.last?.1, in: list, tag: Self.tags[number / 40]),
        to: list)
    }
    for _ in 0..<moves {
      let (item, after) = choose(list.count, &random)
      let edits = ListOrder.place(
        list[item].1, after: after.map { list[$0].1 }, in: list, tag: random.pick(Self.tags))
      list = Self.applying(edits, to: list)
    }
    return list.map(\.0)
  }

  private static func average(_ keys: [OrderKey]) -> Double {
    Double(keys.reduce(0) { $0 + $1.bytes.count }) / Double(keys.count)
  }

  private static func applying(_ edits: [(RecordID, OrderKey)], to list: List) -> List {
    let moved = Set(edits.map(\.0))
    return ListOrder.sorted(list.filter { !moved.contains($0.1) } + edits.map { ($0.1, $0.0) })
  }

  static func item(_ number: Int) -> RecordID {
    RecordID(Array(repeating: 0, count: 14) + [UInt8(number >> 8), UInt8(number & 255)])!
  }
}
