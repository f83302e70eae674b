// SPDX-License-Identifier: AGPL-3.0-or-later

/// Which item has a scalar: the first scalar of each item with the item's number, ascending, in chunks.
struct TextItemIndex {
  private struct Entry {
    let first: Int32
    let item: Int32
  }

  private static let chunkMax = 256

  private var starts: [Int32] = []
  private var chunks: [[Entry]] = []

  mutating func insert(_ item: Int32, first: Int32) {
    let entry = Entry(first: first, item: item)
    guard !chunks.isEmpty else {
      starts = [first]
      return chunks = [[entry]]
    }
    let chunk = max(0, count(in: starts, upTo: first) - 1)
    let place = slot(in: chunks[chunk], upTo: first)
    chunks[chunk].insert(entry, at: place)
    starts[chunk] = chunks[chunk][0].first
    if chunks[chunk].count > Self.chunkMax { divide(chunk) }
  }

  /// The item that starts with the scalar or, of those before, the last.
  func item(with scalar: Int32) -> Int32? {
    let chunk = count(in: starts, upTo: scalar) - 1
    guard chunk >= 0 else { return nil }
    return chunks[chunk][slot(in: chunks[chunk], upTo: scalar) - 1].item
  }

  private mutating func divide(_ chunk: Int) {
    let rest = Array(chunks[chunk][(Self.chunkMax / 2)...])
    chunks[chunk].removeSubrange((Self.chunkMax / 2)...)
    chunks.insert(rest, at: chunk + 1)
    starts.insert(rest[0].first, at: chunk + 1)
  }

  private func count(in starts: [Int32], upTo scalar: Int32) -> Int {
    var low = 0
    var high = starts.count
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= scalar { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func slot(in entries: [Entry], upTo scalar: Int32) -> Int {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].first <= scalar { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
