// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Glibc
import MujawaraCrypto
import SQLite

extension Replica {
  /// What a new replica is given by its people.
  public struct Names: Sendable {
    public var place: String?
    public var device: String

    /// `place` is nil for a further device of a place that has its name.
    public init(place: String?, device: String) {
      self.place = place
      self.device = device
    }
  }

  /// Makes the folder and a key file in it, for a device that is yet to found or join a network.
  ///
  /// Throws `StoreError.exists` where there is a replica, or the beginning of one.
  public static func prepare(
    _ folder: String, passphrase: SecretBytes?, ops: UInt64 = KeyFile.defaultOps, mem: UInt64 = KeyFile.defaultMem
  ) throws -> (keys: DeviceKeys, master: SecretBytes) {
    try makeFolder(folder)
    guard access(folder + "/" + keyFileName, F_OK) != 0, !isMade(in: folder) else {
      throw StoreError.exists(folder)
    }
    if isEmpty(folder) { chmod(folder, 0o700) }
    let keys = DeviceKeys.generate()
    let (bytes, master) = try KeyFile.create(keys: keys, passphrase: passphrase, ops: ops, mem: mem)
    try SafeFile.write(bytes, to: folder + "/" + keyFileName)
    return (keys, master)
  }

  /// Whether there is a replica's database in the folder. One whose making was cut short is none.
  public static func isMade(in folder: String) -> Bool { Database.isMade(in: folder, on: SystemVolume()) }

  /// Founds a network with this device's place as its first. It is there with its key and its name, or not at all.
  public static func found(
    in folder: String, keys: DeviceKeys, master: SecretBytes, names: Names, policy: Policy = Policy(),
    on volume: any Volume = SystemVolume(), clock: @escaping () -> UInt64
  ) throws -> Replica {
    let incarnation = SecureRandom.bytes(8)
    let stamp = max(buildDate, clock() - clock() % 60_000)
    let label = Int64(clock() / 1000) - Int64(stamp / 1000)
    let body = GovernanceBody(label: label, ops: [.genesis(policy, founders: [keys.card])]).encoded()
    let header = ChangeHeader(
      kind: .governance, author: ID32(keys.card.sign, at: 0), space: .zero,
      incarnation: readBigEndian(incarnation, at: 0), seq: 1, prev: nil, stamp: stamp, cum: UInt64(body.count),
      ctLength: UInt64(body.count))
    let genesis = Change(header: header, ciphertext: body, network: .zero, key: keys.sign)
    return try make(
      in: folder, keys: keys, master: master, names: names, incarnation: incarnation, governance: [genesis],
      network: .network(genesis: genesis.id), anchor: [genesis.id], on: volume, clock: clock
    ) { replica in
      let ingestion = Ingestion(replica)
      try replica.rotate(.commons, ingestion)
      _ = try ingestion.finish()
      _ = try replica.writeSettlement()
    }
  }

  /// Makes the replica of a device that was admitted: with the whole governance that it was given, checked.
  ///
  /// Throws `ReplicaError.badAdmission` if that doesn't hold together or doesn't admit the device.
  public static func join(
    in folder: String, keys: DeviceKeys, master: SecretBytes, names: Names, network: NetworkID, anchor: [ChangeID],
    governance: [Change], on volume: any Volume = SystemVolume(), clock: @escaping () -> UInt64
  ) throws -> Replica {
    try make(
      in: folder, keys: keys, master: master, names: names, incarnation: SecureRandom.bytes(8),
      governance: governance, network: network, anchor: anchor, on: volume, clock: clock
    ) { replica in
      guard replica.graph.isAnchored, replica.graph.resolve().isPresent(replica.deviceID) else {
        throw ReplicaError.badAdmission("the governance that came doesn't admit this device")
      }
    }
  }

  /// Makes the database with all that it begins with in one transaction, to which `completing` adds the last.
  private static func make(
    in folder: String, keys: DeviceKeys, master: SecretBytes, names: Names, incarnation: [UInt8],
    governance: [Change], network: NetworkID, anchor: [ChangeID], on volume: any Volume,
    clock: @escaping () -> UInt64, completing: (Replica) throws -> Void
  ) throws -> Replica {
    guard let genesis = governance.first(where: { $0.header.isGenesis && $0.header.kind == .governance }) else {
      throw ReplicaError.badAdmission("the network's first change is missing")
    }
    guard NetworkID.network(genesis: genesis.id) == network, let bytes = genesis.ciphertext else {
      throw ReplicaError.badAdmission("the network's first change is another's")
    }
    let graph = try GovernanceGraph(
      genesis: GovernanceChange(
        id: genesis.id, author: genesis.header.author, parents: [], stamp: genesis.header.stamp,
        ops: try GovernanceBody(decoding: bytes).ops), anchor: anchor)
    guard !Database.isMade(in: folder, on: volume) else { throw StoreError.exists(folder) }
    Database.remove(from: folder, on: volume)
    do {
      let database = try Database(folder: folder, creating: true, on: volume)
      let meta = MetaStore(connection: database.connection)
      return try database.write {
        try meta.set(MetaKey.network, network.bytes)
        try meta.set(MetaKey.anchor, anchor.sorted().flatMap(\.bytes))
        try meta.set(MetaKey.device, keys.card.sign)
        try meta.set(MetaKey.incarnation, incarnation)
        if let place = names.place { try meta.set(MetaKey.placeName, Array(place.utf8)) }
        try meta.set(MetaKey.deviceName, Array(names.device.utf8))
        let replica = try Replica(
          folder: folder, database: database, keys: keys, master: master, graph: graph,
          creation: genesis.header.stamp, clock: clock)
        let ingestion = Ingestion(replica)
        try ingestion.takeGenesis(genesis)
        try ingestion.take(governance)
        let report = try ingestion.finish()
        if let refused = report.refused.first { throw ReplicaError.badAdmission("\(refused.reason)") }
        try completing(replica)
        return replica
      }
    } catch {
      Database.remove(from: folder, on: volume)
      throw error
    }
  }

  /// Whether nothing stands in the folder, so that it is the replica's alone.
  private static func isEmpty(_ folder: String) -> Bool {
    guard let entries = opendir(folder) else { return false }
    defer { closedir(entries) }
    var count = 0
    while readdir(entries) != nil { count += 1 }
    return count <= 2
  }

  /// Makes the folder, and those above it that are missing, for this user alone. Throws `StoreError`.
  public static func makeFolder(_ folder: String) throws {
    var path = ""
    for part in folder.split(separator: "/", omittingEmptySubsequences: false) {
      path += path.isEmpty && !folder.hasPrefix("/") ? part : "/" + part
      if path == "/" || part.isEmpty { path = path == "/" ? "" : path; continue }
      if mkdir(path, 0o700) != 0, errno != EEXIST {
        throw errno == ENOSPC ? StoreError.full(path) : errno == EROFS ? .readOnly(path) : .cannotOpen(path)
      }
    }
  }
}

/// Small files written whole: a temporary one, synced, then renamed.
public enum SafeFile {
  /// Writes an owner-only file. Throws `StoreError`; nothing of the file stays if it does.
  public static func write(_ bytes: [UInt8], to path: String) throws {
    let temporary = path + ".part"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw failure(path) }
    let wrote = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    let synced = wrote == bytes.count && fsync(descriptor) == 0
    let problem = failure(path)
    close(descriptor)
    guard synced, rename(temporary, path) == 0 else {
      unlink(temporary)
      throw problem
    }
    syncFolder(of: path)
  }

  /// Makes the file's name durable too. A file system that can't sync a folder does so by itself.
  private static func syncFolder(of path: String) {
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// Reads a file of at most `limit` bytes. Throws `StoreError`.
  public static func read(_ path: String, limit: Int) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw errno == ENOENT ? StoreError.missing(path) : failure(path) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = Glibc.read(descriptor, &bytes, limit)
    guard count >= 0 else { throw failure(path) }
    return Array(bytes[..<count])
  }

  private static func failure(_ path: String) -> StoreError {
    switch errno {
    case ENOSPC, EDQUOT: .full(path)
    case EROFS, EACCES, EPERM: .readOnly(path)
    case EIO: .io(path)
    default: .cannotOpen(path)
    }
  }
}
