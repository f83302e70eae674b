// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// Makes up the content of a change: every shape of op there is.
struct Author {
  let replica: Replica
  let tag: RunTag
  /// Records of the space that anyone has made, known here or not.
  let records: [RecordID]
  var dice: Dice

  mutating func entries(in space: SpaceID) throws -> [ContentEntry] {
    switch dice.below(12) {
    case 0, 1: return [newRecord()]
    case 2: return try place(in: space)
    case 3: return deletion()
    case 4: return many()
    case 5: return try profile()
    case 6: return try text(in: space)
    default: return change()
    }
  }

  // MARK: Shapes

  private mutating func newRecord() -> ContentEntry {
    let kinds: [KindRef] = [.number(10), .number(11), .number(12), .number(250), .name("coop/harvest"), .name("")]
    return ContentEntry(.new(kinds[dice.below(kinds.count)]), fields(1 + dice.below(4)))
  }

  private mutating func change() -> [ContentEntry] {
    guard let record = someRecord() else { return [newRecord()] }
    return [ContentEntry(.existing(record), fields(1 + dice.below(3)))]
  }

  /// Several records at once, new and old, some of which refer to the new.
  private mutating func many() -> [ContentEntry] {
    let news = (0..<(1 + dice.below(3))).map { _ in newRecord() }
    var olds: [RecordID] = []
    for _ in 0..<dice.below(4) { if let record = someRecord(), !olds.contains(record) { olds.append(record) } }
    return news
      + olds.sorted().map { ContentEntry(.existing($0), [FieldEdits(23, [.set(.local(0))])] + fields(1, from: 40)) }
  }

  private mutating func deletion() -> [ContentEntry] {
    guard let record = someRecord() else { return [newRecord()] }
    return [ContentEntry(.existing(record), [FieldEdits(SystemField.alive, .bool(dice.once(in: 3)))])]
  }

  /// Puts an item into a list, or moves it there.
  private mutating func place(in space: SpaceID) throws -> [ContentEntry] {
    let list = records.first ?? RecordID(high: 2, low: 2)
    guard let item = someRecord() else { return [newRecord()] }
    var items: [(OrderKey, RecordID)] = []
    try replica.eachRecord { view in
      guard view.space == space, let value = view.state[SystemField.at]?.winner(by: replica.history)?.value,
        let position = Position(value), position.list == list
      else { return }
      items.append((position.key, view.id))
    }
    let sorted = ListOrder.sorted(items)
    let after = dice.once(in: 3) ? nil : dice.pick(sorted)?.1
    let keys = ListOrder.place(item, after: after, in: sorted, tag: tag)
    return keys.sorted { $0.0 < $1.0 }.map {
      ContentEntry(.existing($0.0), [FieldEdits(SystemField.at, Position(list: list, key: $0.1).value)])
    }
  }

  /// The name of a place or device: one's own, or one that isn't one's to write.
  private mutating func profile() throws -> [ContentEntry] {
    let members = try replica.membership()
    let ids = members.sortedDevices.map { RecordID($0.id) } + members.sortedPlaces.map { RecordID($0.id) }
    guard let record = dice.pick(ids) else { return change() }
    return [ContentEntry(.existing(record), [FieldEdits(16, .text("name \(dice.below(100))"))])]
  }

  /// Writes in a text, as it stands here, or where nobody knows that it stands.
  private mutating func text(in space: SpaceID) throws -> [ContentEntry] {
    guard let record = someRecord() else { return [newRecord()] }
    let name = CellKey(field: 80 + UInt64(dice.below(2)), key: dice.once(in: 3) ? .text("fr") : nil)
    var length = try replica.text(name, of: record, in: space).text.unicodeScalars.count
    if dice.once(in: 10) { length += 5 }
    let edits = (0..<(1 + dice.below(4))).map { _ in textEdit(&length) }
    let edit: WireEdit = name.key.map { .keyedTexts([KeyedText(.value($0), edits)]) } ?? .text(edits)
    return [ContentEntry(.existing(record), [FieldEdits(name.field, [edit])])]
  }

  private mutating func textEdit(_ length: inout Int) -> TextEdit {
    if length > 0, dice.once(in: 3) {
      let start = dice.below(length)
      let count = 1 + dice.below(min(length - start, 6))
      length -= count
      return .delete(at: start, count: count)
    }
    let words = ["a", "lait ", "خبز", "e\u{301}", "👩🏽‍🌾", "\n"]
    let word = words[dice.below(words.count)]
    defer { length += word.unicodeScalars.count }
    return .insert(at: dice.below(length + 1), word)
  }

  private mutating func someRecord() -> RecordID? {
    dice.once(in: 40) ? RecordID(high: 7, low: UInt64(dice.below(3))) : dice.pick(records)
  }

  // MARK: Fields

  private mutating func fields(_ count: Int, from first: UInt64 = 16) -> [FieldEdits] {
    let numbers = Set((0..<count).map { _ in first + UInt64(dice.below(6)) })
    return numbers.sorted().map { FieldEdits($0, edits()) }
  }

  /// In the order that a body asks for: by code, and by key.
  private mutating func edits() -> [WireEdit] {
    switch dice.below(8) {
    case 0: return [.setKey(.value(key()), .value(value()))]
    case 1: return [.add(number())]
    case 2: return [.addKey(.value(key()), number())]
    case 3: return [.set(.value(value())), .add(number())]
    case 4: return [.unknown(code: 6 + UInt64(dice.below(100)), raw: [0x82, 0x01, 0xf6])]
    case 5: return [.setKey(.value(.int(1)), .value(value())), .setKey(.value(.text("fr")), .value(value()))]
    default: return [.set(.value(value()))]
    }
  }

  private mutating func number() -> Int64 {
    let numbers: [Int64] = [1, -1, 2, 7, -300, .max, .min]
    return numbers[dice.below(numbers.count)]
  }

  private mutating func key() -> Value {
    let keys: [Value] = [.text("fr"), .text("é"), .text("e\u{301}"), .int(1), .int(-2), .bytes([0, 255]), .bytes([])]
    return keys[dice.below(keys.count)]
  }

  private mutating func value() -> Value {
    switch dice.below(10) {
    case 0: .null
    case 1: .bool(dice.once(in: 2))
    case 2: .int(number())
    case 3: .text("")
    case 4: .bytes(dice.bytes(dice.below(300)))
    case 5: .reference(dice.pick(records) ?? RecordID(high: 3, low: 3))
    case 6: .tuple(33, [.int(number()), .int(2), .text("kg")])
    case 7: .tuple(1 + UInt64(dice.below(200)), [.null, .tuple(5, [.text("خبز")])])
    default: .text("text \(dice.below(50))")
    }
  }
}
