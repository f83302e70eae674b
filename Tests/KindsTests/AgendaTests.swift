// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine
import Testing

private func range(_ first: String, _ last: String) -> ClosedRange<CivilDate> {
  try! CivilDate(iso: first)...CivilDate(iso: last)
}

@Suite("The agenda") struct AgendaTests {
  private func agenda(
    _ place: TestPlace, _ first: String, _ last: String, zone: String = "Europe/Paris"
  ) throws -> Agenda {
    Agenda(try place.replica.read(.event), in: range(first, last), zone: zone)
  }

  private func lines(_ entries: [Agenda.Entry]) -> [String] {
    entries.map { entry in
      let marks = (entry.isCancelled ? " cancelled" : "") + (entry.isMoved ? " moved" : "")
      return "\(entry.local.iso) \(entry.event.title()!.text)\(marks)"
    }
  }

  @Test func `puts events of all zones on the reader's clock, whole days first`() throws {
    let a = try TestPlace()
    try a.add(.event, [("title", "Paris"), ("when", "2026-12-05T19:00/2026-12-05T21:00")])
    try a.add(.event, [("title", "Caracas"), ("when", "2026-12-05T19:00[America/Caracas]")])
    try a.add(.event, [("title", "Tokyo"), ("when", "2026-12-06T01:00[Asia/Tokyo]")])
    try a.add(.event, [("title", "Fête"), ("when", "2026-12-04/2026-12-05")])
    #expect(
      lines(try agenda(a, "2026-12-05", "2026-12-05").dated) == [
        "2026-12-04T00:00 Fête", "2026-12-05T17:00 Tokyo", "2026-12-05T19:00 Paris",
      ])
    #expect(lines(try agenda(a, "2026-12-06", "2026-12-06").dated) == ["2026-12-06T00:00 Caracas"])
    #expect(
      lines(try agenda(a, "2026-12-05", "2026-12-05", zone: "America/Caracas").dated)
        == [
          "2026-12-04T00:00 Fête", "2026-12-05T12:00 Tokyo", "2026-12-05T14:00 Paris",
          "2026-12-05T19:00 Caracas",
        ].sorted { $0.contains("Tokyo") && !$1.contains("Tokyo") ? false : $0 < $1 })
  }

  @Test func `ends with the event, not with the day`() throws {
    let a = try TestPlace()
    try a.add(.event, [("title", "Nuit"), ("when", "2026-12-05T22:00/2026-12-06T02:00")])
    try a.add(.event, [("title", "Soir"), ("when", "2026-12-05T22:00/2026-12-06T00:00")])
    #expect(lines(try agenda(a, "2026-12-06", "2026-12-06").dated) == ["2026-12-05T22:00 Nuit"])
  }

  @Test func `marks what is moved or called off, and keeps vague times apart`() throws {
    let a = try TestPlace()
    let id = try a.add(.event, [("title", "AG")])
    var editor = RecordEditor()
    let when = try a.input.when("2026-12-05T19:00", repeat: "monthly:day=5")
    editor.set(editor.edit(try a.replica.read(id)!), CellKey(field: 16), to: when.value)
    try editor.commit(to: a.replica)
    try a.set(id, "over:2027-01-05", "cancelled")
    try a.set(id, "over:2027-02-05", "2027-02-07T18:00")
    try a.add(.event, [("title", "Messages"), ("when", "2026-12~")])
    try a.add(.event, [("title", "Campagne"), ("when", "2026-10/..")])
    try a.add(.event, [("title", "Sans date")])
    let found = try agenda(a, "2026-12-01", "2027-03-31")
    #expect(
      lines(found.dated) == [
        "2026-12-05T19:00 AG", "2027-01-05T19:00 AG cancelled", "2027-02-07T18:00 AG moved",
        "2027-03-05T19:00 AG",
      ])
    #expect(found.vague.map { $0.event.title()!.text } == ["Campagne", "Messages"])
    try a.set(id, "status", "cancelled")
    #expect(try agenda(a, "2026-12-01", "2026-12-31").dated.allSatisfy(\.isCancelled))
  }

  @Test func `says which times are in doubt, and which it can't read`() throws {
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    let id = try a.add(.event, [("title", "AG"), ("when", "2026-12-05")])
    try exchange(a, b)
    try a.set(id, "when", "2026-12-06")
    try b.set(id, "when", "2026-12-07")
    try exchange(a, b)
    #expect(try agenda(a, "2026-12-01", "2026-12-31").dated.map(\.isContested) == [true])
    let strange = try a.add(.event, [("title", "?")])
    try a.replica.commit(
      to: a.commons, [ContentEntry(.existing(strange), [FieldEdits(16, .tuple(1, [.int(3)]))])])
    #expect(try agenda(a, "2026-12-01", "2026-12-31").unreadable.map(\.id) == [strange])
  }
}

@Suite("A search") struct SearchTests {
  @Test(
    "compares as people read",
    arguments: [
      ("Été", "ete"), ("ŒUVRE", "oeuvre"), ("مَدْرَسَة", "مدرسه"), ("مدرســة", "مدرسه"),
      ("أحمد إلى آخر", "احمد الي اخر"),
      ("مسؤول", "مسوول"), ("٢٠٢٦", "2026"), ("l’été, c'est", "l ete c est"), ("  a\u{200F}b  ", "ab"),
      ("ＴＩＴＬＥ", "title"),
      ("", ""),
    ])
  func folding(text: String, folded: String) { #expect(SearchText.folded(text) == folded) }

  @Test func `finds all words anywhere, titles and whole words first`() throws {
    let a = try TestPlace()
    let rice = try a.add(.need, [("title:ar", "أرُزّ"), ("title:fr", "Riz complet"), ("area", "Belleville")])
    let body = try a.add(.need, [("title", "Huile"), ("body", "avec du riz complet"), ("tags", "épicerie")])
    let part = try a.add(.need, [("title", "Rizière complète")])
    try a.delete(try a.add(.need, [("title", "riz complet")]))
    func find(_ query: String) throws -> [RecordID] {
      Search(query).find(in: try a.replica.readAll()).map(\.record.id)
    }
    #expect(try find("complet RIZ") == [rice, part, body])
    #expect(try find("\"riz complet\"") == [rice, body])
    #expect(try find("ارز") == [rice] && find("belleville riz") == [rice] && find("EPICERIE") == [body])
    #expect(try find("riz absent") == [] && find("  ") == [])
    let hit = Search("belleville riz").find(in: try a.replica.readAll())[0]
    #expect(hit.fields == [4, 20])
  }
}
