// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Glibc
import SyncEngine

/// What a joiner calls itself and which invitation it goes by, from its first step until its replica is whole.
/// `place` is nil for a further device of a place.
struct JoinNotes {
  /// The first bytes of the file, so that another file of the same name isn't taken for it.
  private static let schema = "mujawara/joining/1"

  var invite: InviteID
  var place: String?
  var device: String

  private static func path(_ folder: String) -> String { folder + "/joining" }

  func write(to folder: String) throws {
    let value = JSONValue.object([
      JSONMember("schema", .string(Self.schema)), JSONMember("invite", .string(invite.hex)),
      JSONMember("place", place.map(JSONValue.string) ?? .null), JSONMember("device", .string(device)),
    ])
    try SafeFile.write(Array(value.text.utf8), to: Self.path(folder))
  }

  static func read(_ folder: String) -> JoinNotes? {
    guard let bytes = try? SafeFile.read(path(folder), limit: 4_096), let value = try? JSONValue(parsing: bytes),
      value["schema"]?.string == schema, let device = value["device"]?.string,
      let invite = value["invite"]?.string.flatMap({ InviteID(hex: $0) })
    else { return nil }
    return JoinNotes(invite: invite, place: value["place"]?.string, device: device)
  }

  static func remove(_ folder: String) {
    if read(folder) != nil { unlink(path(folder)) }
  }
}
