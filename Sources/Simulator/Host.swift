// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto
import SQLite
import SyncEngine

/// One device: a replica of the real engine with a disk and a wall clock of its own.
final class Host {
  let index: Int
  let name: String
  /// Milliseconds by which its wall clock is off.
  var skew: Int64 = 0
  /// Who of the same number can be reached.
  var part = 0
  /// What its people keep for the day when the disk dies.
  private(set) var backups: [String] = []
  /// Whether it was put back to an older state and hasn't yet got back what it had let out since.
  var isBehindItself = false
  private(set) var replica: Replica?
  private(set) var store: Watch?
  private(set) var door: Doorkeeper?
  /// A second connection, which sees what is committed and nothing else.
  private(set) var auditor: Auditor?
  /// A newer program's log of this device, by space.
  var newerLogs: [SpaceID: ForgedLog] = [:]
  let keys: DeviceKeys
  let tag: RunTag

  private unowned let world: World
  private let master: SecretBytes
  private var folder: String
  private var copies = 0
  private let home: String

  init(_ resident: Town.Resident, index: Int, in world: World) {
    self.index = index
    self.world = world
    name = resident.name
    keys = resident.keys
    master = resident.master
    tag = RunTag(0x80, 0x40, UInt8(truncatingIfNeeded: index))
    home = world.folder + "/" + resident.name
    folder = home + ".0"
    Folders.copy(resident.folder, to: folder)
  }

  /// A newcomer, whose replica has just been made in `folder`.
  init(name: String, index: Int, folder: String, keys: DeviceKeys, master: SecretBytes, in world: World) {
    self.index = index
    self.world = world
    self.name = name
    self.keys = keys
    self.master = master
    tag = RunTag(0x80, 0x40, UInt8(truncatingIfNeeded: index))
    home = world.folder + "/" + name
    self.folder = folder
  }

  var device: DeviceID { keys.card.device }
  var isUp: Bool { replica != nil }

  /// What the wall clock shows.
  var now: UInt64 { UInt64(max(0, Int64(world.now) + skew)) }

  // MARK: Life of the process

  func open() throws {
    precondition(replica == nil, "a process is started once")
    let opened = try Replica.open(folder, keys: keys, master: master) { [unowned self] in now }
    auditor = try Auditor(folder + "/" + Folders.database, isLate: world.canary == .earlySending)
    replica = opened
    let store = Watch(opened, of: self, in: world)
    self.store = store
    door = Doorkeeper(store: store)
  }

  /// The process is gone; nothing was tidied up.
  private func vanish() {
    world.network.hangUp(all: self)
    auditor = nil
    door = nil
    store = nil
    replica = nil
    newerLogs = [:]
  }

  func shutDown() {
    vanish()
    Folders.remove(folder)
    for backup in backups { Folders.remove(backup) }
    backups = []
  }

  // MARK: Disk

  /// Bytes that the write-ahead log has.
  var logSize: Int { Folders.size(folder + "/" + Folders.log) }

  /// The power goes. Of what was written since the log had `synced` bytes only the beginning is on the disk:
  /// `part` out of 256 of it.
  func crash(synced: Int, part: Int) throws {
    let size = logSize
    let limit = synced + (size - synced) * part / 256
    let next = nextFolder()
    Folders.copy(folder, to: next, logLimit: limit)
    vanish()
    Folders.remove(folder)
    folder = next
    try open()
  }

  func backUp() {
    let copy = nextFolder()
    Folders.copy(folder, to: copy)
    backups.append(copy)
  }

  /// A new disk, and on it the backup.
  func restore(_ backup: Int) throws {
    let next = nextFolder()
    Folders.copy(backups[backup], to: next)
    vanish()
    Folders.remove(folder)
    folder = next
    try open()
  }

  private func nextFolder() -> String {
    copies += 1
    return "\(home).\(copies)"
  }
}

/// Sees what is committed, and nothing else, through a connection of its own.
final class Auditor {
  private let connection: Connection
  /// A canary: it sees only what was committed before it was last asked for everything.
  private let isLate: Bool

  init(_ path: String, isLate: Bool) throws {
    connection = try Connection(path: path, mode: .readOnly)
    self.isLate = isLate
    if isLate {
      try connection.execute("BEGIN")
      _ = try connection.scalar("SELECT count(*) FROM change")
    }
  }

  func holds(_ change: ChangeID) throws -> Bool {
    try isThere("SELECT 1 FROM change WHERE id=?", change)
  }

  func isWaiting(_ change: ChangeID) throws -> Bool {
    try isThere("SELECT 1 FROM pending WHERE id=?", change)
  }

  /// The changes that wait.
  func waiting() throws -> [(id: ChangeID, envelope: [UInt8])] {
    let query = try connection.prepare("SELECT id, envelope FROM pending ORDER BY id")
    var all: [(ChangeID, [UInt8])] = []
    while try query.step() {
      guard let id = ChangeID(query.bytes(0)) else { throw StoreError.damaged("an id of a wrong size") }
      all.append((id, query.bytes(1)))
    }
    return all
  }

  private func isThere(_ sql: String, _ change: ChangeID) throws -> Bool {
    let query = try connection.statement(sql).bind(1, change.bytes)
    defer { query.reset() }
    return try query.step()
  }
}
