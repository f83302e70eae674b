// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Exchange
import Kinds
import SyncEngine

/// What stands below a thing or a stock: its claims, its movements.
struct ScarcePage {
  private let record: Record
  private let desk: Desk
  private var output: Output { desk.output }

  init(_ record: Record, _ desk: Desk) {
    self.record = record
    self.desk = desk
  }

  func print() throws {
    switch record.kind {
    case .thing: try printClaims()
    case .stock: try printMovements()
    default: break
    }
  }

  private func printClaims() throws {
    let lending = try desk.lending(record)
    let words = LendingWords(lending, desk)
    for entry in lending.entries {
      let id = output.styled(try desk.short(entry.claim.id), .cyan)
      output.print("  \(id)  " + ([words.name(entry)] + words.words(of: entry).compactMap(\.self)).joined(separator: " · "))
    }
  }

  private func printMovements() throws {
    let level = try desk.level(record)
    let names = try Kinds.Directory(desk.replica)
    output.print("  there is: \(StockWords.amounts(level, output))")
    for movement in level.movements { output.print("  " + (try line(movement, names))) }
    for doubt in level.doubts { output.print("  ! " + (try words(doubt))) }
  }

  private func line(_ movement: StockLevel.Movement, _ names: Kinds.Directory) throws -> String {
    let record = movement.record
    let day = (try? CivilDate(value: record.value("day"))).map(DayText.day)
    let delta = movement.delta.map { output.user(StockWords.signed($0)) } ?? "! no amount that can be summed"
    let counted = movement.counted.map { "counted \(output.user($0.text))" }
    let other = try record.reference("other").map { "with \(output.user(try desk.reference($0)))" }
    let best = (try? CivilDate(value: record.value("best_before"))).map { "best before \(DayText.day($0))" }
    let maker = try record.view.state[SystemField.kind]?.heads.first.map { names.author(try desk.replica.authorship(of: $0.op.dot)) }
    let parts = [
      day, record.text("type").map(output.user), delta, counted, other, best,
      record.text("by").map { "by \(output.user($0))" }, maker.map(output.user),
    ]
    return "\(output.styled(try desk.short(record.id), .cyan))  " + parts.compactMap(\.self).joined(separator: " · ")
  }

  func words(_ doubt: StockLevel.Doubt) throws -> String {
    switch doubt {
    case .countedAtOnce(let counts):
      let ids = try counts.map(desk.short).joined(separator: " and ")
      return "counted at once (\(ids)): both corrections are in the sum, and they may be the same one. Count again."
    case .takenBack(let count, let movement):
      return "the count \(try desk.short(count)) had reckoned with \(try desk.short(movement)), which was taken back since. Count again."
    }
  }

  // MARK: For programs

  func emit() throws {
    switch record.kind {
    case .thing:
      let lending = try desk.lending(record)
      for entry in lending.entries { try desk.emit(entry.claim) }
      for entry in lending.entries { emit(entry) }
    case .stock:
      let level = try desk.level(record)
      for movement in level.movements { try desk.emit(movement.record) }
      emit(level)
    default: break
    }
  }

  func emit(_ entry: Lending.Entry) {
    let when = (try? When(value: entry.claim.value("when"))).map { JSONValue.string($0.edtf) }
    desk.context.emit(
      "standing/1",
      [
        JSONMember("claim", .string(ID16(entry.claim.id).hex)), JSONMember("thing", .string(ID16(record.id).hex)),
        JSONMember("title", desk.titleJSON(record)), JSONMember("by", entry.claim.text("by").map(JSONValue.string) ?? .null),
        JSONMember("quantity", .int(entry.quantity)), JSONMember("when", when ?? .null),
        JSONMember("standing", .string(entry.standing.rawValue)),
        JSONMember("others", .array(entry.outcome.others.map { .string(ID16($0).hex) })),
        JSONMember("over_granted", .bool(entry.outcome.isOverGranted)),
        JSONMember("out_at", entry.outAt.map { .string($0.iso) } ?? .null),
        JSONMember("back_at", entry.backAt.map { .string($0.iso) } ?? .null),
        JSONMember("due", entry.due.map { .string($0.iso) } ?? .null), JSONMember("overdue", .bool(entry.isOverdue)),
      ])
  }

  func emit(_ level: StockLevel) {
    let amounts = level.amounts.map { amount in
      JSONValue.object([
        JSONMember("amount", .string(amount.sum.text)), JSONMember("unit", amount.unit.map(JSONValue.string) ?? .null),
      ])
    }
    desk.context.emit(
      "level/1",
      [
        JSONMember("stock", .string(ID16(level.stock.id).hex)), JSONMember("title", desk.titleJSON(level.stock)),
        JSONMember("amounts", .array(amounts)), JSONMember("below_minimum", .bool(level.isBelowMinimum)),
        JSONMember("doubts", .array(level.doubts.map(Self.doubt))),
      ])
  }

  private static func doubt(_ doubt: StockLevel.Doubt) -> JSONValue {
    let (reason, movements) =
      switch doubt {
      case .countedAtOnce(let counts): ("counted-at-once", counts)
      case .takenBack(let count, let movement): ("taken-back", [count, movement])
      }
    return .object([
      JSONMember("reason", .string(reason)),
      JSONMember("movements", .array(movements.map { .string(ID16($0).hex) })),
    ])
  }
}

/// Claims that don't fit together and stocks that are in doubt: what people have to settle by talking.
struct Contests {
  private let desk: Desk
  private let lendings: [Lending]
  private let levels: [StockLevel]

  init(_ desk: Desk) throws {
    self.desk = desk
    lendings = try desk.lendings.values.filter { !$0.contested.isEmpty }.sorted { $0.thing.id < $1.thing.id }
    levels = try desk.levels.values.filter { !$0.doubts.isEmpty }.sorted { $0.stock.id < $1.stock.id }
  }

  var count: Int { lendings.count + levels.count }

  static func count(in replica: Replica, today: CivilDate) throws -> Int {
    try Lending.contested(in: replica, today: today).count + StockLevel.doubtful(in: replica).count
  }

  func print() throws {
    for lending in lendings {
      let id = try desk.short(lending.thing.id)
      let words = LendingWords(lending, desk)
      desk.output.print("\(desk.output.styled(id, .cyan))  \(desk.output.user(desk.title(lending.thing))), claimed by several:")
      for entry in lending.contested {
        let parts = [words.name(entry)] + words.words(of: entry).compactMap(\.self)
        desk.output.print("  \(try desk.short(entry.claim.id))  " + parts.joined(separator: " · ") + "      \(try author(entry.claim))")
      }
      desk.hint("talk, then  mujawara thing withdraw CLAIM")
    }
    for level in levels {
      let id = try desk.short(level.stock.id)
      desk.output.print("\(desk.output.styled(id, .cyan))  \(desk.output.user(desk.title(level.stock))):")
      for doubt in level.doubts { desk.output.print("  " + (try ScarcePage(level.stock, desk).words(doubt))) }
      desk.hint("mujawara stock count \(id) AMOUNT")
    }
  }

  private func author(_ claim: Record) throws -> String {
    let names = try Kinds.Directory(desk.replica)
    guard let made = claim.view.state[SystemField.kind]?.heads.first else { return "" }
    let author = try desk.replica.authorship(of: made.op.dot)
    let time = author.wall.map { Times.local(seconds: $0) } ?? Times.local(author.stamp)
    return "\(desk.output.user(names.author(author))) \(time)"
  }

  func emit() throws {
    for lending in lendings {
      for entry in lending.contested { ScarcePage(lending.thing, desk).emit(entry) }
    }
    for level in levels { ScarcePage(level.stock, desk).emit(level) }
  }
}

/// Things that are out and due back: within some days, or overdue.
struct DueBack {
  private struct Loan {
    let lending: Lending
    let entry: Lending.Entry
    let day: CivilDate
  }

  private let desk: Desk
  private let due: [Loan]
  private var output: Output { desk.output }

  init(_ range: ClosedRange<CivilDate>, _ desk: Desk) throws {
    self.desk = desk
    var due: [Loan] = []
    for lending in try desk.lendings.values {
      for entry in lending.entries where entry.isOut {
        guard let day = entry.due, range.contains(day) || (entry.isOverdue && range.contains(desk.today)) else { continue }
        due.append(Loan(lending: lending, entry: entry, day: day))
      }
    }
    self.due = due.sorted { ($0.day, $0.entry.claim.id) < ($1.day, $1.entry.claim.id) }
  }

  func print() throws {
    guard !due.isEmpty, !output.options.plain else { return try plain() }
    output.print(output.styled("Due back", .bold))
    for loan in due {
      let (thing, name) = (loan.lending.thing, LendingWords(loan.lending, desk).name(loan.entry))
      let late = loan.entry.isOverdue ? " · OVERDUE" : ""
      output.print(
        "  \(DayText.day(loan.day))  \(output.styled(try desk.short(thing.id), .cyan))  \(output.user(desk.title(thing))) · \(name)\(late)")
    }
  }

  /// Day, `back`, the thing's id and title, and whose claim it is, between tabs.
  private func plain() throws {
    for loan in due {
      let (thing, name) = (loan.lending.thing, LendingWords(loan.lending, desk).name(loan.entry))
      let cells = [loan.day.iso, "back", try desk.short(thing.id), output.user(desk.title(thing)), name]
      output.print(cells.joined(separator: "\t"))
    }
  }

  func emit() throws {
    for loan in due { ScarcePage(loan.lending.thing, desk).emit(loan.entry) }
  }
}
