// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

/// What takes a change back, as far as it is still its author's.
public struct Compensation: Sendable {
  /// One cell as it stands and as it is to be.
  public struct Step: Sendable {
    public let record: RecordID
    public let cell: CellKey
    /// `.null` where nothing stands; of a counter its total.
    public let before: Value
    public let after: Value
    /// Answers that stood beside `after` before the change. One change can write one alone, so they don't come back.
    public let lost: [Value]
  }

  /// What somebody else has written since, or at the same time, and what therefore stays as it is.
  public struct Kept: Sendable {
    public let record: RecordID
    /// Nil for a record as a whole, which the change made and others have worked on; `alive` for one that was
    /// deleted since.
    public let cell: CellKey?
    /// In local order; of a record the last change of each other log.
    public let writers: [OpID]
  }

  public let undoes: ChangeID
  public let space: SpaceID
  public private(set) var steps: [Step]
  public private(set) var kept: [Kept]
  /// The changes that were written; none where there was nothing left to take back.
  public internal(set) var changes: [ChangeID] = []
  /// The texts as these edits find them.
  public private(set) var texts: [TextVersion] = []
  /// Edits of texts for which one change hasn't room: a change each, after `entries`.
  public private(set) var more: [[ContentEntry]] = []
  private var edits: [RecordID: [UInt64: [WireEdit]]] = [:]

  init(undoing change: ChangeID, in space: SpaceID) {
    (undoes, self.space, steps, kept) = (change, space, [], [])
  }

  public var isEmpty: Bool { edits.isEmpty }

  /// What to write, in canonical order.
  public var entries: [ContentEntry] {
    edits.sorted { $0.key < $1.key }.map { record, fields in
      ContentEntry(
        .existing(record),
        fields.sorted { $0.key < $1.key }
          .map { FieldEdits($0.key, WireEdit.joiningTexts($0.value).sorted(by: Self.precedes)) })
    }
  }

  /// All edits of one of `texts`, one after the other.
  public func edits(of text: TextVersion) -> [TextEdit] {
    ([entries] + more).joined().filter { $0.ref == .existing(text.record) }.flatMap(\.fields)
      .filter { $0.field == text.name.field }.flatMap { $0.edits(of: text.name) }
  }

  private static func precedes(_ one: WireEdit, _ other: WireEdit) -> Bool {
    if one.code != other.code { return one.code < other.code }
    guard let key = one.key, let otherKey = other.key else { return false }
    return key.encoded().lexicographicallyPrecedes(otherKey.encoded())
  }

  mutating func keep(_ kept: Kept) { self.kept.append(kept) }

  mutating func set(_ step: Step) {
    write(step, step.cell.key.map { .setKey(.value($0), .value(step.after)) } ?? .set(.value(step.after)))
  }

  mutating func count(_ delta: Int64, _ step: Step) {
    write(step, step.cell.key.map { .addKey(.value($0), delta) } ?? .add(delta))
  }

  /// Edits a text: by several changes, one after the other, where one hasn't room.
  mutating func edit(_ text: TextVersion, _ pieces: [WireEdit]) {
    guard let first = pieces.first else { return }
    texts.append(text)
    edits[text.record, default: [:]][text.name.field, default: []].append(first)
    for piece in pieces.dropFirst() {
      more.append([ContentEntry(.existing(text.record), [FieldEdits(text.name.field, [piece])])])
    }
  }

  private mutating func write(_ step: Step, _ edit: WireEdit) {
    steps.append(step)
    edits[step.record, default: [:]][step.cell.field, default: []].append(edit)
  }

  /// Leaves a record alone, since what it became stays.
  mutating func leave(_ record: RecordID) {
    edits[record] = nil
    steps.removeAll { $0.record == record }
    texts.removeAll { $0.record == record }
    more.removeAll { $0.contains { $0.ref == .existing(record) } }
  }
}

extension Compensation {
  /// The entries in as many changes as their limits ask for: what was there before may be longer than what took
  /// its place.
  var chunks: [[ContentEntry]] {
    var chunks: [[ContentEntry]] = []
    var (ops, bytes) = (0, 0)
    for piece in entries.flatMap(Self.pieces) {
      let size = Content(label: 0, entries: [piece]).encoded().count
      if chunks.isEmpty || ops + piece.opCount > Self.opRoom || bytes + size > Self.byteRoom {
        chunks.append([])
        (ops, bytes) = (0, 0)
      }
      chunks[chunks.count - 1].append(piece)
      ops += piece.opCount
      bytes += size
    }
    return chunks.map(Self.joined) + more
  }

  /// Changes stay below the limits of protocol.md by this much.
  private static let opRoom = Limits.ops - 64
  private static let byteRoom = Limits.body - 4096

  /// A record whose edits fit in one change stays together.
  private static func pieces(_ entry: ContentEntry) -> [ContentEntry] {
    let isSmall = entry.opCount <= opRoom && Content(label: 0, entries: [entry]).encoded().count <= byteRoom
    if isSmall { return [entry] }
    return entry.fields.flatMap { field in
      field.edits.map { ContentEntry(entry.ref, [FieldEdits(field.field, [$0])]) }
    }
  }

  /// Pieces of one record that follow each other are one entry again, as are those of one field.
  private static func joined(_ pieces: [ContentEntry]) -> [ContentEntry] {
    var entries: [ContentEntry] = []
    for piece in pieces {
      guard entries.last?.ref == piece.ref else {
        entries.append(piece)
        continue
      }
      for field in piece.fields { entries[entries.count - 1].append(field) }
    }
    return entries
  }
}

extension ContentEntry {
  fileprivate mutating func append(_ field: FieldEdits) {
    if fields.last?.field == field.field {
      fields[fields.count - 1].edits += field.edits
    } else {
      fields.append(field)
    }
  }
}

extension FieldEdits {
  fileprivate func edits(of name: CellKey) -> [TextEdit] {
    edits.flatMap { edit -> [TextEdit] in
      switch edit {
      case .text(let edits): name.key == nil ? edits : []
      case .keyedTexts(let texts): texts.filter { $0.key == name.key.map(WireValue.value) }.flatMap(\.edits)
      default: []
      }
    }
  }
}
