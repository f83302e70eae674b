// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import FaultDisk
import MujawaraCrypto
import SyncEngine

/// One device: a replica of the real engine with a disk and a wall clock of its own.
final class Host {
  let index: Int
  let name: String
  let keys: DeviceKeys
  let tag: RunTag
  let disk: FaultDisk
  /// Milliseconds by which its wall clock is off.
  var skew: Int64 = 0
  /// Who of the same number can be reached.
  var part = 0
  /// What its people keep for the day when the disk dies.
  private(set) var backups: [FaultDisk.Image] = []
  /// Whether errors of its store are what is wanted just now.
  var hasBadDisk = false
  private(set) var replica: Replica?
  private(set) var store: Watch?
  private(set) var door: Doorkeeper?
  private(set) var auditor: Auditor?
  /// A newer program's log of this device, by space.
  var newerLogs: [SpaceID: ForgedLog] = [:]

  private unowned let world: World
  private let master: SecretBytes
  private let folder: String

  init(_ resident: Town.Resident, index: Int, in world: World) {
    self.index = index
    self.world = world
    name = resident.name
    keys = resident.keys
    master = resident.master
    tag = RunTag(0x80, 0x40, UInt8(truncatingIfNeeded: index))
    folder = world.folder + "/" + name
    Folders.make(folder)
    disk = FaultDisk(resident.image(in: folder))
  }

  /// A newcomer, whose replica has just been made in `folder` on `disk`.
  init(
    name: String, index: Int, in folder: String, on disk: FaultDisk, keys: DeviceKeys, master: SecretBytes,
    world: World
  ) {
    (self.name, self.index, self.folder, self.disk) = (name, index, folder, disk)
    (self.keys, self.master, self.world) = (keys, master, world)
    tag = RunTag(0x80, 0x40, UInt8(truncatingIfNeeded: index))
  }

  var device: DeviceID { keys.card.device }
  var isUp: Bool { replica != nil }

  /// What the wall clock shows.
  var now: UInt64 { UInt64(max(0, Int64(world.now) + skew)) }

  // MARK: Life of the process

  func open() throws {
    precondition(replica == nil, "a process is started once")
    let opened = try Replica.open(folder, keys: keys, master: master, on: disk) { [unowned self] in now }
    auditor = Auditor(disk, Town.database(in: folder), isLate: world.canary == .earlySending)
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
  }

  // MARK: Disk

  /// The power goes, and comes back: of what wasn't synced, the disk has what `dice` says.
  func losePower(_ dice: inout Dice) throws {
    disk.crash(using: &dice)
    vanish()
    try open()
  }

  /// The process is killed and started again.
  func restart() throws {
    disk.killProcess()
    vanish()
    try open()
  }

  func backUp() { backups.append(disk.image) }

  /// A new disk, and on it an older state.
  func restore(_ image: FaultDisk.Image) throws {
    disk.restore(image)
    vanish()
    try open()
  }
}
