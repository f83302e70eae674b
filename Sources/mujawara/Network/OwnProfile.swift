// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Kinds
import SyncEngine
import Transport

/// What this place and this device call themselves: records that everybody reads, and only their own devices write.
struct OwnProfile {
  enum Part { case place, device }

  private let context: Context
  private let replica: Replica
  private let place: PlaceID

  init(_ context: Context) throws {
    self.context = context
    replica = try context.open()
    try replica.settle()
    guard let place = try replica.placeID() else { throw ReplicaError.notMember }
    self.place = place
  }

  /// Writes the name; the whole profile where none was written yet.
  func rename(_ part: Part, to name: String) throws {
    let name = try Names.checked(name)
    let id = RecordID(part == .place ? place : replica.deviceID)
    let commons = replica.id(of: .commons)
    var editor = RecordEditor()
    let isThere = try replica.read(id)?.isVisible == true
    let kind: Kind = part == .place ? .place : .device
    let handle = isThere ? editor.edit(id, in: commons) : editor.create(kind.ref, id: id, in: commons)
    editor.set(handle, CellKey(field: Replica.Profile.name), to: .text(name))
    if part == .device, !isThere {
      editor.set(handle, CellKey(field: Replica.Profile.place), to: .reference(RecordID(place)))
    }
    try editor.commit(to: replica)
    Nudge.send(folder: context.folder)
  }

  func tellPlace() throws {
    guard let facts = try replica.membership().places[place] else { throw ReplicaError.notMember }
    let name = try Directory(replica).name(ofPlace: place)
    if context.isJSON { return context.emit("place/1", PlaceCommand.members(facts, name, isOwn: true)) }
    context.output.print("This place is called \(context.output.user(name.text)). Others see it after the next sync.")
  }

  func tellDevice() throws {
    guard let facts = try replica.membership().devices[replica.deviceID] else { throw ReplicaError.notMember }
    let name = try Directory(replica).name(ofDevice: replica.deviceID)
    if context.isJSON { return context.emit("device/1", DeviceCommand.members(facts, name, isOwn: true)) }
    context.output.print("This device is called \(context.output.user(name.text)). Others see it after the next sync.")
  }
}
