// SPDX-License-Identifier: AGPL-3.0-or-later

/// Why a bundle can't be read or written. What the replica itself refuses is thrown as it comes.
public enum BundleError: Error, Equatable, Sendable {
  /// There is no file of this name.
  case noSuchFile(String)
  /// It is a folder, a device or a link, and not a file of its own.
  case notAFile(String)
  /// The file can't be opened or read: the number is that of the system's error.
  case cannotRead(String, errno: Int32)
  /// Its size alone says that it is no bundle, nor any beginning of one that a key here opens.
  case notABundle
  /// None of the keys here opens it: it is another network's, or for others, or its first 704 bytes are
  /// changed.
  case noKey
  /// What stands from this byte on isn't what was written.
  case damaged(at: Int)
  /// It ends before its end.
  case truncated
  /// It is for a newer program.
  case newerVersion
  /// A member wrote it against protocol.md; the text says how.
  case malformed(String)
  /// It opens, and is of another network.
  case otherNetwork
  /// It is a bundle of another purpose than the one asked for.
  case otherPurpose(BundleHead.Purpose)
  /// It is larger than 8 GiB.
  case tooLarge
  /// There is a file of this name already.
  case exists(String)
  /// The disk is full; nothing is left of the attempt.
  case diskFull(String)
  /// The file can't be written; nothing is left of the attempt.
  case cannotWrite(String, errno: Int32)
  /// What was read back isn't what was written: the medium is failing. Nothing is left of the attempt.
  case notAsWritten(String)
  /// The spaces have too many logs for one bundle's head.
  case tooManyLogs
  /// This replica holds no key of the space that the bundle is for.
  case noOwnKey
}
