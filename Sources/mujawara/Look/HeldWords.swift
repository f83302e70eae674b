// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Kinds
import SyncEngine

/// What is told of devices whose logs have two histories.
enum HeldWords {
  static let ownLogGrew =
    "This device has written elsewhere too: a backup was restored, or a copy of it is in use. Nothing is lost; it goes on in a log of its own."

  /// A line for each device of which changes are held.
  static func lines(_ held: [(device: DeviceID, changes: Int)], _ replica: Replica, _ output: Output) throws -> [String] {
    guard !held.isEmpty else { return [] }
    let names = try Directory(replica)
    return held.map { device, changes in
      let place = names.place(of: device).map { " (\(output.user(names.name(ofPlace: $0).text)))" } ?? ""
      let who = output.user(names.name(ofDevice: device).text) + place
      return "\(SessionWords.plural(changes, "change")) by \(who) \(changes == 1 ? "is" : "are") held: its log has two histories (a restored or cloned computer)"
    }
  }

  static func json(_ held: [(device: DeviceID, changes: Int)]) -> JSONValue {
    .array(
      held.map {
        .object([JSONMember("device", .string($0.device.hex)), JSONMember("changes", .int(Int64($0.changes)))])
      })
  }
}

extension Replica {
  /// How many changes of whom are held, by device.
  func held() throws -> [(device: DeviceID, changes: Int)] {
    try heldChanges().sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
