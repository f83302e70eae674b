// SPDX-License-Identifier: AGPL-3.0-or-later

/// How a text of a record stands, without the text. It is a function of the set of counted changes alone.
public struct TextMark: Hashable, Sendable {
  /// Field and key, as of a cell.
  public let name: CellKey
  /// The changes of the text that no other has seen, ascending. None if the text is overfull.
  public let heads: [Dot]
  /// Tells this text from any other; empty if it is overfull.
  public let hash: [UInt8]

  public init(name: CellKey, heads: [Dot], hash: [UInt8]) {
    self.name = name
    self.heads = heads
    self.hash = hash
  }

  /// Whether so much was ever written that the text was given up (`TextBounds.weightMax`).
  public var isOverfull: Bool { hash.isEmpty }
}
