// SPDX-License-Identifier: AGPL-3.0-or-later

/// The end of a text's history: all that is needed to take in changes that have seen everything before them.
///
/// Such a change is the ordinary case. Its ops are applied to the text as they are, and its packed form is
/// put behind that of the history, which needn't be read.
public struct TextTip: Hashable, Sendable {
  /// A change that no other has seen, and its number in the history.
  struct Head: Hashable, Sendable {
    let number: Int32
    let dot: Dot
  }

  /// Everything that any of the changes had seen.
  private(set) var seen: VersionVector
  /// How many changes the history has.
  public private(set) var changeCount: Int
  /// Ascending by number.
  private(set) var tips: [Head]
  /// How long the text is, in scalars.
  public private(set) var length: Int
  /// Changes, ops and inserted scalars, all together.
  private(set) var size: Int

  /// Of a history without changes.
  public init() { self.init(seen: VersionVector(), changeCount: 0, tips: [], length: 0, size: 0) }

  init(seen: VersionVector, changeCount: Int, tips: [Head], length: Int, size: Int) {
    self.seen = seen
    self.changeCount = changeCount
    self.tips = tips
    self.length = length
    self.size = size
  }

  /// The changes that no other has seen, ascending.
  public var heads: [Dot] { tips.map(\.dot).sorted() }

  /// What an ordinary change does.
  public struct Addition: Hashable, Sendable {
    /// To be applied to the text, one after the other.
    public let edits: [TextEdit]
    /// To be put behind the packed changes of the history.
    public let packedChange: [UInt8]
  }

  /// Takes in a change that has seen all heads. Nil, and nothing happens, if it hasn't, or has been here
  /// before: then `TextGraph.merge` knows what to do.
  /// - Throws: `historyTooLarge`.
  public mutating func append(_ change: TextChange) throws(TextError) -> Addition? {
    guard !seen.covers(change.dot), change.past[change.dot.log] <= change.dot.seq else { return nil }
    var past = change.past
    past.include(change.dot)
    guard tips.allSatisfy({ past.covers($0.dot) }) else { return nil }
    guard size + change.weight <= TextBounds.historyMax else { throw .historyTooLarge }
    let content = TextContent(change.ops, onLength: length)
    var packing = TextPacking()
    packing.write(change.dot, number: changeCount, parents: tips.map(\.number), content)
    tips = [Head(number: Int32(changeCount), dot: change.dot)]
    changeCount += 1
    seen.merge(past)
    length = content.length
    size += 1 + content.ops.count + content.scalars.count
    return Addition(edits: content.edits, packedChange: packing.bytes)
  }
}
