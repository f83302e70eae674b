// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine

/// Records as JSON, the same for `--json` and for `export jsonl` (docs/json.md). Everything that a record
/// says is in it, also what this version doesn't know; members come in a fixed order.
public struct RecordJSON {
  public static let schema = "mujawara/record/1"

  private let replica: Replica
  private let directory: Kinds.Directory?

  /// - Parameter directory: nil leaves out who wrote what and when, which differs from network to network.
  public init(_ replica: Replica, directory: Kinds.Directory? = nil) {
    self.replica = replica
    self.directory = directory
  }

  public func json(_ record: Record) throws -> JSONValue {
    var members = [
      JSONMember("schema", .string(Self.schema)),
      JSONMember("id", .string(Hex.encode(record.id.bytes))),
      JSONMember("kind", Self.kind(record)),
      JSONMember("privacy", .string(Audience.privacy(of: record, in: replica).rawValue)),
      JSONMember("space", .string(record.space.hex)),
      JSONMember("presence", .string(Self.presence(record.view.presence))),
    ]
    let said = record.cells.filter { $0.value != .null && $0.sum == nil }
    let (known, other) = Self.sort(said)
    let proses = try replica.proses(of: record)
    members.append(JSONMember("fields", .object(Self.fields(known, proses, of: record))))
    let undeclared = proses.filter { record.proseField($0.name) == nil }
    members += list("other", (other + record.cells.filter { $0.sum != nil }).map(Self.raw) + undeclared.map(Self.raw))
    members += list("conflicts", try heads(record.contested))
    let overruled = record.cells.filter {
      $0.field?.policy != .anyTrue && !$0.isContested && Self.isDivided($0)
    }
    members += list("overruled", try heads(overruled))
    if directory != nil {
      let outdated = try Translations(record, in: replica).outdated
      members += list("outdated", outdated.map { .object(Self.name($0.cell)) })
      members.append(JSONMember("changed", try changed(record)))
    }
    return .object(members)
  }

  private func list(_ name: String, _ values: [JSONValue]) -> [JSONMember] {
    values.isEmpty ? [] : [JSONMember(name, .array(values))]
  }

  private static func isDivided(_ cell: CellReading) -> Bool { Set(cell.heads.map(\.value)).count > 1 }

  static func kind(_ record: Record) -> JSONValue {
    if let kind = record.kind { return .string(kind.name) }
    switch record.view.kind {
    case .int(let number): return .int(number)
    case .text(let name): return .object([JSONMember("named", .string(name))])
    default: return .null
    }
  }

  private static func presence(_ presence: Presence) -> String {
    switch presence {
    case .absent: "absent"
    case .visible: "visible"
    case .deleted: "deleted"
    case .revived: "revived"
    }
  }

  // MARK: Fields

  /// Cells that fit the declared shape of their field, and the others.
  private static func sort(_ cells: [CellReading]) -> (known: [CellReading], other: [CellReading]) {
    var (known, other) = ([CellReading](), [CellReading]())
    for cell in cells { if fits(cell) { known.append(cell) } else { other.append(cell) } }
    return (known, other)
  }

  private static func fits(_ cell: CellReading) -> Bool {
    guard let field = cell.field, field.shape != .prose else { return false }
    guard field.isKeyed else { return cell.key.key == nil }
    guard case .text = cell.key.key else { return false }
    return field.shape != .set || cell.value == .bool(true)
  }

  /// By ascending number.
  private static func fields(_ cells: [CellReading], _ proses: [TextVersion], of record: Record) -> [JSONMember] {
    var members: [JSONMember] = []
    var rest = cells[...]
    for prose in proses {
      guard let field = record.proseField(prose.name) else { continue }
      let before = rest.prefix { $0.key.field < field.number }
      members += fields(before) + [JSONMember(field.name, .string(prose.text))]
      rest = rest.dropFirst(before.count)
    }
    return members + fields(rest)
  }

  private static func raw(_ prose: TextVersion) -> JSONValue {
    let key = prose.name.key.map { [JSONMember("key", JSONValue($0))] } ?? []
    return .object([JSONMember("field", .int(Int64(prose.name.field)))] + key + [JSONMember("text", .string(prose.text))])
  }

  private static func fields(_ cells: ArraySlice<CellReading>) -> [JSONMember] {
    var members: [JSONMember] = []
    for cell in cells {
      guard let field = cell.field else { continue }
      guard case .text(let key) = cell.key.key else {
        members.append(JSONMember(field.name, JSONValue(cell.value)))
        continue
      }
      let before: JSONValue? = members.last?.name == field.name ? members.removeLast().value : nil
      let all: JSONValue =
        if field.shape == .set {
          .array((before?.array ?? []) + [.string(key)])
        } else {
          .object((before?.members ?? []) + [JSONMember(key, JSONValue(cell.value))])
        }
      members.append(JSONMember(field.name, all))
    }
    return members
  }

  // MARK: Cells

  private static func name(_ cell: CellReading) -> [JSONMember] {
    let field: JSONValue = cell.field.map { .string($0.name) } ?? .int(Int64(cell.key.field))
    return [JSONMember("field", field)] + (cell.key.key.map { [JSONMember("key", JSONValue($0))] } ?? [])
  }

  private static func raw(_ cell: CellReading) -> JSONValue {
    var members = [JSONMember("field", .int(Int64(cell.key.field)))]
    if let key = cell.key.key { members.append(JSONMember("key", JSONValue(key))) }
    if cell.value != .null { members.append(JSONMember("value", JSONValue(cell.value))) }
    if let sum = cell.sum { members.append(JSONMember("sum", .int(sum))) }
    return .object(members)
  }

  private func heads(_ cells: [CellReading]) throws -> [JSONValue] {
    try cells.map { cell in
      let values = try cell.heads.map { head in
        JSONValue.object([JSONMember("value", JSONValue(head.value))] + (try author(head.op.dot)))
      }
      return .object(Self.name(cell) + [JSONMember("values", .array(values))])
    }
  }

  private func author(_ dot: Dot) throws -> [JSONMember] {
    guard let directory else { return [] }
    let author = try replica.authorship(of: dot)
    return [
      JSONMember("by", .string(directory.author(author))),
      JSONMember("device", .string(author.device.hex)),
      JSONMember("change", .string(author.change.hex)),
      JSONMember("stamp", .int(Int64(author.stamp))),
      JSONMember("clock_doubtful", .bool(author.isClockDoubtful)),
    ]
  }

  /// The last change of the record, by stamp.
  private func changed(_ record: Record) throws -> JSONValue {
    let authors = record.view.state.clock.dots.map { (dot: $0, stamp: replica.history.stamp(of: $0)) }
    let last = try authors.max { one, other in
      if one.stamp != other.stamp { return one.stamp < other.stamp }
      return try replica.authorship(of: one.dot).change < replica.authorship(of: other.dot).change
    }
    return try last.map { .object(try author($0.dot)) } ?? .null
  }
}
