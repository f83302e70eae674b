// SPDX-License-Identifier: AGPL-3.0-or-later

import Glibc
import MujawaraCrypto
import SyncEngine

/// The folder and the keys that a command makes before it knows whether it will come to its end. As long as it
/// lives no other command makes anything in the folder.
struct Beginning {
  let keys: DeviceKeys
  let master: SecretBytes
  private let folder: String
  private let lock: FolderLock
  /// What wasn't there before, deepest first.
  private let folders: [String]
  private let isOurs: Bool

  /// Makes them, with the notes of a joining if it is one. Throws `StoreError.exists` where there is a replica, or
  /// the beginning of one.
  static func make(_ folder: String, passphrase: SecretBytes?, notes: JoinNotes? = nil) throws -> Beginning {
    let missing = missingFolders(folder)
    do {
      try Replica.makeFolder(folder)
      let lock = try FolderLock(folder)
      let (keys, master) = try Replica.prepare(folder, passphrase: passphrase)
      let made = Beginning(
        keys: keys, master: master, folder: folder, lock: lock, folders: missing, isOurs: true)
      do { try notes?.write(to: folder) } catch {
        made.takeBack()
        throw error
      }
      return made
    } catch {
      remove(missing)
      throw error
    }
  }

  /// What an earlier command began in the folder.
  static func found(_ folder: String, passphrase: () throws -> SecretBytes) throws -> Beginning {
    let lock = try FolderLock(folder)
    let (keys, master) = try Replica.keys(in: folder, passphrase: passphrase)
    return Beginning(keys: keys, master: master, folder: folder, lock: lock, folders: [], isOurs: false)
  }

  static func isIn(_ folder: String) -> Bool { access(folder + "/keys", F_OK) == 0 }

  /// Takes away what this command made, and only that: what an earlier one began stays, and so does a folder in
  /// which there is something else.
  func takeBack() {
    guard isOurs, !Replica.isMade(in: folder) else { return }
    unlink(folder + "/keys")
    JoinNotes.remove(folder)
    Self.remove(folders)
  }

  /// Up to the first in which there is something.
  private static func remove(_ folders: [String]) {
    for made in folders where rmdir(made) != 0 { return }
  }

  private static func missingFolders(_ folder: String) -> [String] {
    var missing: [String] = []
    var path = folder
    while !path.isEmpty, path != "/", access(path, F_OK) != 0 {
      missing.append(path)
      path = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }
    return missing
  }
}
