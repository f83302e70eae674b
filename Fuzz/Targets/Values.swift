// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

/// The formats of `CRDT`.
extension FuzzTarget {
  static let values = [
    recoding("order-key", longest: 1_100, refusedBy: Refused.self) { bytes in
      guard let key = OrderKey(bytes: bytes) else { throw Refused() }
      return key.encodedAgain
    },
    FuzzTarget("order-between", longest: 2_300, betweenOrderKeys),
    recoding("text-tip", refusedBy: TextError.self) { try TextTip(packed: $0).packed },
    FuzzTarget("text-history", history),
    text,
  ]

  /// For decoders that say no by nil.
  struct Refused: Error {}

  /// A key made between two others stands there, is a key, and leaves room for the next.
  private static func betweenOrderKeys(_ bytes: [UInt8]) throws -> Bool {
    var input = Input(bytes)
    let tag = RunTag(input.byte() & 3, 0, 0)
    let bounds = [input.piece(), input.piece()].map { OrderKey(bytes: $0) }
    guard var lower = bounds[0] ?? bounds[1] else { return false }
    let upper = bounds[0] == nil ? nil : bounds[1]
    for step in 0..<4 {
      guard let key = OrderKey.between(lower, upper, tag: tag) else {
        let isLong = max(lower.bytes.count, upper?.bytes.count ?? 0) > OrderKey.byteLimit - 64
        let isGap = upper.map { lower < $0 } ?? true
        try require(isLong || !isGap, "there is no room between short keys")
        return step > 0
      }
      try require(lower < key && (upper.map { key < $0 } ?? true), "\(key.bytes) isn't between its neighbours")
      try require(OrderKey(bytes: key.bytes) == key, "\(key.bytes) was made and is no key")
      lower = key
    }
    return true
  }

  /// A tip, then the changes. A history that is read packs as it was, and walks without a trap.
  private static func history(_ bytes: [UInt8]) throws -> Bool {
    var input = Input(bytes)
    let (packedTip, changes) = (input.piece(), input.remainder())
    let graph: TextGraph
    do { graph = try TextGraph(tip: try TextTip(packed: packedTip), packedChanges: changes) } catch { return false }
    try require(graph.packedChanges == changes, "came back as \(graph.packedChanges)")
    try require(graph.tip.packed == packedTip, "the tip came back as \(graph.tip.packed)")
    _ = graph.text(order: LogsByNumber())
    return true
  }
}
