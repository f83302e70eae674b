// SPDX-License-Identifier: AGPL-3.0-or-later
import Glibc
import Synchronization

/// Where output goes: a descriptor, behind a buffer, or memory.
///
/// A reader who has gone away (`mujawara ls | head`) ends the program without a word, as SIGPIPE would.
final class Sink: Sendable {
  enum Target: Sendable {
    case descriptor(Int32)
    case memory
  }

  /// Standard output; what is left in its buffer is written when the program exits.
  static let standardOutput: Sink = {
    signal(SIGPIPE, SIG_IGN)
    atexit { Sink.standardOutput.flush() }
    return Sink(.descriptor(STDOUT_FILENO), isBuffered: isatty(STDOUT_FILENO) == 0)
  }()

  static let standardError = Sink(.descriptor(STDERR_FILENO), isBuffered: false)

  private static let bufferBytes = 32 << 10

  private let target: Target
  private let isBuffered: Bool
  private let failed: @Sendable (Int32) -> Void
  private let buffer = Mutex<[UInt8]>([])

  /// `failed` gets the errno of a write that can't succeed; what wasn't written is dropped.
  init(_ target: Target, isBuffered: Bool, failed: @escaping @Sendable (Int32) -> Void = Sink.end) {
    self.target = target
    self.isBuffered = isBuffered
    self.failed = failed
  }

  func write(_ text: String) {
    let error = buffer.withLock { buffer in
      buffer.append(contentsOf: text.utf8)
      return isBuffered && buffer.count < Self.bufferBytes ? 0 : drain(&buffer)
    }
    if error != 0 { failed(error) }
  }

  func flush() {
    let error = buffer.withLock { drain(&$0) }
    if error != 0 { failed(error) }
  }

  /// What a sink into memory holds.
  var contents: String { buffer.withLock { String(decoding: $0, as: UTF8.self) } }

  /// Writes the buffer; returns 0 or an errno.
  private func drain(_ buffer: inout [UInt8]) -> Int32 {
    guard case .descriptor(let descriptor) = target else { return 0 }
    defer { buffer.removeAll(keepingCapacity: true) }
    var written = 0
    while written < buffer.count {
      let count = buffer[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        written += count
      } else if errno == EAGAIN {
        waitUntilWritable(descriptor)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }

  private func waitUntilWritable(_ descriptor: Int32) {
    var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    poll(&wanted, 1, -1)
  }

  /// 141 is what a shell reports of a program that SIGPIPE ended; 74 is an input or output error.
  @Sendable
  private static func end(_ error: Int32) {
    if error == EPIPE { _exit(141) }
    let sentence = "mujawara: The output can't be written: \(String(cString: strerror(error))).\n"
    _ = sentence.withCString { Glibc.write(STDERR_FILENO, $0, strlen($0)) }
    _exit(74)
  }
}
