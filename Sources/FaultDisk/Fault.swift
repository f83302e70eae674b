// SPDX-License-Identifier: AGPL-3.0-or-later

private import CSQLite

extension FaultDisk {
  /// What programs ask of a disk.
  public struct Operations: OptionSet, Hashable, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    public static let read = Operations(rawValue: 1)
    public static let write = Operations(rawValue: 2)
    public static let sync = Operations(rawValue: 4)
    public static let truncate = Operations(rawValue: 8)
    public static let delete = Operations(rawValue: 16)
    /// All that changes the disk. These are counted as `FaultDisk.steps`.
    public static let steps: Operations = [.write, .sync, .truncate, .delete]
  }

  /// A failure to come.
  public struct Fault: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
      /// The disk fails: half of what was to be written is written, and what a sync was to save is given up.
      case io
      /// There is no room: half of what was to be written is written.
      case full
      /// A read gives its first half and zeros, as if the file ended there.
      case short
    }

    public var kind: Kind
    public var operations: Operations
    /// How many of the operations go well before.
    public var after: Int
    /// Whether all of the operations fail from then on, or one alone.
    public var isLasting: Bool

    /// Fails the operation that comes after `after` others of those named.
    public init(_ kind: Kind, of operations: Operations, after: Int = 0, isLasting: Bool = false) {
      (self.kind, self.operations, self.after, self.isLasting) = (kind, operations, after, isLasting)
    }
  }

  /// What becomes of an operation.
  enum Verdict {
    case done
    /// It is done by half, and SQLite gets this code.
    case failed(Int32)
    /// Nothing of it is done: the power is gone, or the handle is of an earlier life.
    case dead
  }
}

extension FaultDisk.Fault {
  /// The code that SQLite's own file system gives for such a failure.
  func code(for operation: FaultDisk.Operations) -> Int32 {
    if kind == .short { return IOError.shortRead }
    if kind == .full, operation == .write { return SQLITE_FULL }
    return switch operation {
    case .read: IOError.read
    case .write: IOError.write
    case .sync: IOError.sync
    case .truncate: IOError.truncate
    default: IOError.delete
    }
  }
}

/// The codes by which SQLite tells failures of a disk apart. Its header builds them of others, which Swift can't import.
enum IOError {
  static let read = SQLITE_IOERR | 1 << 8
  static let shortRead = SQLITE_IOERR | 2 << 8
  static let write = SQLITE_IOERR | 3 << 8
  static let sync = SQLITE_IOERR | 4 << 8
  static let truncate = SQLITE_IOERR | 6 << 8
  static let size = SQLITE_IOERR | 7 << 8
  static let delete = SQLITE_IOERR | 10 << 8
  static let lock = SQLITE_IOERR | 15 << 8
  static let deleteMissing = SQLITE_IOERR | 23 << 8
}
