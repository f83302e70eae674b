// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// The good ops that may be void in some set, all others standing wherever they are.
///
/// An op is void only where an invitation was used for two cards, or where all that it rests on is. So those
/// two kinds are kept apart here, and Resolve walks them alone: mostly there are none.
struct Suspects: Sendable {
  /// In the order of the walk.
  private(set) var ops: [GoodOp] = []
  private var refs: Set<OpRef> = []
  /// Invitations that good ops use for more than one card.
  private var disputed: Set<OpRef> = []

  var isEmpty: Bool { ops.isEmpty }

  /// Takes note of a new good op; `all` are those before it, and `facts` has it already.
  mutating func note(_ op: GoodOp, among all: [GoodOp], _ facts: Assertions) {
    if let use = op.use, !disputed.contains(use.invite), Self.isDisputed(use, facts) {
      disputed.insert(use.invite)
      ops = []
      refs = []
      for earlier in all.sorted(by: { $0.op < $1.op }) { add(earlier) }
    }
    add(op)
  }

  private mutating func add(_ op: GoodOp) {
    guard isSuspect(op) else { return }
    refs.insert(op.op)
    ops.insertSorted(op) { $0.op < $1.op }
  }

  private func isSuspect(_ op: GoodOp) -> Bool {
    if disputed.isEmpty { return false }
    if let use = op.use, disputed.contains(use.invite) { return true }
    return op.grounds.contains { $0.contains(where: refs.contains) }
  }

  private static func isDisputed(
    _ use: (invite: OpRef, id: InviteID, card: Card), _ facts: Assertions
  ) -> Bool {
    facts.invite(use.invite, id: use.id)?.uses.contains { $0.card != use.card } ?? false
  }
}
