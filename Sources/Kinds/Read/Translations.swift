// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// Translations of a record whose source says something else now than what was translated.
public struct Translations: Sendable {
  public struct Outdated: Sendable {
    /// The text of the translation.
    public let cell: CellReading
    /// The language of the source.
    public let source: String
  }

  /// By field and language.
  public let outdated: [Outdated]

  public init(_ record: Record, in replica: Replica) throws {
    guard record.cells.contains(where: { $0.key.field == Field.basis.number }) else {
      outdated = []
      return
    }
    outdated = try replica.reading {
      try record.cells.compactMap { cell in
        guard let basis = Self.basis(of: cell, in: record), case .text = cell.value,
          let source = record.cell(cell.key.field, key: .text(basis.language)), source.value != .null
        else { return nil }
        let isCurrent = try Self.isCurrent(cell, basis, source, replica)
        return isCurrent ? nil : Outdated(cell: cell, source: basis.language)
      }
    }
  }

  public func isOutdated(_ cell: CellKey) -> Bool { outdated.contains { $0.cell.key == cell } }

  /// What the author of a text says it was made from; nil if nobody said. It holds for the text that the same change
  /// wrote.
  public static func basis(of text: CellReading, in record: Record) -> Basis? {
    guard text.field?.shape == .localized, let key = Basis.cell(for: text.key), let writer = text.writer,
      let cell = record.cell(key.field, key: key.key)
    else { return nil }
    return cell.heads.first { $0.op.dot == writer.op.dot }.flatMap { Basis(value: $0.value) }
  }

  /// The same write, or another of the same words: a change that was taken back asks for no new translation. Where
  /// the change that was translated isn't here, as in another network, nothing is said against the translation.
  private static func isCurrent(
    _ text: CellReading, _ basis: Basis, _ source: CellReading, _ replica: Replica
  ) throws -> Bool {
    guard let translator = text.writer, let writer = source.writer else { return true }
    let change = try basis.source?.change ?? id(of: translator.op.dot, replica)
    if try id(of: writer.op.dot, replica) == change, basis.source.map({ $0.index == writer.op.index }) ?? true {
      return true
    }
    guard let entry = try replica.entry(change), case .content(let parts, _) = entry.kind else { return true }
    let ops = parts.flatMap(\.ops).filter { op in
      op.cell == source.key && basis.source.map { $0.index == op.id.index } ?? true
    }
    guard let translated = ops.last else { return true }
    return translated.edit == .set(source.value)
  }

  private static func id(of dot: Dot, _ replica: Replica) throws -> ChangeID {
    guard let id = ChangeID(replica.history.changeID(of: dot)) else {
      throw StoreError.damaged("a head names no change")
    }
    return id
  }
}

extension RecordEditor {
  /// Says of each text that is set in another language than the record's own which text it is a translation of:
  /// the one in the record's own language as it stands, or as the same change sets it.
  ///
  /// - Parameter record: nil for one in the making.
  public mutating func noteBases(_ handle: Handle, of record: Record?, in replica: Replica) {
    let sets = drafts[handle.place].sets
    let lang = CellKey(field: Field.lang.number)
    var language = record?.text("lang")
    if case .value(.text(let set)) = sets[lang] { language = set }
    guard let language else { return }
    for (cell, value) in sets {
      guard case .value(.text) = value, isTranslation(cell, into: record?.kind, from: language),
        let key = Basis.cell(for: cell),
        let basis = basis(CellKey(field: cell.field, key: .text(language)), sets, record, replica)
      else { continue }
      set(handle, key, to: basis.value)
    }
  }

  private func isTranslation(_ cell: CellKey, into kind: Kind?, from language: String) -> Bool {
    let field = kind?.field(cell.field) ?? Field.common.first { $0.number == cell.field }
    let isOther = cell.key != .text(language) && cell.key != .text(LanguageTag.undetermined)
    return field?.shape == .localized && isOther
  }

  private func basis(
    _ source: CellKey, _ sets: [CellKey: WireValue], _ record: Record?, _ replica: Replica
  ) -> Basis? {
    guard case .text(let language) = source.key else { return nil }
    if let set = sets[source] {
      if case .value(.text) = set { return Basis(language: language, source: nil) }
      return nil
    }
    guard let reading = record?.cell(source.field, key: source.key), case .text = reading.value,
      let writer = reading.writer, let change = ChangeID(replica.history.changeID(of: writer.op.dot))
    else { return nil }
    return Basis(language: language, source: Basis.Source(change: change, index: writer.op.index))
  }
}

extension RecordEditor {
  /// In the record's new audience its texts are written together: a translation that is current is one of the text
  /// beside it, for those too who can't read where the record was.
  mutating func copyBases(of record: Record, to space: SpaceID, in replica: Replica) throws {
    let outdated = try Translations(record, in: replica)
    let handle = edit(record.id.moved(to: space), in: space)
    for cell in record.cells where cell.value != .null && !outdated.isOutdated(cell.key) {
      guard let basis = Translations.basis(of: cell, in: record), let key = Basis.cell(for: cell.key) else { continue }
      set(handle, key, to: Basis(language: basis.language, source: nil).value)
    }
  }
}
