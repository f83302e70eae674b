// SPDX-License-Identifier: AGPL-3.0-or-later

import Glibc

/// Where databases lie: the system's files, or those of another file system that SQLite knows by name.
///
/// SQLite does the reading and writing; this is the rest that has to be asked of the same files.
public protocol Volume: Sendable {
  /// SQLite's name for it (a VFS); nil for the system's files.
  var vfs: String? { get }
  func exists(_ path: String) -> Bool
  func isWritable(_ path: String) -> Bool
  /// The bytes of a file; 0 if there is none.
  func size(of path: String) -> Int
  /// Makes a file's content durable. False if that failed; a file that isn't there needs nothing.
  func sync(_ path: String) -> Bool
  /// Writes a file's bytes once more where they are, and makes them durable: what an earlier sync failed to save, the
  /// system doesn't try again. False if that failed; a file that isn't there needs nothing.
  func rewrite(_ path: String) -> Bool
  func remove(_ path: String)
}

/// The system's files.
public struct SystemVolume: Volume {
  public init() {}

  public var vfs: String? { nil }
  public func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
  public func isWritable(_ path: String) -> Bool { unsafe access(path, W_OK) == 0 }

  public func size(of path: String) -> Int {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  public func sync(_ path: String) -> Bool {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return errno == ENOENT }
    defer { close(descriptor) }
    return fsync(descriptor) == 0 || errno == EROFS || errno == EINVAL
  }

  public func rewrite(_ path: String) -> Bool {
    let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return errno == ENOENT }
    defer { close(descriptor) }
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    var offset: off_t = 0
    while true {
      let count = unsafe pread(descriptor, &piece, piece.count, offset)
      if count == 0 { break }
      guard count > 0, unsafe pwrite(descriptor, piece, count, offset) == count else { return false }
      offset += off_t(count)
    }
    return fsync(descriptor) == 0 && sync(folder(of: path))
  }

  private func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  public func remove(_ path: String) { _ = unsafe unlink(path) }
}
