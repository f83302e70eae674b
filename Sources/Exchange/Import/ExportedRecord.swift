// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine

/// One line of an export, understood.
struct ExportedRecord {
  struct Cell {
    let key: CellKey
    var value: Value = .null
    var sum: Int64?
  }

  let line: Int
  let id: RecordID
  let kind: KindRef
  let privacy: Privacy
  private(set) var cells: [Cell] = []
  private(set) var proses: [(name: CellKey, text: String)] = []
  /// Names of fields that had competing values.
  private(set) var undecided: [String] = []

  init(_ bytes: [UInt8], line: Int) throws(JSONLProblem) {
    self.line = line
    let json: JSONValue
    do { json = try JSONValue(parsing: bytes) } catch {
      throw JSONLProblem(line: line, reason: .json(error.reason))
    }
    guard json["schema"]?.string == RecordJSON.schema else { throw JSONLProblem(line: line, reason: .schema) }
    guard let id = json["id"]?.string.flatMap({ Hex.decode($0) }).flatMap(RecordID.init) else {
      throw JSONLProblem(line: line, reason: .member("id"))
    }
    guard let kind = Self.kind(json["kind"]) else { throw JSONLProblem(line: line, reason: .member("kind")) }
    guard let privacy = json["privacy"]?.string.flatMap(Privacy.init) else {
      throw JSONLProblem(line: line, reason: .member("privacy"))
    }
    self.id = id
    self.kind = kind
    self.privacy = privacy
    try readFields(json["fields"])
    for other in try list(json["other"], "other") { try readRaw(other) }
    for conflict in try list(json["conflicts"], "conflicts") { undecided.append(Self.name(conflict)) }
  }

  private static func kind(_ json: JSONValue?) -> KindRef? {
    if let name = json?.string { return Kind.named(name)?.ref }
    if let number = json?.int, number >= 0, number <= Int64(Limits.number) { return .number(UInt64(number)) }
    return json?["named"]?.string.map(KindRef.name)
  }

  private static func name(_ conflict: JSONValue) -> String {
    conflict["field"]?.string ?? conflict["field"]?.int.map { "#\($0)" } ?? "?"
  }

  private func list(_ json: JSONValue?, _ name: String) throws(JSONLProblem) -> [JSONValue] {
    guard let json else { return [] }
    guard let values = json.array else { throw JSONLProblem(line: line, reason: .member(name)) }
    return values
  }

  // MARK: Cells

  private func field(_ name: String) -> Field? {
    if case .number(let number) = kind, let known = Kind.numbered(number) { return known.field(named: name) }
    return Kind.list.field(named: name).flatMap { $0.number < 16 ? $0 : nil }
  }

  private mutating func readFields(_ json: JSONValue?) throws(JSONLProblem) {
    guard let members = json?.members else { throw JSONLProblem(line: line, reason: .member("fields")) }
    for member in members {
      let problem = JSONLProblem(line: line, reason: .field(member.name))
      guard let field = field(member.name), field.number != SystemField.alive else { throw problem }
      if field.shape == .prose {
        guard let text = member.value.string else { throw problem }
        proses.append((CellKey(field: field.number), text))
        continue
      }
      for (key, value) in try pairs(member.value, of: field, problem) {
        cells.append(Cell(key: CellKey(field: field.number, key: key), value: value))
      }
    }
  }

  private func pairs(
    _ json: JSONValue, of field: Field, _ problem: JSONLProblem
  ) throws(JSONLProblem) -> [(key: Value?, value: Value)] {
    guard field.isKeyed else {
      guard let value = json.recordValue else { throw problem }
      return [(nil, value)]
    }
    if field.shape == .set {
      let members = json.array?.compactMap(\.string) ?? []
      guard members.count == json.array?.count else { throw problem }
      return members.map { (.text($0), .bool(true)) }
    }
    guard let members = json.members else { throw problem }
    var pairs: [(key: Value?, value: Value)] = []
    for member in members {
      guard let value = member.value.recordValue else { throw problem }
      pairs.append((.text(member.name), value))
    }
    return pairs
  }

  private mutating func readRaw(_ json: JSONValue) throws(JSONLProblem) {
    let problem = JSONLProblem(line: line, reason: .field(Self.name(json)))
    guard let number = json["field"]?.int, number > Int64(SystemField.kind), number <= Int64(Limits.number)
    else {
      throw problem
    }
    let key = json["key"].map { $0.recordValue ?? .null }
    if let key, !CellKey.allows(key) { throw problem }
    guard let value = (json["value"] ?? .null).recordValue else { throw problem }
    let cell = CellKey(field: UInt64(number), key: key)
    if let text = json["text"] {
      guard let text = text.string else { throw problem }
      return proses.append((cell, text))
    }
    cells.append(Cell(key: cell, value: value, sum: json["sum"]?.int))
  }

  // MARK: Writing

  /// Adds to the editor what differs here.
  func plan(
    _ editor: inout RecordEditor, _ replica: Replica, restoring: Bool
  ) throws -> ImportJSONL.Planned {
    if kind == Kind.place.ref || kind == Kind.device.ref { return planned(.profile) }
    let here = try replica.read(id)
    if let here, !here.isVisible, !restoring || here.movedTo != nil { return planned(.gone) }
    let isNew = here?.isVisible != true
    let space = try here?.space ?? Audience.space(for: privacy, in: replica)
    let handle = isNew ? editor.create(kind, id: id, in: space) : editor.edit(id, in: space)
    var isChanged = false
    let own = try replica.placeID()
    var written: Set<CellKey> = []
    for cell in cells where Self.isOurs(cell.key, own) {
      let old = here?.cell(cell.key.field, key: cell.key.key)
      if cell.value != old?.value ?? .null, cell.key.field != Field.basis.number {
        if let basis = Basis.cell(for: cell.key) { written.insert(basis) }
        editor.set(handle, cell.key, to: cell.value)
        isChanged = true
      }
      if let sum = cell.sum, sum != old?.sum ?? 0 {
        editor.count(handle, cell.key, by: sum &- (old?.sum ?? 0))
        isChanged = true
      }
    }
    for cell in cells where written.contains(cell.key) { editor.set(handle, cell.key, to: cell.value) }
    for (name, text) in proses {
      let here = try replica.text(name, of: id, in: space).text
      if TextEdit.difference(from: here, to: text).isEmpty { continue }
      editor.write(handle, name, from: here, to: text)
      isChanged = true
    }
    return planned(isNew ? .create : isChanged ? .update : .unchanged)
  }

  /// Nobody answers for another place.
  private static func isOurs(_ cell: CellKey, _ place: PlaceID?) -> Bool {
    guard cell.field == Answers.field, let key = cell.key.flatMap(AnswerKey.init) else { return true }
    return key.place == place
  }

  private func planned(_ action: ImportJSONL.Planned.Action) -> ImportJSONL.Planned {
    ImportJSONL.Planned(line: line, id: id, action: action, undecided: undecided)
  }
}
