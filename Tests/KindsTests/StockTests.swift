// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine
import Testing

@Suite("Stocks") struct StockTests {
  private func three() throws -> (places: [TestPlace], rice: RecordID) {
    let cantine = try TestPlace(named: "Cantine")
    let places = [cantine, try TestPlace(joining: cantine, named: "Steki"), try TestPlace(joining: cantine, named: "Ateneu")]
    let rice = try cantine.add(.stock, [("title", "Riz"), ("unit", "kg"), ("minimum", "5 kg")])
    try cantine.move(rice, .brought, "10")
    try exchange(places, order: [])
    return (places, rice)
  }

  @Test func `two concurrent counts and an out: all add up, and somebody is asked to count again`() throws {
    for order in [[], [(0, 1)], [(1, 0), (2, 1)], [(2, 0)], [(0, 2), (1, 2)]] {
      let (places, rice) = try three()
      let one = try places[0].move(rice, .counted, "9,5")
      let other = try places[1].move(rice, .counted, "9")
      try places[2].move(rice, .taken, "3")
      try exchange(places, order: order)
      for place in places {
        let level = try place.level(rice)
        #expect(level.amounts.map(\.text) == ["5.5 kg"])
        #expect(level.doubts == [.countedAtOnce([one, other].sorted())])
        #expect(try StockLevel.doubtful(in: place.replica).map(\.stock.id) == [rice])
      }
      try places[1].move(rice, .counted, "6")
      try exchange(places, order: order)
      for place in places {
        #expect(try place.amounts(rice) == ["6 kg"])
        #expect(try place.level(rice).doubts.isEmpty)
      }
    }
  }

  @Test func `a count is relative to what its counter saw`() throws {
    let (places, rice) = try three()
    try places[0].move(rice, .taken, "4")
    let count = try places[1].move(rice, .counted, "12")
    #expect(try places[1].amounts(rice) == ["12 kg"])
    #expect(try places[1].record(count).value("delta") == Quantity("2 kg").value)
    #expect(try places[1].record(count).value("counted") == Quantity("12 kg").value)
    try exchange(places, order: [])
    for place in places { #expect(try place.amounts(rice) == ["8 kg"]) }
  }

  @Test func `a movement that is taken back leaves the sum; a count that had reckoned with it is doubtful`() throws {
    let (places, rice) = try three()
    let typo = try places[0].move(rice, .taken, "30")
    #expect(try places[0].amounts(rice) == ["-20 kg"])
    try places[0].delete(typo)
    #expect(try places[0].amounts(rice) == ["10 kg"] && places[0].level(rice).doubts.isEmpty)
    let second = try places[0].move(rice, .taken, "30")
    let count = try places[0].move(rice, .counted, "7")
    try exchange(places, order: [])
    try places[1].delete(second)
    try exchange(places, order: [])
    for place in places {
      #expect(try place.level(rice).doubts == [.takenBack(count: count, movement: second)])
    }
    try places[2].move(rice, .counted, "7")
    try exchange(places, order: [])
    for place in places { #expect(try place.amounts(rice) == ["7 kg"] && place.level(rice).doubts.isEmpty) }
  }

  @Test func `an edit doesn't bring a movement back that was taken back`() throws {
    let (places, rice) = try three()
    let out = try places[0].move(rice, .taken, "3")
    try exchange(places, order: [])
    try places[0].delete(out)
    try places[1].set(out, "by", "Eleni")
    try exchange(places, order: [])
    for place in places { #expect(try place.amounts(rice) == ["10 kg"]) }
  }

  @Test func `what is too little is worked out, not stored`() throws {
    let (places, rice) = try three()
    #expect(try !places[0].level(rice).isBelowMinimum)
    try places[0].move(rice, .spoiled, "5.000001")
    #expect(try places[0].level(rice).isBelowMinimum && places[0].amounts(rice) == ["4.999999 kg"])
    try places[0].set(rice, "minimum", "4 kg")
    #expect(try !places[0].level(rice).isBelowMinimum)
  }

  @Test func `amounts are exact, of one unit, and more than nothing`() throws {
    let (places, rice) = try three()
    for _ in 0..<3 { try places[0].move(rice, .brought, "0.1") }
    #expect(try places[0].amounts(rice) == ["10.3 kg"])
    for (text, error) in [
      ("3 l", StockError.otherUnit(given: "l", own: "kg")), ("some", .notAnAmount("some")), ("0", .notPositive("0")),
      ("-1", .notPositive("-1")), ("0.0000001", .notAnAmount("0.0000001")), ("1000000000000", .notAnAmount("1000000000000")),
    ] {
      #expect(throws: error) { try places[0].move(rice, .brought, text) }
    }
    try places[0].move(rice, .counted, "0 KG")
    #expect(try places[0].amounts(rice) == ["0 kg"])
  }

  @Test func `what another program wrote in other units or in words stands beside the sum`() throws {
    let (places, rice) = try three()
    for delta in ["500 g", "a handful", "1.0000001 kg", "-999999999999999 kg"] {
      try places[1].add(.movement, [("of", ShortID.text(rice)), ("type", "in"), ("delta", delta)])
    }
    try exchange(places, order: [])
    for place in places {
      let level = try place.level(rice)
      #expect(level.amounts.map(\.text) == ["10 kg", "500 g"])
      #expect(level.movements.count { $0.delta == nil } == 3)
    }
  }

  @Test func `in any history the sum is that of the movements, everywhere`() throws {
    for seed in UInt64(1)...10 {
      var state = seed
      func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
      }
      let (places, rice) = try three()
      var (expected, gone): ([RecordID: Int], Set<RecordID>) = ([:], [])
      for _ in 0..<25 {
        let place = places[below(3)]
        let amount = 1 + below(9)
        switch below(6) {
        case 0: expected[try place.move(rice, .brought, "\(amount)")] = amount
        case 1: expected[try place.move(rice, .taken, "\(amount)")] = -amount
        case 2: expected[try place.move(rice, .spoiled, "\(amount)")] = -amount
        case 3:
          let known = try place.level(rice).movements.map { expected[$0.record.id] ?? 10 }.reduce(0, +)
          expected[try place.move(rice, .counted, "\(amount)")] = amount - known
        case 4:
          guard let last = try place.level(rice).movements.last?.record.id, expected[last] != nil else { continue }
          try place.delete(last)
          gone.insert(last)
        default: try place.take(from: places[below(3)])
        }
      }
      try exchange(places, order: [(below(3), below(3))])
      let sum = 10 + expected.filter { !gone.contains($0.key) }.values.reduce(0, +)
      for place in places { #expect(try place.amounts(rice) == ["\(sum) kg"], "seed \(seed)") }
    }
  }
}

@Suite("Exact sums") struct ExactSumTests {
  @Test func `add up as whole numbers of millionths do`() throws {
    var state: UInt64 = 7
    var (sum, expected) = (ExactSum(), Int128(0))
    for _ in 0..<500 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let mantissa = Int64(bitPattern: state) >> 12
      let scale = Int64(state >> 40) % 7
      let number = DecimalNumber(mantissa: mantissa, scale: scale)!
      var value = Int128(mantissa)
      for _ in scale..<6 { value *= 10 }
      guard let one = ExactSum(number) else {
        #expect(value.magnitude >= 1_000_000_000_000_000_000)
        continue
      }
      (sum, expected) = (sum + one, expected + value)
      #expect(one.number == number && one.text == number.text)
    }
    let digits = String(expected.magnitude)
    #expect(sum.text.filter(\.isNumber).drop { $0 == "0" }.hasPrefix(digits.prefix(digits.count - 6)))
    #expect((sum - sum).isZero && (sum - sum).text == "0" && (-ExactSum(DecimalNumber("0.5")!)!).text == "-0.5")
  }
}
