// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Exchange
import Kinds
import SyncEngine

/// What a change did, in few words, with the names of the records that it touched.
struct ChangeWords {
  private enum Deed: String, CaseIterable { case added, changed, deleted }

  private static let named = 3
  private static let titleLength = 40

  private let entry: HistoryEntry
  private let desk: Desk

  init(_ entry: HistoryEntry, _ desk: Desk) {
    self.entry = entry
    self.desk = desk
  }

  /// `added need “Riz” · changed event “Assemblée”, list “Courses” and 4 more`.
  var summary: String {
    get throws {
      switch entry.kind {
      case .content(let parts, let undoes):
        if parts.isEmpty { return "took in others' changes" }
        return (undoes == nil ? "" : "undo: ") + (try told(parts))
      case .governance(let ops): return "membership: " + ops.map(Self.name).joined(separator: ", ")
      case .keys: return "keys handed on"
      case .redaction(let targets): return "took back for good \(targets.map { String($0.hex.prefix(12)) }.joined(separator: ", "))"
      case .sealed: return "sealed: its key hasn't come"
      case .held(let parts):
        return "held, its log has two histories" + (parts.isEmpty ? "" : ": " + (try told(parts)))
      case .uncounted: return "without effect: its author may not write there"
      case .strange: return "of a newer version, kept"
      case .redacted(let by): return "taken back for good by \(by.map { String($0.hex.prefix(12)) }.joined(separator: ", ")): what it said is gone"
      case .absent: return "what it says hasn't come yet"
      }
    }
  }

  private func told(_ parts: [RecordOperations]) throws -> String {
    var told: [String] = []
    for deed in Deed.allCases {
      let done = parts.filter { part in Self.deed(part) == deed }
      if !done.isEmpty { told.append(try self.told(deed, done)) }
    }
    return told.joined(separator: " · ")
  }

  private func told(_ deed: Deed, _ parts: [RecordOperations]) throws -> String {
    let names = try parts.prefix(Self.named).map { part in
      try desk.replica.read(part.record).map { "\(desk.output.user($0.kindName)) “\(desk.output.user(brief($0)))”" } ?? "a record that isn't here"
    }
    let more = parts.count > Self.named ? " and \(parts.count - Self.named) more" : ""
    return "\(deed.rawValue) \(names.joined(separator: ", "))\(more)"
  }

  private func brief(_ record: Record) -> String {
    let title = desk.title(record)
    return title.count > Self.titleLength ? title.prefix(Self.titleLength - 1) + "…" : title
  }

  /// A record that comes with its kind is made by the change, whatever gave it its id.
  private static func deed(_ part: RecordOperations) -> Deed {
    if part.isNew || part.ops.contains(where: { $0.cell.field == SystemField.kind }) { return .added }
    let isGone = part.ops.contains { $0.cell.field == SystemField.alive && $0.edit == .set(.bool(false)) }
    return isGone ? .deleted : .changed
  }

  private static func name(_ op: GovernanceOp) -> String {
    switch op {
    case .genesis: "the network made"
    case .placeAdmit: "a place admitted"
    case .deviceAdmit: "a device admitted"
    case .inviteCreate: "an invitation"
    case .inviteClose: "an invitation withdrawn"
    case .unknown(let code, _): "an op of a newer version (\(code))"
    }
  }

  var members: [JSONMember] {
    get throws {
      let (kind, parts) = self.parts
      return [
        JSONMember("change", .string(entry.author.change.hex)), JSONMember("device", .string(entry.author.device.hex)),
        JSONMember("place", entry.author.place.map { .string($0.hex) } ?? .null),
        JSONMember("space", .string(entry.space.hex)), JSONMember("seq", .int(Int64(entry.seq))),
        JSONMember("stamp", .int(Int64(entry.author.stamp))),
        JSONMember("wall", entry.author.wall.map(JSONValue.int) ?? .null),
        JSONMember("clock_doubtful", .bool(entry.author.isClockDoubtful)), JSONMember("kind", .string(kind)),
        JSONMember("records", .array(parts.map { .string(ID16($0.record).hex) })),
        JSONMember("touched", .array(try parts.map(touched))), JSONMember("summary", .string(try summary)),
      ]
    }
  }

  private func touched(_ part: RecordOperations) throws -> JSONValue {
    let record = try desk.replica.read(part.record)
    return .object([
      JSONMember("record", .string(ID16(part.record).hex)),
      JSONMember("kind", record.map { .string($0.kindName) } ?? .null),
      JSONMember("title", record.map(desk.titleJSON) ?? .null), JSONMember("did", .string(Self.deed(part).rawValue)),
    ])
  }

  private var parts: (kind: String, [RecordOperations]) {
    switch entry.kind {
    case .content(let parts, _): ("content", parts)
    case .governance: ("governance", [])
    case .keys: ("keys", [])
    case .redaction: ("redaction", [])
    case .sealed: ("sealed", [])
    case .held(let parts): ("held", parts)
    case .uncounted: ("uncounted", [])
    case .strange: ("strange", [])
    case .redacted: ("redacted", [])
    case .absent: ("absent", [])
    }
  }
}
