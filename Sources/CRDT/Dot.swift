// SPDX-License-Identifier: AGPL-3.0-or-later

/// One change, named by the place where this replica keeps it: the local number of its log and its position
/// in that log, from 1. Local numbers never leave the replica, and so must no order that comes from them.
public struct Dot: Hashable, Comparable, Sendable {
  public static let logLimit: UInt32 = 1 << 24
  public static let seqLimit: UInt64 = 1 << 40

  /// `log << 40 | seq`
  public let rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Log below 2^24, seq below 2^40: protocol.md's limits and the database's own numbering keep them so.
  public init(log: UInt32, seq: UInt64) {
    precondition(log < Self.logLimit, "the local number of a log has 24 bits")
    precondition(seq < Self.seqLimit, "a position in a log has 40 bits")
    rawValue = UInt64(log) << 40 | seq
  }

  public var log: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 40) }
  public var seq: UInt64 { rawValue & (Self.seqLimit - 1) }

  public static func < (one: Dot, other: Dot) -> Bool { one.rawValue < other.rawValue }
}

/// One op: the change that holds it, and its index among that change's ops.
public struct OpID: Hashable, Comparable, Sendable {
  public let dot: Dot
  public let index: UInt32

  public init(dot: Dot, index: UInt32) {
    self.dot = dot
    self.index = index
  }

  public static func < (one: OpID, other: OpID) -> Bool {
    one.dot == other.dot ? one.index < other.index : one.dot < other.dot
  }
}
