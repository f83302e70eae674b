// SPDX-License-Identifier: AGPL-3.0-or-later
import Glibc
import MujawaraCrypto
import SyncEngine

/// A real replica for one input: a copy of one that version 1 made and that is kept in Tests/Fixtures, so that
/// an input means the same in every run. It is gone with the value.
final class FuzzPlace {
  let replica: Replica
  private let folder: String

  convenience init(_ member: Member) throws {
    try self.init(member.files, keys: member.keys, master: member.master)
  }

  fileprivate init(_ files: [String: [UInt8]], keys: DeviceKeys, master: SecretBytes) throws {
    folder = try Self.freshFolder()
    for (name, bytes) in files { try SafeFile.write(bytes, to: folder + "/" + name) }
    replica = try Replica.open(folder, keys: keys, master: master, clock: { Member.clock })
  }

  /// The database as this version has it, which costs time to make of an older one, with its write-ahead log.
  fileprivate func files() throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in ["replica.sqlite", "replica.sqlite-wal"] where access(folder + "/" + name, F_OK) == 0 {
      files[name] = try SafeFile.read(folder + "/" + name, limit: 4 << 20)
    }
    return files
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
  let files: [String: [UInt8]]

  private init(_ name: String) {
    let folder = Self.root + "/Tests/Fixtures/v1/" + name
    do {
      (keys, master) = try Replica.keys(in: folder) { SecretBytes(copying: Array("bocal tempête lundi".utf8)) }
      let old = try SafeFile.read(folder + "/database", limit: 4 << 20)
      files = try FuzzPlace(["replica.sqlite": old], keys: keys, master: master).files()
    } catch { preconditionFailure("the fixtures of version 1 stand in \(folder): \(error)") }
  }

  /// The package's folder.
  static let root = String(#filePath.dropLast("/Fuzz/Targets/FuzzPlace.swift".count))
}
