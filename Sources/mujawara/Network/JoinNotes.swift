// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Glibc
import SyncEngine

/// What a joiner calls itself. One that joins by stick keeps it from the request until the admission comes.
/// `place` is nil for a further device of a place.
struct JoinNotes {
  var place: String?
  var device: String

  private static func path(_ folder: String) -> String { folder + "/joining" }

  func write(to folder: String) throws {
    let value = JSONValue.object([
      JSONMember("place", place.map(JSONValue.string) ?? .null), JSONMember("device", .string(device)),
    ])
    try SafeFile.write(Array(value.text.utf8), to: Self.path(folder))
  }

  static func read(_ folder: String) -> JoinNotes? {
    guard let bytes = try? SafeFile.read(path(folder), limit: 4_096), let value = try? JSONValue(parsing: bytes),
      let device = value["device"]?.string
    else { return nil }
    return JoinNotes(place: value["place"]?.string, device: device)
  }

  static func remove(_ folder: String) { unlink(path(folder)) }
}
