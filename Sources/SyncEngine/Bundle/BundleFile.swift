// SPDX-License-Identifier: AGPL-3.0-or-later
import Glibc
import MujawaraCrypto

/// A bundle's file, opened for reading: a regular file, never written to, never followed through a link.
package final class BundleSource: ByteSource {
  static let limit = 8 << 30

  package let count: Int
  private let path: String
  private let descriptor: Int32

  package init(_ path: String) throws(BundleError) {
    self.path = path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.failure(path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .notAFile(path)
    }
    guard Int(status.st_size) <= Self.limit else {
      close(descriptor)
      throw .tooLarge
    }
    count = Int(status.st_size)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  package func read(at start: Int, _ size: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: size)
    var filled = 0
    while filled < size {
      let got = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress! + filled, size - filled, off_t(start + filled))
      }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw BundleError.cannotRead(path, errno: errno) }
      guard got > 0 else { throw BundleError.truncated }
      filled += got
    }
    return bytes
  }

  private static func failure(_ path: String) -> BundleError {
    switch errno {
    case ENOENT, ENOTDIR: .noSuchFile(path)
    case ELOOP, EISDIR: .notAFile(path)
    default: .cannotRead(path, errno: errno)
    }
  }
}

/// A bundle's file in the making. It has a hidden name beside its place until it is whole, synced, and read
/// back.
final class BundleSink: ByteSink {
  private let path: String
  private let temporary: String
  private var descriptor: Int32
  private var written = Hash.Hasher("readback")
  private var isKept = false

  init(_ path: String) throws(BundleError) {
    self.path = path
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    temporary = path[..<slash] + "." + Hex.encode(SecureRandom.bytes(8)) + ".part"
    descriptor = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Self.failure(path) }
  }

  deinit {
    close(descriptor)
    if !isKept { unlink(temporary) }
  }

  func write(_ bytes: [UInt8]) throws {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress! + done, bytes.count - done)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Self.failure(path) }
      done += count
    }
    written.update(bytes)
  }

  /// Makes sure that the medium holds what was written, and gives the file its name.
  func keep(replacing: Bool) throws(BundleError) {
    guard fsync(descriptor) == 0 else { throw Self.failure(path) }
    guard try readBack() == written.finish() else { throw .notAsWritten(path) }
    if replacing {
      guard rename(temporary, path) == 0 else { throw Self.failure(path) }
    } else {
      try renameToNew()
    }
    isKept = true
    try syncFolder()
  }

  /// A hard link fails where the name is taken; media without hard links get a look and a rename.
  private func renameToNew() throws(BundleError) {
    if link(temporary, path) == 0 {
      unlink(temporary)
      return
    }
    if errno == EEXIST { throw .exists(path) }
    var status = stat()
    if lstat(path, &status) == 0 { throw .exists(path) }
    guard rename(temporary, path) == 0 else { throw Self.failure(path) }
  }

  private func readBack() throws(BundleError) -> [UInt8] {
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    var read = Hash.Hasher("readback")
    var bytes = [UInt8](repeating: 0, count: 1 << 18)
    var start: off_t = 0
    while true {
      let count = pread(descriptor, &bytes, bytes.count, start)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .notAsWritten(path) }
      guard count > 0 else { return read.finish() }
      read.update(bytes[..<count])
      start += off_t(count)
    }
  }

  private func syncFolder() throws(BundleError) {
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static func failure(_ path: String) -> BundleError {
    switch errno {
    case ENOSPC, EDQUOT, EFBIG: .diskFull(path)
    case EEXIST: .exists(path)
    default: .cannotWrite(path, errno: errno)
    }
  }
}
