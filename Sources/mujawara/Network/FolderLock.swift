// SPDX-License-Identifier: AGPL-3.0-or-later

import Glibc
import SyncEngine

/// Keeps a folder in which a replica is being made from every other command that would make one there. It goes
/// with the process.
final class FolderLock {
  private let descriptor: Int32

  /// Throws `Failure` where another command holds it.
  init(_ folder: String) throws {
    descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError.cannotOpen(folder) }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      close(descriptor)
      throw Failure(.busy, "Another command is making a replica in \(folder) just now. Wait for its end.")
    }
  }

  deinit { close(descriptor) }
}
