// SPDX-License-Identifier: AGPL-3.0-or-later

/// Where a change stands in one replica's decomposition of the graph into chains; local, never written down.
struct Position: Hashable, Sendable {
  let chain: Int32
  /// 1 for the first change of the chain.
  let place: Int32
}

/// A parent-closed set of governance changes.
///
/// Changes are laid out in chains, each change having the one before it in its past. So a parent-closed set
/// is a prefix of every chain, and is told by the prefixes' lengths: membership takes constant time, a union
/// takes as long as there are chains (about as many as logs; one for a linear history), whatever the changes'
/// number.
struct Past: Sendable {
  /// By chain, how many of its changes are in the set; chains beyond the end have none.
  private var lengths: [Int32] = []

  static let empty = Past()

  func contains(_ position: Position) -> Bool {
    let chain = Int(position.chain)
    return chain < lengths.count && lengths[chain] >= position.place
  }

  /// Adds the change at `position`, whose past is in the set already.
  mutating func insert(_ position: Position) {
    let chain = Int(position.chain)
    while lengths.count <= chain { lengths.append(0) }
    lengths[chain] = max(lengths[chain], position.place)
  }

  mutating func formUnion(_ other: Past) {
    if lengths.isEmpty { lengths = other.lengths }
    for (chain, length) in other.lengths.enumerated() {
      if chain == lengths.count { lengths.append(length) }
      lengths[chain] = max(lengths[chain], length)
    }
  }
}
