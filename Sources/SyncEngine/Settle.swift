// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto

/// What a replica owes after it has learnt something: the first key of its place's space, keys for those who
/// were admitted, and its own name once it can write it.
extension Replica {
  /// The kinds and fields of profiles, which the engine itself writes.
  public enum Profile {
    public static let placeKind: UInt64 = 1
    public static let deviceKind: UInt64 = 2
    public static let name: UInt64 = 16
    /// In a device's profile: the place that it belongs to.
    public static let place: UInt64 = 17
  }

  /// Writes what is due. True if it wrote anything.
  @discardableResult
  public func settle() throws -> Bool {
    guard try database.read({ try isSettlementDue() }) else { return false }
    return try database.write { try writeSettlement() }
  }

  /// Writes what is due, as a part of a transaction.
  func writeSettlement() throws -> Bool {
    guard graph.frozen == nil, let me = graph.resolve().devices[deviceID] else { return false }
    let ingestion = Ingestion(self)
    var wrote = try settleKeys(me, ingestion)
    if try settleProfile(me, ingestion) { wrote = true }
    if try settleOwnBranches(me, ingestion) { wrote = true }
    _ = try ingestion.finish()
    return wrote
  }

  private func isSettlementDue() throws -> Bool {
    guard graph.frozen == nil, let me = graph.resolve().devices[deviceID] else { return false }
    if try meta.get(MetaKey.placeName) != nil || meta.get(MetaKey.deviceName) != nil { return true }
    if try !spacesToHeal(me).isEmpty { return true }
    return try graph.resolve().spaces(readBy: me.id).contains { space in
      guard let row = try log.space(space.id(in: network)), let epoch = try epochs.held(in: row).first else {
        return isFirst(me, of: space)
      }
      let served = try epochs.roster(of: epoch)
      return graph.resolve().readers(of: space).contains { !served.contains($0.id) }
    }
  }

  private func isFirst(_ me: DeviceFacts, of space: Space) -> Bool {
    guard case .place(let place) = space else { return false }
    return graph.resolve().places[place]?.firstDevice == me.id
  }

  private func settleKeys(_ me: DeviceFacts, _ ingestion: Ingestion) throws -> Bool {
    var wrote = false
    for space in graph.resolve().spaces(readBy: me.id) {
      let row = try log.makeSpace(space.id(in: network))
      if try epochs.held(in: row).isEmpty {
        guard isFirst(me, of: space) else { continue }
        try rotate(space, ingestion)
        wrote = true
      } else if try share(space, ingestion) {
        wrote = true
      }
    }
    return wrote
  }

  /// Where changes of this device's own earlier logs are held, a change names them all, and they count again
  /// everywhere.
  private func settleOwnBranches(_ me: DeviceFacts, _ ingestion: Ingestion) throws -> Bool {
    let spaces = try spacesToHeal(me)
    for space in spaces { _ = try author(content: [], undoes: nil, in: space, ingestion) }
    return !spaces.isEmpty
  }

  private func spacesToHeal(_ me: DeviceFacts) throws -> [SpaceID] {
    let members = graph.resolve()
    return try members.spaces(readBy: me.id).filter { members.mayWrite(me.id, $0) }.map { $0.id(in: network) }
      .filter { space in
        guard try heldLogs(in: space).contains(where: isOwn), let row = try log.space(space) else { return false }
        let logs = Set(try log.logs(in: space).filter(isOwn).map(\.id))
        return try logs.count < Limits.incarnations && !epochs.held(in: row).isEmpty
      }
  }

  /// Writes the names that were given when this device joined, as soon as it holds the key of commons.
  private func settleProfile(_ me: DeviceFacts, _ ingestion: Ingestion) throws -> Bool {
    let commons = id(of: .commons)
    let row = try log.makeSpace(commons)
    guard me.roles.contains(.writer), try !epochs.held(in: row).isEmpty else { return false }
    var entries: [ContentEntry] = []
    if let name = try meta.get(MetaKey.placeName) {
      entries.append(profile(RecordID(me.place), kind: Profile.placeKind, name: name, place: nil))
    }
    if let name = try meta.get(MetaKey.deviceName) {
      entries.append(profile(RecordID(me.id), kind: Profile.deviceKind, name: name, place: me.place))
    }
    guard !entries.isEmpty else { return false }
    entries.sort { Self.id($0) < Self.id($1) }
    _ = try author(content: entries, undoes: nil, in: commons, ingestion)
    try meta.remove(MetaKey.placeName)
    try meta.remove(MetaKey.deviceName)
    return true
  }

  private static func id(_ entry: ContentEntry) -> RecordID {
    guard case .existing(let id) = entry.ref else { preconditionFailure("a profile has a given id") }
    return id
  }

  private func profile(_ id: RecordID, kind: UInt64, name: [UInt8], place: PlaceID?) -> ContentEntry {
    var fields = [
      FieldEdits(SystemField.alive, .bool(true)), FieldEdits(SystemField.kind, .int(Int64(kind))),
      FieldEdits(Profile.name, .text(String(decoding: name, as: UTF8.self))),
    ]
    if let place { fields.append(FieldEdits(Profile.place, .reference(RecordID(place)))) }
    return ContentEntry(.existing(id), fields)
  }
}
