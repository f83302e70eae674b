// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Exchange
import Kinds
import SyncEngine

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the replica for damage.",
    discussion: """
      Without --full: the database's structure and the chains of changes. With it: every hash and signature, and \
      that the records are what the changes give.
      """)

  @Flag(help: "Check everything. It takes a while.")
  var full = false

  @Flag(help: "Make the records anew from the changes, then check everything.")
  var rebuild = false

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let context = Context(global)
    let replica = try context.open()
    if rebuild { try replica.rebuild() }
    let full = full || rebuild
    let report = try replica.check(full: full)
    if context.isJSON {
      context.emit(
        "check/1",
        [
          JSONMember("full", .bool(full)), JSONMember("changes", .int(Int64(report.changes))),
          JSONMember("signatures", .int(Int64(report.signatures))), JSONMember("records", .int(Int64(report.records))),
          JSONMember("waiting", .int(Int64(report.waiting))), JSONMember("forks", .int(Int64(report.forks.count))),
          JSONMember("held", HeldWords.json(try replica.held())),
          JSONMember("damage", .array(report.damage.map(JSONValue.string))),
        ])
    } else {
      try say(report, full, replica, context)
    }
    if !report.damage.isEmpty { throw Failure(.damaged, "\(SessionWords.plural(report.damage.count, "fault")) found. \(next)") }
  }

  /// Records are made from changes: where those are whole, records can be made again.
  private var next: String {
    rebuild ? Failure.afterDamage : "If records alone are wrong, mujawara check --rebuild mends them. If not: \(Failure.afterDamage)"
  }

  private func say(_ report: CheckReport, _ full: Bool, _ replica: Replica, _ context: Context) throws {
    let output = context.output
    let names = try Directory(replica)
    for fault in report.damage { output.print("! \(fault)") }
    for fork in report.forks {
      output.print("! \(output.user(names.name(ofDevice: fork.author).text)) has two histories from change \(fork.seq) on: a restored backup, a cloned computer, or deceit. Both are kept.")
    }
    for line in try HeldWords.lines(replica.held(), replica, output) {
      output.print("! \(line). They count once that device writes again, and those that others had seen before count already.")
    }
    if report.waiting > 0 { output.print("\(SessionWords.plural(report.waiting, "change")) can't be used yet: earlier ones are missing. A sync or a bundle brings them.") }
    guard report.damage.isEmpty else { return }
    output.print(
      full
        ? "\(report.changes) changes, \(report.signatures) signatures, \(report.records) records made again from them: all is well."
        : "\(report.changes) changes: no damage seen. Everything is checked by: mujawara check --full")
  }
}
