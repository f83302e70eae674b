// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

extension RecordEditor {
  /// Changes stay below the limits of protocol.md by this much, for what is added when they are made.
  private static let opRoom = Limits.ops - 64
  static let byteRoom = Limits.body - 4096

  /// Writes everything in one transaction: all of it is there, or nothing. Nothing to write is no change.
  ///
  /// Throws `ReplicaError`, `StoreError`, or `ContentError` for a record that fits in no change.
  @discardableResult
  public func commit(to replica: Replica) throws -> Outcome {
    for _ in 0..<Self.attempts {
      // Another process may write a text between our look at it and the transaction.
      do { return try write(to: replica) } catch ReplicaError.textChanged {}
    }
    return try write(to: replica)
  }

  private static let attempts = 8

  private func write(to replica: Replica) throws -> Outcome {
    var editor = self
    let texts = try editor.settleProses(replica)
    let chunks = editor.settleReferences()
    let parts = try chunks.map { chunk in
      (space: editor.drafts[chunk[0]].space, entries: try editor.entries(of: chunk))
    }
    let committed = parts.isEmpty ? [] : try replica.commit(parts, upon: texts)
    var ids: [Int: RecordID] = [:]
    for (chunk, result) in zip(chunks, committed) {
      let news = chunk.filter { editor.isNew($0) }
      for (place, id) in zip(news, result.created) { ids[place] = id }
    }
    return Outcome(
      changes: committed.map(\.change),
      ids: drafts.indices.map { place in
        if case .known(let id) = editor.drafts[place].target { return id }
        guard let id = ids[place] else { preconditionFailure("a new record has an id once written") }
        return id
      })
  }

  private func isNew(_ place: Int) -> Bool {
    if case .new = drafts[place].target { true } else { false }
  }

  /// The drafts of each change, by place. New records that another change refers to get ids by chance, since
  /// the id that their own change would give isn't known yet.
  private mutating func settleReferences() -> [[Int]] {
    let chunks = self.chunks()
    var home: [Int: Int] = [:]
    for (number, chunk) in chunks.enumerated() { for place in chunk { home[place] = number } }
    for place in drafts.indices {
      for other in referenced(by: place) where home[other] != home[place] && isNew(other) { giveID(other) }
    }
    return chunks
  }

  mutating func giveID(_ place: Int) {
    guard case .new(let kind) = drafts[place].target else { return }
    var random = SystemRandomNumberGenerator()
    drafts[place].target = .known(RecordID(ID16(high: random.next(), low: random.next())))
    drafts[place].sets[CellKey(field: SystemField.alive)] = .value(.bool(true))
    drafts[place].sets[CellKey(field: SystemField.kind)] = .value(kind.value)
  }

  private func referenced(by place: Int) -> [Int] {
    var found: [Int] = []
    for value in drafts[place].sets.values { Self.collect(value, into: &found) }
    return found
  }

  private static func collect(_ value: WireValue, into found: inout [Int]) {
    switch value {
    case .value: break
    case .local(let place): found.append(Int(place))
    case .tuple(_, let items): for item in items { collect(item, into: &found) }
    }
  }

  /// In the order given, spaces by first appearance.
  private func chunks() -> [[Int]] {
    var bySpace: [(space: SpaceID, chunks: [[Int]], ops: Int, bytes: Int)] = []
    for place in drafts.indices
    where isNew(place) || !drafts[place].isEmpty {
      let (ops, bytes) = size(of: place)
      let slot = bySpace.firstIndex { $0.space == drafts[place].space } ?? bySpace.count
      if slot == bySpace.count { bySpace.append((drafts[place].space, [[]], 0, 0)) }
      let isFull = bySpace[slot].ops + ops > Self.opRoom || bySpace[slot].bytes + bytes > Self.byteRoom
      if isFull || drafts[place].startsChange {
        if !bySpace[slot].chunks[bySpace[slot].chunks.count - 1].isEmpty { bySpace[slot].chunks.append([]) }
        (bySpace[slot].ops, bySpace[slot].bytes) = (0, 0)
      }
      bySpace[slot].chunks[bySpace[slot].chunks.count - 1].append(place)
      bySpace[slot].ops += ops
      bySpace[slot].bytes += bytes
    }
    return bySpace.flatMap(\.chunks)
  }

  /// No less than what the draft takes in a change, whatever ids its references get.
  func size(of place: Int) -> (ops: Int, bytes: Int) {
    let draft = drafts[place]
    var bytes = 64
    for (cell, value) in draft.sets {
      bytes += 32 + value.encoded().count + 16 * referenceCount(value)
      if let key = cell.key { bytes += WireValue.value(key).encoded().count }
    }
    for cell in draft.adds.keys { bytes += 32 + (cell.key.map { WireValue.value($0).encoded().count } ?? 0) }
    for (cell, steps) in draft.steps {
      bytes += 64 + TextPieces.size(of: steps) + (cell.key.map { WireValue.value($0).encoded().count } ?? 0)
    }
    return (draft.sets.count + draft.adds.count + draft.steps.count + 2, bytes)
  }

  private func referenceCount(_ value: WireValue) -> Int {
    var found: [Int] = []
    Self.collect(value, into: &found)
    return found.count
  }

  private func entries(of chunk: [Int]) throws -> [ContentEntry] {
    var places: [Int: UInt32] = [:]
    for (place, draft) in chunk.enumerated() { places[draft] = UInt32(place) }
    let entries = chunk.map { entry(drafts[$0], places) }
    return try Content(arranging: entries, label: 0).entries
  }

  private func entry(_ draft: Draft, _ places: [Int: UInt32]) -> ContentEntry {
    let ref: EntryRef =
      switch draft.target {
      case .new(let kind): .new(kind)
      case .known(let id): .existing(id)
      }
    var fields: [FieldEdits] = []
    for (cell, value) in draft.sets {
      let value = resolved(value, places)
      fields.append(FieldEdits(cell.field, [cell.key.map { .setKey(.value($0), value) } ?? .set(value)]))
    }
    for (cell, delta) in draft.adds {
      fields.append(FieldEdits(cell.field, [cell.key.map { .addKey(.value($0), delta) } ?? .add(delta)]))
    }
    for steps in Dictionary(grouping: draft.steps, by: \.key.field).values {
      let edits = steps.map { WireEdit.editing($0.key, $0.value) }
      fields.append(FieldEdits(steps[0].key.field, WireEdit.joiningTexts(edits)))
    }
    return ContentEntry(ref, fields)
  }

  /// References by the ids that records have by now, and else by their places in the change.
  private func resolved(_ value: WireValue, _ places: [Int: UInt32]) -> WireValue {
    switch value {
    case .value: return value
    case .local(let place):
      if case .known(let id) = drafts[Int(place)].target { return .value(.reference(id)) }
      guard let local = places[Int(place)] else { preconditionFailure("a reference leaves its change by id") }
      return .local(local)
    case .tuple(let tag, let items):
      let items = items.map { resolved($0, places) }
      let plain = items.compactMap { if case .value(let value) = $0 { value } else { nil } }
      return plain.count == items.count ? .value(.tuple(tag, plain)) : .tuple(tag, items)
    }
  }
}
