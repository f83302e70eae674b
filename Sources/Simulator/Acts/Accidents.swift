// SPDX-License-Identifier: AGPL-3.0-or-later
import FaultDisk
import MujawaraCrypto
import SyncEngine

/// What happens to devices.
extension World {
  /// The process is killed, or the power goes, while nothing is written.
  func crash(_ host: Host, _ dice: inout Dice) throws {
    guard host.isUp else { return }
    if dice.once(in: 2) { try host.restart() } else { try host.losePower(&dice) }
    tally.fault("crash at rest")
  }

  /// The power goes within a write, or shortly after: of what wasn't synced the disk has anything. Or the process
  /// alone dies there, and its files are as it left them.
  func crashWriting(_ host: Host, _ dice: inout Dice) throws {
    guard host.isUp else { return }
    let before = canary == .hastyAcknowledgement ? host.disk.image : nil
    if before == nil { host.disk.cutPower(atStep: host.disk.steps + dice.below(30)) }
    try work(at: host, &dice)
    tally.fault(host.disk.isOff ? "crash within a write" : "crash after a write")
    if let before { return try host.restore(before) }
    if dice.once(in: 3) { try host.restart() } else { try host.losePower(&dice) }
  }

  /// The disk fails or is full for a moment, or for a while.
  func failDisk(_ host: Host, _ dice: inout Dice) throws {
    guard host.isUp else { return }
    let operations: [FaultDisk.Operations] = [.write, .sync, [.write, .sync], .read]
    let touched = operations[dice.below(operations.count)]
    let kind: FaultDisk.Fault.Kind = touched == .write && dice.once(in: 2) ? .full : .io
    host.disk.fail(.init(kind, of: touched, after: dice.below(12), isLasting: dice.once(in: 2)))
    let failures = host.disk.failures
    try work(at: host, &dice)
    host.disk.heal()
    if host.disk.failures > failures { tally.fault("disk: \(kind)") }
    if dice.once(in: 2) { try host.restart() }
  }

  /// Makes the device write something while its disk isn't to be trusted. What its people were told is noted as ever.
  private func work(at host: Host, _ dice: inout Dice) throws {
    host.hasBadDisk = true
    defer { host.hasBadDisk = false }
    do {
      if dice.once(in: 2), let cable = network.cables.first(where: { $0.isAt(host) }) {
        try deliver(cable, 4 + dice.below(20))
      } else if dice.once(in: 3) {
        try readStick(host, &dice)
      } else {
        try edit(host, &dice)
      }
    } catch let error as StoreError { trace.note("\(host.name) fails: \(error)") }
  }

  /// The disk dies, and an old backup is put on a new one.
  func restore(_ host: Host, _ dice: inout Dice) throws {
    guard host.isUp, let backup = dice.pick(host.backups) else { return }
    try host.restore(backup)
    tally.fault("backup restored")
    tally.lostWithDisks += try ledger.strikeOut { entry in
      try !hosts.contains { host in
        guard let auditor = host.auditor else { return false }
        return try auditor.holds(entry.change) || auditor.isWaiting(entry.change)
      }
    }
  }

  /// Ten years either way, or a little.
  func jumpClock(_ host: Host, _ dice: inout Dice) {
    let decade: Int64 = 315_576_000_000
    let jumps = [decade, -decade, 3_600_000, -86_400_000, -host.skew]
    host.skew += jumps[dice.below(jumps.count)]
    tally.fault("clock jump")
  }

  /// Time goes by for everyone: minutes, or days.
  func wait(_ dice: inout Dice) {
    now += UInt64(1 + dice.below(2_000)) * (dice.once(in: 2) ? 1_000 : 600_000)
    for cable in network.cables { cable.tick() }
    network.sweep()
  }

  /// A place is admitted, and its first device makes its replica.
  func admit(by host: Host, _ dice: inout Dice) throws {
    guard !isFull, let replica = host.replica else { return }
    let name = "n\(hosts.count)"
    let home = folder + "/" + name
    let (keys, master) = try Replica.prepare(home, passphrase: nil)
    let op = GovernanceOp.placeAdmit(
      card: keys.card, role: 1 + UInt64(dice.below(3)), invite: nil, countersign: nil)
    guard let change = try trying(host, { try replica.commitGovernance([op]) }) else { return Folders.remove(home) }
    acknowledge(change, in: .zero, by: host)
    try settle(host)
    let disk = FaultDisk()
    _ = try Replica.join(
      in: home, keys: keys, master: master, names: .init(place: name, device: name), network: replica.network,
      anchor: replica.anchor, governance: try Raw.changes(of: replica, in: .zero), on: disk, clock: { [now] in now })
    add(Host(name: name, index: hosts.count, in: home, on: disk, keys: keys, master: master, world: self))
    try hosts[hosts.count - 1].open()
    tally.fault("newcomer")
  }
}
