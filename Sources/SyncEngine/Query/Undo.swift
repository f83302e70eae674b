// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT

extension Replica {
  /// This device's latest change of content; nil if there is none.
  public func lastOwnChange() throws -> ChangeID? { try lastOwnChanges(1).first }

  /// This device's latest changes of content, newest first, each once with those that belong to it; at most `count`.
  /// Changes that were undone count, as do those that undid them. The names that its place and device gave
  /// themselves on the way in don't.
  public func lastOwnChanges(_ count: Int) throws -> [ChangeID] {
    try database.read {
      var found: [ChangeID] = []
      var taken: Set<ChangeID> = []
      var filter = HistoryFilter()
      filter.devices = [deviceID]
      try eachChangeBackwards(filter) { entry in
        let id = entry.author.change
        guard case .content(let parts, _) = entry.kind, !parts.isEmpty, !taken.contains(id), !isArrival(parts) else {
          return true
        }
        found.append(id)
        if found.count < count { taken.formUnion(try ChangeGroup(self).group(of: id)) }
        return found.count < count
      }
      return found
    }
  }

  private func isArrival(_ parts: [RecordOperations]) -> Bool {
    let profiles = [graph.resolve().place(of: deviceID), deviceID].compactMap { $0.map { RecordID($0) } }
    return parts.allSatisfy { part in
      profiles.contains(part.record) && part.ops.contains { $0.cell.field == SystemField.kind }
    }
  }

  /// Works out what takes one change back; nil if it isn't stored here or isn't content that can be read.
  public func compensation(for id: ChangeID) throws -> Compensation? {
    try database.read { try Unwinding(self).compensation(for: id) }
  }

  /// Takes changes back, in the order given, each as things stand after the one before it: all of them in one
  /// transaction, or none. An id that isn't stored, or is no readable content, is passed over.
  ///
  /// What comes back is in the order of writing; where a record had moved to another audience, the changes of both
  /// spaces are taken back together.
  /// - Parameter isDry: only works out what would be written.
  @discardableResult
  public func undo(_ ids: [ChangeID], isDry: Bool = false) throws -> [Compensation] {
    if isDry, ids.count < 2 { return try database.read { try ids.flatMap { try unwound($0) } } }
    var done: [Compensation] = []
    do {
      try database.write {
        try requireVoice()
        for id in ids { done += try takeBack(id) }
        if isDry { throw Rehearsal() }
      }
    } catch is Rehearsal {
      for place in done.indices { done[place].changes = [] }
    }
    return done
  }

  /// Ends a transaction that was only to show what it would do.
  private struct Rehearsal: Error {}

  private func takeBack(_ id: ChangeID) throws -> [Compensation] {
    var compensations = try unwound(id)
    for place in compensations.indices {
      let compensation = compensations[place]
      compensations[place].changes = try compensation.chunks.map { entries in
        let ingestion = Ingestion(self)
        let made = try author(content: entries, undoes: compensation.undoes, in: compensation.space, ingestion)
        _ = try ingestion.finish()
        return made.change
      }
    }
    return compensations
  }

  /// What takes a change and those that belong to it back. Where others have worked on what a record became in
  /// another audience, that stays, and so the record doesn't come back where it was.
  private func unwound(_ id: ChangeID) throws -> [Compensation] {
    let unwinding = Unwinding(self)
    let group = try ChangeGroup(self).group(of: id)
    var compensations = try group.compactMap { try unwinding.compensation(for: $0) }
    let stays = Set(compensations.flatMap(\.kept).filter { $0.cell == nil }.map(\.record))
    for place in compensations.indices {
      for (old, new) in try moves(compensations[place].undoes) where stays.contains(new) {
        compensations[place].leave(old)
      }
    }
    return compensations
  }

  private func moves(_ id: ChangeID) throws -> [RecordID: RecordID] {
    guard case .content(let parts, _)? = try entry(id)?.kind else { return [:] }
    return ChangeGroup.moves(parts)
  }
}
