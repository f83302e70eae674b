// SPDX-License-Identifier: AGPL-3.0-or-later

/// Ordered lists: who stands where, and what to write to put an item somewhere.
public enum ListOrder {
  /// Where neighbours get new keys, enough of them do to be far from the limit for a while.
  private static let renewedByteLimit = OrderKey.byteLimit / 4

  /// In the order in which everyone sees the list: by key, and by record where two writers chose the same
  /// key.
  public static func sorted(_ list: [(OrderKey, RecordID)]) -> [(OrderKey, RecordID)] {
    list.sorted(by: precedes)
  }

  /// The keys to write so that an item stands right after another: normally the item's own alone. Where two
  /// neighbours have equal keys, or there is no room for a key of fair length, those to the right get new
  /// ones too, and at the list's end those to the left.
  /// - Parameters:
  ///   - after: nil for the front; what is not in the list counts as its last item.
  ///   - list: sorted; it may hold the item where it stood before.
  /// - Returns: in list order; nothing if the item stands there already.
  public static func place(
    _ item: RecordID, after: RecordID?, in list: [(OrderKey, RecordID)], tag: RunTag
  ) -> [(RecordID, OrderKey)] {
    precondition(zip(list, list.dropFirst()).allSatisfy(precedes), "a list is sorted by key and record")
    let others = list.filter { $0.1 != item }
    let place = index(after: after, in: others)
    if place < list.count, list[place].1 == item { return [] }
    var left = place
    var right = place
    while true {
      let lower = left > 0 ? others[left - 1].0 : nil
      let upper = right < others.count ? others[right].0 : nil
      let limit = left == right ? OrderKey.byteLimit : renewedByteLimit
      if let keys = run(of: right - left + 1, lower, upper, tag: tag, limit: limit) {
        let moved = others[left..<place].map(\.1) + [item] + others[place..<right].map(\.1)
        return Array(zip(moved, keys))
      }
      if right < others.count { right += 1 } else { left -= 1 }
    }
  }

  private static func precedes(_ one: (OrderKey, RecordID), _ other: (OrderKey, RecordID)) -> Bool {
    one.0 == other.0 ? one.1 < other.1 : one.0 < other.0
  }

  private static func index(after: RecordID?, in list: [(OrderKey, RecordID)]) -> Int {
    guard let after else { return 0 }
    return list.firstIndex { $0.1 == after }.map { $0 + 1 } ?? list.count
  }

  /// Ascending keys between two others; nil if there is no room. Between two open ends there is always room.
  private static func run(
    of count: Int, _ lower: OrderKey?, _ upper: OrderKey?, tag: RunTag, limit: Int
  ) -> [OrderKey]? {
    var keys: [OrderKey] = []
    while keys.count < count {
      guard let key = OrderKey.between(keys.last ?? lower, upper, tag: tag) else { return nil }
      guard key.bytes.count <= limit else { return nil }
      keys.append(key)
    }
    return keys
  }
}
