// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine

// Values of cells as JSON, so that reading gives the same value back (docs/json.md):
//
//   null, true, 12, "text"
//   {"bytes": "hex"}                                   bytes
//   {"record": "hex"}                                  a reference
//   {"when": "EDTF", "repeat": "…", "source": "…"}     a time; `repeat` and `source` where there are any
//   {"amount": "12.5", "unit": "kg"}                   a quantity; `unit` where there is one
//   {"decimal": "12.5"}
//   {"list": "hex", "key": "hex"}                      a place in a list
//   {"answer": "yes", "seats": 2, "note": "…"}         who comes; `note` where there is one
//   {"translates": "fr", "change": "hex", "op": 3}     what a translation was made from; the last two unless the same
//                                                      change wrote both
//   {"tag": 99, "members": [ … ]}                      any other group

extension JSONValue {
  public init(_ value: CRDT.Value) {
    switch value {
    case .null: self = .null
    case .bool(let bool): self = .bool(bool)
    case .int(let int): self = .int(int)
    case .text(let text): self = .string(text)
    case .bytes(let bytes): self = .object([JSONMember("bytes", .string(Hex.encode(bytes)))])
    case .reference(let record): self = .object([JSONMember("record", .string(Hex.encode(record.bytes)))])
    case .tuple(let tag, let members): self = Self.known(value) ?? Self.group(tag, members)
    }
  }

  /// A group that this version knows.
  private static func known(_ value: CRDT.Value) -> JSONValue? {
    if let when = try? When(value: value) {
      let rule = when.rule.map { [JSONMember("repeat", .string($0.short))] } ?? []
      let source = when.source.map { [JSONMember("source", .string($0))] } ?? []
      return .object([JSONMember("when", .string(when.edtf))] + rule + source)
    }
    if case .amount(let amount, let unit) = Quantity(value: value) {
      let unit = unit.map { [JSONMember("unit", .string($0))] } ?? []
      return .object([JSONMember("amount", .string(amount.text))] + unit)
    }
    if let number = DecimalNumber(value: value) {
      return .object([JSONMember("decimal", .string(number.text))])
    }
    if let position = Position(value) {
      return .object([
        JSONMember("list", .string(Hex.encode(position.list.bytes))),
        JSONMember("key", .string(Hex.encode(position.key.bytes))),
      ])
    }
    return answer(value) ?? basis(value)
  }

  private static func answer(_ value: CRDT.Value) -> JSONValue? {
    guard let answer = Answer(value: value) else { return nil }
    let note = answer.note.map { [JSONMember("note", .string($0))] } ?? []
    return .object(
      [JSONMember("answer", .string(answer.word.rawValue)), JSONMember("seats", .int(answer.seats))] + note)
  }

  private static func basis(_ value: CRDT.Value) -> JSONValue? {
    guard let basis = Basis(value: value) else { return nil }
    let source = basis.source.map {
      [JSONMember("change", .string($0.change.hex)), JSONMember("op", .int(Int64($0.index)))]
    }
    return .object([JSONMember("translates", .string(basis.language))] + (source ?? []))
  }

  private static func group(_ tag: UInt64, _ members: [CRDT.Value]) -> JSONValue {
    .object([
      JSONMember("tag", .int(Int64(tag))), JSONMember("members", .array(members.map { JSONValue($0) })),
    ])
  }

  /// The value that this stands for; nil for any other JSON.
  public var recordValue: CRDT.Value? {
    switch self {
    case .null: .null
    case .bool(let bool): .bool(bool)
    case .int(let int): .int(int)
    case .string(let text): .text(text)
    case .object(let members): Self.value(of: members, self)
    case .decimal, .array: nil
    }
  }

  private static func value(of members: [JSONMember], _ json: JSONValue) -> CRDT.Value? {
    switch members.first?.name {
    case "bytes": return hex(json, "bytes", of: 1).map(CRDT.Value.bytes)
    case "record": return hex(json, "record", of: 1).flatMap(RecordID.init).map(CRDT.Value.reference)
    case "when": return when(json)?.value
    case "amount":
      guard let amount = json["amount"]?.string.flatMap(DecimalNumber.init) else { return nil }
      return Quantity.amount(amount, unit: json["unit"]?.string).value
    case "decimal": return json["decimal"]?.string.flatMap(DecimalNumber.init)?.value
    case "list":
      guard let list = hex(json, "list", of: 2).flatMap(RecordID.init),
        let key = hex(json, "key", of: 2).flatMap({ OrderKey(bytes: $0) })
      else { return nil }
      return Position(list: list, key: key).value
    case "answer": return answer(json)?.value
    case "translates": return basis(json, members.count)?.value
    case "tag":
      guard members.count == 2, let tag = json["tag"]?.int, tag > 0, tag <= Int64(Limits.tag),
        let inner = json["members"]?.array
      else { return nil }
      let values = inner.compactMap(\.recordValue)
      return values.count == inner.count ? .tuple(UInt64(tag), values) : nil
    default: return nil
    }
  }

  private static func hex(_ json: JSONValue, _ name: String, of count: Int) -> [UInt8]? {
    guard json.members?.count == count else { return nil }
    return json[name]?.string.flatMap { Hex.decode($0) }
  }

  private static func answer(_ json: JSONValue) -> Answer? {
    guard let word = json["answer"]?.string.flatMap(Answer.Word.init), let seats = json["seats"]?.int else { return nil }
    let answer = Answer(word, seats: seats, note: json["note"]?.string)
    return answer?.seats == seats ? answer : nil
  }

  private static func basis(_ json: JSONValue, _ count: Int) -> Basis? {
    guard let language = json["translates"]?.string else { return nil }
    if count == 1 { return Basis(value: Basis(language: language, source: nil).value) }
    guard count == 3, let change = json["change"]?.string.flatMap(ChangeID.init(hex:)),
      let index = json["op"]?.int.flatMap({ UInt32(exactly: $0) })
    else { return nil }
    return Basis(value: Basis(language: language, source: Basis.Source(change: change, index: index)).value)
  }

  private static func when(_ json: JSONValue) -> When? {
    guard let edtf = json["when"]?.string else { return nil }
    let rule = json["repeat"]?.string
    let repeated = rule.flatMap { try? Repeat(short: $0) }
    guard (rule == nil) == (repeated == nil) else { return nil }
    return try? When(edtf: edtf, rule: repeated, source: json["source"]?.string)
  }
}
