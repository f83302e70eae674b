// SPDX-License-Identifier: AGPL-3.0-or-later
import Glibc

/// The little that replicas keep outside their disks: a folder each, with a lock in it.
enum Folders {
  /// A new folder of this process.
  static func make() -> String {
    var template = Array((base + "/mujawara-simulator-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { fatalError("no folder can be made in \(base)") }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// In memory where the system has such a place.
  private static let base: String = {
    if let chosen = getenv("TMPDIR") { return String(cString: chosen) }
    return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
  }()

  static func make(_ path: String) {
    guard mkdir(path, 0o700) == 0 else { fatalError("the folder \(path) can't be made") }
  }

  /// Removes a folder with what the engine leaves in it.
  static func remove(_ folder: String) {
    for name in ["keys", "lock"] { unlink(folder + "/" + name) }
    rmdir(folder)
  }

  static func read(_ path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { fatalError("the file \(path) isn't there: run this in its own source tree") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = Glibc.read(descriptor, &piece, piece.count), count > 0 { bytes += piece[..<count] }
    return bytes
  }
}
