// SPDX-License-Identifier: AGPL-3.0-or-later

/// One op of one change, ordered as Resolve walks: by (depth, change id, op index).
struct OpRef: Hashable, Comparable, Sendable {
  /// Changes on the longest path from the genesis, which has 0.
  let depth: Int
  let change: ChangeID
  let index: Int
  let position: Position

  static func < (one: OpRef, other: OpRef) -> Bool {
    if one.depth != other.depth { return one.depth < other.depth }
    if one.change != other.change { return one.change < other.change }
    return one.index < other.index
  }

  static func == (one: OpRef, other: OpRef) -> Bool {
    one.position == other.position && one.index == other.index
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(position)
    hasher.combine(index)
  }
}

/// The outcome of one Resolve: which good ops stand in a parent-closed set.
///
/// A view holds no facts of its own; it says for any op whether it stands, and `Assertions` finds the ops
/// that assert a fact. So a view costs a few dozen bytes, and a linear history copies nothing.
///
/// Removal will add here the removals in force (the X of the fixed point); a fact is then live if an op that
/// asserts it stands and none of those cancels it, except where the removal was in force in the op's own
/// view.
struct View: Sendable {
  var past: Past
  /// Good ops in the past that don't stand.
  var void: Set<OpRef> = []
  /// The ops before this one in its own change are in the view.
  var before: OpRef?

  /// Whether a good op is in the set and stands.
  func holds(_ op: OpRef) -> Bool {
    let isIn = before?.position == op.position ? op.index < before!.index : past.contains(op.position)
    return isIn && !void.contains(op)
  }
}
