// SPDX-License-Identifier: AGPL-3.0-or-later

/// The fewest scalars to take away and to put in, found by Myers' greedy search.
///
/// `x` counts scalars of the old stretch, `y` of the new one. A way goes right where an old scalar is taken
/// away, down where a new one is put in, and diagonally, at no cost, where both have the same. After each
/// number of steps to the right or down the search knows how far it got on each diagonal.
struct TextShortestWay {
  static let distanceMax = 2000
  private static let nowhere = -2

  private let old: [UInt32]
  private let new: [UInt32]
  private let stretch: TextStretch
  /// For each distance d, the x reached on the diagonals -d, -d+2 … d: d+1 numbers, row after row.
  private var reached: [Int32] = []
  /// Single scalars, from the start to the end.
  private(set) var changed: [TextStretch] = []

  init(_ old: [UInt32], _ new: [UInt32], _ stretch: TextStretch) {
    self.old = old
    self.new = new
    self.stretch = stretch
  }

  private var width: Int { stretch.old.count }
  private var height: Int { stretch.new.count }

  /// False if the way is longer than `distanceMax`, or takes more work than there is.
  mutating func run(work: inout Int) -> Bool {
    guard abs(width - height) <= Self.distanceMax else { return false }
    for distance in 0...Self.distanceMax {
      work -= distance + 1
      for slot in 0...distance {
        let diagonal = 2 * slot - distance
        let start = start(distance, slot).x
        var x = start
        while x >= 0, x < width, x - diagonal < height,
          old[stretch.old.lowerBound + x] == new[stretch.new.lowerBound + x - diagonal]
        { x += 1 }
        work -= x - start
        reached.append(Int32(x))
        if x == width, x - diagonal == height {
          trace(distance, slot)
          return true
        }
      }
      if work < 0 { return false }
    }
    return false
  }

  /// Where the diagonal is entered, and whether from the left.
  private func start(_ distance: Int, _ slot: Int) -> (x: Int, isFromLeft: Bool) {
    if distance == 0 { return (0, false) }
    let row = distance * (distance - 1) / 2
    let fromLeft = slot > 0 ? Int(reached[row + slot - 1]) + 1 : Self.nowhere
    let fromAbove = slot < distance ? Int(reached[row + slot]) : Self.nowhere
    let isLeftOpen = fromLeft > 0 && fromLeft <= width
    let isAboveOpen = fromAbove >= 0 && fromAbove - (2 * slot - distance) <= height
    if isLeftOpen, !isAboveOpen || fromLeft > fromAbove { return (fromLeft, true) }
    return (isAboveOpen ? fromAbove : Self.nowhere, false)
  }

  /// Follows the way back from the end.
  private mutating func trace(_ distance: Int, _ slot: Int) {
    var slot = slot
    for distance in stride(from: distance, to: 0, by: -1) {
      let (x, isFromLeft) = start(distance, slot)
      let oldEnd = stretch.old.lowerBound + x
      let newEnd = stretch.new.lowerBound + x - (2 * slot - distance)
      if isFromLeft {
        changed.append(TextStretch(old: oldEnd - 1..<oldEnd, new: newEnd..<newEnd))
        slot -= 1
      } else {
        changed.append(TextStretch(old: oldEnd..<oldEnd, new: newEnd - 1..<newEnd))
      }
    }
    changed.reverse()
  }
}
