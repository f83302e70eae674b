// SPDX-License-Identifier: AGPL-3.0-or-later

import FaultDisk
import SQLite
import Testing

/// Reproducible randomness: SplitMix64.
private struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

private let path = "/somewhere/db"

/// A database on a disk, in the way the engine uses it.
private func open(_ disk: FaultDisk, _ mode: Connection.Mode = .create) throws -> Connection {
  let db = try Connection(path: path, mode: mode, on: disk)
  if mode != .readOnly { _ = try db.text("PRAGMA journal_mode=WAL") }
  try db.execute("PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=FULL; PRAGMA busy_timeout=0")
  return db
}

private func rows(_ disk: FaultDisk) throws -> Int {
  let db = try open(disk, .readWrite)
  #expect(try db.text("PRAGMA integrity_check") == "ok")
  return Int(try db.scalar("SELECT count(*) FROM t"))
}

/// A disk with a table and so many commits of one long row each.
private func filled(_ commits: Int) throws -> (disk: FaultDisk, db: Connection) {
  let disk = FaultDisk()
  let db = try open(disk)
  try db.execute("CREATE TABLE t(a)")
  for _ in 0..<commits { try insert(db) }
  return (disk, db)
}

private func insert(_ db: Connection) throws { try db.execute("INSERT INTO t VALUES(randomblob(5000))") }

@Suite("A fault disk") struct FaultDiskTests {
  @Test func `keeps a database for whoever opens it next, and shares it between connections`() throws {
    let (disk, one) = try filled(3)
    let other = try open(disk, .readWrite)
    #expect(try other.scalar("SELECT count(*) FROM t") == 3)
    try one.execute("BEGIN IMMEDIATE")
    #expect(throws: SQLiteError.busy("database is locked")) { try other.execute("BEGIN IMMEDIATE") }
    try insert(one)
    #expect(try other.scalar("SELECT count(*) FROM t") == 3)
    try one.execute("COMMIT")
    try insert(other)
    #expect(try one.scalar("SELECT count(*) FROM t") == 5)
    try one.checkpoint()
    #expect(try open(disk, .readOnly).scalar("SELECT count(*) FROM t") == 5)
    #expect(disk.exists(path + "-wal") && disk.size(of: path) >= 25_000)
  }

  @Test func `has in its synced image what was committed in full, and not what wasn't`() throws {
    let (disk, db) = try filled(1)
    for count in 2...6 {
      try insert(db)
      #expect(try rows(FaultDisk(disk.syncedImage)) == count)
    }
    try db.execute("PRAGMA synchronous=NORMAL")
    try insert(db)
    #expect(try rows(FaultDisk(disk.syncedImage)) == 6)
    #expect(try rows(FaultDisk(disk.image)) == 7)
  }

  /// The surface before every step of a session of commits with a checkpoint in their midst, and how many rows were
  /// committed by then.
  private func session(synchronous: String) throws -> [(surface: FaultDisk.Surface, committed: Int)] {
    let (disk, db) = try filled(1)
    try db.execute("PRAGMA synchronous=\(synchronous)")
    let seen = Seen()
    disk.observe { [unowned disk] _ in seen.surfaces.append((disk.surface, seen.committed)) }
    for _ in 0..<6 {
      if seen.committed == 4 { try db.checkpoint() }
      try insert(db)
      seen.committed += 1
    }
    disk.observe(nil)
    return seen.surfaces
  }

  private final class Seen: @unchecked Sendable {
    var surfaces: [(FaultDisk.Surface, Int)] = []
    var committed = 1
  }

  @Test func `loses nothing that was committed in full, wherever the power is cut`() throws {
    var random = Seeded(state: 1)
    let surfaces = try session(synchronous: "FULL")
    #expect(surfaces.count > 40)
    var outcomes: [FaultDisk.Image] = []
    for (surface, committed) in surfaces {
      for _ in 0..<3 {
        let image = surface.afterCrash(using: &random)
        if !outcomes.contains(image) { outcomes.append(image) }
        #expect((committed...committed + 1).contains(try rows(FaultDisk(image))))
      }
    }
    #expect(outcomes.count > surfaces.count)
  }

  @Test func `does lose commits that weren't synced, and may mix up a database that never syncs`() throws {
    var random = Seeded(state: 2)
    var (lost, broken) = (0, 0)
    for (surface, committed) in try session(synchronous: "OFF") {
      let disk = FaultDisk(surface.afterCrash(using: &random))
      guard let db = try? open(disk, .readWrite), (try? db.text("PRAGMA integrity_check")) == "ok",
        let count = try? db.scalar("SELECT count(*) FROM t")
      else {
        broken += 1
        continue
      }
      if count < committed { lost += 1 }
    }
    #expect(lost > 0 && broken > 0)
  }

  @Test func `fails everything from the step at which its power is cut, until it comes back`() throws {
    var random = Seeded(state: 3)
    for step in 0..<6 {
      let (disk, db) = try filled(2)
      disk.cutPower(atStep: disk.steps + step)
      #expect(throws: SQLiteError.self) { for _ in 0..<5 { try insert(db) } }
      #expect(disk.isOff)
      #expect(throws: SQLiteError.self) { try open(disk, .readWrite).scalar("SELECT count(*) FROM t") }
      disk.crash(using: &random)
      #expect(throws: SQLiteError.self) { try db.scalar("SELECT count(*) FROM t") }
      #expect(throws: SQLiteError.self) { try insert(db) }
      #expect((2...4).contains(try rows(disk)))
    }
  }

  @Test(arguments: [FaultDisk.Operations.write, .sync]) func `fails the operation that it was told to, once or from then on`(
    _ operation: FaultDisk.Operations
  ) throws {
    let (disk, db) = try filled(1)
    disk.fail(.init(.io, of: operation, after: 1))
    let failure = #expect(throws: SQLiteError.self) { for _ in 0..<3 { try insert(db) } }
    guard case .io? = failure else {
      Issue.record("another failure: \(String(describing: failure))")
      return
    }
    #expect(disk.failures == 1)
    let count = try rows(disk)
    try insert(db)
    disk.fail(.init(.full, of: operation, isLasting: true))
    for _ in 0..<3 { #expect(throws: SQLiteError.self) { try insert(db) } }
    #expect(disk.failures >= 4)
    disk.heal()
    try insert(db)
    #expect(try rows(disk) == count + 2)
    #expect(try rows(FaultDisk(disk.syncedImage)) == count + 2)
  }

  @Test func `is full where its capacity ends`() throws {
    let (disk, db) = try filled(1)
    disk.capacity = disk.size + 9_000
    let failure = #expect(throws: SQLiteError.self) { for _ in 0..<9 { try insert(db) } }
    guard case .full? = failure else {
      Issue.record("another failure: \(String(describing: failure))")
      return
    }
    #expect(disk.size <= disk.capacity!)
    let count = try rows(disk)
    disk.capacity = nil
    try insert(db)
    #expect(try rows(disk) == count + 1)
  }

  @Test func `reads short, and the database says that it is damaged or can't be read`() throws {
    let (disk, db) = try filled(8)
    try db.checkpoint()
    let other = try Connection(path: path, mode: .readWrite, on: FaultDisk(disk.image))
    #expect(try other.scalar("SELECT sum(length(a)) FROM t") == 40_000)
    let again = FaultDisk(disk.image)
    again.fail(.init(.short, of: .read, after: 8, isLasting: true))
    #expect(throws: SQLiteError.self) {
      let db = try Connection(path: path, mode: .readWrite, on: again)
      #expect(try db.scalar("SELECT sum(length(a)) FROM t") == 40_000)
    }
  }

  @Test func `comes back as an old backup, for new connections alone`() throws {
    let (disk, db) = try filled(2)
    let backup = disk.image
    try insert(db)
    disk.restore(backup)
    #expect(throws: SQLiteError.self) { try insert(db) }
    #expect(try rows(disk) == 2)
    #expect(disk.surface.image == disk.syncedImage)
  }

  @Test func `isn't written while it is read-only`() throws {
    let (disk, _) = try filled(2)
    disk.isReadOnly = true
    #expect(!disk.isWritable(path))
    let db = try open(disk, .readOnly)
    #expect(try db.scalar("SELECT count(*) FROM t") == 2)
    let failure = #expect(throws: SQLiteError.self) { try insert(db) }
    guard case .readOnly? = failure else {
      Issue.record("another failure: \(String(describing: failure))")
      return
    }
  }
}
