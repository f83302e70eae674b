// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

@Suite("Text: packed histories") struct TextPackedLaws {
  @Test func `what is packed is read back, to the same bytes, and can be written on`() throws {
    for seed in UInt64(1)...100 {
      var devices = TextDevices(seed: seed)
      devices.run(steps: 40, strange: 10)
      var replica = TextReplica(order: devices.order)
      for batch in devices.deliveries() {
        try replica.merge(batch)
        let packed = replica.graph.packed
        let read = try TextGraph(packed: packed)
        try #require(read == replica.graph, "seed \(seed)")
        #expect(read.packed == packed)
        replica.graph = read
      }
      #expect(replica.text == devices.oracle.text, "seed \(seed)")
    }
  }

  @Test func `any scalar and any size is kept`() throws {
    let bounds = "\u{10FFFF}\u{0}\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}"
    let strings = ["a", "é", "ع", "👩‍🚒", bounds]
    var graph = TextGraph()
    let long = TextEdit.insert(at: 3, String(repeating: "x", count: 300))
    let edits = strings.map { TextEdit.insert(at: 0, $0) } + [long, .delete(at: 2, count: 200)]
    let ops = edits.enumerated().map { TextOp(index: UInt32($0 * $0), edit: $1) }
    let past = VersionVector()
    let change = TextChange(dot: Dot(log: 9, seq: (1 << 40) - 1), past: past, ops: ops)
    _ = try graph.merge([change], order: RankedLogs())
    let read = try TextGraph(packed: graph.packed)
    #expect(read.text(order: RankedLogs()) == graph.text(order: RankedLogs()))
    #expect(read == graph)
  }

  @Test func `bytes that decode are the packed form of what they decode to; others are refused`() throws {
    var refused = 0
    var accepted = 0
    for seed in UInt64(1)...300 {
      var (packed, random) = try packedHistory(seed)
      for _ in 0..<1 + random.below(3) { mutate(&packed, &random) }
      guard let read = try? TextGraph(packed: packed) else {
        refused += 1
        continue
      }
      #expect(read.packed == packed, "seed \(seed)")
      accepted += 1
      use(read)
    }
    #expect(refused > 50 && accepted > 5)
  }

  @Test func `cut short or made longer it is refused`() throws {
    let packed = try packedHistory(3).packed
    for length in 0..<packed.count {
      #expect(throws: TextError.self) { try TextGraph(packed: Array(packed.prefix(length))) }
    }
    #expect(throws: TextError.damaged(at: packed.count)) { try TextGraph(packed: packed + [0]) }
    #expect(throws: TextError.unknownVersion(2)) { try TextGraph(packed: [2] + packed.dropFirst()) }
  }

  private func packedHistory(_ seed: UInt64) throws -> (packed: [UInt8], random: Seeded) {
    var devices = TextDevices(seed: seed)
    devices.run(steps: 20)
    return (try TextGraph.building(devices.changes, order: devices.order).graph.packed, devices.random)
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout Seeded) {
    let place = random.below(bytes.count)
    switch random.below(4) {
    case 0: bytes[place] = UInt8(random.below(256))
    case 1: bytes[place] = UInt8(random.below(4))
    case 2: bytes.remove(at: place)
    default: bytes.insert(UInt8(random.below(128)), at: place)
    }
  }

  /// A damaged history that decodes may say nonsense, but it is read and written on without a trap.
  private func use(_ graph: TextGraph) {
    let order = RankedLogs()
    let everything = VersionVector((0..<300).map { ($0, UInt64(1 << 30)) } as [(UInt32, UInt64)])
    _ = graph.text(order: order)
    _ = graph.spans(at: VersionVector([(UInt32(0), UInt64(2)), (UInt32(1), UInt64(2))]), order: order)
    for past in [VersionVector(), VersionVector([(UInt32(0), UInt64(2))]), everything] {
      var copy = graph
      let edits: [TextEdit] = [.insert(at: 0, "ab"), .delete(at: 1, count: 3)]
      let ops = edits.map { TextOp(index: 0, edit: $0) }
      let change = TextChange(dot: Dot(log: 400, seq: 1), past: past, ops: ops)
      _ = try? TextEdit.apply(copy.merge([change], order: order), to: "abcdef")
    }
  }
}
