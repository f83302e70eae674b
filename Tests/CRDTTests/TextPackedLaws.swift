// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

@Suite("Text: packed histories") struct TextPackedLaws {
  @Test func `what is packed is read back, to the same bytes, and can be written on`() throws {
    for seed in UInt64(1)...100 {
      var devices = TextDevices(seed: seed)
      devices.run(steps: 40, strange: 40)
      var replica = TextReplica(order: devices.order)
      for batch in devices.deliveries() {
        try replica.merge(batch)
        let (tip, packed) = (replica.graph.tip, replica.graph.packedChanges)
        let read = try TextGraph(tip: TextTip(packed: tip.packed), packedChanges: packed)
        try #require(read == replica.graph && read.tip == tip, "seed \(seed)")
        #expect(read.packedChanges == packed && read.tip.packed == tip.packed)
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
    let read = try TextGraph(tip: graph.tip, packedChanges: graph.packedChanges)
    #expect(read.text(order: RankedLogs()) == graph.text(order: RankedLogs()))
    #expect(read == graph)
  }

  /// As a database works: whatever has seen everything goes by the tip, the rest by the history.
  @Test func `what the tip packs is what the history packs, and the text is the same`() throws {
    var ordinary = 0
    for seed in UInt64(1)...100 {
      var devices = TextDevices(seed: seed, count: 2)
      devices.run(steps: 40, strange: 10)
      var tip = TextTip()
      var packed: [UInt8] = []
      var text = ""
      for batch in devices.deliveries() {
        if batch.count == 1, let addition = try tip.append(batch[0]) {
          ordinary += 1
          packed += addition.packedChange
          text = try TextEdit.apply(addition.edits, to: text)
        } else {
          var graph = try TextGraph(tip: tip, packedChanges: packed)
          text = try TextEdit.apply(graph.merge(batch, order: devices.order), to: text)
          packed += graph.packedChanges(from: tip.changeCount)
          tip = graph.tip
        }
        let graph = try TextGraph(tip: tip, packedChanges: packed)
        try #require(graph.packedChanges == packed && text.unicodeScalars.count == tip.length)
      }
      #expect(text == devices.oracle.text, "seed \(seed)")
    }
    #expect(ordinary > 30)
  }

  @Test func `bytes that decode are the packed form of what they decode to; others are refused`() throws {
    var refused = 0
    var accepted = 0
    for seed in UInt64(1)...400 {
      var devices = TextDevices(seed: seed)
      devices.run(steps: 20)
      let graph = try TextGraph.building(devices.changes, order: devices.order).graph
      var (tip, packed) = (graph.tip.packed, graph.packedChanges)
      for _ in 0..<1 + devices.random.below(2) { mutate(&packed, &devices.random) }
      if devices.random.chance(30) { mutate(&tip, &devices.random) }
      guard let read = try? TextGraph(tip: TextTip(packed: tip), packedChanges: packed) else {
        refused += 1
        continue
      }
      accepted += 1
      #expect(read.tip.packed == tip && read.packedChanges == packed, "seed \(seed)")
      use(read)
    }
    #expect(refused > 100 && accepted > 20)
  }

  @Test func `there is one form of everything`() throws {
    let tip: [UInt8] = [1, 1, 0, 2, 2, 5, 2, 1, 1, 0, 2]
    let placeOfSeen = 3  // More may have been seen than there is.
    let first: [UInt8] = [0, 1, 1, 1, 4, 0, 0x61, 0x62]
    let second: [UInt8] = [0, 2, 0, 0]
    func read(_ changes: [UInt8], _ tip: [UInt8]) throws -> String {
      let graph = try TextGraph(tip: TextTip(packed: tip), packedChanges: changes)
      return graph.text(order: RankedLogs())
    }
    #expect(try read(first + second, tip) == "ab")
    let otherChanges: [String: [UInt8]] = [
      "a number with a needless group": [0, 0x81, 0] + first[2...] + second,
      "a number of more than 64 bits": [0] + Array(repeating: 0xFF, count: 9) + [2] + first[2...] + second,
      "the change before as a distance": first + [0, 2, 2, 1, 0],
      "a scalar in too many bytes": [0, 1, 1, 1, 4, 0, 0xC1, 0xA1, 0x62] + second,
      "a scalar in far too many bytes": [0, 1, 1, 1, 4, 0, 0xE0, 0x81, 0xA1, 0x62] + second,
      "half of a pair": [0, 1, 1, 1, 4, 0, 0xED, 0xA0, 0x80, 0x62] + second,
      "a change twice": first + [0, 1, 0, 0],
      "a change that isn't seen": first + [1, 2, 0, 0],
      "an op past the end": [0, 1, 1, 1, 20, 0, 0x61, 0x62] + second,
      "a parent that isn't there": first + [0, 2, 2, 2, 0],
    ]
    for (name, bytes) in otherChanges {
      #expect(throws: TextError.self, "\(name)") { try read(bytes, tip) }
    }
    for place in tip.indices where place != placeOfSeen {
      var other = tip
      other[place] += 1
      #expect(throws: TextError.self, "place \(place)") { try read(first + second, other) }
    }
  }

  /// Nothing but a walk can tell how long a merged text is.
  @Test func `an op that a false length lets in has no effect`() throws {
    let changes: [UInt8] =
      [0, 1, 1, 2, 4, 2, 61, 1, 0x61, 0x62, 0x63, 0x64] + [1, 1, 1, 1, 6, 0x65]
      + [0, 2, 3, 2, 1, 5, 1, 86, 0x78]
    let tip: [UInt8] = [1, 2, 0, 2, 1, 1, 3, 13, 6, 1, 2, 0, 2]
    let graph = try TextGraph(tip: TextTip(packed: tip), packedChanges: changes)
    #expect(graph.text(order: RankedLogs()) == "de")
    use(graph)
  }

  @Test func `cut short or made longer it is refused`() throws {
    var devices = TextDevices(seed: 3)
    devices.run(steps: 20)
    let graph = try TextGraph.building(devices.changes, order: devices.order).graph
    let (tip, packed) = (graph.tip.packed, graph.packedChanges)
    for length in 0..<packed.count {
      #expect(throws: TextError.self) {
        try TextGraph(tip: graph.tip, packedChanges: Array(packed.prefix(length)))
      }
    }
    for length in 0..<tip.count {
      #expect(throws: TextError.self) { try TextTip(packed: Array(tip.prefix(length))) }
    }
    #expect(throws: TextError.damaged(at: packed.count)) {
      try TextGraph(tip: graph.tip, packedChanges: packed + [0])
    }
    #expect(throws: TextError.damaged(at: tip.count)) { try TextTip(packed: tip + [0]) }
    #expect(throws: TextError.unknownVersion(2)) { try TextTip(packed: [2] + tip.dropFirst()) }
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout Seeded) {
    let place = random.below(bytes.count)
    switch random.below(6) {
    case 0: bytes[place] = UInt8(random.below(256))
    case 1: bytes[place] ^= 1
    case 2: bytes.remove(at: place)
    case 3: bytes[place] ^= 8
    case 4: bytes[place] ^= UInt8(1 << random.below(8))
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
