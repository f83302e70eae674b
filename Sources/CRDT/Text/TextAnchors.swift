// SPDX-License-Identifier: AGPL-3.0-or-later

/// Pieces (lines or words) that occur once in each of two stretches of text, as many as stand in the same
/// order in both: the idea of Bram Cohen's patience diff.
struct TextAnchors {
  static let lineEnd: UInt32 = 0x0A
  static let wordEnd: UInt32 = 0x20

  private struct Occurrence {
    var old: Range<Int>?
    var new: Range<Int>?
    var isRepeated = false
  }

  private let stretch: TextStretch
  private var anchors: [TextStretch] = []

  init(_ old: [UInt32], _ new: [UInt32], _ stretch: TextStretch, end: UInt32) {
    self.stretch = stretch
    var occurrences: [ArraySlice<UInt32>: Occurrence] = [:]
    let oldPieces = Self.pieces(of: old, in: stretch.old, end: end)
    for piece in oldPieces {
      var occurrence = occurrences[old[piece], default: Occurrence()]
      occurrence.isRepeated = occurrence.old != nil
      occurrence.old = piece
      occurrences[old[piece]] = occurrence
    }
    for piece in Self.pieces(of: new, in: stretch.new, end: end) {
      guard var occurrence = occurrences[new[piece]] else { continue }
      occurrence.isRepeated = occurrence.isRepeated || occurrence.new != nil
      occurrence.new = piece
      occurrences[new[piece]] = occurrence
    }
    var candidates: [TextStretch] = []
    for piece in oldPieces {
      guard let found = occurrences[old[piece]], !found.isRepeated, let new = found.new else { continue }
      candidates.append(TextStretch(old: piece, new: new))
    }
    anchors = Self.longestAscending(candidates)
  }

  /// What stands between the anchors, before the first and behind the last.
  var gaps: [TextStretch] {
    var result: [TextStretch] = []
    var (old, new) = (stretch.old.lowerBound, stretch.new.lowerBound)
    for anchor in anchors {
      result.append(TextStretch(old: old..<anchor.old.lowerBound, new: new..<anchor.new.lowerBound))
      (old, new) = (anchor.old.upperBound, anchor.new.upperBound)
    }
    result.append(TextStretch(old: old..<stretch.old.upperBound, new: new..<stretch.new.upperBound))
    return result
  }

  /// Each with its end.
  private static func pieces(of text: [UInt32], in range: Range<Int>, end: UInt32) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start = range.lowerBound
    for place in range where text[place] == end {
      result.append(start..<place + 1)
      start = place + 1
    }
    if start < range.upperBound { result.append(start..<range.upperBound) }
    return result
  }

  /// The most candidates, which ascend in the old text, that ascend in the new one too.
  private static func longestAscending(_ candidates: [TextStretch]) -> [TextStretch] {
    var lasts: [Int] = []
    var before = [Int](repeating: -1, count: candidates.count)
    for number in candidates.indices {
      var low = 0
      var high = lasts.count
      while low < high {
        let middle = (low + high) / 2
        let isBelow = candidates[lasts[middle]].new.lowerBound < candidates[number].new.lowerBound
        if isBelow { low = middle + 1 } else { high = middle }
      }
      if low > 0 { before[number] = lasts[low - 1] }
      if low < lasts.count { lasts[low] = number } else { lasts.append(number) }
    }
    var result: [TextStretch] = []
    var number = lasts.last ?? -1
    while number >= 0 {
      result.append(candidates[number])
      number = before[number]
    }
    return result.reversed()
  }
}
