// SPDX-License-Identifier: AGPL-3.0-or-later

/// A long sequence of numbers (scalars, or names of scalars) that is cheap to edit anywhere.
struct TextBuffer {
  private static let chunkMax = 2048

  private var chunks: [[UInt32]] = [[]]
  private(set) var count = 0
  /// The chunk that was last looked at and the position of its first element: edits are mostly near the last.
  private var last = (chunk: 0, start: 0)

  init() {}

  init(_ elements: [UInt32]) {
    guard !elements.isEmpty else { return }
    chunks = Self.pieces(of: elements)
    count = elements.count
  }

  var elements: [UInt32] {
    var result: [UInt32] = []
    result.reserveCapacity(count)
    for chunk in chunks { result += chunk }
    return result
  }

  func elements(in range: Range<Int>) -> [UInt32] {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "a range is within the buffer")
    var result: [UInt32] = []
    result.reserveCapacity(range.count)
    var start = 0
    for chunk in chunks where start < range.upperBound {
      let part = (start..<start + chunk.count).clamped(to: range)
      result += chunk[part.lowerBound - start..<part.upperBound - start]
      start += chunk.count
    }
    return result
  }

  mutating func insert(_ elements: some RandomAccessCollection<UInt32>, at position: Int) {
    precondition(position >= 0 && position <= count, "an insertion is within the buffer")
    seek(position)
    chunks[last.chunk].insert(contentsOf: elements, at: position - last.start)
    count += elements.count
    if chunks[last.chunk].count > Self.chunkMax { divide(last.chunk) }
  }

  mutating func remove(at position: Int, count removed: Int) {
    precondition(position >= 0 && removed >= 0, "a removal is within the buffer")
    precondition(removed <= count - position, "a removal is within the buffer")
    var rest = removed
    while rest > 0 {
      seek(position)
      let offset = position - last.start
      if offset == chunks[last.chunk].count {
        last = (last.chunk + 1, position)
        continue
      }
      let taken = min(rest, chunks[last.chunk].count - offset)
      chunks[last.chunk].removeSubrange(offset..<offset + taken)
      rest -= taken
      count -= taken
      dropIfEmpty(last.chunk)
    }
  }

  /// Makes `last` a chunk whose range, its end included, has the position.
  private mutating func seek(_ position: Int) {
    while position < last.start {
      last.chunk -= 1
      last.start -= chunks[last.chunk].count
    }
    while position > last.start + chunks[last.chunk].count {
      last.start += chunks[last.chunk].count
      last.chunk += 1
    }
  }

  private mutating func divide(_ chunk: Int) {
    chunks.replaceSubrange(chunk...chunk, with: Self.pieces(of: chunks[chunk]))
  }

  private static func pieces(of whole: [UInt32]) -> [[UInt32]] {
    let size = chunkMax / 2
    return stride(from: 0, to: whole.count, by: size).map { start in
      Array(whole[start..<min(start + size, whole.count)])
    }
  }

  private mutating func dropIfEmpty(_ chunk: Int) {
    guard chunks[chunk].isEmpty, chunks.count > 1 else { return }
    chunks.remove(at: chunk)
    guard chunk == chunks.count else { return }
    last.chunk -= 1
    last.start -= chunks[last.chunk].count
  }
}
