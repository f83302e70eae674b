// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

extension Record {
  /// The names of its texts that several people write and that aren't empty for want of any change.
  public var proseNames: [CellKey] { view.state.texts.map(\.name) }

  /// The declared field of a text without a key; nil if this version doesn't know one.
  public func proseField(_ name: CellKey) -> Field? {
    guard name.key == nil, let field = kind?.field(name.field), field.shape == .prose else { return nil }
    return field
  }
}

extension Replica {
  /// A record's text that several people write, as the record that was read has it.
  public func prose(_ name: CellKey, of record: Record) throws -> TextVersion {
    try reading {
      let now = try text(name, of: record.id, in: record.space)
      let mark = record.view.state.text(name)
      guard now.mark != mark else { return now }
      let then = try text(name, of: record.id, in: record.space, at: record.view.state.clock)
      return TextVersion(record: record.id, space: record.space, name: name, text: then, mark: mark)
    }
  }

  /// All of a record's texts that several people write and that say something, by field and key.
  public func proses(of record: Record) throws -> [TextVersion] {
    try record.proseNames.map { try prose($0, of: record) }.filter { !$0.text.isEmpty }
  }
}
