// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

/// A change on one record, as a test knows it: with its parents, and nothing derived.
struct Change {
  let dot: Dot
  let parents: [Dot]
  let stamp: UInt64
  let id: [UInt8]
  let ops: [Operation]
}

/// Changes by several devices that sync now and then, each change in the causal order in which it was made.
struct History: Causality, Arbiter {
  private(set) var changes: [Change] = []
  private var numbers: [Dot: Int] = [:]
  private var pasts: [VersionVector] = []
  /// What was in the past of each change, itself included: found by following parents, without version
  /// vectors.
  private var ancestry: [Set<Dot>] = []

  var dots: [Dot] { changes.map(\.dot) }

  subscript(dot: Dot) -> Change { changes[numbers[dot]!] }

  func past(of dot: Dot) -> VersionVector { pasts[numbers[dot]!] }
  func ancestors(of dot: Dot) -> Set<Dot> { ancestry[numbers[dot]!] }
  func stamp(of dot: Dot) -> UInt64 { self[dot].stamp }
  func changeID(of dot: Dot) -> [UInt8] { self[dot].id }

  mutating func append(_ change: Change) {
    numbers[change.dot] = changes.count
    changes.append(change)
    var past = VersionVector(dots: [change.dot])
    for parent in change.parents { past.merge(pasts[numbers[parent]!]) }
    pasts.append(past)
    var ancestors: Set = [change.dot]
    for parent in change.parents { ancestors.formUnion(ancestry[numbers[parent]!]) }
    ancestry.append(ancestors)
  }

  /// The same history on a replica that met the logs in another order.
  func renumbered(_ local: [UInt32]) -> History {
    func moved(_ dot: Dot) -> Dot { Dot(log: local[Int(dot.log)], seq: dot.seq) }
    var result = History()
    for change in changes {
      let ops = change.ops.map {
        Operation(cell: $0.cell, edit: $0.edit, id: OpID(dot: moved($0.id.dot), index: $0.id.index))
      }
      result.append(
        Change(
          dot: moved(change.dot), parents: change.parents.map(moved), stamp: change.stamp, id: change.id,
          ops: ops))
    }
    return result
  }

  /// Another order in which a replica can receive the changes: each after its parents.
  func causalOrder(_ random: inout Seeded) -> [Change] {
    var waiting = changes
    var held: Set<Dot> = []
    var result: [Change] = []
    while !waiting.isEmpty {
      let ready = waiting.indices.filter { waiting[$0].parents.allSatisfy(held.contains) }
      let next = waiting.remove(at: random.pick(ready))
      held.insert(next.dot)
      result.append(next)
    }
    return result
  }
}

/// Devices that write and sync at random.
struct Devices {
  var random: Seeded
  private(set) var history = History()
  private var known: [Set<Dot>]

  /// Two to five devices unless told.
  init(seed: UInt64, count: Int? = nil) {
    var random = Seeded(seed)
    known = Array(repeating: [], count: count ?? 2 + random.below(4))
    self.random = random
  }

  var count: Int { known.count }

  func knows(_ device: Int) -> Set<Dot> { known[device] }

  mutating func sync(_ device: Int, from other: Int) { known[device].formUnion(known[other]) }

  /// One change on everything that the device knows. Stamps are few, so that ids must often decide.
  @discardableResult
  mutating func write(_ device: Int, _ edits: [(CellKey, Edit)]) -> Dot {
    let seen = known[device]
    let parents = seen.filter { tip in
      !seen.contains { $0 != tip && history.ancestors(of: $0).contains(tip) }
    }
    let seq = UInt64(seen.count { $0.log == UInt32(device) }) + 1
    let dot = Dot(log: UInt32(device), seq: seq)
    let ops = edits.enumerated().map { index, edit in
      Operation(cell: edit.0, edit: edit.1, id: OpID(dot: dot, index: UInt32(index)))
    }
    let id = [UInt8(random.below(3)), UInt8(device), UInt8(seq)]
    history.append(
      Change(dot: dot, parents: parents.sorted(), stamp: UInt64(random.below(4)), id: id, ops: ops))
    known[device].insert(dot)
    return dot
  }

  /// A history of random edits; a change in five has none on the record, as merges do.
  mutating func run(steps: Int, edits: (inout Seeded) -> [(CellKey, Edit)]) {
    for _ in 0..<steps {
      let device = random.below(count)
      if random.chance(40) {
        sync(device, from: random.below(count))
      } else {
        write(device, random.chance(20) ? [] : edits(&random))
      }
    }
  }
}
