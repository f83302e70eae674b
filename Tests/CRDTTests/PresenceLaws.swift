// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

@Suite("Presence") struct PresenceLaws {
  private let alive = CellKey(field: SystemField.alive)
  private let name = CellKey(field: 9)
  private let moved = CellKey(field: SystemField.moved)

  @Test func `it is the oracle's at every step`() {
    var seen: Set<String> = []
    for seed in UInt64(1)...400 {
      var devices = Devices(seed: seed)
      devices.run(steps: 25) { random in
        switch random.below(10) {
        case 0, 1: [(alive, .set(.bool(true)))]
        case 2, 3, 4: [(alive, .set(.bool(false)))]
        case 5: [(moved, .set(random.chance(70) ? .null : .reference(Edits.record)))]
        case 6: [(CellKey(field: 8), .add(1))]
        default: [(name, .set(.int(1)))]
        }
      }
      let history = devices.history
      var state = RecordState()
      for (index, change) in history.changes.enumerated() {
        state.apply(change, in: history, fresh: true)
        for policy in [PresencePolicy.editWins, .deleteWins] {
          let expected = NaiveReducer(Array(history.changes[...index]), in: history)
            .presence(of: Edits.record, policy: policy)
          #expect(state.presence(history: history, policy: policy) == expected, "seed \(seed)")
          seen.insert("\(expected)".prefix { $0 != "(" }.description)
        }
      }
    }
    #expect(seen == ["absent", "visible", "deleted", "revived"])
  }

  @Test func `a record that nobody created is absent, whatever was written in it`() throws {
    var devices = Devices(seed: 1, count: 1)
    devices.write(0, [(name, .set(.int(1)))])
    #expect(try presence(devices) == .absent)
  }

  @Test func `an edit that no deletion had seen revives, and names the deletions`() throws {
    var devices = created(3)
    let first = devices.write(0, [(alive, .set(.bool(false)))])
    let second = devices.write(1, [(alive, .set(.bool(false)))])
    #expect(try presence(devices) == .deleted)
    devices.write(2, [(name, .set(.int(1)))])
    let deletions = [first, second].map { OpID(dot: $0, index: 0) }
    #expect(try presence(devices) == .revived(byEditConcurrentWith: deletions))
    #expect(try presence(devices, policy: .deleteWins) == .deleted)
  }

  @Test func `an edit that one of two deletions had seen does not revive`() throws {
    var devices = created(3)
    devices.write(0, [(alive, .set(.bool(false)))])
    devices.write(2, [(name, .set(.int(1)))])
    devices.sync(1, from: 2)
    devices.write(1, [(alive, .set(.bool(false)))])
    #expect(try presence(devices) == .deleted)
  }

  @Test func `a record that moved to another audience is not revived by an edit`() throws {
    var devices = created(2)
    devices.write(0, [(alive, .set(.bool(false))), (moved, .set(.reference(Edits.record)))])
    devices.write(1, [(name, .set(.int(1)))])
    #expect(try presence(devices) == .deleted)
    devices.sync(0, from: 1)
    devices.write(0, [(alive, .set(.bool(true))), (moved, .set(.null))])
    #expect(try presence(devices) == .visible)
  }

  @Test func `who undoes a deletion brings the record back`() throws {
    var devices = created(2)
    devices.write(0, [(alive, .set(.bool(false)))])
    devices.sync(1, from: 0)
    devices.write(1, [(alive, .set(.bool(true)))])
    #expect(try presence(devices, policy: .deleteWins) == .visible)
  }

  /// Devices that all know one new record.
  private func created(_ count: Int) -> Devices {
    var devices = Devices(seed: 1, count: count)
    devices.write(0, [(alive, .set(.bool(true)))])
    for device in 1..<count { devices.sync(device, from: 0) }
    return devices
  }

  private func presence(_ devices: Devices, policy: PresencePolicy = .editWins) throws -> Presence {
    let state = try RecordState.applying(devices.history.changes, in: devices.history, fresh: true)
    return state.presence(history: devices.history, policy: policy)
  }
}
