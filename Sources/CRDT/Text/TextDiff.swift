// SPDX-License-Identifier: AGPL-3.0-or-later

extension TextEdit {
  /// The edits that make one text of another, by scalars, to be applied one after the other.
  ///
  /// As few scalars as possible are taken away and put in where texts differ by up to 2,000 of them (Myers,
  /// "An O(ND) Difference Algorithm and Its Variations", 1986). Where they differ by more, the lines, then
  /// the words, that occur once in either text are kept, and what stands between them is compared in the
  /// same way; stretches that still differ by more are replaced as a whole. The work is bounded.
  public static func difference(from old: String, to new: String) -> [TextEdit] {
    var diff = TextDiff(old.scalarValues, new.scalarValues)
    diff.run()
    return diff.edits
  }
}

/// A stretch of the old text, and the stretch of the new one that stands in its place.
struct TextStretch {
  var old: Range<Int>
  var new: Range<Int>

  var isEmpty: Bool { old.isEmpty && new.isEmpty }
}

private struct TextDiff {
  /// The steps of all searches together, and of one.
  private static let workMax = 60_000_000
  private static let searchMax = 20_000_000

  private let old: [UInt32]
  private let new: [UInt32]
  private var work = TextDiff.workMax
  /// Ascending, apart from each other.
  private var changed: [TextStretch] = []

  init(_ old: [UInt32], _ new: [UInt32]) {
    self.old = old
    self.new = new
  }

  mutating func run() {
    solve(TextStretch(old: 0..<old.count, new: 0..<new.count), [TextAnchors.lineEnd, TextAnchors.wordEnd])
  }

  var edits: [TextEdit] {
    var result: [TextEdit] = []
    for stretch in changed {
      let position = stretch.new.lowerBound
      if !stretch.old.isEmpty { result.append(.delete(at: position, count: stretch.old.count)) }
      if !stretch.new.isEmpty {
        result.append(.insert(at: position, String(scalarValues: new[stretch.new])))
      }
    }
    return result
  }

  /// Adds what differs in a stretch; `ends` are the ends of the pieces to look for if it is much.
  private mutating func solve(_ stretch: TextStretch, _ ends: [UInt32]) {
    let stretch = trimmed(stretch)
    if stretch.old.isEmpty || stretch.new.isEmpty { return add(stretch) }
    var search = TextShortestWay(old, new, stretch)
    var allowed = min(work, Self.searchMax)
    let before = allowed
    let isFound = search.run(work: &allowed)
    work -= before - allowed
    if isFound {
      for stretch in search.changed { add(stretch) }
    } else if let end = ends.first {
      for gap in TextAnchors(old, new, stretch, end: end).gaps { solve(gap, Array(ends.dropFirst())) }
    } else {
      add(stretch)
    }
  }

  /// Without what both have at the start and at the end.
  private func trimmed(_ stretch: TextStretch) -> TextStretch {
    var (old, new) = (stretch.old, stretch.new)
    while let one = old.first, let other = new.first, self.old[one] == self.new[other] {
      old.removeFirst()
      new.removeFirst()
    }
    while let one = old.last, let other = new.last, self.old[one] == self.new[other] {
      old.removeLast()
      new.removeLast()
    }
    return TextStretch(old: old, new: new)
  }

  private mutating func add(_ stretch: TextStretch) {
    guard !stretch.isEmpty else { return }
    if let last = changed.last, last.old.upperBound == stretch.old.lowerBound,
      last.new.upperBound == stretch.new.lowerBound
    {
      changed[changed.count - 1].old = last.old.lowerBound..<stretch.old.upperBound
      changed[changed.count - 1].new = last.new.lowerBound..<stretch.new.upperBound
    } else {
      changed.append(stretch)
    }
  }
}
