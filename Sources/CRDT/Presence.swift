// SPDX-License-Identifier: AGPL-3.0-or-later

/// What happens to an edit by someone who had not seen the deletion.
public enum PresencePolicy: Hashable, Sendable {
  /// The record stays, marked as deleted by one while another edited it.
  case editWins
  /// It is deleted.
  case deleteWins
}

/// Whether a record is there for its readers.
public enum Presence: Hashable, Sendable {
  /// Nothing that creates it has been applied.
  case absent
  case visible
  case deleted
  /// There only because of an edit that none of these deletions had seen. In the replica's local order.
  case revived(byEditConcurrentWith: [OpID])
}

extension RecordState {
  /// A head of `alive` counts as a deletion unless it is true; any head that is true makes the record
  /// visible.
  ///
  /// Under `editWins` it is revived if some op on it was unseen by every deleting head. The clock is enough
  /// to find one: of a log's ops the last is the least seen. A record that moved to another audience is never
  /// revived, whatever its kind says.
  public func presence(history: some Causality, policy: PresencePolicy = .editWins) -> Presence {
    guard let heads = self[SystemField.alive]?.heads, !heads.isEmpty else { return .absent }
    if heads.contains(where: { $0.value == .bool(true) }) { return .visible }
    if policy == .deleteWins || hasMoved { return .deleted }
    let deletions = heads.map(\.op)
    let pasts = deletions.map { history.past(of: $0.dot) }
    let edited = clock.dots.contains { touch in !pasts.contains { $0.covers(touch) } }
    return edited ? .revived(byEditConcurrentWith: deletions) : .deleted
  }

  /// Whether someone moved it to another audience and nobody took that back.
  public var hasMoved: Bool {
    self[SystemField.moved]?.heads.contains { $0.value != .null } ?? false
  }
}
