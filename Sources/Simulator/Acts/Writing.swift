// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto
import SyncEngine

/// What the people of a device write.
extension World {
  func edit(_ host: Host, _ dice: inout Dice) throws {
    guard let replica = host.replica else { return }
    guard let space = try dice.pick(replica.readableSpaces()) else { return }
    var author = Author(replica: replica, tag: host.tag, records: records.filter { $0.space == space }.map(\.id), dice: dice)
    let entries = try author.entries(in: space)
    dice = author.dice
    _ = try write([(space, entries)], by: host)
  }

  /// Commits, and takes note of what was acknowledged. Nil if the device may not.
  @discardableResult
  func write(
    _ parts: [(space: SpaceID, entries: [ContentEntry])], by host: Host, undoes: ChangeID? = nil
  ) throws -> [Committed]? {
    guard let replica = host.replica else { return nil }
    guard let committed = try trying(host, { try replica.commit(parts, undoes: undoes) }) else { return nil }
    for (part, made) in zip(parts, committed) {
      acknowledge(made.change, in: part.space, by: host)
      records += made.created.map { (id: $0, space: part.space) }
    }
    return committed
  }

  func acknowledge(_ change: ChangeID, in space: SpaceID, by host: Host) {
    ledger.acknowledge(change, in: space, by: host)
    tally.changesWritten += 1
    trace.note("\(host.name) writes \(change)")
  }

  /// Takes back a change of this device, or of another.
  func undo(_ host: Host, _ dice: inout Dice) throws {
    guard let replica = host.replica else { return }
    let own = dice.once(in: 3) ? nil : try replica.lastOwnChange()
    guard let id = own ?? dice.pick(ledger.entries)?.change else { return }
    guard let step = try replica.compensation(for: id), !step.entries.isEmpty else { return }
    try write([(step.space, step.entries)], by: host, undoes: id)
  }

  /// Takes a change back for good: one of the device's own, or of another.
  func redact(_ host: Host, _ dice: inout Dice) throws {
    guard let replica = host.replica else { return }
    let own = ledger.entries.filter { $0.host == host.index }
    guard let entry = dice.pick(dice.once(in: 3) ? ledger.entries : own) else { return }
    for id in try trying(host, { try replica.redact([entry.change]) }) ?? [] {
      acknowledge(id, in: entry.space, by: host)
      tally.fault("change taken back for good")
    }
  }

  /// Moves a record to another audience: both changes in one transaction, the new record's first.
  func changeAudience(_ host: Host, _ dice: inout Dice) throws {
    guard let replica = host.replica else { return }
    let spaces = try replica.readableSpaces()
    guard let record = dice.pick(records), spaces.contains(record.space),
      let target = dice.pick(spaces.filter { $0 != record.space })
    else { return }
    let moved = record.id.moved(to: target)
    let new = ContentEntry(
      .existing(moved),
      [
        FieldEdits(SystemField.alive, .bool(true)), FieldEdits(SystemField.kind, .int(12)),
        FieldEdits(16, .text("moved \(dice.below(100))")),
      ])
    let old = ContentEntry(
      .existing(record.id),
      [FieldEdits(SystemField.alive, .bool(false)), FieldEdits(SystemField.moved, .reference(moved))])
    guard try write([(target, [new]), (record.space, [old])], by: host) != nil else { return }
    records.append((id: moved, space: target))
  }

  /// A newer program of the same device writes what this one doesn't know, in a log of its own.
  func writeAsNewer(_ host: Host, _ dice: inout Dice) throws {
    guard let replica = host.replica, let space = try dice.pick(replica.readableSpaces()),
      let facts = try replica.membership().space(space), try replica.membership().mayWrite(host.device, facts)
    else { return }
    var log = host.newerLogs[space] ?? freshLog(in: space)
    var future = Future(dice: dice, record: records.last { $0.space == space }?.id)
    guard let change = try future.change(after: log, by: replica) else { return }
    let report = try replica.ingest([change])
    guard report.new == 1 else {
      throw Failure(.nothingUnforeseen, "\(host.name) turns down a newer program's own change: \(report)")
    }
    log.append(change)
    host.newerLogs[space] = log
    acknowledge(change.id, in: space, by: host)
  }

  private func freshLog(in space: SpaceID) -> ForgedLog {
    ForgedLog(space: space, incarnation: SecureRandom.bytes(8).reduce(0) { $0 << 8 | UInt64($1) })
  }
}

/// Changes as a later version might write them: each holds something that this one keeps and doesn't understand.
private struct Future {
  var dice: Dice
  let record: RecordID?

  mutating func change(after log: ForgedLog, by replica: Replica) throws -> Change? {
    let form = dice.below(4)
    let kind: ChangeKind = form == 3 ? .unknown(40 + UInt64(dice.below(5))) : .content
    guard var forgery = try Forgery(replica, after: log, kind: kind, body: body(form)) else { return nil }
    let key = UInt64(15 + dice.below(100))
    if form == 1 || form == 2 { forgery.header.unknown = [UnknownKey(key: key, raw: [0x81, 0x18, 0x2a])] }
    if form == 2 { forgery.header.crit = [key] }
    return forgery.change()
  }

  private mutating func body(_ form: Int) -> [UInt8] {
    if form == 3 { return dice.bytes(1 + dice.below(90)) }
    let unknown = WireEdit.unknown(code: 6 + UInt64(dice.below(40)), raw: [0x82, 0x01, 0x61, 0x7a])
    let fields = [
      FieldEdits(16, .text("newer \(dice.below(1000))")), FieldEdits(70, [.set(.value(.tuple(99, [.int(1)]))), unknown]),
    ]
    let ref = record.map(EntryRef.existing) ?? .new(.number(200))
    return Content(
      label: Int64(dice.below(100)), entries: [ContentEntry(ref, fields)],
      unknown: [UnknownKey(key: 4 + UInt64(dice.below(9)), raw: [0xf5])]
    ).encoded()
  }
}
