// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// Why a record can't have an audience.
public enum AudienceError: Error, Equatable, Sendable {
  /// This device belongs to no place (any more).
  case noPlace
  /// The person hasn't agreed to be known so far: what the record says of it.
  case noConsent(String?)
  /// Profiles and records that are gone don't move.
  case cannotMove
}

/// Which space a record's privacy means, and what it takes to change it.
public enum Audience {
  /// The space that new records of this privacy are written in.
  public static func space(for privacy: Privacy, in replica: Replica) throws -> SpaceID {
    guard privacy == .place else { return replica.id(of: .commons) }
    guard let place = try replica.placeID() else { throw AudienceError.noPlace }
    return replica.id(of: .place(place))
  }

  /// Who reads a record that stands here.
  public static func privacy(of record: Record, in replica: Replica) -> Privacy {
    guard record.space == replica.id(of: .commons) else { return .place }
    return record.isPublic ? .public : .network
  }

  /// Throws `noConsent` where a person hasn't agreed to be known that far.
  public static func checkConsent(of record: Record, to privacy: Privacy) throws {
    guard record.kind == .person, privacy != .place else { return }
    let isRevoked = record.value("consent_revoked") == .bool(true)
    let consent = isRevoked ? nil : record.text("consent").flatMap(Privacy.init(rawValue:))
    let isContested = record.contested.contains { $0.field?.name == "consent" }
    let isEnough = consent == .public || consent == privacy
    guard isEnough, !isContested else { throw AudienceError.noConsent(consent?.rawValue) }
  }
}

extension RecordEditor {
  /// A new record with the privacy that its author or else its kind chooses.
  public mutating func create(_ kind: Kind, _ privacy: Privacy? = nil, in replica: Replica) throws -> Handle {
    let privacy = privacy ?? kind.privacy
    let handle = create(kind.ref, in: try Audience.space(for: privacy, in: replica))
    if privacy == .public { set(handle, CellKey(field: Field.isPublic.number), to: .bool(true)) }
    return handle
  }
}

/// What a change of audience does, before it is done: people see it first.
public struct AudienceMove: Sendable {
  public let record: Record
  public let privacy: Privacy
  public let target: SpaceID
  /// What the record is called afterwards.
  public let newID: RecordID
  /// What stands in a list or under an item, a thing's claims and a stock's movements, which go along.
  public let along: [Record]
  /// Records that say something about this one, such as contact points, and that stay where they are.
  public let staying: [Record]

  /// What the record and those along are to name instead of what they name now.
  private let joined: [RecordID: RecordID]

  /// Whether only the mark for feeds and posters changes.
  public var isMarkOnly: Bool { target == record.space }

  /// - Parameter joining: of records that moved before, what they became: where this one names them, it names that.
  public init(
    _ record: Record, to privacy: Privacy, in replica: Replica, joining: [RecordID: RecordID] = [:]
  ) throws {
    guard record.isVisible, record.kind != .place, record.kind != .device else {
      throw AudienceError.cannotMove
    }
    try Audience.checkConsent(of: record, to: privacy)
    self.record = record
    self.privacy = privacy
    let target = try Audience.space(for: privacy, in: replica)
    self.target = target
    let isLeaving = target != record.space
    newID = isLeaving ? record.id.moved(to: target) : record.id
    let belongings = isLeaving ? try replica.belongings(of: record) : []
    along = belongings.filter { $0.space != target }
    joined = joining
    staying = isLeaving ? try replica.contactPoints(of: record.id) : []
  }

  /// Writes the move in one transaction, the new records first (protocol.md, section 6). What others have
  /// read they have read: a smaller audience is for what comes after.
  @discardableResult
  public func commit(to replica: Replica) throws -> RecordID {
    var editor = RecordEditor()
    try write(to: &editor, in: replica)
    try editor.commit(to: replica)
    return newID
  }

  /// The same into an editor, beside other edits.
  func write(to editor: inout RecordEditor, in replica: Replica) throws {
    if isMarkOnly {
      editor.mark(editor.edit(record), privacy == .public)
      editor.rename(record, joined)
      return
    }
    var moves = joined
    for one in [record] + along { moves[one.id] = one.id.moved(to: target) }
    for one in [record] + along {
      editor.copy(one, try replica.proses(of: one), to: target, marked: privacy == .public, moves: moves)
      try editor.copyBases(of: one, to: target, in: replica)
    }
    for one in [record] + along { editor.leave(one, for: one.id.moved(to: target)) }
  }
}

extension RecordEditor {
  fileprivate mutating func mark(_ handle: Handle, _ isPublic: Bool) {
    set(handle, CellKey(field: Field.isPublic.number), to: isPublic ? .bool(true) : .null)
  }

  /// Writes the cells anew that name a record which is another one now.
  fileprivate mutating func rename(_ record: Record, _ moves: [RecordID: RecordID]) {
    for cell in record.cells where cell.value.moving(moves) != cell.value {
      set(edit(record), cell.key, to: cell.value.moving(moves))
    }
  }

  /// Everything that the record says, in its new space; also what this version doesn't know. But words on a claim
  /// stay behind: here they would all be the mover's.
  fileprivate mutating func copy(
    _ record: Record, _ proses: [TextVersion], to space: SpaceID, marked: Bool, moves: [RecordID: RecordID]
  ) {
    let handle = create(.number(0), id: record.id.moved(to: space), in: space)
    set(handle, CellKey(field: SystemField.kind), to: record.view.kind)
    for cell in record.cells where cell.key.field != SystemField.moved && !Lending.isAnswer(cell, in: record) {
      if let sum = cell.sum { count(handle, cell.key, by: sum) }
      if cell.value != .null { set(handle, cell.key, to: cell.value.moving(moves)) }
    }
    for prose in proses { write(handle, prose.name, from: "", to: prose.text) }
    mark(handle, marked)
  }

  fileprivate mutating func leave(_ record: Record, for new: RecordID) {
    let old = edit(record)
    set(old, CellKey(field: SystemField.alive), to: .bool(false))
    set(old, CellKey(field: SystemField.moved), to: .reference(new))
  }
}

extension Value {
  fileprivate func moving(_ moves: [RecordID: RecordID]) -> Value {
    switch self {
    case .reference(let id): .reference(moves[id] ?? id)
    case .tuple(let tag, let members): .tuple(tag, members.map { $0.moving(moves) })
    default: self
    }
  }
}

extension Value {
  /// With what the records that it names have become, where they moved to an audience that this device reads.
  fileprivate func followed(in replica: Replica) throws -> Value {
    switch self {
    case .reference(let id):
      guard let record = try replica.follow(id), record.isVisible else { return self }
      return .reference(record.id)
    case .tuple(let tag, let members): return .tuple(tag, try members.map { try $0.followed(in: replica) })
    default: return self
    }
  }
}

/// Edits of a record by somebody who didn't know that it had moved to another audience. They stay unseen in
/// its old space until somebody who reads both carries them over.
public struct LateEdits: Sendable {
  public let old: Record
  public let new: Record
  /// The cells as their late writers left them.
  public let cells: [CellReading]
  /// Texts of several people, as they moved and as their late writers left them.
  public let proses: [(name: CellKey, moved: String, late: String)]
  /// What each says where the record is now: of records that moved too it names what they became.
  private let values: [Value]

  /// Nil where the record hasn't moved, the new one can't be read, or nothing came late.
  public init?(_ old: Record, in replica: Replica) throws {
    let moves = old.view.state[SystemField.moved]?.heads.filter { $0.value != .null } ?? []
    guard !old.isVisible, !moves.isEmpty, let id = old.movedTo, let new = try replica.follow(id),
      new.isVisible
    else {
      return nil
    }
    let pasts = try replica.reading { moves.map { replica.history.past(of: $0.op.dot) } }
    var late: [(cell: CellReading, value: Value)] = []
    for cell in old.cells where cell.key.field != SystemField.moved {
      guard let writer = cell.writer, !pasts.contains(where: { $0.covers(writer.op.dot) }) else { continue }
      let value = try cell.value.followed(in: replica)
      if new.cell(cell.key.field, key: cell.key.key)?.value ?? .null != value { late.append((cell, value)) }
    }
    cells = late.map(\.cell)
    values = late.map(\.value)
    proses = try old.view.state.texts.compactMap { mark in
      guard mark.heads.contains(where: { head in !pasts.contains { $0.covers(head) } }) else { return nil }
      let moved = try replica.text(mark.name, of: old.id, in: old.space, at: pasts[0])
      let late = try replica.prose(mark.name, of: old).text
      return TextEdit.difference(from: moved, to: late).isEmpty ? nil : (mark.name, moved, late)
    }
    guard !cells.isEmpty || !proses.isEmpty else { return nil }
    self.old = old
    self.new = new
  }

  /// Writes them on the record where it is now.
  public func carryOver(_ editor: inout RecordEditor) {
    let handle = editor.edit(new)
    for (cell, value) in zip(cells, values) { editor.set(handle, cell.key, to: value) }
    for prose in proses { editor.write(handle, prose.name, from: prose.moved, to: prose.late) }
  }
}
