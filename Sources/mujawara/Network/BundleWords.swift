// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Kinds
import SyncEngine

/// Bundles for people and for programs.
enum BundleWords {
  static func size(_ bytes: Int) -> String {
    bytes < 1 << 20 ? "\((bytes + 1023) / 1024) KiB" : "\((bytes + (1 << 20) - 1) / (1 << 20)) MiB"
  }

  /// What a file is, by whom, and how much it holds.
  static func sentence(_ info: BundleInfo, _ names: Directory, _ output: Output) -> String {
    let size = size(info.size)
    if info.purpose == .request { return "A request to join, \(size). Answer it:  mujawara invite admit" }
    let what = info.purpose == .sync ? "A bundle" : "An admission"
    let maker = output.user(name(of: info.maker, names))
    return "\(what) by \(maker), made \(Times.local(info.head.made)), \(SessionWords.plural(info.changes, "change")), \(size)."
  }

  static func name(of device: DeviceID?, _ names: Directory) -> String {
    guard let device else { return "somebody" }
    return names.name(ofDevice: device).text
  }

  static func members(_ info: BundleInfo, file: String) -> [JSONMember] {
    [
      JSONMember("file", .string(file)), JSONMember("purpose", .string("\(info.purpose)")),
      JSONMember("maker", info.maker.map { .string($0.hex) } ?? .null), JSONMember("made", .int(Int64(info.head.made))),
      JSONMember("changes", .int(Int64(info.changes))), JSONMember("bytes", .int(Int64(info.size))),
      JSONMember("whole", .bool(info.isWhole)),
    ]
  }

  static func members(_ report: BundleReport, file: String) -> [JSONMember] {
    members(report.info, file: file) + [
      JSONMember("received", .object(SessionWords.members(report.received))),
      JSONMember(
        "missing",
        .array(
          report.missing.map {
            .object([
              JSONMember("log", .string($0.log.hex)), JSONMember("first", .int(Int64($0.first))),
              JSONMember("last", .int(Int64($0.last))),
            ])
          })),
      JSONMember("receipt", report.hasGenuineReceipt.map(JSONValue.bool) ?? .null),
    ]
  }
}
