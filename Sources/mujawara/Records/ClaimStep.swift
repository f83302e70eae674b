// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Kinds
import SyncEngine

/// One step in the life of a claim: asked → granted → out → back; or declined, or withdrawn.
struct ClaimStep {
  enum Deed {
    case grant(anyway: Bool)
    case decline
    case out(on: String?, String?, anyway: Bool)
    case back(on: String?, String?)
    case withdraw
  }

  private struct Found {
    let lending: Lending
    let entry: Lending.Entry
  }

  private let name: String
  private let deed: Deed
  private let desk: Desk

  init(_ name: String, _ deed: Deed, _ desk: Desk) {
    self.name = name
    self.deed = deed
    self.desk = desk
  }

  func run() throws {
    let found = try find()
    let (lending, entry) = (found.lending, found.entry)
    try refuse(lending, entry)
    var editor = RecordEditor()
    switch deed {
    case .grant: editor.answer(entry.claim, isYes: true)
    case .decline: editor.answer(entry.claim, isYes: false)
    case .withdraw: editor.withdraw(entry.claim)
    case .out(let on, let condition, _): try mark("out", on, condition, entry.claim, &editor)
    case .back(let on, let condition): try mark("back", on, condition, entry.claim, &editor)
    }
    try desk.commit(editor)
    let fresh = try desk.fresh(entry.claim.id)
    try desk.report([fresh], next: "mujawara thing show \(try desk.short(lending.thing.id)) · mujawara sync")
    guard desk.context.isJSON, let now = try desk.lendings[lending.thing.id]?.entry(fresh.id) else { return }
    ScarcePage(lending.thing, desk).emit(now)
  }

  private func mark(
    _ word: String, _ day: String?, _ condition: String?, _ claim: Record, _ editor: inout RecordEditor
  ) throws {
    let changes = [FieldChange.set(name: "\(word)_at", text: day ?? desk.today.iso)]
    try FieldWriter(desk: desk, kind: .claim).apply(
      changes + FieldChange.given(("\(word)_condition", condition)), to: editor.edit(claim), of: claim, in: &editor)
  }

  // MARK: Which claim

  /// The claim that a name means among those to which this can be done: by its id, by whom it is for, or by its thing.
  private func find() throws -> Found {
    let thing = try? desk.one(name, [.thing])
    var all: [Found] = []
    for lending in try desk.lendings.values.sorted(by: { $0.thing.id < $1.thing.id }) {
      for entry in lending.entries where isMeant(entry.claim) || lending.thing.id == thing?.id {
        all.append(Found(lending: lending, entry: entry))
      }
    }
    let fitting = all.filter { isPossible($0.entry) }
    let found = fitting.isEmpty ? all : fitting
    guard let first = found.first else { throw Failure(.notFound, "There is no claim called \(name). See them:  mujawara thing show THING") }
    guard found.count == 1 else {
      let list = try found.prefix(8).map(told).joined(separator: "; ")
      throw Failure(.usage, "\(name) means several claims. Say which by its short id: \(list).")
    }
    return first
  }

  private func isMeant(_ claim: Record) -> Bool {
    let text = name.lowercased()
    if ID16(claim.id).hex == text { return true }
    if text.count >= ShortID.shortest, ShortID.text(claim.id).hasPrefix(text) { return true }
    return SearchText.folded(claim.text("by") ?? "") == SearchText.folded(name)
  }

  private func isPossible(_ entry: Lending.Entry) -> Bool {
    switch deed {
    case .grant: [.requested, .contested, .declined, .waiting].contains(entry.standing)
    case .decline: [.requested, .contested, .granted, .waiting].contains(entry.standing) && !entry.isOut
    case .out: entry.outAt == nil && [.held, .granted].contains(entry.standing)
    case .back: entry.isOut
    case .withdraw: ![.withdrawn, .over].contains(entry.standing) && !entry.isOut
    }
  }

  private func told(_ found: Found) throws -> String {
    let words = LendingWords(found.lending, desk)
    let thing = desk.output.user(desk.title(found.lending.thing))
    return "\(try desk.short(found.entry.claim.id)) \(words.name(found.entry)), \(thing), \(words.standing(found.entry))"
  }

  // MARK: What stands against it

  private func refuse(_ lending: Lending, _ entry: Lending.Entry) throws {
    let isGone = entry.standing == .withdrawn || entry.standing == .over
    switch deed {
    case .grant(let anyway):
      try requireKeeper(lending)
      if isGone { try refuse(entry, "is \(entry.standing.rawValue)") }
      guard !anyway, let others = lending.obstacles(toGranting: entry.claim.id) else { return }
      let names = others.map(LendingWords(lending, desk).name).joined(separator: ", ")
      let taken = names.isEmpty ? "asks for more than there is" : "doesn't fit with what was granted to \(names)"
      throw Failure(.usage, "The claim \(taken). Nothing was written. To grant it all the same:  --anyway")
    case .decline:
      try requireKeeper(lending)
      if isGone { try refuse(entry, "is \(entry.standing.rawValue)") }
      if entry.isOut { try refuse(entry, "is out already") }
    case .out(_, _, let anyway):
      if entry.isOut { try refuse(entry, "is out already") }
      if isGone { try refuse(entry, "is \(entry.standing.rawValue)") }
      guard !anyway, entry.standing != .held, entry.standing != .granted else { return }
      let words = LendingWords(lending, desk).standing(entry)
      throw Failure(.usage, "The claim doesn't hold: \(words). Nothing was written. To hand it out all the same:  --anyway")
    case .back: if !entry.isOut { try refuse(entry, "isn't out") }
    case .withdraw:
      if isGone { try refuse(entry, "is \(entry.standing.rawValue) already") }
      if entry.isOut { try refuse(entry, "is out: say  mujawara thing back  when it returns") }
    }
  }

  private func refuse(_ entry: Lending.Entry, _ words: String) throws {
    throw Failure(.usage, "The claim \(try desk.short(entry.claim.id)) of \(desk.title(entry.claim)) \(words). Nothing was written.")
  }

  /// Others' words on a claim would say nothing, so they aren't written.
  private func requireKeeper(_ lending: Lending) throws {
    let id = try desk.short(lending.thing.id)
    guard let keeper = LendingWords(lending, desk).keeper else {
      throw Failure(.usage, "It has no keeper: the first claim has it. To let this place decide:  mujawara thing edit \(id) --keep")
    }
    guard let place = try desk.replica.placeID(), lending.keepers.contains(place) else {
      throw Failure(.notAllowed, "Only its keeper, \(keeper), can answer. Nothing was written.")
    }
  }
}
