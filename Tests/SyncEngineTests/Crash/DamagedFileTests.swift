// SPDX-License-Identifier: AGPL-3.0-or-later

import FaultDisk
import SQLite
import SyncEngine
import Testing

@Suite("Files of a database that somebody or something changed") struct DamagedFileTests {
  private let session: CrashSession
  private var path: String { session.place.folder + "/replica.sqlite" }

  init() throws { session = try CrashSession() }

  /// The disk with everything folded into the database file, and the log empty.
  private func folded() throws -> FaultDisk.Image {
    let disk = FaultDisk(session.start)
    let connection = try Connection(path: path, mode: .readWrite, on: disk)
    #expect(try connection.scalar("SELECT count(*) FROM change") > 8)
    try connection.checkpoint()
    var image = disk.image
    image.files[path + "-wal"] = []
    return image
  }

  @Test func `are found out by the hash wherever a bit of a change's body is flipped`() throws {
    let disk = FaultDisk(session.start)
    let bodies = try Connection(path: path, mode: .readOnly, on: disk)
    let query = try bodies.prepare("SELECT dot, body FROM change ORDER BY dot")
    var (random, tried) = (Seeded(30), 0)
    while try query.step() {
      var body = query.bytes(1)
      body[random.below(body.count)] ^= 1 << random.below(8)
      let damaged = FaultDisk(session.start)
      let connection = try Connection(path: path, mode: .readWrite, on: damaged)
      try connection.statement("UPDATE change SET body=? WHERE dot=?").bind(1, body).bind(2, query.int(0)).run()
      let damage = damage(on: damaged)
      #expect(damage.contains { $0.contains("hash differs") || $0.contains("membership") }, "\(damage)")
      tried += 1
    }
    #expect(tried > 8)
  }

  /// What a check says, or what kept the replica from being opened or checked.
  private func damage(on disk: FaultDisk) -> [String] {
    do { return try TestPlace(session.place, on: disk).replica.check(full: true).damage } catch {
      return ["membership or structure: \(error)"]
    }
  }

  /// A bit of the file itself: whatever it hits, the check finds it or nothing that the replica says is changed by it.
  @Test func `are found out, or hold what they held, wherever a bit of the file is flipped`() throws {
    let whole = try folded()
    let expected = try TestPlace(session.place, on: FaultDisk(whole))
    let (extent, digest) = (try Extent(expected), try expected.digest())
    var (random, foundOut) = (Seeded(31), 0)
    for _ in 0..<120 {
      var image = whole
      image.files[path]![random.below(image.files[path]!.count)] ^= 1 << random.below(8)
      let disk = FaultDisk(image)
      if !damage(on: disk).isEmpty {
        foundOut += 1
        continue
      }
      let place = try TestPlace(session.place, on: disk)
      #expect(try Extent(place) == extent && place.digest() == digest)
    }
    #expect(foundOut > 0)
  }

  @Test func `open with all that is left where the log of the database is cut off anywhere`() throws {
    let disk = FaultDisk(session.start)
    let place = try TestPlace(session.place, on: disk)
    try place.replica.rebuild()
    var extents = [try Extent(place)]
    for number in 0..<4 {
      try place.write("commit \(number)")
      extents.append(try Extent(place))
    }
    let image = disk.syncedImage
    let log = try #require(image.files[path + "-wal"])
    var random = Seeded(32)
    var before = extents.count - 1
    for length in (0..<40).map({ _ in random.below(log.count) }).sorted(by: >) {
      var cut = image
      cut.files[path + "-wal"] = Array(log[..<length])
      guard let left = try? TestPlace(session.place, on: FaultDisk(cut)) else { continue }
      #expect(try left.replica.check(full: true).damage == [])
      let extent = try Extent(left)
      guard let now = extents.firstIndex(of: extent) else { continue }
      #expect(now <= before)
      before = now
    }
    #expect(before < extents.count - 1)
  }

  @Test func `are read and not written where the disk is read-only`() throws {
    let disk = FaultDisk(session.start)
    let extent = try Extent(TestPlace(session.place, on: disk))
    disk.isReadOnly = true
    let place = try TestPlace(session.place, on: disk)
    #expect(try Extent(place) == extent)
    #expect(try place.replica.check(full: true).damage == [])
    let failure = #expect(throws: StoreError.self) { try place.write("no") }
    guard case .readOnly? = failure else {
      Issue.record("another failure: \(String(describing: failure))")
      return
    }
    #expect(disk.image == session.start)
  }
}
