// SPDX-License-Identifier: AGPL-3.0-or-later
import Glibc
import MujawaraCrypto
import SyncEngine

/// A real replica for one input: a copy of one that version 1 made and that is kept in Tests/Fixtures, so that
/// an input means the same in every run. It is gone with the value.
final class FuzzPlace {
  let replica: Replica
  private let folder: String

  /// Nobody can do without these files; a broken promise of ours traps.
  init(_ member: Member) throws {
    folder = try Self.freshFolder()
    try SafeFile.write(member.database, to: folder + "/replica.sqlite")
    replica = try Replica.open(
      folder, keys: member.keys, master: member.master, clock: { Member.clock })
  }

  deinit {
    for name in ["replica.sqlite", "replica.sqlite-wal", "replica.sqlite-shm", "lock"] { unlink(folder + "/" + name) }
    rmdir(folder)
  }

  /// In memory where there is a file system of that kind.
  private static func freshFolder() throws -> String {
    let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var template = Array((parent + "/mujawara-fuzz-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { throw StoreError.cannotOpen(parent) }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// What must not depend on how often something came.
  struct Holdings: Equatable {
    let frontiers: [Frontier]
    let digest: [UInt8]?
  }

  func holdings() throws -> Holdings {
    let spaces = [Space.governance, .commons].map(replica.id(of:))
    let snapshots = try spaces.map(replica.snapshot)
    return Holdings(frontiers: snapshots.map(\.frontier), digest: snapshots[1].digest)
  }

  /// Throws unless every derived row is what the log gives.
  func requireSound() throws {
    let damage = try replica.check(full: true).damage
    try require(damage.isEmpty, "the replica is damaged: \(damage)")
  }
}

/// One of the two places in the fixtures: `a` founded the network and admitted `b`, a writer.
struct Member: Sendable {
  static let clock: UInt64 = 1_800_000_600_000
  static let a = Member("a")
  static let b = Member("b")

  let keys: DeviceKeys
  let master: SecretBytes
  let database: [UInt8]

  private init(_ name: String) {
    let folder = Self.root + "/Tests/Fixtures/v1/" + name
    do {
      (keys, master) = try Replica.keys(in: folder) { SecretBytes(copying: Array("bocal tempête lundi".utf8)) }
      database = try SafeFile.read(folder + "/database", limit: 1 << 20)
    } catch { preconditionFailure("the fixtures of version 1 stand in \(folder): \(error)") }
  }

  /// The package's folder.
  static let root = String(#filePath.dropLast("/Fuzz/Targets/FuzzPlace.swift".count))
}
