// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Kinds
import SyncEngine

/// Records by what people call them: the beginning of a short id, a whole id, or a title.
extension Desk {
  /// The one record that a name means. Exit 4 where there is none, 64 where there are several.
  ///
  /// - Parameters:
  ///   - kinds: where to look; everywhere if empty.
  ///   - isGoneToo: takes a deleted record too, if it is named by its id.
  func find(_ name: String, _ kinds: [Kind] = [], isGoneToo: Bool = false) throws -> Record {
    if let record = try one(name, kinds, isGoneToo: isGoneToo) { return record }
    let what = kinds.isEmpty ? "record" : kinds.map(\.name).joined(separator: " or ")
    if let gone = try byID(name).first {
      if gone.isVisible { throw Failure(.notFound, "\(name) is a \(gone.kindName), and a \(what) is wanted here.") }
      throw Failure(.notFound, "The \(gone.kindName) \(name) was deleted. See it with  mujawara show \(name)")
    }
    throw Failure(.notFound, "There is no \(what) called \(name).")
  }

  /// The record that a name means, as it was at a moment; also one that is deleted today. The name is that of
  /// today. Exit 4 where there was none then, 64 where the moment says nothing of it.
  func find(_ name: String, _ kinds: [Kind] = [], at moment: NamedMoment) throws -> Record {
    let now = try one(name, kinds, isGoneToo: true) ?? gone(name, kinds) ?? find(name, kinds)
    guard moment.horizon.spaces.contains(now.space) else {
      throw Failure(.usage, "\(moment.words) is in another audience than \(name): name a time, or a change of that audience.")
    }
    guard let then = try replica.read(now.id, at: moment.horizon), then.view.presence != .absent else {
      throw Failure(.notFound, "There was no \(name) yet, as of \(moment.words). Its changes:  mujawara log --record \(try short(now.id))")
    }
    return then
  }

  /// The one deleted record that a name means: its short id, its id, or words of its title; nil where there is none.
  func gone(_ name: String, _ kinds: [Kind] = []) throws -> Record? {
    let deleted = try replica.readDeleted().filter { record in kinds.isEmpty || record.kind.map(kinds.contains) ?? false }
    return try single(titled(name, among: deleted), called: name)
  }

  /// As `find`; nil where there is none.
  func one(_ name: String, _ kinds: [Kind] = [], isGoneToo: Bool = false) throws -> Record? {
    try single(try candidates(name, kinds, isGoneToo), called: name)
  }

  private func single(_ found: [Record], called name: String) throws -> Record? {
    guard found.count > 1 else { return found.first }
    let list = try found.prefix(8).map { "\(try short($0.id)) \($0.kindName) \(title($0))" }.joined(separator: "; ")
    let more = found.count > 8 ? "; and \(found.count - 8) more" : ""
    throw Failure(.usage, "\(name) means several records. Say which by its short id: \(list)\(more).")
  }

  private func candidates(_ name: String, _ kinds: [Kind], _ isGoneToo: Bool) throws -> [Record] {
    let wanted = { (record: Record) in kinds.isEmpty || record.kind.map(kinds.contains) ?? false }
    let named = try byID(name).filter { wanted($0) && ($0.isVisible || isGoneToo) }
    if !named.isEmpty { return named }
    return titled(name, among: kinds.isEmpty ? try replica.readAll() : try kinds.flatMap { try replica.read($0) })
  }

  /// Those that go by a name; where there is none those in whose titles it stands.
  private func titled(_ name: String, among records: [Record]) -> [Record] {
    let folded = SearchText.folded(name)
    guard !folded.isEmpty else { return [] }
    let titled = records.map { (record: $0, titles: titles($0).map(SearchText.folded)) }
    let exact = titled.filter { $0.titles.contains(folded) }
    if !exact.isEmpty { return exact.map(\.record) }
    return titled.filter { $0.titles.contains { " \($0) ".contains(" \(folded) ") } }.map(\.record)
  }

  /// Records whose id is this or begins so, where they are today.
  private func byID(_ name: String) throws -> [Record] {
    let digits = String(name.map { $0.wholeNumberValue.map { Character(String($0 % 10)) } ?? $0 })
    var ids: [RecordID] = []
    if let whole = ID16(hex: digits) {
      ids = [RecordID(whole)]
    } else if digits.count >= ShortID.shortest, let range = ShortID.range(digits) {
      ids = try replica.recordIDs(from: range.low, to: range.high)
    }
    var seen: Set<RecordID> = []
    return try ids.compactMap { try replica.follow($0) ?? replica.read($0) }.filter { seen.insert($0.id).inserted }
  }

  /// The fewest digits, at least four, that mean this record alone.
  func short(_ id: RecordID) throws -> String {
    let text = ShortID.text(id)
    for length in ShortID.shortest...12 {
      let prefix = String(text.prefix(length))
      guard let range = ShortID.range(prefix) else { continue }
      if Set(try replica.recordIDs(from: range.low, to: range.high)).count <= 1 { return prefix }
    }
    return text
  }

  // MARK: Titles

  /// What to call a record in a sentence: its title, a contact point's address, or words that it has none.
  func title(_ record: Record) -> String {
    if let title = record.title(preferring: languages) {
      return title.isFallback ? "\(title.text) (\(title.language))" : title.text
    }
    return ownName(record) ?? "(no title)"
  }

  /// What a record without a title goes by: a contact point's address, a profile's name.
  private func ownName(_ record: Record) -> String? {
    switch record.kind {
    case .contact: record.text("value")
    case .claim: record.text("by")
    case .movement: record.text("type")
    case .place, .device: record.text("name")
    default: nil
    }
  }

  /// Everything that a record goes by.
  private func titles(_ record: Record) -> [String] {
    if record.kind == .place || record.kind == .device || record.kind == .contact {
      return [ownName(record)].compactMap(\.self)
    }
    return record.cells(of: Field.title.number).compactMap { cell in
      if case .text(let text) = cell.value { text } else { nil }
    }
  }

  /// `Riz (7tqr)`, for a record that another one names.
  func reference(_ id: RecordID) throws -> String {
    guard let record = try replica.follow(id), record.isVisible else { return "\(try short(id)) (not here)" }
    return "\(title(record)) (\(try short(record.id)))"
  }
}
