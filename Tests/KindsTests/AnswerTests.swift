// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine
import Testing

extension TestPlace {
  /// An event that repeats every week from 5 December 2026.
  fileprivate func weekly(_ fields: [(String, String)] = []) throws -> RecordID {
    let id = try add(.event, [("title", "AG")] + fields)
    var editor = RecordEditor()
    let when = try input.when("2026-12-05T19:00", repeat: "weekly")
    editor.set(editor.edit(try replica.read(id)!), CellKey(field: 16), to: when.value)
    try editor.commit(to: replica)
    return id
  }

  fileprivate func answer(
    _ event: RecordID, _ word: Answer.Word?, on day: String? = nil, for name: String? = nil, seats: Int64 = 1,
    as place: PlaceID? = nil
  ) throws {
    let key = AnswerKey(
      place: try place ?? replica.placeID()!, day: try day.map { try CivilDate(iso: $0) }, name: name)!
    var editor = RecordEditor()
    editor.answer(try replica.read(event)!, key, word.map { Answer($0, seats: seats)! })
    try editor.commit(to: replica)
  }

  /// Every answer as `place day name word seats`, with letters for places in the order in which they were founded.
  fileprivate func answers(_ event: RecordID, _ places: [PlaceID]) throws -> [String] {
    Answers(try replica.read(event)!).entries.map { entry in
      let place = places.firstIndex(of: entry.key.place).map(String.init) ?? "?"
      let words = [place, entry.key.day?.iso, entry.key.name, entry.answer.word.rawValue, String(entry.answer.seats)]
      return words.compactMap(\.self).joined(separator: " ")
    }
  }
}

@Suite("Who comes") struct AnswerTests {
  @Test func `is one value under one key, and nothing else is read as such`() throws {
    let place = ID16(high: 0xA, low: 2)
    let hex = place.hex
    for (day, name) in [(nil, nil), ("2026-12-05", nil), (nil, "Nour/Samir"), ("2026-12-05", "نور")] as [(String?, String?)] {
      let key = AnswerKey(place: place, day: try day.map { try CivilDate(iso: $0) }, name: name)!
      #expect(key.value == .text("\(hex)/\(day ?? "")/\(name ?? "")"))
      #expect(AnswerKey(value: key.value) == key)
    }
    for text in ["", hex, "\(hex)/", "\(hex.uppercased())//", "\(hex)/2026-1-5/", "\(hex.dropLast())//", "\(hex)//e\u{301}"] {
      #expect(AnswerKey(value: .text(text)) == nil, "\(text)")
    }
    #expect(AnswerKey(place: place, name: "") == nil)
    #expect(AnswerKey(place: place, name: "e\u{301}")?.value == .text("\(hex)//\u{E9}"))
    let answer = Answer(.yes, seats: 3, note: "soupe")!
    #expect(answer.value == .tuple(40, [.text("yes"), .int(3), .text("soupe")]))
    #expect(Answer(value: answer.value) == answer && Answer(.no, seats: 7)?.seats == 0)
    #expect(Answer(.yes, seats: 0) == nil && Answer(.maybe, seats: 10_001) == nil)
    let strange: [Value] = [
      .tuple(40, [.text("no"), .int(1), .null]), .tuple(40, [.text("yes"), .int(0), .null]),
      .tuple(40, [.text("perhaps"), .int(1), .null]), .tuple(40, [.text("yes"), .int(1)]),
      .tuple(40, [.text("yes"), .int(1), .int(2)]), .text("yes"),
    ]
    for value in strange { #expect(Answer(value: value) == nil, "\(value)") }
  }

  @Test func `holds for every date, unless the same person says otherwise for one`() throws {
    let orders = try Orders(writers: 2, hearers: 2)
    let (a, b) = (orders[0], orders[1])
    let places = try orders.writers.map { try $0.replica.placeID()! }
    let id = try a.weekly([("capacity", "5")])
    try orders.exchange()
    try a.answer(id, .yes, seats: 2)
    try a.answer(id, .yes, for: "Nour")
    try b.answer(id, .maybe, seats: 3)
    try b.answer(id, .yes, on: "2026-12-12", seats: 4)
    try a.answer(id, .no, on: "2026-12-12", for: "Nour")
    let read = try orders.settle { try $0.answers(id, places) }
    #expect(read.sorted() == [
      "0 2026-12-12 Nour no 0", "0 Nour yes 1", "0 yes 2", "1 2026-12-12 yes 4", "1 maybe 3",
    ])
    let answers = Answers(try b.replica.read(id)!)
    let whole = answers.total(on: nil)
    #expect(whole.yes == 3 && whole.maybe == 3 && whole.no == 0 && !whole.isOver)
    let twelfth = answers.total(on: try CivilDate(iso: "2026-12-12"))
    #expect(twelfth.yes == 6 && twelfth.maybe == 0 && twelfth.no == 1 && twelfth.isOver)
    #expect(answers.total(on: try CivilDate(iso: "2026-12-19")) == whole)
  }

  @Test func `promised beyond what fits by two at once stays promised by both`() throws {
    let orders = try Orders(writers: 3, hearers: 2)
    let id = try orders[0].weekly([("capacity", "10")])
    try orders.exchange()
    try orders[0].answer(id, .yes, seats: 8)
    try orders.exchange()
    try orders[1].answer(id, .yes, seats: 2)
    try orders[2].answer(id, .yes, seats: 2)
    let total = try orders.settle { Answers(try $0.replica.read(id)!).total(on: nil) }
    #expect(total.yes == 12 && total.isOver)
    #expect(Answers(try orders[0].replica.read(id)!).entries(on: nil).count == 3)
    #expect(try Conflicts(in: orders[0].replica).isEmpty)
  }

  @Test func `is for each place to say: what another writes in its name has no effect`() throws {
    let orders = try Orders(writers: 2, hearers: 3)
    let (a, b) = (orders[0], orders[1])
    let places = try orders.writers.map { try $0.replica.placeID()! }
    let id = try a.weekly()
    try a.answer(id, .yes, seats: 2)
    try orders.exchange()
    // Seen and overwritten, taken back, and where nothing stood.
    try b.answer(id, .no, as: places[0])
    try b.answer(id, nil, as: places[0])
    try b.answer(id, .yes, for: "Nour", seats: 9, as: places[0])
    #expect(try orders.settle { try $0.answers(id, places) } == ["0 yes 2"])
    // At the same time, and known to the owner.
    try b.answer(id, .no, as: places[0])
    try a.answer(id, .maybe, seats: 3)
    #expect(try orders.settle(seed: 2) { try $0.answers(id, places) } == ["0 maybe 3"])
    try a.answer(id, nil)
    #expect(try orders.settle(seed: 3) { try $0.answers(id, places) } == [])
    for place in orders.writers + orders.hearers { #expect(try place.replica.check(full: true).damage == []) }
  }

  /// The oracle: each place has one device, so that what holds is the last that this device wrote there.
  @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
  func `is what its owner wrote last, whatever everybody wrote everywhere`(seed: UInt64) throws {
    let orders = try Orders(writers: 3, hearers: 2)
    let places = try orders.writers.map { try $0.replica.placeID()! }
    let id = try orders[0].weekly()
    try orders.exchange()
    var random = Seeded(seed)
    var expected: [AnswerKey: Answer] = [:]
    for _ in 0..<40 {
      if random.chance(25) {
        try random.pick(orders.writers).take(from: random.pick(orders.writers))
        continue
      }
      let writer = random.below(3)
      let (place, day) = (random.pick(places), random.chance(50) ? "2026-12-12" : nil)
      let answer = random.chance(20) ? nil : Answer(random.pick(Answer.Word.allCases), seats: Int64(1 + random.below(9)))
      let key = AnswerKey(place: place, day: try day.map { try CivilDate(iso: $0) })!
      var editor = RecordEditor()
      editor.answer(try orders[writer].replica.read(id)!, key, answer)
      try editor.commit(to: orders[writer].replica)
      if places[writer] == place { expected[key] = answer }
    }
    let read = try orders.settle(seed: seed) { place in
      Answers(try place.replica.read(id)!).entries.map { [$0.key.value, $0.answer.value] }
    }
    #expect(Set(read) == Set(expected.map { [$0.key.value, $0.value.value] }), "seed \(seed)")
  }

  @Test func `of two devices of one place is the later, with the other beside it`() throws {
    let a = try TestPlace(named: "A")
    let second = try TestPlace(joining: a, named: "A2", asDevice: true)
    let b = try TestPlace(joining: a, named: "B")
    try exchange(a, second, b)
    let id = try a.weekly()
    try exchange(a, second, b)
    try a.answer(id, .yes, seats: 2)
    try second.answer(id, .no)
    try b.answer(id, .yes, seats: 7, as: try a.replica.placeID()!)
    try exchange(a, second, b)
    for place in [a, second, b] {
      let entry = try #require(Answers(try place.replica.read(id)!).entries.first)
      #expect(Set([entry.answer] + entry.others) == Set([Answer(.yes, seats: 2)!, Answer(.no)!]))
    }
    try second.answer(id, .maybe)
    try exchange(a, second, b)
    for place in [a, second, b] {
      let entry = try #require(Answers(try place.replica.read(id)!).entries.first)
      #expect(entry.answer == Answer(.maybe) && entry.others.isEmpty)
    }
  }

  @Test func `to a date that is called off, or that the rule leaves, meanwhile, is kept`() throws {
    let orders = try Orders(writers: 3, hearers: 2)
    let (a, b, c) = (orders[0], orders[1], orders[2])
    let places = try orders.writers.map { try $0.replica.placeID()! }
    let id = try a.weekly()
    try orders.exchange()
    try a.set(id, "over:2026-12-12", "cancelled")
    var editor = RecordEditor()
    let tuesdays = try b.input.when("2026-12-08T19:00", repeat: "weekly")
    editor.set(editor.edit(try b.replica.read(id)!), CellKey(field: 16), to: tuesdays.value)
    try editor.commit(to: b.replica)
    try c.answer(id, .yes, on: "2026-12-12", seats: 2)
    #expect(try orders.settle { try $0.answers(id, places) } == ["2 2026-12-12 yes 2"])
    let event = try a.replica.read(id)!
    let day = try CivilDate(iso: "2026-12-12")
    let all = occurrences(
      of: try When(value: event.value("when")), overrides: Agenda.overrides(of: event), in: day...day)
    #expect(all.map(\.isCancelled) == [true] && all.map(\.isDetached) == [true])
    #expect(Answers(event).total(on: day).yes == 2)
  }

  @Test func `goes where the event goes, as far as its own place said it`() throws {
    let orders = try Orders(writers: 2, hearers: 0)
    let (a, b) = (orders[0], orders[1])
    let id = try a.weekly()
    try orders.exchange()
    try a.answer(id, .yes, seats: 2)
    try b.answer(id, .yes, seats: 3)
    try orders.exchange()
    let moved = try AudienceMove(try a.replica.read(id)!, to: .place, in: a.replica).commit(to: a.replica)
    #expect(Answers(try a.replica.read(moved)!).total(on: nil).yes == 2)
  }
}

@Suite("Dates that two people change at once") struct ConcurrentDateTests {
  @Test func `a rule edited while one date is moved: the date is kept, apart from the rule`() throws {
    let orders = try Orders(writers: 2, hearers: 2)
    let (a, b) = (orders[0], orders[1])
    let id = try a.weekly()
    try orders.exchange()
    try b.set(id, "over:2026-12-12", "2026-12-13T18:00")
    var editor = RecordEditor()
    let fridays = try a.input.when("2026-12-04T19:00", repeat: "weekly 3 times")
    editor.set(editor.edit(try a.replica.read(id)!), CellKey(field: 16), to: fridays.value)
    try editor.commit(to: a.replica)
    let dates = try orders.settle { place in
      let event = try place.replica.read(id)!
      let range = try CivilDate(iso: "2026-12-01")...CivilDate(iso: "2027-01-31")
      return occurrences(
        of: try When(value: event.value("when")), overrides: Agenda.overrides(of: event), in: range
      ).map { "\($0.start.iso)\($0.isMoved ? " moved" : "")\($0.isDetached ? " detached" : "")" }
    }
    #expect(dates == [
      "2026-12-04T19:00", "2026-12-11T19:00", "2026-12-13T18:00 moved detached", "2026-12-18T19:00",
    ])
    #expect(try Conflicts(in: a.replica).isEmpty)
  }

  @Test func `one date called off by one and moved by another: both stand until somebody chooses`() throws {
    let orders = try Orders(writers: 2, hearers: 2)
    let id = try orders[0].weekly()
    try orders.exchange()
    try orders[0].set(id, "over:2026-12-12", "cancelled")
    try orders[1].set(id, "over:2026-12-12", "2026-12-13T18:00")
    let options = try orders.settle { place in
      try Conflicts(in: place.replica).choices.map { Conflicts.options(of: $0.cell).map(\.value) }
    }
    #expect(options.count == 1 && options[0].count == 2)
  }

  @Test func `a count goes on counting dates that two people called off`() throws {
    let orders = try Orders(writers: 2, hearers: 1)
    let (a, b) = (orders[0], orders[1])
    let id = try a.add(.event, [("title", "AG")])
    var editor = RecordEditor()
    let when = try a.input.when("2026-12-05T19:00", repeat: "weekly 4 times")
    editor.set(editor.edit(try a.replica.read(id)!), CellKey(field: 16), to: when.value)
    try editor.commit(to: a.replica)
    try orders.exchange()
    try a.set(id, "over:2026-12-05", "cancelled")
    try b.set(id, "over:2026-12-19", "cancelled")
    let dates = try orders.settle { place in
      let event = try place.replica.read(id)!
      let range = try CivilDate(iso: "2026-12-01")...CivilDate(iso: "2027-03-31")
      return occurrences(
        of: try When(value: event.value("when")), overrides: Agenda.overrides(of: event), in: range
      ).map { "\($0.start.date.iso)\($0.isCancelled ? " off" : "")" }
    }
    #expect(dates == ["2026-12-05 off", "2026-12-12", "2026-12-19 off", "2026-12-26"])
  }

  @Test(arguments: [("2027-03-28", 1_806_197_400), ("2027-10-31", 1_824_942_600)])
  func `an evening that a clock skips or shows twice is one instant, moved there or planned there`(
    day: String, instant: Int64
  ) throws {
    let a = try TestPlace()
    let planned = try a.add(.event, [("title", "x"), ("when", "\(day)T02:30[Europe/Paris]")])
    let moved = try a.add(.event, [("title", "y"), ("when", "2027-03-01T19:00[Europe/Paris]")])
    try a.set(moved, "over:2027-03-01", "\(day)T02:30[Europe/Paris]")
    let range = try CivilDate(iso: day)...CivilDate(iso: day)
    let found = Agenda(try a.replica.read(.event), in: range, zone: "Europe/Paris").dated
    #expect(Set(found.map(\.event.id)) == [planned, moved])
    #expect(found.map(\.instant) == [instant, instant])
  }
}
