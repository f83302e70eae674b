// SPDX-License-Identifier: AGPL-3.0-or-later
import SyncEngine

/// What happened, in numbers.
struct Tally {
  var acts: [Act: Int] = [:]
  var faults: [String: Int] = [:]
  var refusals: [String: Int] = [:]
  var changesWritten = 0
  var changesTaken = 0
  var syncs = 0
  var converged = 0
  var sticks = 0
  /// Changes that were looked up on the disk before they went out.
  var audited = 0
  /// Records whose state was worked out anew.
  var reduced = 0
  var lostWithDisks = 0

  mutating func fault(_ kind: String, _ count: Int = 1) { faults[kind, default: 0] += count }

  mutating func refuse(_ reasons: [Refusal]) {
    for reason in reasons { refusals["\(reason)", default: 0] += 1 }
  }

  static func += (one: inout Tally, other: Tally) {
    one.acts.merge(other.acts, uniquingKeysWith: +)
    one.faults.merge(other.faults, uniquingKeysWith: +)
    one.refusals.merge(other.refusals, uniquingKeysWith: +)
    one.changesWritten += other.changesWritten
    one.changesTaken += other.changesTaken
    one.syncs += other.syncs
    one.converged += other.converged
    one.sticks += other.sticks
    one.audited += other.audited
    one.reduced += other.reduced
    one.lostWithDisks += other.lostWithDisks
  }

  /// A line each, in a fixed order.
  var lines: [String] {
    var lines = [
      "changes written \(changesWritten), taken from others \(changesTaken), looked up on the disk before sending \(audited)",
      "sessions \(syncs), of them converged \(converged); sticks read \(sticks)",
      "records worked out anew \(reduced); acknowledged changes that went with a disk put back \(lostWithDisks)",
    ]
    lines.append("faults: " + Self.list(faults))
    lines.append("changes refused: " + Self.list(refusals))
    return lines
  }

  private static func list(_ counts: [String: Int]) -> String {
    let all = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return all.isEmpty ? "none" : all.joined(separator: ", ")
  }
}
