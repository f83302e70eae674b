// SPDX-License-Identifier: AGPL-3.0-or-later

import Glibc

/// A file that somebody names to be read.
enum InputFile {
  private static let limit = 256 << 20

  /// All its bytes; `-` is standard input.
  static func read(_ path: String) throws -> [UInt8] {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(.unreadable, "\(path) can't be read: \(systemWords(errno)).") }
    defer { if path != "-" { close(descriptor) } }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &piece, piece.count)
      if count == 0 { return bytes }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Failure(.unreadable, "\(path) can't be read: \(systemWords(errno)).") }
      bytes += piece[..<count]
      guard bytes.count <= limit else { throw Failure(.unreadable, "\(path) has more than \(limit >> 20) MiB.") }
    }
  }
}

/// A new file that only its owner reads.
enum OutputFile {
  /// Nothing stays of it if it can't be written whole.
  static func write(_ text: String, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { throw Failure.noFolder(for: path) }
      throw Failure(errno == EEXIST ? .failed : .disk, "\(path) can't be written: \(systemWords(errno)).")
    }
    let problem = fill(descriptor, Array(text.utf8)) ?? (fsync(descriptor) == 0 ? nil : errno)
    close(descriptor)
    guard let problem else { return }
    unlink(path)
    throw Failure(.disk, "\(path) can't be written: \(systemWords(problem)). Nothing stays of it.")
  }

  /// An error number, or nil when all is written.
  private static func fill(_ descriptor: Int32, _ bytes: [UInt8]) -> Int32? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count >= 0 || errno == EINTR else { return errno }
      rest = rest.dropFirst(max(count, 0))
    }
    return nil
  }
}
