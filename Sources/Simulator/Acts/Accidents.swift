// SPDX-License-Identifier: AGPL-3.0-or-later
import SyncEngine

/// What happens to devices.
extension World {
  /// The power goes while nothing is written.
  func crash(_ host: Host) throws {
    guard host.isUp else { return }
    try host.crash(synced: host.logSize, part: 256)
  }

  /// The power goes while something is written: of that write any part is on the disk, and nobody was told that it
  /// was done.
  func crashWriting(_ host: Host, _ dice: inout Dice) throws {
    guard host.isUp else { return }
    let before = ledger
    let size = try write(at: host, &dice)
    if canary != .hastyAcknowledgement { ledger = before }
    let part = dice.once(in: 4) ? 256 : dice.below(256)
    tally.fault(part == 256 ? "crash after a write" : "crash within a write")
    try host.crash(synced: size, part: part)
  }

  /// Makes the device write something, in a session if there is one, and says what its log on the disk had before.
  /// What it says after that write is still on its way.
  private func write(at host: Host, _ dice: inout Dice) throws -> Int {
    if dice.once(in: 2), let cable = network.cables.first(where: { $0.isAt(host) }) {
      var size = host.logSize
      while try host.logSize == size && cable.deliver(1) { size = min(size, host.logSize) }
      if host.logSize > size { return size }
    }
    let size = host.logSize
    try edit(host, &dice)
    return size
  }

  /// The disk dies, and an old backup is put on a new one.
  func restore(_ host: Host, _ dice: inout Dice) throws {
    guard host.isUp, !host.backups.isEmpty else { return }
    try host.restore(dice.below(host.backups.count))
    tally.fault("backup restored")
    host.isBehindItself = true
    sticks = []
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
  }

  /// Time goes by for everyone: minutes, or days.
  func wait(_ dice: inout Dice) {
    now += UInt64(1 + dice.below(2_000)) * (dice.once(in: 2) ? 1_000 : 600_000)
    for cable in network.cables { cable.tick() }
    network.sweep()
  }

  /// A place is admitted, and its first device makes its replica.
  func admit(by host: Host, _ dice: inout Dice) throws {
    guard !isFull, try canWrite(host), let replica = host.replica else { return }
    let name = "n\(hosts.count)"
    let home = folder + "/" + name
    let (keys, master) = try Replica.prepare(home, passphrase: nil)
    let op = GovernanceOp.placeAdmit(
      card: keys.card, role: 1 + UInt64(dice.below(3)), invite: nil, countersign: nil)
    guard let change = try trying(host, { try replica.commitGovernance([op]) }) else { return Folders.remove(home) }
    acknowledge(change, in: .zero, by: host)
    try settle(host)
    let newcomer = Host(name: name, index: hosts.count, folder: home, keys: keys, master: master, in: self)
    _ = try Replica.join(
      in: home, keys: keys, master: master, names: .init(place: name, device: name), network: replica.network,
      anchor: replica.anchor, governance: try Raw.changes(of: replica, in: .zero), clock: { [now] in now })
    add(newcomer)
    try newcomer.open()
    tally.fault("newcomer")
  }
}
