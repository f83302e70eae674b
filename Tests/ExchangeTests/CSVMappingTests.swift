// SPDX-License-Identifier: AGPL-3.0-or-later
import Exchange
import Testing

private let event = [
  TargetField("title", takesLanguage: true), TargetField("body", takesLanguage: true),
  TargetField("when", shape: .edtf), TargetField("when_text", aliases: ["when", "quand", "dates"]),
  TargetField("repeat"), TargetField("place"), TargetField("link", shape: .link, takesMany: true),
]

private let item = [
  TargetField("title", takesLanguage: true), TargetField("section"), TargetField("assigned"),
  TargetField("repeat"), TargetField("qty", shape: .number), TargetField("unit"),
]

private func propose(_ columns: [String], _ rows: [[String]] = [], _ fields: [TargetField]) -> [String] {
  let rows = rows.enumerated().map { CSVRow(line: $0 + 2, fields: $1) }
  return MappingGuess.propose(columns: columns, sampleRows: rows, fields: fields).pairs
}

@Suite("Columns find their fields by the names that people use")
struct CSVMappingTests {
  @Test("a real calendar: dates go to when, the words they were written in to their own field")
  func calendar() {
    let rows = [
      ["18/09 au 10/10/2017", "2017-09-18/2017-10-10", "", "Concours public d'affiches", "Caracas"],
      ["A partir d'octobre", "2017-10/..", "", "Mobilisation", ""],
      ["Décembre", "2017-12~", "", "Messages", ""],
    ]
    #expect(propose(["when", "edtf", "repeat", "title_fr", "place"], rows, event) == [
      "when=when_text", "edtf=when", "repeat=repeat", "title_fr=title:fr", "place=place",
    ])
  }

  @Test("a real list of commitments, and a real directory")
  func list() {
    #expect(propose(["section", "title_fr", "who", "repeat"], [], item) == [
      "section=section", "title_fr=title:fr", "who=assigned", "repeat=repeat",
    ])
    let directory = [TargetField("names", takesLanguage: true), TargetField("link", shape: .link)]
    #expect(propose(["name", "url"], [["/dev/hack", "https://devhack.net"]], directory) == [
      "name=names", "url=link",
    ])
  }

  @Test("case, accents, spaces and Arabic spelling don't matter", arguments: [
    ("QUANTITE", "qty"), ("Quantité", "qty"), ("assigned-to", "assigned"), ("Responsable", "assigned"),
    ("المسؤول", "assigned"), ("المَسؤول", "assigned"), ("Sección", "section"), ("rubrique", "section"),
    ("الكميه", "qty"), ("Unidad", "unit"), ("ＴＩＴＬＥ", "title"),
  ])
  func folding(header: String, field: String) {
    #expect(propose([header], [], item) == ["\(header)=\(field)"])
  }

  @Test("a language in the header", arguments: [
    ("title_ar", "title:ar"), ("Titre (fr)", "title:fr"), ("título-ES", "title:es"),
    ("title_pt_BR", "title:pt-BR"), ("Titre français", "title:fr"), ("العنوان بالعربية", "title:ar"),
    ("title_id", ""), ("section_fr", ""),
  ])
  func languages(header: String, field: String) {
    #expect(propose([header], [], item) == ["\(header)=\(field)"])
  }

  @Test("one field per column and one column per field, unless the field takes many")
  func once() {
    #expect(propose(["titre", "title", "x"], [], item) == ["titre=", "title=title", "x="])
    #expect(propose(["title_fr", "title_ar"], [], item) == ["title_fr=title:fr", "title_ar=title:ar"])
    #expect(propose(["url", "site"], [], event) == ["url=link", "site=link"])
  }

  @Test("a column whose name says nothing is taken by its values")
  func values() {
    let rows = [["https://a.example", "3"], ["", "4"]]
    #expect(propose(["Colonne 1", "foo"], rows, event) == ["Colonne 1=link", "foo="])
  }

  @Test("values of another shape give way to an alias, and are taken where there is nothing better")
  func shapes() {
    let rows = [["jeudi", "2017-09-18"], ["mardi", "au printemps"]]
    let fields = [TargetField("when", shape: .edtf)]
    #expect(propose(["when", "date"], rows, fields) == ["when=", "date=when"])
    #expect(propose(["when"], rows.map { [$0[0]] }, fields) == ["when=when"])
  }

  @Test("what the user says changes the guess")
  func said() throws {
    var mapping = Mapping(columns: ["A", "Été", "", "A"])
    try mapping.apply("ete=titre:fr", fields: item)
    try mapping.apply("#1=who", fields: item)
    try mapping.apply("#3=title_ar", fields: item)
    #expect(mapping.pairs == ["#1=assigned", "Été=title:fr", "#3=title:ar", "#4="])
    try mapping.apply("#1=", fields: item)
    #expect(mapping.unmapped == [0, 3])
    #expect(mapping.values(of: CSVRow(line: 2, fields: ["a", "b", "", "d"])).map(\.value) == ["b"])
  }

  @Test("what can't be meant is refused by name")
  func refused() {
    var mapping = Mapping(columns: ["a", "b", "c", "C", "c"])
    let cases: [(String, MappingError)] = [
      ("a", .notAPair("a")), ("x=title", .noSuchColumn("x")), ("#6=title", .noSuchColumn("#6")),
      ("c=title", .severalColumns("c")), ("a=colour", .noSuchField("colour")),
      ("a=unit:fr", .noLanguages("unit")), ("a=title:FR?", .noSuchField("title:FR?")),
    ]
    for (pair, error) in cases {
      #expect(throws: error) { try mapping.apply(pair, fields: item) }
    }
    mapping[0] = FieldTarget("unit")
    let twice = MappingError.fieldTwice(FieldTarget("unit"))
    #expect(throws: twice) { try mapping.apply("b=unit", fields: item) }
    #expect(throws: Never.self) { try mapping.apply("a=unit", fields: item) }
  }

  @Test("a remembered mapping comes back, whatever the columns are called")
  func remembered() throws {
    let columns = ["a=b", "two\r\nlines", "back\\nslash", "", "x", "x", "plain"]
    var mapping = Mapping(columns: columns)
    let targets = ["title:fr", "title:ar", "section", "assigned", "unit", "", "qty"]
    for (index, target) in targets.enumerated() {
      try mapping.apply("\(mapping.name(of: index))=\(target)", fields: item)
    }
    #expect(try Mapping(text: mapping.text, columns: columns, fields: item) == mapping)
    #expect(mapping.text.split(separator: "\n").count == columns.count)
    let fewer = try Mapping(text: mapping.text, columns: ["new", "plain"], fields: item)
    #expect(fewer.pairs == ["new=", "plain=qty"])
  }
}
