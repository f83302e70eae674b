// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import SyncEngine

/// An export read back.
struct LinesImport {
  private let command: ImportCommand
  private let desk: Desk

  init(_ command: ImportCommand, _ desk: Desk) {
    self.command = command
    self.desk = desk
  }

  func run(_ bytes: [UInt8]) throws {
    let plan = try ImportJSONL(bytes, into: desk.replica, restoring: command.restore)
    for problem in plan.problems { desk.output.fail(ImportWords.sentence(problem)) }
    if !plan.problems.isEmpty, !command.partial { throw ImportWords.refusal(plan.problems.count) }
    let count = { (action: ImportJSONL.Planned.Action) in plan.planned.count { $0.action == action } }
    if command.dryRun { return say(plan, count, "would be ") }
    let todo = count(.create) + count(.update)
    if todo > 0 {
      guard try command.confirm("Write \(SessionWords.plural(todo, "record"))?", desk) else { return desk.note("Nothing was written.") }
      try plan.commit(to: desk.replica)
      desk.nudge()
    }
    say(plan, count, "")
    if !plan.problems.isEmpty { throw ImportWords.partly(plan.problems.count) }
  }

  private func say(_ plan: ImportJSONL, _ count: (ImportJSONL.Planned.Action) -> Int, _ would: String) {
    if desk.context.isJSON {
      return desk.context.emit(
        "import/1",
        [
          JSONMember("new", .int(Int64(count(.create)))), JSONMember("updated", .int(Int64(count(.update)))),
          JSONMember("unchanged", .int(Int64(count(.unchanged)))), JSONMember("gone", .int(Int64(count(.gone)))),
          JSONMember("bad", .int(Int64(plan.problems.count))), JSONMember("written", .bool(would.isEmpty)),
        ])
    }
    let undecided = plan.planned.count { !$0.undecided.isEmpty }
    desk.output.print("\(count(.create)) \(would)new, \(count(.update)) \(would)updated, \(count(.unchanged)) unchanged.")
    if count(.gone) > 0 { desk.output.print("\(count(.gone)) were deleted here and stay so: --restore brings them back.") }
    if count(.profile) > 0 { desk.output.print("\(SessionWords.plural(count(.profile), "profile")) of places and devices left out: they write them themselves.") }
    if undecided > 0 { desk.output.print("\(SessionWords.plural(undecided, "record")) had several answers; the first of each was taken.") }
  }
}
