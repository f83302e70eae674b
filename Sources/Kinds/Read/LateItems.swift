// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// Items that somebody put into a list, or under an item, where it was before it moved to another audience. They stay
/// where their authors put them until somebody who reads both carries them over.
public struct LateItems: Sendable {
  /// What they name, as it was, and where it is now.
  public let old: Record
  public let new: Record
  /// In their order. What stands under them goes along.
  public let items: [Record]

  /// All that this device could carry over, by the id of what they name.
  public static func all(in replica: Replica) throws -> [LateItems] {
    try replica.reading {
      try replica.parents(kind: Kind.item.value).compactMap { try LateItems($0, in: replica) }
    }
  }

  /// Nil where it hasn't moved, the new one can't be read, or nothing stands there.
  private init?(_ parent: RecordID, in replica: Replica) throws {
    guard let old = try replica.read(parent), !old.isVisible, old.movedTo != nil,
      let new = try replica.follow(parent), new.isVisible
    else { return nil }
    items = try ItemList(parent, in: replica).items
    self.old = old
    self.new = new
  }

  /// Puts them where the list is now, for those who read it there.
  public func carryOver(_ editor: inout RecordEditor, in replica: Replica) throws {
    let privacy = Audience.privacy(of: new, in: replica)
    for item in items {
      let move = try AudienceMove(item, to: privacy, in: replica, joining: [old.id: new.id])
      try move.write(to: &editor, in: replica)
    }
  }

  /// Leaves them to those who read where the list was: they stand in no list then, and nobody is asked again.
  public func leave(_ editor: inout RecordEditor) {
    for item in items { editor.unset(editor.edit(item), CellKey(field: SystemField.at)) }
  }
}
