// SPDX-License-Identifier: AGPL-3.0-or-later

extension OrderKey {
  /// A key strictly between two others, for the writer with this tag; nil as a bound is the list's end.
  ///
  /// Runs never interleave. All that one writer puts between two neighbours, in whichever direction, stays in
  /// one block of keys: it either begins a run at a fraction of its own, or goes on with a run that it finds
  /// beside the gap. The latter only where it can do so for ever without coming near the keys that a
  /// stranger, who knows the same neighbours, would choose.
  /// - Returns: nil if there is no room: the bounds are equal or out of order, or the key would be too long.
  public static func between(_ lower: OrderKey?, _ upper: OrderKey?, tag: RunTag) -> OrderKey? {
    if let lower, let upper, lower >= upper { return nil }
    let low = lower?.components ?? []
    let high = upper?.components ?? []
    let fresh = beginRun(low, high, tag: tag)
    if let next = goOn(after: low, tag: tag, strangers: fresh) { return OrderKey(next) }
    if let next = goOn(before: high, tag: tag, strangers: fresh) { return OrderKey(next) }
    return OrderKey(fresh)
  }

  /// The key that depends on nothing but the neighbours and the tag. A level is added only where both
  /// neighbours have the same fraction: then it stands under the lower one.
  private static func beginRun(
    _ low: [OrderComponent], _ high: [OrderComponent], tag: RunTag
  ) -> [OrderComponent] {
    var depth = zip(low, high).prefix { $0 == $1 }.count
    var upper = depth < high.count ? high[depth].fraction : nil
    if depth < low.count, low[depth].fraction == upper {
      depth += 1
      upper = nil
    }
    let lower = depth < low.count ? low[depth].fraction : nil
    let fraction = OrderFraction.between(lower, upper)
    return low.prefix(depth) + [OrderComponent(fraction: fraction, tag: tag, counter: 0)]
  }

  /// The next of the run that ends with the lower neighbour, unless strangers would write under that
  /// neighbour: what was later put in front would then stand among theirs.
  private static func goOn(
    after low: [OrderComponent], tag: RunTag, strangers: [OrderComponent]
  ) -> [OrderComponent]? {
    guard var last = low.last, last.tag == tag, last.counter < .max else { return nil }
    if strangers.starts(with: low) { return nil }
    last.counter += 1
    return low.dropLast() + [last]
  }

  /// The one before the run that begins with the upper neighbour, unless strangers would write inside that
  /// run.
  private static func goOn(
    before high: [OrderComponent], tag: RunTag, strangers: [OrderComponent]
  ) -> [OrderComponent]? {
    guard var first = high.last, first.tag == tag, first.counter > .min else { return nil }
    if strangers.count > high.count, strangers.starts(with: high.dropLast()) {
      let beside = strangers[high.count - 1]
      if beside.fraction == first.fraction && beside.tag == tag { return nil }
    }
    first.counter -= 1
    return high.dropLast() + [first]
  }
}
