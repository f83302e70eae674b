// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Exchange
import Foundation
import Kinds
import SyncEngine
import Testing

private let id = RecordID(ID16(high: 1, low: 2))

@Suite("Values as JSON") struct ValueJSONTests {
  @Test(
    "read back as they were",
    arguments: [
      (.null, "null"), (.bool(true), "true"), (.int(.min), "-9223372036854775808"),
      (.text("a\u{301}\u{202E}"), nil),
      (.bytes([0, 255]), #"{"bytes":"00ff"}"#),
      (.reference(id), #"{"record":"00000000000000010000000000000002"}"#),
      (
        .tuple(1, [.text("2026-12-05"), .text("weekly"), .text("les samedis")]),
        #"{"when":"2026-12-05","repeat":"weekly","source":"les samedis"}"#
      ),
      (.tuple(1, [.text("2026-12~"), .null, .null]), #"{"when":"2026-12~"}"#),
      (.tuple(32, [.int(-15), .int(1)]), #"{"decimal":"-1.5"}"#),
      (.tuple(33, [.int(12), .int(0), .text("kg")]), #"{"amount":"12","unit":"kg"}"#),
      (.tuple(33, [.int(12), .int(0), .null]), #"{"amount":"12"}"#),
      // Forms that this version doesn't write stay what they are.
      (.tuple(33, [.int(120), .int(1), .null]), #"{"tag":33,"members":[120,1,null]}"#),
      (.tuple(33, [.int(12), .int(0), .int(1)]), nil), (.tuple(1, [.text("2026-12"), .null, .null]), nil),
      (.tuple(1, []), nil), (.tuple(32, [.int(10), .int(1)]), nil),
      (.tuple(17, [.reference(id), .bytes([1])]), nil),
      (.tuple(4_294_967_296, [.tuple(9, [.reference(id), .bool(false)])]), nil),
    ] as [(CRDT.Value, String?)])
  func roundTrip(value: CRDT.Value, text: String?) throws {
    let json = JSONValue(value)
    if let text { #expect(json.text == text) }
    #expect(try JSONValue(parsing: json.text).recordValue == value)
  }

  @Test func `so do places in lists`() {
    let key = OrderKey.between(nil, nil, tag: RunTag(1, 2, 3))!
    let value = Position(list: id, key: key).value
    #expect(JSONValue(value)["key"] != nil && JSONValue(value).recordValue == value)
  }

  @Test(
    "other JSON is no value",
    arguments: [
      "1.5", "[]", "{}", #"{"bytes":"0"}"#, #"{"record":"00"}"#, #"{"when":"soon"}"#,
      #"{"tag":0,"members":[]}"#,
      #"{"tag":5,"members":[1.5]}"#, #"{"when":"2026-12-05","repeat":"often"}"#, #"{"list":"00","key":"00"}"#,
      #"{"amount":"a few"}"#, #"{"tag":4294967297,"members":[]}"#, #"{"record":"00","more":1}"#,
    ])
  func refused(text: String) throws { #expect(try JSONValue(parsing: text).recordValue == nil) }
}

@Suite("A record as JSON") struct RecordJSONTests {
  private func json(_ place: TestPlace, _ id: RecordID, authors: Bool = false) throws -> JSONValue {
    let directory = authors ? try Kinds.Directory(place.replica) : nil
    return try RecordJSON(place.replica, directory: directory).json(try place.replica.read(id)!)
  }

  @Test func `has the members that docs-json-md names, in that order`() throws {
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    let id = try a.add(
      .event,
      [
        ("title:fr", "Assemblée"), ("title:ar", "اجتماع"), ("tags", "b"), ("tags", "a"),
        ("when", "2026-12-05"),
        ("over:2026-12-05", "cancelled"), ("capacity", "40"),
      ], privacy: .public)
    try exchange(a, b)
    for (place, text, price) in [(a, "Cantine", "0"), (b, "Salle", "1")] {
      try place.set(id, "place", text)
      try place.set(id, "price", price)
    }
    try a.replica.commit(
      to: a.commons,
      [
        ContentEntry(
          .existing(id),
          [FieldEdits(98, [.setKey(.value(.int(3)), .value(.text("x")))]), FieldEdits(99, [.add(4)])])
      ])
    try exchange(a, b)
    let record = try json(a, id, authors: true)
    #expect(
      record.members?.map(\.name) == [
        "schema", "id", "kind", "privacy", "space", "presence", "fields", "other", "conflicts", "overruled",
        "changed",
      ])
    let head =
      #"{"schema":"mujawara/record/1","id":"\#(Hex.encode(id.bytes))","kind":"event","privacy":"public","#
    #expect(record.text.hasPrefix(head))
    #expect(
      record["fields"]?.members?.map(\.name) == [
        "title", "tags", "public", "when", "over", "place", "price", "capacity",
      ])
    #expect(record["fields"]?["title"]?.text == #"{"ar":"اجتماع","fr":"Assemblée"}"#)
    #expect(record["fields"]?["tags"]?.text == #"["a","b"]"#)
    #expect(record["fields"]?["over"]?.text == #"{"2026-12-05":"cancelled"}"#)
    #expect(record["other"]?.text == #"[{"field":98,"key":3,"value":"x"},{"field":99,"sum":4}]"#)
    let conflict = try #require(record["conflicts"]?.array?.first)
    #expect(conflict["field"] == "place")
    #expect(Set(conflict["values"]!.array!.map { $0["value"]!.string! }) == ["Cantine", "Salle"])
    #expect(conflict["values"]!.array![0]["value"] == record["fields"]?["place"])
    #expect(
      Set(conflict["values"]!.array!.map { $0["by"]!.string! }) == [
        "Cantine desk, Cantine", "Steki desk, Steki",
      ])
    #expect(record["overruled"]?.array?.map { $0["field"] } == ["price"])
    #expect(record["changed"]?.members?.map(\.name) == ["by", "device", "change", "stamp", "clock_doubtful"])
    #expect(try json(a, id).text == json(b, id).text)
  }

  @Test func `names kinds that it doesn't know`() throws {
    let a = try TestPlace()
    let made = try a.replica.commit(
      to: a.commons, [ContentEntry(.new(.number(900))), ContentEntry(.new(.name("need")))])
    #expect(try made.created.map { try json(a, $0)["kind"]!.text } == ["900", #"{"named":"need"}"#])
  }
}

@Suite("Out and in again") struct JSONLTests {
  /// A network with everything in it that a record can hold.
  private func fill(_ a: TestPlace) throws {
    let organisation = try a.add(
      .organisation, [("title", "Ateneu"), ("link", "https://a.example"), ("topics", "radio")])
    try a.add(.contact, [("of", ShortID.text(organisation)), ("value", "+33 6"), ("type", "phone")])
    let need = try a.add(
      .need, [("title:ar", "أرز"), ("title:fr", "Riz\n\"complet\""), ("qty", "12,5 kg"), ("until", "+3d")])
    try a.add(
      .event,
      [("title", "Fête"), ("when", "2026-12-05T19:00/2026-12-05T21:00"), ("over:2026-12-05", "2026-12-06")],
      privacy: .public)
    var editor = RecordEditor()
    let list = try editor.create(.list, in: a.replica)
    for text in ["un", "deux", "trois"] {
      let item = try editor.create(.item, in: a.replica)
      try editor.set(item, "title", of: .item, to: text, a.input)
      editor.append(item, to: list)
    }
    try editor.commit(to: a.replica)
    try a.replica.commit(
      to: a.commons,
      [
        ContentEntry(.new(.number(900)), [FieldEdits(16, .tuple(70, [.bytes([1]), .reference(need)]))]),
        ContentEntry(
          .new(.name("jardin")),
          [FieldEdits(77, [.set(.value(.int(3))), .add(-4), .addKey(.value(.bytes([7])), 9)])]),
        ContentEntry(
          .existing(need),
          [FieldEdits(23, .text("not a day")), FieldEdits(6, .text("no set")), FieldEdits(99, .null)]),
      ].sorted { $0.isNew && !$1.isNew })
    try a.delete(try a.add(.need, [("title", "weg")]))
  }

  private func export(_ a: TestPlace) throws -> String { try ExportJSONL.text(of: a.replica, authors: false) }

  /// Without profiles and the ids of spaces, which are each network's own.
  private func comparable(_ text: String) -> [String] {
    text.split(separator: "\n").filter {
      !$0.contains(#""kind":"place""#) && !$0.contains(#""kind":"device""#)
    }.map {
      String($0).replacing(/"space":"[0-9a-f]{32}"/, with: "")
    }
  }

  @Test func `another network gets the same, to the last cell`() throws {
    let a = try TestPlace()
    try fill(a)
    let text = try export(a)
    let other = try TestPlace(named: "Ailleurs")
    let plan = try ImportJSONL(Array(text.utf8), into: other.replica)
    #expect(plan.problems == [])
    #expect(
      plan.planned.count { $0.action == .profile } == 2 && plan.planned.count { $0.action == .create } == 10)
    try plan.commit(to: other.replica)
    #expect(comparable(try export(other)) == comparable(text))
    #expect(comparable(text).count == 10)
    #expect(try other.replica.check(full: true).damage == [])
    let again = try ImportJSONL(Array(text.utf8), into: other.replica)
    #expect(again.planned.allSatisfy { $0.action == .unchanged || $0.action == .profile })
    #expect(try again.commit(to: other.replica).changes == [])
    let items = try other.replica.read(.list)[0].id
    #expect(try ItemList(items, in: other.replica).items.map { $0.title()!.text } == ["un", "deux", "trois"])
  }

  @Test func `the same network gets nothing new, also where it disagrees with itself`() throws {
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    try fill(a)
    let id = try a.add(.event, [("title", "AG")])
    try exchange(a, b)
    try a.set(id, "when", "2026-12-06")
    try b.set(id, "when", "2026-12-07")
    try exchange(a, b)
    let text = try ExportJSONL.text(of: a.replica)
    let again = try ImportJSONL(Array(text.utf8), into: a.replica)
    #expect(again.planned.allSatisfy { $0.action == .unchanged || $0.action == .profile })
    #expect(again.planned.filter { $0.id == id }.map(\.undecided) == [["when"]])
    #expect(try again.commit(to: a.replica).changes == [])
    #expect(try Conflicts(in: a.replica).choices.count == 1)
    let other = try TestPlace()
    try ImportJSONL(Array(text.utf8), into: other.replica).commit(to: other.replica)
    #expect(try other.replica.read(id)!.value("when") == a.replica.read(id)!.value("when"))
  }

  @Test func `what was deleted stays so, unless asked otherwise; what was edited is updated`() throws {
    let a = try TestPlace()
    let gone = try a.add(.need, [("title", "Riz")])
    let edited = try a.add(.need, [("title", "Huile"), ("qty", "1")])
    let text = try export(a)
    try a.delete(gone)
    try a.set(edited, "qty", "2")
    try a.set(edited, "area", "ici")
    let plan = try ImportJSONL(Array(text.utf8), into: a.replica)
    #expect(Set(plan.planned.filter { $0.action != .profile }.map(\.action)) == [.gone, .update])
    try plan.commit(to: a.replica)
    #expect(
      try a.replica.read(edited)!.value("qty") == Quantity("1").value
        && a.replica.read(edited)!.text("area") == "ici")
    #expect(try a.replica.read(gone)!.isVisible == false)
    try ImportJSONL(Array(text.utf8), into: a.replica, restoring: true).commit(to: a.replica)
    #expect(try a.replica.read(gone)!.title()?.text == "Riz")
  }

  @Test(
    "lines that are no records are named",
    arguments: [
      ("{", .json(.endsEarly)), ("{}", .schema), (#"{"schema":"mujawara/record/2"}"#, .schema),
      (line(id: "00"), .member("id")), (line(kind: #""spoon""#), .member("kind")),
      (line(kind: "-1"), .member("kind")),
      (line(privacy: "all"), .member("privacy")), (line(fields: "[]"), .member("fields")),
      (line(fields: #"{"colour":"red"}"#), .field("colour")),
      (line(fields: #"{"alive":true}"#), .field("alive")),
      (line(fields: #"{"area":1.5}"#), .field("area")),
      (line(fields: #"{"tags":{"a":true}}"#), .field("tags")),
      (line(other: #"[{"field":1,"value":12}]"#), .field("#1")),
      (line(other: #"[{"field":99,"key":true}]"#), .field("#99")),
      (line(other: "{}"), .member("other")),
    ] as [(String, JSONLProblem.Reason)])
  func problems(text: String, reason: JSONLProblem.Reason) throws {
    let a = try TestPlace()
    let plan = try ImportJSONL(Array((line() + "\n\n" + text).utf8), into: a.replica)
    #expect(plan.problems.map(\.line) == [3] && plan.problems.map(\.reason) == [reason])
    #expect(plan.planned.map(\.action) == [.create])
    let twice = try ImportJSONL(Array((line() + "\n" + line()).utf8), into: a.replica)
    #expect(twice.problems.map(\.reason) == [.twice])
  }
}

private func line(
  id: String = "00000000000000000000000000000001", kind: String = #""need""#, privacy: String = "network",
  fields: String = "{}", other: String = "[]"
) -> String {
  #"{"schema":"mujawara/record/1","id":"\#(id)","kind":\#(kind),"privacy":"\#(privacy)","#
    + #""fields":\#(fields),"other":\#(other)}"#
}
