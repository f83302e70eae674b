// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Exchange
import Foundation
import Kinds
import SyncEngine
import Testing

private func example(_ name: String) throws -> CSVTable {
  let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Examples/\(name)")
  return try CSVReader().read(Array(try Data(contentsOf: file)))
}

private func plan(
  _ table: CSVTable, _ target: ImportTarget, _ place: TestPlace, source: String, restoring: Bool = false
) throws -> ImportCSV {
  var options = ImportCSV.Options(source: source, input: place.input)
  options.isRestoring = restoring
  return try ImportCSV(table, as: target, mapping: target.guess(table), options, into: place.replica)
}

private func table(_ text: String) throws -> CSVTable { try CSVReader().read(Array(text.utf8)) }

@Suite("A spreadsheet becomes records") struct ImportCSVTests {
  @Test func `a calendar: 25 events with their times, rules and words`() throws {
    let a = try TestPlace()
    let table = try example("calendar-2017.csv")
    #expect(
      ImportTarget.events.guess(table).pairs == [
        "when=when_text", "edtf=when", "repeat=repeat", "title_fr=title:fr", "place=place",
      ])
    let plan = try plan(table, .events, a, source: "calendar-2017.csv")
    #expect(plan.problems == [] && plan.count(.create) == 25)
    #expect(try a.replica.read(.event).isEmpty)
    #expect(try plan.commit(to: a.replica).changes.count == 1)
    let events = try a.replica.read(.event)
    #expect(events.count == 25)
    let times = try events.map { try When(value: $0.value("when")) }
    #expect(times.allSatisfy { $0.source != nil })
    #expect(
      Set(times.compactMap { $0.rule?.words }) == [
        "weekly on Thursday", "monthly on the 5th", "monthly on the 16th", "yearly on 20 December",
      ])
    #expect(times.count { if case .vague = $0.extent { true } else { false } } == 7)
    let opening = try #require(events.first { $0.title()?.text == "Concours public d'affiches" })
    #expect(
      opening.value("when")
        == .tuple(1, [.text("2017-09-18/2017-10-10"), .null, .text("18/09 au 10/10/2017")]))
    #expect(opening.text("place") == "Caracas" && opening.text("source") == "calendar-2017.csv")
    let day = try CivilDate(iso: "2017-10-05")
    let agenda = Agenda(events, in: day...day, zone: "America/Caracas")
    #expect(
      Set(agenda.dated.map { $0.event.title()!.text }) == [
        "Concours public d'affiches", "Journées mondiales de mobilisation dans la rue",
        "Campagne « les 5 pour les 5 », activités dans les communautés",
        "Jeudis de la solidarité (au choix de chaque pays)",
      ])
  }

  @Test func `commitments: one list of 20 items, in the order of the file`() throws {
    let a = try TestPlace()
    let table = try example("commitments-2017.csv")
    let target = ImportTarget.list(title: "Engagements 2017")
    #expect(
      target.guess(table).pairs == ["section=section", "title_fr=title:fr", "who=assigned", "repeat=repeat"])
    let plan = try plan(table, target, a, source: "commitments")
    try plan.commit(to: a.replica)
    let list = try #require(plan.list)
    #expect(try a.replica.read(list)?.title()?.text == "Engagements 2017")
    let items = try ItemList(list, in: a.replica).items
    #expect(items.map { $0.title()!.text } == table.rows.map { $0.fields[1] } && items.count == 20)
    #expect(items.map { $0.text("section") } == table.rows.map { $0.fields[0] })
    #expect(items[0].members("assigned") == ["tous les participants"])
    #expect(items[0].localized("title")?.language == "fr")
  }

  @Test func `a directory: 245 organisations with names as they come`() throws {
    let a = try TestPlace()
    let table = try example("spaces.csv")
    #expect(ImportTarget.organisations.guess(table).pairs == ["name=title", "url=link"])
    let plan = try plan(table, .organisations, a, source: "spaces")
    #expect(plan.problems == [] && plan.count(.create) == 245)
    try plan.commit(to: a.replica)
    let known = Set(try a.replica.read(.organisation).map { $0.title()!.text + " " + $0.text("link")! })
    #expect(known == Set(table.rows.map { $0.fields[0] + " " + $0.fields[1] }))
  }

  @Test(
    "read again, nothing is doubled",
    arguments: [
      ("calendar-2017.csv", ImportTarget.events), ("commitments-2017.csv", .list(title: "x")),
      ("spaces.csv", .organisations),
    ])
  func again(name: String, target: ImportTarget) throws {
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    let table = try example(name)
    for place in [a, b] { try plan(table, target, place, source: name).commit(to: place.replica) }
    try exchange(a, b)
    for place in [a, b] {
      #expect(try place.replica.read(target.kind).count == table.rows.count)
      #expect(try Conflicts(in: place.replica).isEmpty)
      let again = try plan(table, target, place, source: name)
      #expect(again.count(.unchanged) == table.rows.count)
      #expect(try again.commit(to: place.replica).changes == [])
    }
    #expect(try a.replica.read(.list).count <= 1)
    #expect(try plan(table, target, a, source: "other").count(.create) == table.rows.count)
  }

  @Test func `read again, it updates what changed in the file`() throws {
    let a = try TestPlace()
    try plan(try table("title,edtf\nAG,2026-12-05\nFête,2026-12-06\n"), .events, a, source: "f").commit(
      to: a.replica)
    let later = try plan(
      try table("title,edtf,place\nNeuf,2026-12-08,\nAG,2026-12-07,\nFête,2026-12-06,Cantine\n"), .events, a,
      source: "f")
    #expect(later.planned.map(\.action) == [.create, .update, .update])
    let change = try #require(later.planned[1].changes.first)
    #expect(later.planned[1].changes.count == 1 && change.field == "when" && change.key == nil)
    let (old, new) = (try a.input.when("2026-12-05").value, try a.input.when("2026-12-07").value)
    #expect(change.old == old && change.new == new)
    try later.commit(to: a.replica)
    #expect(try a.replica.read(.event).count == 3)
  }

  @Test
  func `bad rows are named by line and column, and nothing is written unless the good ones are wanted alone`()
    throws
  {
    let a = try TestPlace()
    let bad = try table(
      """
      title;edtf;capacity;link
      Bon;2026-12-05;10;https://a.example
      Mauvais jour;2026-13-05;;
      ;2026-12-05;;
      Trop;2026-12-05;beaucoup;
      "fermé" pas;2026-12-05;;
      Lien;2026-12-05;;javascript:x

      """)
    let plan = try plan(bad, .events, a, source: "f")
    #expect(plan.problems.map(\.line) == [3, 4, 5, 6, 7])
    #expect(plan.problems.map(\.column) == ["edtf", nil, "capacity", nil, "link"])
    #expect(plan.problems[1].reason == .noTitle && plan.problems[3].reason == .row(.textAfterQuote))
    #expect(
      plan.problems[2].reason == .field(name: "capacity", text: "beaucoup", .notAnInteger(1...1_000_000)))
    #expect(throws: ImportRefused.self) { try plan.commit(to: a.replica) }
    #expect(try a.replica.read(.event).isEmpty)
    try plan.commit(to: a.replica, partial: true)
    #expect(try a.replica.read(.event).map { $0.title()!.text } == ["Bon"])
  }

  @Test func `rows that are alike are records apart, and ids of the file's own count`() throws {
    let a = try TestPlace()
    let alike = try table("title,edtf\nAG,2026-12-05\nAG,2026-12-06\nAG,2026-12-07\n")
    for _ in 0..<2 { try plan(alike, .events, a, source: "f").commit(to: a.replica) }
    #expect(try a.replica.read(.event).count == 3)
    let own = try plan(try table("id,title,edtf\n7,AG,2026-12-05\n7,Autre,2026-12-05\n"), .events, a, source: "g")
    #expect(own.problems.map(\.reason) == [.repeatedID("7")])
    try plan(try table("id,title,edtf\n7,AG,2026-12-05\n"), .events, a, source: "g").commit(to: a.replica)
    try plan(try table("id,title,edtf\n7,Assemblée,2026-12-05\n"), .events, a, source: "g").commit(to: a.replica)
    #expect(
      try a.replica.read(.event).filter { $0.text("external_id") == "7" }.map { $0.title()!.text } == [
        "Assemblée"
      ])
  }

  @Test func `what was deleted here stays so, what has moved to another audience is found`() throws {
    let a = try TestPlace()
    let file = try table("title,edtf\nun,2026-12-05\ndeux,2026-12-05\n")
    let first = try plan(file, .events, a, source: "f")
    try first.commit(to: a.replica)
    try a.delete(first.planned[0].id)
    let move = try AudienceMove(try a.replica.read(first.planned[1].id)!, to: .place, in: a.replica)
    try move.commit(to: a.replica)
    let again = try plan(file, .events, a, source: "f")
    #expect(again.planned.map(\.action) == [.gone, .unchanged])
    #expect(again.planned[1].id == move.newID)
    try plan(file, .events, a, source: "f", restoring: true).commit(to: a.replica)
    #expect(try a.replica.read(.event).count == 2)
  }

  @Test func `an event needs a time unless it is a draft, and a title has its bound`() throws {
    let a = try TestPlace()
    let long = String(repeating: "é", count: ImportCSV.titleLimit + 1)
    let rows = try table("title,edtf,status\nFête,2026-12-05,\nUn jour,,draft\nJamais,,\n\(long),2026-12-05,\n")
    let plan = try plan(rows, .events, a, source: "f")
    #expect(plan.problems.map(\.line) == [4, 5])
    #expect(plan.problems.map(\.reason) == [.noTime, .titleTooLong(limit: 500)])
    #expect(plan.planned.map(\.title) == ["Fête", "Un jour"])
  }

  @Test func `units join their numbers, sets are cut, words stand in for a time`() throws {
    let a = try TestPlace()
    let items = try table("titre,quantité,unité,qui,fait le\nRiz,12,kg,\"Nour, Eleni; Sami\",2026-12-01\n")
    let plan = try plan(items, .list(title: "x"), a, source: "f")
    try plan.commit(to: a.replica)
    let item = try a.replica.read(plan.planned[0].id)!
    #expect(
      item.value("qty") == Quantity("12 kg").value && item.members("assigned") == ["Eleni", "Nour", "Sami"])
    let events = try table("title,quand\nFête,5 décembre 2026\n")
    var options = ImportCSV.Options(source: "g", input: a.input)
    options.privacy = .public
    var mapping = Mapping(columns: events.columns)
    try mapping.apply("title=title", fields: ImportTarget.events.fields)
    mapping[1] = FieldTarget("when_text")
    let words = try ImportCSV(events, as: .events, mapping: mapping, options, into: a.replica)
    try words.commit(to: a.replica)
    let event = try a.replica.read(words.planned[0].id)!
    #expect(
      event.value("when") == .tuple(1, [.text("2026-12-05"), .null, .text("5 décembre 2026")])
        && event.isPublic)
  }

  @Test func `one import is taken back as one`() throws {
    let a = try TestPlace()
    let made = try plan(try example("spaces.csv"), .organisations, a, source: "s").commit(to: a.replica)
    #expect(made.changes.count == 1)
    let back = try #require(try a.replica.compensation(for: made.changes[0]))
    try a.replica.commit(to: a.commons, back.entries, undoes: back.undoes)
    #expect(try a.replica.read(.organisation).isEmpty)
  }

  @Test func `a mapping is remembered by a name`() throws {
    let a = try TestPlace()
    let table = try example("calendar-2017.csv")
    var mapping = ImportTarget.events.guess(table)
    try mapping.apply("place=address", fields: ImportTarget.events.fields)
    #expect(try a.replica.mapping(named: "cal", for: .events, columns: table.columns) == nil)
    try a.replica.remember(mapping, named: "cal")
    #expect(try a.replica.mapping(named: "cal", for: .events, columns: table.columns) == mapping)
    try a.replica.remember(mapping: "{", named: "cal")
    #expect(try a.replica.mapping(named: "cal", for: .events, columns: table.columns) == nil)
  }
}
