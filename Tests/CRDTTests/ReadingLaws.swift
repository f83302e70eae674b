// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

/// How cells are read: the same on every replica, whatever numbers it gave to the logs.
@Suite("Readings") struct ReadingLaws {
  static let policies: [ReadPolicy] = [
    .latest, .conflicts, .anyTrue, .allTrue, .max, .min, .union, .sum,
  ]
  private let cell = CellKey(field: 9)

  /// A reading in terms that replicas share.
  private struct Shared: Equatable {
    let value: Value
    let writer: [UInt8]?
    let competing: [[UInt8]]
  }

  @Test func `replicas that number logs differently read the same`() throws {
    for seed in UInt64(1)...300 {
      var devices = Devices(seed: seed)
      devices.run(steps: 25, edits: Edits.any)
      var random = devices.random
      let there = devices.history.renumbered((0..<UInt32(8)).shuffled(using: &random))
      let one = try RecordState.applying(devices.history.changes, in: devices.history, fresh: true)
      let other = try RecordState.applying(there.causalOrder(&random), in: there, fresh: true)
      #expect(one.cells.map(\.key) == other.cells.map(\.key))
      for (here, away) in zip(one.cells, other.cells) {
        for policy in Self.policies {
          let reading = shared(here.cell, policy, devices.history)
          #expect(reading == shared(away.cell, policy, there), "seed \(seed) \(policy)")
        }
      }
    }
  }

  @Test func `reading under any policy changes no state`() throws {
    for seed in UInt64(1)...100 {
      var devices = Devices(seed: seed)
      devices.run(steps: 25, edits: Edits.any)
      let history = devices.history
      let unread = try RecordState.applying(history.changes, in: history, fresh: true)
      var read = RecordState()
      for change in history.changes {
        read.apply(change, in: history, fresh: true)
        for entry in read.cells {
          _ = entry.cell.read(devices.random.pick(Self.policies), by: history)
        }
      }
      #expect(read == unread)
    }
  }

  @Test func `the winner has the greatest stamp, then id, then index`() throws {
    for seed in UInt64(1)...300 {
      var devices = Devices(seed: seed)
      devices.run(steps: 25, edits: Edits.any)
      let history = devices.history
      let state = try RecordState.applying(history.changes, in: history, fresh: true)
      for cell in state.cells.map(\.cell) {
        let expected = cell.heads.max { one, other in
          let (left, right) = (history[one.op.dot], history[other.op.dot])
          if left.stamp != right.stamp { return left.stamp < right.stamp }
          return left.id.lexicographicallyPrecedes(right.id)
        }
        #expect(cell.winner(by: history) == expected)
        #expect(cell.read(.latest, by: history).value == expected?.value ?? .null)
      }
    }
  }

  @Test func `causality decides before the stamp does`() throws {
    for seed in UInt64(1)...50 {
      var devices = Devices(seed: seed, count: 2)
      devices.write(0, [(cell, .set(.int(1)))])
      devices.sync(1, from: 0)
      devices.write(1, [(cell, .set(.int(2)))])
      #expect(try read(devices, .conflicts) == ReadBrief(.int(2)))
    }
  }

  @Test func `concurrent different values compete; equal ones do not`() throws {
    #expect(try read([.int(1), .int(2)], .conflicts).competing == 2)
    #expect(try read([.int(1), .int(1)], .conflicts) == ReadBrief(.int(1)))
    #expect(try read([.int(1), .null], .conflicts).competing == 2)
    #expect(try read([.int(1), .int(2)], .latest).competing == 0)
    #expect(try read([Edits.composed, Edits.decomposed], .conflicts).competing == 2)
  }

  @Test func `adding wins in a set read as any, removing in one read as all`() throws {
    let both: [Value] = [.bool(true), .bool(false)]
    #expect(try read(both, .anyTrue) == ReadBrief(.bool(true)))
    #expect(try read(both, .allTrue) == ReadBrief(.bool(false)))
    #expect(try read([.bool(true), .null], .anyTrue) == ReadBrief(.bool(true)))
    #expect(try read([.bool(true), .null], .allTrue) == ReadBrief(.bool(false)))
    #expect(try read([.bool(true), .bool(true)], .allTrue) == ReadBrief(.bool(true)))
    #expect(try read([.null, .null], .anyTrue) == ReadBrief(.null))
  }

  @Test func `the greatest and the least ignore who unset`() throws {
    let values: [Value] = [.int(3), .null, .int(7)]
    #expect(try read(values, .max) == ReadBrief(.int(7)))
    #expect(try read(values, .min) == ReadBrief(.int(3)))
    #expect(try read([.null], .min) == ReadBrief(.null))
  }

  @Test func `a union has the members of all groups once and in order`() throws {
    let values: [Value] = [.tuple(5, [.int(2), .int(1)]), .tuple(5, [.int(3), .int(2)]), .null]
    #expect(try read(values, .union) == ReadBrief(.tuple(5, [.int(1), .int(2), .int(3)])))
    #expect(try read([.int(2), .int(1)], .union) == ReadBrief(.tuple(0, [.int(1), .int(2)])))
    #expect(try read([.tuple(5, [.int(2), .int(1)])], .union) == ReadBrief(.tuple(5, [.int(2), .int(1)])))
  }

  @Test func `a counter counts every addition, by whomever and whenever`() throws {
    for seed in UInt64(1)...200 {
      var devices = Devices(seed: seed)
      devices.run(steps: 40) { [(cell, .add(Int64(bitPattern: $0.next())))] }
      let history = devices.history
      let state = try RecordState.applying(history.changes, in: history, fresh: true)
      var total: Int64 = 0
      for op in history.changes.flatMap(\.ops) {
        if case .add(let delta) = op.edit { total &+= delta }
      }
      #expect(state[9]?.total ?? 0 == total, "seed \(seed)")
      if let counter = state[9] { #expect(counter.read(.sum, by: history).value == .int(total)) }
    }
    #expect(Cell().read(.sum, by: History()).value == .null)
  }

  /// A group field is one cell: its parts cannot come from two writers.
  @Test func `a group is always one that somebody wrote whole`() throws {
    for seed in UInt64(1)...200 {
      var devices = Devices(seed: seed)
      devices.run(steps: 30) { random in
        let start = Int64(random.below(1000))
        return [(cell, .set(.tuple(3, [.int(start), .int(start + 7)])))]
      }
      let history = devices.history
      let state = try RecordState.applying(history.changes, in: history, fresh: true)
      for policy in [ReadPolicy.latest, .conflicts, .max, .min] {
        guard let reading = state[9]?.read(policy, by: history) else { continue }
        for value in [reading.value] + reading.competing.map(\.value) {
          guard case .tuple(3, let parts) = value, case .int(let start) = parts[0] else {
            Issue.record("no group: \(value)")
            continue
          }
          #expect(parts == [.int(start), .int(start + 7)])
        }
      }
    }
  }

  private struct ReadBrief: Equatable {
    let value: Value
    let competing: Int

    init(_ value: Value, competing: Int = 0) {
      self.value = value
      self.competing = competing
    }
  }

  /// What a cell says that as many devices wrote concurrently.
  private func read(_ values: [Value], _ policy: ReadPolicy) throws -> ReadBrief {
    var devices = Devices(seed: 1, count: values.count)
    for (device, value) in values.enumerated() { devices.write(device, [(cell, .set(value))]) }
    return try read(devices, policy)
  }

  private func read(_ devices: Devices, _ policy: ReadPolicy) throws -> ReadBrief {
    let history = devices.history
    let state = try RecordState.applying(history.changes, in: history, fresh: true)
    let reading = try #require(state.cell(cell)).read(policy, by: history)
    if let writer = reading.writer, policy == .conflicts { #expect(writer.value == reading.value) }
    return ReadBrief(reading.value, competing: reading.competing.count)
  }

  private func shared(_ cell: Cell, _ policy: ReadPolicy, _ history: History) -> Shared {
    let reading = cell.read(policy, by: history)
    return Shared(
      value: reading.value, writer: reading.writer.map { history.changeID(of: $0.op.dot) },
      competing: reading.competing.map { history.changeID(of: $0.op.dot) })
  }
}
