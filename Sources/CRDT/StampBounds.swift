// SPDX-License-Identifier: AGPL-3.0-or-later

/// The stamps that a change may carry, given its parents: a bounded hybrid clock. It is a pure function of
/// the change's ancestors and never looks at the receiver's clock, so all replicas judge alike.
public struct StampBounds: Hashable, Sendable {
  /// A clock that is ahead gains no more than this on what other devices wrote: 400 days, in milliseconds.
  public static let reach: UInt64 = 400 * 24 * 60 * 60 * 1000
  /// No change is stamped later: the integers that every JSON reader has.
  public static let greatest: UInt64 = 1 << 53

  /// A stamp must be greater. The greatest among the parents, or the space's creation if there are none.
  public let lower: UInt64
  /// A stamp must not be greater.
  public let upper: UInt64
  /// The greatest stamp seen in other devices' logs, for the change's descendants in its own log; 0 for none.
  public let othersStamp: UInt64

  public init(lower: UInt64, upper: UInt64, othersStamp: UInt64 = 0) {
    self.lower = lower
    self.upper = upper
    self.othersStamp = othersStamp
  }

  /// - Parameters:
  ///   - parents: all of the change's (`prev` and its heads), in any order, each valid itself: its stamp, the
  ///     `othersStamp` of its own bounds, and whether the device that wrote it also writes the change.
  ///   - creation: the stamp of the space's creation.
  public static func bounds(
    parents: [(stamp: UInt64, othersStamp: UInt64, sameDevice: Bool)], creation: UInt64
  ) -> StampBounds {
    let others = parents.map { $0.sameDevice ? $0.othersStamp : $0.stamp }.max() ?? 0
    let lower = parents.map(\.stamp).max() ?? creation
    let upper = max(after(lower, 1), after(others == 0 ? creation : others, reach))
    return StampBounds(lower: lower, upper: upper, othersStamp: others)
  }

  public func isValid(_ stamp: UInt64) -> Bool {
    lower < stamp && stamp <= upper && stamp <= Self.greatest
  }

  /// What a writer stamps: its wall clock rounded down to the minute, held within the bounds. The result is
  /// invalid only where the parents have left no valid stamp at all.
  public func choose(wallMilliseconds: UInt64) -> UInt64 {
    let minute = wallMilliseconds - wallMilliseconds % 60_000
    return max(Self.after(lower, 1), min(minute, upper))
  }

  private static func after(_ stamp: UInt64, _ milliseconds: UInt64) -> UInt64 {
    let (sum, overflow) = stamp.addingReportingOverflow(milliseconds)
    return overflow ? .max : sum
  }
}
