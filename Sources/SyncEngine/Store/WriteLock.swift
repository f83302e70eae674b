// SPDX-License-Identifier: AGPL-3.0-or-later

import Glibc

/// The lock that lets one process at a time write a replica. It lives in a file of its own and dies with its
/// holder, so a crash leaves nothing to clean up. Held for a transaction, never for a whole command.
final class WriteLock {
  private let descriptor: Int32
  /// How long a writer waits for another, in milliseconds: what MUJAWARA_PATIENCE says, or ten seconds.
  static let patience = getenv("MUJAWARA_PATIENCE").flatMap { Int(String(cString: $0)) } ?? 10_000

  /// Opens or makes the file `path`. Throws `StoreError.readOnly` or `.cannotOpen`.
  init(path: String) throws(StoreError) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    if descriptor < 0 {
      throw errno == EROFS || errno == EACCES ? .readOnly(path) : .cannotOpen(path)
    }
  }

  deinit { close(descriptor) }

  /// Throws `StoreError.busy` if another process holds the lock for longer than `patience`.
  func acquire() throws(StoreError) {
    var waited = 0
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR, waited < Self.patience else { throw .busy }
      usleep(2_000)
      waited += 2
    }
  }

  /// Takes the lock if nobody has it.
  func tryAcquire() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

  // MARK: Doubt

  /// Whether a commit failed here, and none has gone well since. The mark itself needn't be durable: a power cut that
  /// takes it takes what is in doubt too.
  var isInDoubt: Bool {
    var mark: UInt8 = 0
    return pread(descriptor, &mark, 1, 0) == 1 && mark != 0
  }

  func note(doubt isInDoubt: Bool) {
    var mark: UInt8 = isInDoubt ? 1 : 0
    _ = pwrite(descriptor, &mark, 1, 0)
  }

  func release() { flock(descriptor, LOCK_UN) }
}
