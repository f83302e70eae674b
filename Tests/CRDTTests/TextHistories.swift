// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

/// Devices that write one text and sync at random. Every scalar that is inserted is another one.
struct TextDevices {
  var random: Seeded
  let order: RankedLogs
  private(set) var changes: [TextChange] = []
  private(set) var oracle: TextOracle
  private var known: [VersionVector]
  private var cursors: [Int]
  private var scalarCount: UInt32 = 0

  init(seed: UInt64, count: Int? = nil) {
    var random = Seeded(seed)
    let count = count ?? 2 + random.below(4)
    let ranks = Array(0..<count).shuffled(using: &random)
    order = RankedLogs(ranks: Dictionary(uniqueKeysWithValues: ranks.enumerated().map { (UInt32($0), $1) }))
    oracle = TextOracle(order: order)
    known = Array(repeating: VersionVector(), count: count)
    cursors = Array(repeating: 0, count: count)
    self.random = random
  }

  var count: Int { known.count }

  func length(on device: Int) -> Int { oracle.length(at: known[device]) }
  func text(on device: Int) -> String { oracle.text(at: known[device]) }
  func past(on device: Int) -> VersionVector { known[device] }

  mutating func sync(_ device: Int, from other: Int) { known[device].merge(known[other]) }

  mutating func syncAll() {
    let all = known.reduce(VersionVector()) { $0.merging($1) }
    known = known.map { _ in all }
  }

  @discardableResult
  mutating func write(_ device: Int, _ edits: [TextEdit]) -> TextChange {
    let dot = Dot(log: UInt32(device), seq: known[device][UInt32(device)] + 1)
    let ops = edits.enumerated().map { TextOp(index: UInt32($0 * 2), edit: $1) }
    let change = TextChange(dot: dot, past: known[device], ops: ops)
    oracle.apply(change)
    changes.append(change)
    known[device].include(dot)
    return change
  }

  /// Scalars that the text never had: from the private use planes.
  mutating func fresh(_ count: Int) -> String {
    var view = String.UnicodeScalarView()
    for _ in 0..<count {
      view.append(Unicode.Scalar(0xF0000 + scalarCount)!)
      scalarCount += 1
    }
    return String(view)
  }

  /// Random edits; `strange` percent of the changes have one that doesn't fit.
  mutating func run(steps: Int, strange: Int = 0) {
    for _ in 0..<steps {
      let device = random.below(count)
      if random.chance(35) {
        sync(device, from: random.below(count))
      } else if random.chance(strange) {
        write(device, [misfit(length(on: device)), edit(device, length(on: device))])
      } else {
        writeSome(device)
      }
    }
  }

  private mutating func writeSome(_ device: Int) {
    var length = length(on: device)
    var edits: [TextEdit] = []
    for _ in 0..<1 + random.below(3) {
      let edit = edit(device, length)
      edits.append(edit)
      switch edit {
      case .insert(_, let string): length += string.unicodeScalars.count
      case .delete(_, let count): length -= count
      }
    }
    write(device, edits)
  }

  /// Mostly where the device wrote last: on, backwards, or deleting.
  private mutating func edit(_ device: Int, _ length: Int) -> TextEdit {
    if random.chance(30) { cursors[device] = random.below(min(length, 12) + 1) }
    let cursor = min(cursors[device], length)
    if cursor < length, random.chance(30) {
      return .delete(at: cursor, count: 1 + random.below(min(length - cursor, 5)))
    }
    let count = 1 + random.below(3)
    cursors[device] = random.chance(60) ? cursor + count : cursor
    return .insert(at: cursor, fresh(count))
  }

  private mutating func misfit(_ length: Int) -> TextEdit {
    switch random.below(8) {
    case 0: .insert(at: length + 1 + random.below(5), fresh(1))
    case 1: .insert(at: -1 - random.below(3), fresh(1))
    case 2: .insert(at: random.below(length + 1), "")
    case 3: .delete(at: random.below(length + 1), count: 0)
    case 4: .delete(at: random.below(length + 1), count: .max)
    case 5: .delete(at: .max, count: .max)
    case 6: .delete(at: length, count: 1)
    default: .delete(at: random.below(length + 1), count: -1)
    }
  }

  /// The changes in some causal order, in batches, some of them twice, the order within a batch free.
  mutating func deliveries() -> [[TextChange]] {
    var held = VersionVector()
    var waiting = changes
    var result: [[TextChange]] = []
    while !waiting.isEmpty {
      var batch: [TextChange] = []
      for _ in 0..<1 + random.below(random.chance(50) ? 1 : 12) where !waiting.isEmpty {
        let ready = waiting.indices.filter { isReady(waiting[$0], held) }
        let next = waiting.remove(at: random.pick(ready))
        held.include(next.dot)
        batch.append(next)
      }
      if random.chance(30) { batch += result.last ?? [] }
      if random.chance(30) { batch += batch }
      result.append(batch.shuffled(using: &random))
    }
    return result
  }

  private func isReady(_ change: TextChange, _ held: VersionVector) -> Bool {
    var past = change.past
    if change.dot.seq > 1 { past.include(Dot(log: change.dot.log, seq: change.dot.seq - 1)) }
    return held.dominates(past)
  }
}

/// A replica as a database keeps it: the plain text beside its history.
struct TextReplica {
  let order: RankedLogs
  var graph = TextGraph()
  var text = ""

  init(order: RankedLogs) { self.order = order }

  mutating func merge(_ changes: [TextChange]) throws {
    text = try TextEdit.apply(graph.merge(changes, order: order), to: text)
  }
}
