// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// A text of a record, as somebody has read it.
public struct TextVersion: Hashable, Sendable {
  public let record: RecordID
  public let space: SpaceID
  /// Field and key, as of a cell.
  public let name: CellKey
  public let text: String
  /// Nil if nobody has written it yet.
  public let mark: TextMark?

  public init(record: RecordID, space: SpaceID, name: CellKey, text: String, mark: TextMark?) {
    self.record = record
    self.space = space
    self.name = name
    self.text = text
    self.mark = mark
  }

  /// Whether more was written than a text can hold; it is empty then, and stays so.
  public var isOverfull: Bool { mark?.isOverfull ?? false }
}

extension Replica {
  /// A text as it stands; empty if nobody has written it, or no space that this device reads has the record.
  public func text(_ name: CellKey, of id: RecordID, in space: SpaceID) throws -> TextVersion {
    try database.read {
      guard let (row, record) = try textRecord(id, in: space) else {
        return TextVersion(record: id, space: space, name: name, text: "", mark: nil)
      }
      return try version(of: name, record, in: row)
    }
  }

  /// A text as it was when nothing but this past was known.
  public func text(_ name: CellKey, of id: RecordID, in space: SpaceID, at past: VersionVector) throws -> String {
    try database.read {
      guard let (_, record) = try textRecord(id, in: space),
        let row = try records.texts.find(name, of: record.rid)
      else { return "" }
      let text = try records.texts.graph(of: row).text(at: past, order: log)
      try log.throwFailure()
      return text
    }
  }

  /// Which op inserted each scalar of a text, from its start to its end: `authorship(of:)` its dot says who that
  /// was.
  public func textSpans(_ name: CellKey, of id: RecordID, in space: SpaceID) throws -> [TextSpan] {
    try database.read {
      guard let (_, record) = try textRecord(id, in: space),
        let text = try records.texts.find(name, of: record.rid)
      else { return [] }
      let spans = try records.texts.graph(of: text).spans(order: log)
      try log.throwFailure()
      return spans
    }
  }

  private func textRecord(_ id: RecordID, in space: SpaceID) throws -> (row: SpaceRow, record: RecordStore.Row)? {
    guard try readableSpaces().contains(space), let row = try log.space(space),
      let record = try records.find(id, in: [row.number])
    else { return nil }
    return (row, record)
  }

  func version(of name: CellKey, _ record: RecordStore.Row, in space: SpaceRow) throws -> TextVersion {
    let mark = record.state.text(name)
    let row = try mark == nil ? nil : records.texts.find(name, of: record.rid)
    guard mark == nil || row != nil else { throw StoreError.damaged("a text is missing") }
    return TextVersion(
      record: record.id, space: space.id, name: name, text: row?.pages.text ?? "", mark: mark)
  }

  /// Throws unless the texts still are as they were read.
  func requireUnchanged(_ texts: [TextVersion]) throws {
    for text in texts {
      let record = try log.space(text.space).flatMap { try records.find(text.record, in: [$0.number]) }
      guard record?.state.text(text.name) == text.mark else { throw ReplicaError.textChanged }
    }
  }
}
