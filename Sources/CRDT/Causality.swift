// SPDX-License-Identifier: AGPL-3.0-or-later

/// What a record's state must be able to ask about the history of changes. Only changes already applied to
/// some record are asked about.
public protocol Causality {
  /// Everything in the past of the change at this dot, the change itself included.
  func past(of dot: Dot) -> VersionVector

  /// Whether the later change had seen the earlier one. The default asks `past(of:)`.
  func has(_ later: Dot, seen earlier: Dot) -> Bool
}

extension Causality {
  public func has(_ later: Dot, seen earlier: Dot) -> Bool { past(of: later).covers(earlier) }
}

/// What is needed to choose among truly concurrent writes. It is the same on every replica.
public protocol Arbiter {
  /// The change's bounded hybrid stamp, in milliseconds since 1970 (`StampBounds`).
  func stamp(of dot: Dot) -> UInt64

  /// The change's id, as its bytes; asked for only when two stamps are equal.
  func changeID(of dot: Dot) -> [UInt8]
}
