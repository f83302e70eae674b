// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Kinds
import SyncEngine

/// What matters of a thing, a claim, a stock or a movement on its line.
struct ScarceLine {
  private let record: Record
  private let desk: Desk
  private var output: Output { desk.output }

  init(_ record: Record, _ desk: Desk) {
    self.record = record
    self.desk = desk
  }

  var details: [String?] {
    get throws {
      switch record.kind {
      case .thing: try thing
      case .claim: try claim
      case .stock: try stock
      default: try movement
      }
    }
  }

  private func user(_ name: String) -> String? {
    let text = Field.text(record.value(name))
    return text.isEmpty ? nil : output.user(text)
  }

  // MARK: Things

  private var thing: [String?] {
    get throws {
      let lending = try desk.lending(record)
      let words = LendingWords(lending, desk)
      return [
        lending.capacity > 1 ? "\(lending.capacity) of them" : nil, record.value("broken") == .bool(true) ? "BROKEN" : nil,
        record.value("incomplete") == .bool(true) ? "incomplete" : nil, user("retired").map { "NOT LENT ANY MORE: \($0)" },
        words.keeper.map { "kept by \($0)" }, user("shelf"), user("area"),
      ] + words.summary
    }
  }

  private var claim: [String?] {
    get throws {
      let thing = try record.reference("of").map { "of \(output.user(try desk.reference($0)))" }
      guard let lending = try desk.lending(ofClaim: record), let entry = lending.entry(record.id) else { return [thing] }
      return [thing] + LendingWords(lending, desk).words(of: entry)
    }
  }

  // MARK: Stocks

  private var stock: [String?] {
    get throws {
      let level = try desk.level(record)
      return [
        StockWords.amounts(level, output),
        level.isBelowMinimum ? "BELOW MINIMUM (\(output.user(level.minimum?.text ?? "")))" : nil, user("shelf"), user("area"),
        level.doubts.isEmpty ? nil : "! count again",
      ]
    }
  }

  private var movement: [String?] {
    get throws {
      let of = try record.reference("of").map { "of \(output.user(try desk.reference($0)))" }
      return [of, user("delta"), user("counted").map { "counted \($0)" }, user("by").map { "by \($0)" }]
    }
  }
}

/// How claims stand, in words ready to print.
struct LendingWords {
  private let lending: Lending
  private let desk: Desk
  private var output: Output { desk.output }

  init(_ lending: Lending, _ desk: Desk) {
    self.lending = lending
    self.desk = desk
  }

  /// The places that keep the thing, by name.
  var keeper: String? {
    let names = lending.keepers.map { place in
      output.user((try? desk.replica.read(RecordID(place))?.text("name")) ?? ShortID.brief(place))
    }
    return names.isEmpty ? nil : names.joined(separator: " or ")
  }

  /// Who has it, and what waits for somebody.
  var summary: [String] {
    let out = lending.entries.filter(\.isOut).map { entry in
      "out: \(name(entry))" + (entry.due.map { " until \(DayText.day($0))" } ?? "") + (entry.isOverdue ? " (OVERDUE)" : "")
    }
    let contested = lending.contested
    let asked = lending.entries.count { $0.standing == .requested }
    let marks = [
      contested.isEmpty ? nil : "! claimed by several: \(contested.map(name).joined(separator: ", "))",
      asked == 0 ? nil : "\(SessionWords.plural(asked, "request")) to answer",
    ]
    return out + marks.compactMap(\.self)
  }

  func name(_ entry: Lending.Entry) -> String { output.user(desk.title(entry.claim)) }

  private func names(_ ids: [RecordID]) -> String {
    ids.compactMap(lending.entry).map(name).joined(separator: ", ")
  }

  /// When, how many, how it stands, and where it is.
  func words(of entry: Lending.Entry) -> [String?] {
    let when = (try? When(value: entry.claim.value("when"))).map { DayText.extent($0.extent, reader: desk.zone) }
    return [
      when, entry.quantity > 1 ? "\(entry.quantity) of them" : nil, standing(entry), custody(entry),
      entry.claim.text("purpose").map(output.user),
    ]
  }

  func standing(_ entry: Lending.Entry) -> String {
    let others = names(entry.outcome.others)
    switch entry.standing {
    case .requested:
      let keeper = keeper ?? "the keeper"
      return "requested: \(keeper) hasn't answered" + (others.isEmpty ? "" : ", granted to \(others)")
    case .waiting: return others.isEmpty ? "waiting: there aren't so many" : "waiting for \(others)"
    case .contested: return others.isEmpty ? "CONTESTED: granted and declined at once" : "CONTESTED with \(others)"
    case .granted:
      guard entry.outcome.isOverGranted else { return "granted" }
      return others.isEmpty ? "GRANTED BEYOND what there is" : "GRANTED BEYOND what there is, with \(others)"
    case .held, .declined, .withdrawn, .over: return entry.standing.rawValue
    }
  }

  private func custody(_ entry: Lending.Entry) -> String? {
    if let day = entry.backAt { return "back on \(DayText.day(day))" }
    guard entry.isOut, let day = entry.outAt else { return nil }
    let overdue = entry.isOverdue ? entry.due.map { ", OVERDUE since \(DayText.day($0))" } ?? "" : ""
    return "out since \(DayText.day(day))\(overdue)"
  }
}

enum StockWords {
  static func amounts(_ level: StockLevel, _ output: Output) -> String {
    level.amounts.isEmpty ? "nothing" : level.amounts.map { output.user($0.text) }.joined(separator: " + ")
  }

  /// `+3 kg`, `−3 kg`
  static func signed(_ amount: StockLevel.Amount) -> String {
    amount.text.hasPrefix("-") ? "−" + amount.text.dropFirst() : "+" + amount.text
  }
}
