// SPDX-License-Identifier: AGPL-3.0-or-later
import Glibc

/// Folders of replicas in memory where the system has such a place: made, copied, thrown away.
enum Folders {
  /// What a replica's folder holds.
  static let names = [database, log, "keys"]
  static let database = "replica.sqlite"
  static let log = "replica.sqlite-wal"

  /// A new folder of this process.
  static func make() -> String {
    var template = Array((base + "/mujawara-simulator-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { fatalError("no folder can be made in \(base)") }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static let base: String = {
    if let chosen = getenv("TMPDIR") { return String(cString: chosen) }
    return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
  }()

  static func make(_ path: String) {
    guard mkdir(path, 0o700) == 0 else { fatalError("the folder \(path) can't be made") }
  }

  /// Copies a replica's folder to a new one, of its write-ahead log only the first `logLimit` bytes.
  static func copy(_ from: String, to: String, logLimit: Int = .max) {
    make(to)
    for name in names {
      copyFile(from + "/" + name, to: to + "/" + name, limit: name == log ? logLimit : .max)
    }
  }

  /// A file that isn't there gives none.
  static func copyFile(_ from: String, to: String, limit: Int = .max) {
    guard let bytes = read(from) else { return }
    write(Array(bytes.prefix(limit)), to: to)
  }

  static func removeEmpty(_ folder: String) { rmdir(folder) }

  static func size(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  static func remove(_ folder: String) {
    for name in names + ["lock", database + "-shm", "database"] { unlink(folder + "/" + name) }
    rmdir(folder)
  }

  static func read(_ path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: size(path))
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    return count == bytes.count ? bytes : nil
  }

  private static func write(_ bytes: [UInt8], to path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { fatalError("the file \(path) can't be made") }
    defer { close(descriptor) }
    let count = Glibc.write(descriptor, bytes, bytes.count)
    guard count == bytes.count else { fatalError("the file \(path) can't be written") }
  }
}
