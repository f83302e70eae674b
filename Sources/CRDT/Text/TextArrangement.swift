// SPDX-License-Identifier: AGPL-3.0-or-later

extension TextGraph {
  /// The changes that aren't here yet, each once, each after those that it had seen, branch by branch.
  func arranged(_ changes: [TextChange]) throws(TextError) -> [TextChange] {
    var news: [TextChange] = []
    for change in changes.sorted(by: { $0.dot < $1.dot }) where !contains(change.dot) {
      if let last = news.last, last.dot == change.dot { continue }
      if seen.covers(change.dot) { throw .late(change.dot) }
      if change.past[change.dot.log] > change.dot.seq { throw .circular(change.dot) }
      news.append(change)
    }
    if news.count < 2 { return news }
    let sorted = TextArrangement(news).order
    if let stuck = sorted.firstStuck { throw .circular(news[stuck].dot) }
    return sorted.order.map { news[$0] }
  }
}

/// Sorts changes by what they had seen of each other.
private struct TextArrangement {
  private let changes: [TextChange]
  /// Of each change, how many logs hold changes that it has to wait for, and who waits for it.
  private var waiting: [Int]
  private var followers: [[Int]]

  /// Strictly ascending by dot.
  init(_ changes: [TextChange]) {
    self.changes = changes
    waiting = Array(repeating: 0, count: changes.count)
    followers = Array(repeating: [], count: changes.count)
    let logs = Self.logs(changes)
    for number in changes.indices {
      for log in logs {
        guard let last = last(of: log, seenBy: number) else { continue }
        waiting[number] += 1
        followers[last].append(number)
      }
    }
  }

  var order: (order: [Int], firstStuck: Int?) {
    var waiting = waiting
    var ready = changes.indices.reversed().filter { waiting[$0] == 0 }
    var result: [Int] = []
    while let next = ready.popLast() {
      result.append(next)
      for follower in followers[next].reversed() {
        waiting[follower] -= 1
        if waiting[follower] == 0 { ready.append(follower) }
      }
    }
    return (result, result.count < changes.count ? waiting.firstIndex { $0 > 0 } : nil)
  }

  private static func logs(_ changes: [TextChange]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for number in changes.indices {
      if let last = result.last, changes[last.lowerBound].dot.log == changes[number].dot.log {
        result[result.count - 1] = last.lowerBound..<number + 1
      } else {
        result.append(number..<number + 1)
      }
    }
    return result
  }

  /// The last change of a log that another one had seen. Of its own log that is everything before it.
  private func last(of log: Range<Int>, seenBy number: Int) -> Int? {
    if log.contains(number) { return number > log.lowerBound ? number - 1 : nil }
    let seen = changes[number].past[changes[log.lowerBound].dot.log]
    var low = log.lowerBound
    var high = log.upperBound
    while low < high {
      let middle = (low + high) / 2
      if changes[middle].dot.seq <= seen { low = middle + 1 } else { high = middle }
    }
    return low > log.lowerBound ? low - 1 : nil
  }
}
